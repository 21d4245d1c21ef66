"""Enrollment as it is kept: the runs of touching spans, before the period decides which of them are over.

A run is broken where a calendar year of starts ends, so that no run has spans that start before and after the end of
any period that ends with a year. Broken more often than need be, runs are still the same coverage and the same values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from vbpmeasure.engines.polars.days import DAY_BITS, to_date
from vbpmeasure.engines.polars.kept_rows.keeper import SPANS, Facts, Keeper
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.runs import distinct_texts, people_of, runs_of
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
    """Return enrollment with these columns from what is kept; None when it cannot be kept."""
    if (period.end.month, period.end.day) != (12, 31):
        return None
    kept = keeper.find(SPANS, lambda facts: set(facts["columns"]).issuperset(values))
    if kept is None:
        runs = queries.run("eligibility", runs_of(eligibility, values, to_date(pl.col("start")).dt.year()))
        ids, persons = people_of(runs, queries)
        numbered = runs.lazy().with_columns(persons).drop("person_id")
        as_kept = numbered.with_columns(_ranked(runs.get_column(c)) for c in values if runs.schema[c] == pl.Categorical)
        facts: Facts = {"columns": list(values)}
        kept = keeper.keep(SPANS, {"people": ids.lazy(), "runs": as_kept}, lambda _: facts)
    if kept is None:
        return None
    ids = queries.run("people", kept.tables["people"].select("person", "person_id"))
    return Spans(ids, kept.tables["runs"].select("person", "start", "end", "last_start", *values))


def _ranked(column: pl.Series) -> pl.Expr:
    """Return a column of texts as an enumeration in code point order; too many of them stay texts."""
    values = distinct_texts(column)
    return pl.col(column.name).cast(pl.String if len(values) >= _RANKS else pl.Enum(values))
