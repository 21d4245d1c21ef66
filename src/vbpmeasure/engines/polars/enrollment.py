"""Continuous enrollment: islands of coverage, and the judgment of gaps inside a window (fact sheet 1.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from vbpmeasure.data.contract import benefit_column
from vbpmeasure.engines.polars.days import DAY_BITS, DayColumns, add_months, to_date, to_day
from vbpmeasure.engines.polars.people import People
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.amounts import EnrolledRun
from vbpmeasure.plan.flags import Enrolled, SpanFlagged

_STEP = 1 << DAY_BITS


@dataclass(slots=True)
class Coverage:
    """Islands of coverage by benefit, each made once: one row per island of one enrollment key group of a person.

    Columns: person, group, start, end, previous_end (of the island before in the group; null for the first).
    """

    people: People
    queries: Queries
    _islands: dict[tuple[str | None, bool], pl.DataFrame] = field(default_factory=dict)

    def islands(self, benefit: str | None, by_key: bool = True) -> pl.DataFrame:
        """Return the islands of spans that carry the benefit (all when None); without the key a person is one group."""
        known = (benefit, by_key and bool(self.people.keys))
        if known not in self._islands:
            runs = self.people.runs
            column = benefit_column(benefit) if benefit else None
            if column in runs.columns:
                # Only a flag that says no takes the benefit away: a missing one is counted as having it.
                runs = runs.filter(pl.col(column).fill_null(True))
            self._islands[known] = _merge(runs, self.people.keys if by_key else (), self.queries)
        return self._islands[known]


def _merge(runs: pl.DataFrame, keys: tuple[str, ...], queries: Queries) -> pl.DataFrame:
    """Merge overlapping and touching runs within a person and key group, in one sort of one integer."""
    if keys:
        combinations = runs.select(keys).unique().with_row_index("combination")
        runs = runs.join(combinations, on=keys, how="left", nulls_equal=True)
        group = pl.col("person").cast(pl.Int64) * combinations.height + pl.col("combination")
    else:
        group = pl.col("person").cast(pl.Int64)
    # Group-major coordinates make one running maximum serve all groups at once.
    line = (
        runs.lazy()
        .with_columns(group.alias("group"))
        .select(
            "person",
            (pl.col("group") * _STEP + pl.col("start")).alias("first"),
            (pl.col("group") * _STEP + pl.col("end")).alias("last"),
        )
        .sort("first")
    )
    begins = pl.col("first") > pl.col("last").cum_max().shift(1, fill_value=-2) + 1
    merged = (
        line.with_columns(begins.cum_sum().alias("island"))
        .group_by("island")
        .agg(pl.col("person").first(), pl.col("first").min(), pl.col("last").max())
        .sort("first")
    )
    previous = pl.when(pl.col("last").shift(1) // _STEP == pl.col("first") // _STEP).then(
        pl.col("last").shift(1) % _STEP
    )
    islands = merged.select(
        "person",
        (pl.col("first") // _STEP).alias("group"),
        (pl.col("first") % _STEP).cast(pl.Int32).alias("start"),
        (pl.col("last") % _STEP).cast(pl.Int32).alias("end"),
        previous.cast(pl.Int32).alias("previous_end"),
    )
    return queries.run("islands", islands)


def enrolled(
    people: pl.LazyFrame, coverage: Coverage, flag: Enrolled, days: DayColumns, key: str = "person"
) -> pl.LazyFrame:
    """Return the people (one row each, column person) for whom the flag is true.

    ``people`` has the columns person and those that `days` reads. With another ``key`` its rows are units of persons,
    named by that column, and the units are returned.
    """
    lo, hi = pl.col("lo"), pl.col("hi")
    on = days.day(flag.on) if flag.on is not None else pl.lit(0, dtype=pl.Int32)
    asked = people.select(
        *_keys(key), days.day(flag.window.start).alias("lo"), days.day(flag.window.end).alias("hi"), on.alias("on")
    ).filter(lo.is_not_null() & hi.is_not_null() & pl.col("on").is_not_null())
    from_, to = pl.max_horizontal("start", "lo"), pl.min_horizontal("end", "hi")
    inside = from_ <= to
    gap_first = pl.max_horizontal(pl.col("previous_end") + 1, "lo")
    gap_last = from_ - 1
    leads_gap = inside & (gap_first <= gap_last)
    cut = (
        asked.join(coverage.islands(flag.benefit).lazy(), on="person")
        .with_columns(
            inside.alias("inside"),
            pl.when(inside).then(to).alias("to"),
            leads_gap.alias("gap"),
            (leads_gap & ~_short_enough(gap_first, gap_last, flag)).alias("long_gap"),
            ((pl.col("start") <= pl.col("on")) & (pl.col("on") <= pl.col("end"))).alias("anchored"),
        )
        .group_by(key, "group")
        .agg(
            lo.first(),
            hi.first(),
            pl.col("inside").any(),
            pl.col("to").max(),
            pl.col("gap").sum(),
            pl.col("long_gap").any(),
            pl.col("anchored").any(),
        )
    )
    # What is left uncovered after the last island; the whole window when no island lies in it.
    rest_first = pl.when("inside").then(pl.col("to") + 1).otherwise(lo)
    rest = rest_first <= hi
    good = (
        (pl.col("gap") + rest.cast(pl.UInt32) <= flag.max_gaps)
        & ~pl.col("long_gap")
        & (~rest | _short_enough(rest_first, hi, flag))
    )
    if flag.on is not None:
        good &= pl.col("anchored")
    return cut.filter(good).select(key).unique()


def _keys(key: str) -> list[str]:
    return list(dict.fromkeys((key, "person")))


def enrolled_run(
    people: pl.LazyFrame, coverage: Coverage, flag: EnrolledRun, days: DayColumns, key: str = "person"
) -> pl.LazyFrame:
    """Return the people (or units, see `enrolled`) with a long enough run of covered days inside the window."""
    asked = people.select(
        *_keys(key), days.day(flag.window.start).alias("lo"), days.day(flag.window.end).alias("hi")
    ).filter(pl.col("lo").is_not_null() & pl.col("hi").is_not_null())
    from_, to = pl.max_horizontal("start", "lo"), pl.min_horizontal("end", "hi")
    runs = asked.join(coverage.islands(flag.benefit).lazy(), on="person")
    return runs.filter(to - from_ + 1 >= flag.days).select(key).unique()


def _short_enough(first: pl.Expr, last: pl.Expr, flag: Enrolled) -> pl.Expr:
    if flag.gap_months is None:
        return last - first + 1 <= flag.gap_days
    return last < to_day(add_months(to_date(first), flag.gap_months))


def span_flagged(
    people: pl.LazyFrame, spans: People, flag: SpanFlagged, days: DayColumns, key: str = "person"
) -> pl.LazyFrame | None:
    """Return the people (or units) with a flagged span that overlaps the window; None when there is no such column."""
    if flag.column not in spans.runs.columns:
        return None
    flagged = spans.runs.lazy().filter(pl.col(flag.column)).select("person", "start", "end")
    asked = people.select(*_keys(key), days.day(flag.window.start).alias("lo"), days.day(flag.window.end).alias("hi"))
    overlaps = (pl.max_horizontal("start", "lo") <= pl.min_horizontal("end", "hi")) & (pl.col("lo") <= pl.col("hi"))
    whole = pl.col("lo").is_not_null() & pl.col("hi").is_not_null()
    return asked.join(flagged, on="person").filter(overlaps & whole).select(key).unique()
