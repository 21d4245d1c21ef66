"""Enrollment as it is kept: the runs of touching spans, before the period decides which of them are over.

A run is broken where a calendar year of starts ends, so that no run has spans that start before and after the end of
any period that ends with a year. Broken more often than need be, runs are still the same coverage and the same values.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.engines.polars.days import DAY_BITS, LAST_DAY, to_date, to_day
from vbpmeasure.engines.polars.kept import SPANS, Facts, Keeper
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.measures import Period

_RANKS = 1 << DAY_BITS


@dataclass(frozen=True, slots=True)
class Spans:
    """``ids``: person (position), person_id, sorted by it. ``runs``: person, start, end, last_start, and the values."""

    ids: pl.DataFrame
    runs: pl.LazyFrame


def kept_spans(
    keeper: Keeper, eligibility: pl.LazyFrame, period: Period, values: Sequence[str], queries: Queries
) -> Spans | None:
    """Return enrollment with these columns from what is kept; None when it cannot be kept.

    ``last_start`` is the start of the last span of a run, the one that speaks for it.
    """
    if (period.end.month, period.end.day) != (12, 31):
        return None
    kept = keeper.find(SPANS, lambda facts: set(facts["columns"]).issuperset(values))
    if kept is None:
        ends = queries.run("eligibility", _ends(eligibility, values))
        runs = _joined(ends)
        ids = queries.run("people", runs.lazy().select("person_id").unique().sort("person_id").with_row_index("person"))
        numbered = runs.lazy().join(ids.lazy(), on="person_id", how="left", maintain_order="left").drop("person_id")
        as_kept = numbered.with_columns(_ranked(runs.get_column(c)) for c in values if runs.schema[c] == pl.String)
        facts: Facts = {"columns": list(values)}
        kept = keeper.keep(SPANS, {"people": ids.lazy(), "runs": as_kept}, lambda _: facts)
    if kept is None:
        return None
    ids = queries.run("people", kept.tables["people"].select("person", "person_id"))
    return Spans(ids, kept.tables["runs"].select("person", "start", "end", "last_start", *values))


def kept_coverage(keeper: Keeper) -> pl.DataFrame | None:
    """Return person_id, enrollment_start_date, enrollment_end_date of what is kept: one row per run, the same days.

    None when nothing is kept, or it cannot be read: then the table itself is there.
    """
    try:
        kept = keeper.find(SPANS, lambda _: True)
        if kept is None:
            return None
        runs = kept.tables["runs"].select("person", "start", "end").join(kept.tables["people"], on="person")
        dates = (to_date(pl.col(day)).alias(f"enrollment_{day}_date") for day in ("start", "end"))
        return runs.select("person_id", *dates).collect()
    except (OSError, pl.exceptions.PolarsError):
        return None


def values_of(columns: Collection[str], present: Collection[str]) -> list[str]:
    """Return the columns of eligibility whose values a run carries."""
    return [c for c in dict.fromkeys((*columns, "birth_date", "death_date")) if c in present]


def _ranked(column: pl.Series) -> pl.Expr:
    """Return a column of texts as an enumeration in code point order; too many of them stay texts."""
    values = column.drop_nulls().unique().sort()
    return pl.col(column.name) if len(values) >= _RANKS else pl.col(column.name).cast(pl.Enum(values))


def sorted_values(column: pl.Series) -> pl.Series:
    """Return the distinct non-null texts in code point order; refuse more than a rank can hold (``Failure`` VBM491)."""
    if isinstance(column.dtype, pl.Enum):
        return column.dtype.categories
    values = column.cast(pl.String).drop_nulls().unique().sort()
    if len(values) >= _RANKS:
        raise Failure(
            Diagnostic(
                "VBM491",
                f"column {column.name} has over {_RANKS - 1:,} different values and cannot be an attribute of people",
                hint="stratify by a column with fewer values",
            )
        )
    return values


def _ends(eligibility: pl.LazyFrame, values: Sequence[str]) -> pl.LazyFrame:
    """Return the first and the last row of each run, which may be the same."""
    date = pl.col("enrollment_start_date")
    spans = eligibility.filter(pl.col("person_id").is_not_null()).select(
        "person_id",
        to_day(date).alias("start"),
        to_day(pl.col("enrollment_end_date")).fill_null(LAST_DAY).alias("end"),
        date.cast(pl.Date).dt.year().alias("year"),
        *values,
    )
    start, end = pl.col("start"), pl.col("end")
    # A run goes on only forward in time: its first row then has the earliest start, its last row the latest end.
    breaks = [pl.col(c).ne_missing(pl.col(c).shift(1)) for c in ("person_id", "year", *values)]
    breaks += [start > end.shift(1) + 1, start < start.shift(1), end < end.shift(1)]
    head = pl.any_horizontal(breaks).fill_null(True)
    return (
        spans.with_columns(head.alias("head"))
        .with_columns(pl.col("head").cum_sum().alias("run"), pl.col("head").shift(-1, fill_value=True).alias("tail"))
        .filter(pl.col("head") | pl.col("tail"))
        .drop("year")
    )


def _joined(ends: pl.DataFrame) -> pl.DataFrame:
    """Return one row per run."""
    tails = ends.lazy().filter("tail").select("run", pl.col("start").alias("last_start"), pl.col("end"))
    return ends.lazy().filter("head").drop("end", "head", "tail").join(tails, on="run").drop("run").collect()
