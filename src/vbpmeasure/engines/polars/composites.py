"""Composites of persons: how many members each person is eligible for, and how many of those it meets."""

from __future__ import annotations

import polars as pl

from vbpmeasure.engines.polars.amounts import FOUND_SCHEMA
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.plan.measures import Composite


def composite_numbers(layout: Layout) -> list[int]:
    """Return the numbers of the composites that have a row per person."""
    return [n for n, (_, rate) in enumerate(layout.rates) if isinstance(rate, Composite) and rate.kind.per_person]


def components(layout: Layout, verdicts: pl.DataFrame) -> pl.LazyFrame:
    """Return met and eligible members by composite and person (``FOUND_SCHEMA``), for those with an eligible member.

    ``verdicts`` are those of the members. A member with index events is eligible with one event in the denominator, and
    met when all of these meet the numerator; a person-level member has one row, and is a case of the same.
    """
    numbers = {(measure.id, rate.id): number for number, (measure, rate) in enumerate(layout.rates)}
    pairs = [(numbers[member], number) for number in composite_numbers(layout) for member in _members(layout, number)]
    members = pl.LazyFrame(pairs, schema={"rate": pl.UInt16, "composite": pl.UInt16}, orient="row")
    judged = verdicts.lazy().filter(
        pl.col("rate").is_in(sorted({member for member, _ in pairs})),
        pl.col("failed_step").is_null(),
        pl.col("exclusion").is_null(),
    )
    by_member = judged.group_by("rate", "person").agg(pl.col("numerator").all())
    return (
        by_member.join(members, on="rate")
        .group_by("composite", "person")
        .agg(pl.col("numerator").sum().cast(pl.Int64).alias("part"), pl.len().cast(pl.Int64).alias("whole"))
        .select(pl.col("composite").alias("rate"), "person", "part", "whole", pl.lit(None, dtype=pl.Int32).alias("day"))
        .select(FOUND_SCHEMA.names())
    )


def _members(layout: Layout, number: int) -> tuple[tuple[str, str], ...]:
    rate = layout.rates[number][1]
    assert isinstance(rate, Composite)
    return rate.members
