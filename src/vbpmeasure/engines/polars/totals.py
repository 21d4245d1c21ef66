"""Totals: the rows of member rates merged by unit."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.verdicts import NO_INDEX
from vbpmeasure.plan.measures import TotalOf
from vbpmeasure.results.frame import AMOUNT_SCHEMA


def add_totals(layout: Layout, verdicts: pl.DataFrame, queries: Queries) -> pl.DataFrame:
    """Add the rows of totals to verdicts that already carry their evidence sources.

    A total merges the rows of its members by unit (`docs/semantics.md` 6).
    """
    numbers: Mapping[tuple[str, str], int] = {(m.id, r.id): i for i, (m, r) in enumerate(layout.rates)}
    members = [
        (numbers[measure.id, member], number, order)
        for number, (measure, rate) in enumerate(layout.rates)
        if isinstance(rate, TotalOf)
        for order, member in enumerate(rate.members)
    ]
    if not members:
        return verdicts
    return queries.run("totals", pl.concat([verdicts.lazy(), _totals(verdicts.lazy(), members, verdicts.columns)]))


_NO_DAY = (1 << 20) - 1
_ORDER_PLACE = 1 << 16
_DAY_PLACE = 1 << 26
_PERSON_PLACE = 1 << 20
_TOTAL_PLACE = 1 << 52


def _totals(verdicts: pl.LazyFrame, members: list[tuple[int, int, int]], columns: list[str]) -> pl.LazyFrame:
    """Return the rows of all totals, from the rate, total and order of each member."""
    schema = {"rate": pl.UInt16, "total": pl.Int64, "order": pl.Int64}
    order = pl.LazyFrame(members, schema=schema, orient="row")
    # Total, person and index day in one integer group in a fraction of the time of three columns.
    unit = pl.col("total") * _TOTAL_PLACE + pl.col("person").cast(pl.Int64) * _PERSON_PLACE + pl.col("index") - NO_INDEX
    in_population = pl.col("failed_step").is_null()
    in_denominator = in_population & pl.col("exclusion").is_null()
    # Day, member order and sources in one integer, so that the minimum picks the earliest day and its first member.
    evidence = (
        pl.col("day").cast(pl.Int64).fill_null(_NO_DAY) * _DAY_PLACE
        + pl.col("order") * _ORDER_PLACE
        + pl.col("sources").cast(pl.Int64).fill_null(0)
    )
    first_reason = pl.col("order") * 256 + pl.col("exclusion").cast(pl.Int64)
    return (
        verdicts.filter(pl.col("rate").is_in(sorted({rate for rate, _, _ in members})))
        .join(order, on="rate")
        .select(
            unit.alias("unit"),
            "failed_step",
            "numerator",
            "sources",
            in_population.alias("in_population"),
            in_denominator.alias("in_denominator"),
            pl.when(in_population).then(first_reason).alias("reason"),
            pl.when("numerator").then(evidence).alias("evidence"),
        )
        .group_by("unit")
        .agg(
            pl.col("failed_step").max(),
            pl.col("in_population", "in_denominator", "numerator").any(),
            pl.col("reason", "evidence").min(),
            pl.col("sources").is_not_null().any().alias("has_sources"),
        )
        .with_columns((pl.col("evidence") // _DAY_PLACE).alias("day"))
        .select(
            (pl.col("unit") // _TOTAL_PLACE).cast(pl.UInt16).alias("rate"),
            (pl.col("unit") % _TOTAL_PLACE // _PERSON_PLACE).cast(pl.UInt32).alias("person"),
            (pl.col("unit") % _PERSON_PLACE + NO_INDEX).cast(pl.Int32).alias("index"),
            pl.when(~pl.col("in_population")).then("failed_step").alias("failed_step"),
            pl.when(pl.col("in_population") & ~pl.col("in_denominator"))
            .then((pl.col("reason") % 256).cast(pl.UInt8))
            .alias("exclusion"),
            "numerator",
            pl.when(pl.col("day") != _NO_DAY).then(pl.col("day").cast(pl.Int32)).alias("day"),
            pl.when((pl.col("day") != _NO_DAY) & pl.col("has_sources"))
            .then((pl.col("evidence") % _ORDER_PLACE).cast(pl.UInt16))
            .alias("sources"),
            *(pl.lit(None, dtype=dtype).alias(name) for name, dtype in AMOUNT_SCHEMA.items() if name in columns),
        )
        .select(columns)
    )
