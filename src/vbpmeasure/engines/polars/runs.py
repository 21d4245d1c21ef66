"""Enrollment runs: rows of one person that touch, go forward in time and carry the same values, merged while read.

Any chain of touching spans is one span, so this is right for every row order, and needs no sort.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.engines.polars.days import DAY_BITS, LAST_DAY, to_day
from vbpmeasure.engines.polars.queries import Queries


def runs_of(eligibility: pl.LazyFrame, values: Sequence[str], apart: pl.Expr) -> pl.LazyFrame:
    """Return one row per run: person_id, start, end and last_start (day numbers), and the values.

    ``last_start`` is the start of the last span of a run, the one that speaks for it. Spans with different ``apart``
    (of the columns start and end) are never merged. Texts among the values are categories: few rows are left of many,
    and their texts would hold on to those of all.
    """
    spans = eligibility.filter(pl.col("person_id").is_not_null()).select(
        "person_id",
        to_day(pl.col("enrollment_start_date")).alias("start"),
        to_day(pl.col("enrollment_end_date")).fill_null(LAST_DAY).alias("end"),
        *values,
    )
    start, end = pl.col("start"), pl.col("end")
    # A run goes on only forward in time: its first row then has the earliest start, its last row the latest end.
    breaks = [pl.col(c).ne_missing(pl.col(c).shift(1)) for c in ("person_id", *values)]
    breaks += [start > end.shift(1) + 1, start < start.shift(1), end < end.shift(1)]
    head = pl.any_horizontal(*breaks, apart != apart.shift(1)).fill_null(True)
    tail = pl.col("head").shift(-1, fill_value=True)
    ends = (
        spans.with_columns(head.alias("head")).with_columns(tail.alias("tail")).filter(pl.col("head") | pl.col("tail"))
    )
    # The row after the first row of a run is its last one.
    last_start, last_end = (pl.when("tail").then(c).otherwise(pl.col(c).shift(-1)) for c in ("start", "end"))
    return (
        ends.with_columns(last_start.alias("last_start"), last_end.alias("end"))
        .filter("head")
        .drop("head", "tail")
        .with_columns(pl.col(pl.String).exclude("person_id").cast(pl.Categorical))
    )


def values_of(columns: Collection[str], present: Collection[str]) -> list[str]:
    """Return the columns of eligibility whose values a run carries."""
    return [c for c in dict.fromkeys((*columns, "birth_date", "death_date")) if c in present]


def people_of(runs: pl.DataFrame, queries: Queries) -> tuple[pl.DataFrame, pl.Series]:
    """Return one row per person of the runs, sorted by person_id: person (its position), person_id; and whose runs.

    The second is person, for each run. Data that lies in order of persons, as most does, needs no search for them.
    """
    ids = runs.get_column("person_id")
    if ids.is_sorted():
        # Copied, so that nobody knows it to be sorted: Polars groups by a sorted column in six times the time.
        persons = pl.Series("person", ids.rle_id().to_numpy().copy())
        first = persons.ne_missing(persons.shift(1)).arg_true()
        return ids.gather(first).to_frame().with_row_index("person"), persons
    each = queries.run("people", ids.to_frame().lazy().unique().sort("person_id").with_row_index("person"))
    found = ids.to_frame().join(each, on="person_id", how="left", maintain_order="left")
    return each, found.get_column("person")


def distinct_texts(column: pl.Series) -> pl.Series:
    """Return the distinct non-null values as texts, in code point order."""
    return column.unique().cast(pl.String).drop_nulls().unique().sort()


def sorted_values(column: pl.Series) -> pl.Series:
    """Return the distinct non-null texts in code point order; refuse more than a rank can hold (``Failure`` VBM491)."""
    if isinstance(column.dtype, pl.Enum) and column.dtype.categories.is_sorted():
        return column.dtype.categories
    values = distinct_texts(column)
    if len(values) >= 1 << DAY_BITS:
        raise Failure(
            Diagnostic(
                "VBM491",
                f"column {column.name} has over {(1 << DAY_BITS) - 1:,} different values and cannot be an attribute of "
                "people",
                hint="stratify by a column with fewer values",
            )
        )
    return values
