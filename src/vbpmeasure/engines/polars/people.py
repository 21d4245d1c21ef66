"""One scan of the eligibility table: people with their demographics, and enrollment runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from vbpmeasure.engines.polars.criteria import SEX
from vbpmeasure.engines.polars.days import DAY_BITS, day_number, to_date, to_day
from vbpmeasure.engines.polars.kept_rows.keeper import Keeper
from vbpmeasure.engines.polars.kept_rows.spans import kept_spans
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.runs import people_of, runs_of, sorted_values, values_of
from vbpmeasure.plan.measures import Period

_RANKS = 1 << DAY_BITS


@dataclass(frozen=True, slots=True)
class People:
    """Who there is, and when they were enrolled.

    ``table``: one row per person, sorted by person_id: person (u32 position), person_id, birth_date, death_date, and
    the attributes. ``runs``: one row per merged enrollment run: person, start, end (day numbers), key columns, flags.
    ``conflicts``: for each demographic, the number of people whose spans disagree on it.
    """

    table: pl.DataFrame
    runs: pl.DataFrame
    keys: tuple[str, ...]
    conflicts: dict[str, int]


def load_people(
    eligibility: pl.LazyFrame,
    period: Period,
    keys: Sequence[str],
    flags: Sequence[str],
    attributes: Sequence[str],
    queries: Queries,
    sex: bool = False,
    keeper: Keeper | None = None,
) -> People:
    """Read the eligibility table once. Columns that the table lacks are left out (they count as null).

    ``keeper`` keeps the runs of this very table, for later runs of the program.
    With ``sex`` the table has the column ``SEX``: the gender of the latest span that has one, whatever the period.
    """
    present = set(eligibility.collect_schema().names())
    keys = tuple(k for k in keys if k in present)
    texts = [a for a in dict.fromkeys(attributes) if a in present]
    if sex:
        gender = pl.col("gender").cast(pl.String) if "gender" in present else pl.lit(None, dtype=pl.String)
        eligibility = eligibility.with_columns(gender.alias(SEX))
        texts, present = [*texts, SEX], present | {SEX}
    values = values_of((*keys, *flags, *texts), present)
    kept = kept_spans(keeper, eligibility, period, values, queries) if keeper is not None else None
    if kept is not None:
        ids, runs = kept.ids, queries.run("eligibility", _ordered(kept.runs, period))
    else:
        late = pl.col("start") > day_number(period.end)
        runs = queries.run("eligibility", _ordered(runs_of(eligibility, values, late), period))
        ids, persons = people_of(runs, queries)
        runs = runs.with_columns(persons).drop("person_id")
    table, conflicts = _demographics(runs, ids, texts, queries)
    flag_columns = [f for f in flags if f in present]
    return People(table, runs.select("person", "start", "end", *dict.fromkeys((*keys, *flag_columns))), keys, conflicts)


def _ordered(runs: pl.LazyFrame, period: Period) -> pl.LazyFrame:
    # The latest row of a run speaks for it when demographics are chosen: its start and end, packed.
    order = pl.col("last_start").cast(pl.Int64) * _RANKS + pl.col("end")
    in_period = pl.col("last_start") <= day_number(period.end)
    return runs.with_columns(order.alias("order"), pl.when(in_period).then(order).alias("order_in_period")).drop(
        "last_start"
    )


def _alone(persons: pl.Series, people: int) -> pl.Series:
    """Return for each run whether it is the only one of its person."""
    position = persons.to_numpy()
    return pl.Series(np.bincount(position, minlength=people)[position] == 1)


def _demographics(
    runs: pl.DataFrame, ids: pl.DataFrame, texts: Sequence[str], queries: Queries
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Choose, per person and column, the non-null value of the latest span (`docs/semantics.md` 1)."""
    ranks: dict[str, pl.Expr] = {}
    values: dict[str, pl.Series] = {}
    for column in ("birth_date", "death_date", *texts):
        if column not in runs.columns:
            continue
        if runs.schema[column] == pl.Date:
            ranks[column] = to_day(pl.col(column)).cast(pl.Int64)
        else:
            values[column] = sorted_values(runs.get_column(column))
            ranked, held = pl.Enum(values[column]), runs.schema[column]
            as_text = pl.col(column) if held in (ranked, pl.Categorical) else pl.col(column).cast(pl.String)
            ranks[column] = as_text.cast(ranked).to_physical().cast(pl.Int64)
    # Start, end and value rank in one integer: its maximum is the latest value, without a sort.
    order = {c: pl.col("order_in_period" if c in values and c != SEX else "order") for c in ranks}
    alone = _alone(runs.get_column("person"), ids.height)
    # A person with one run has nothing to choose from, and most people have one.
    only = runs.filter(alone).select(
        "person", *(pl.when(order[c].is_not_null()).then(rank).alias(c) for c, rank in ranks.items())
    )
    packed = (
        runs.filter(~alone)
        .lazy()
        .select(
            "person",
            *((order[c] * _RANKS + rank).alias(c) for c, rank in ranks.items()),
            *(pl.when(order[c].is_not_null()).then(rank).alias(f"{c} rank") for c, rank in ranks.items()),
        )
    )
    choice = packed.group_by("person").agg(
        *(pl.col(c).max() % _RANKS for c in ranks),
        *((pl.col(f"{c} rank").min() != pl.col(f"{c} rank").max()).alias(f"{c} differs") for c in ranks),
    )
    chosen = queries.run("demographics", choice)
    found = pl.concat([only, chosen.select(only.columns)])
    latest = found.select(pl.exclude("person").gather(found.get_column("person").arg_sort()))
    table = ids.with_columns(
        latest.get_column(c).cast(pl.UInt32).alias(c) if c in values else latest.get_column(c) for c in ranks
    )
    table = table.with_columns(
        *(to_date(pl.col(c)).alias(c) for c in ranks if c not in values),
        *(texts_by_rank.gather(table.get_column(c)).alias(c) for c, texts_by_rank in values.items()),
    )
    missing = [c for c in ("birth_date", "death_date") if c not in ranks]
    table = table.with_columns(pl.lit(None, dtype=pl.Date).alias(c) for c in missing)
    conflicts = {c: int(chosen.get_column(f"{c} differs").sum()) for c in ranks if c != SEX}
    return table, conflicts
