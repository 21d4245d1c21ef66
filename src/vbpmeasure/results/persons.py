"""Distinct persons behind the counts of rates of index events: twelve events of two children are two children.

Rates whose units are persons need none of this: there a count is its number of persons.
"""

from __future__ import annotations

import polars as pl

from vbpmeasure.results.frame import ResultFrame

# What the persons of a cell are counted for. ``misses`` are those with an event of the denominator that does not meet
# the numerator; someone with one event of either kind counts in both.
PERSON_COUNTS = ("population", "excluded", "denominator", "numerator", "misses")

PERSON_SCHEMA = pl.Schema(
    {
        "rate": pl.UInt16,
        "dimension": pl.UInt16,
        "stratum": pl.UInt32,
        **dict.fromkeys(PERSON_COUNTS, pl.Int64),
    }
)


def event_rates(frame: ResultFrame) -> frozenset[int]:
    """Return the positions of the rates whose units are index events."""
    declared = {number for number, key in enumerate(frame.rates) if key.per_event}
    dated = frame.rows["index_date"]
    if dated.null_count() == dated.len():
        return frozenset(declared)
    return frozenset(declared | set(frame.rows.filter(dated.is_not_null())["rate"].unique().to_list()))


def person_flags(units: pl.DataFrame, rates: frozenset[int]) -> pl.DataFrame:
    """Return one row per rate and person: the five of ``PERSON_COUNTS`` as whether some event of theirs counts there.

    ``units`` has a row per event of any rate, those of the population alone: rate, person, excluded, numerator.
    """
    mine = units.filter(pl.col("rate").is_in(pl.Series(sorted(rates), dtype=pl.UInt16).implode()))
    kept, met = ~pl.col("excluded"), pl.col("numerator")
    return mine.group_by("rate", "person").agg(
        pl.lit(value=True).alias("population"),
        pl.col("excluded").any(),
        kept.any().alias("denominator"),
        (kept & met).any().alias("numerator"),
        (kept & ~met).any().alias("misses"),
    )


def person_counts(flags: pl.DataFrame, ids: pl.Series | None, dimension: int) -> pl.DataFrame:
    """Count the persons of one dimension: one row per rate and stratum that has anyone (``PERSON_SCHEMA``).

    ``ids`` gives the stratum of each person of the frame, None for the total.
    """
    nothing = pl.repeat(0, flags.height, dtype=pl.UInt32, eager=True)
    stratum = ids.gather(flags["person"]) if ids is not None else nothing
    return (
        flags.with_columns(stratum.alias("stratum"))
        .group_by("rate", "stratum")
        .agg(pl.col(PERSON_COUNTS).sum())
        .with_columns(dimension=pl.lit(dimension, dtype=pl.UInt16))
        .select(PERSON_SCHEMA.names())
        .cast(PERSON_SCHEMA)
    )
