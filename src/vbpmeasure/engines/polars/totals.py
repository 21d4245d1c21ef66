"""Totals: the rows of member rates merged by unit."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.measures import TotalOf
from vbpmeasure.results.frame import AMOUNT_SCHEMA


def add_totals(layout: Layout, verdicts: pl.DataFrame, queries: Queries) -> pl.DataFrame:
    """Add the rows of totals to verdicts that already carry their evidence sources.

    A total merges the rows of its members by unit (`docs/semantics.md` 6).
    """
    numbers: Mapping[tuple[str, str], int] = {(m.id, r.id): i for i, (m, r) in enumerate(layout.rates)}
    parts = [verdicts.lazy()]
    for number, (measure, rate) in enumerate(layout.rates):
        if isinstance(rate, TotalOf):
            members = [numbers[measure.id, m] for m in rate.members]
            parts.append(_total(verdicts.lazy(), number, members, verdicts.columns))
    return verdicts if len(parts) == 1 else queries.run("totals", pl.concat(parts))


_NO_DAY = (1 << 20) - 1
_ORDER_PLACE = 1 << 16
_DAY_PLACE = 1 << 26


def _total(verdicts: pl.LazyFrame, number: int, members: list[int], columns: list[str]) -> pl.LazyFrame:
    order = pl.LazyFrame(
        {"rate": pl.Series(members, dtype=pl.UInt16), "order": pl.Series(range(len(members)), dtype=pl.Int64)}
    )
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
        verdicts.join(order, on="rate")
        .with_columns(
            in_population.alias("in_population"),
            in_denominator.alias("in_denominator"),
            pl.when(in_population).then(first_reason).alias("reason"),
            pl.when("numerator").then(evidence).alias("evidence"),
        )
        .group_by("person", "index")
        .agg(
            pl.col("failed_step").max(),
            pl.col("in_population", "in_denominator", "numerator").any(),
            pl.col("reason", "evidence").min(),
            pl.col("sources").is_not_null().any().alias("has_sources"),
        )
        .with_columns((pl.col("evidence") // _DAY_PLACE).alias("day"))
        .select(
            pl.lit(number, dtype=pl.UInt16).alias("rate"),
            "person",
            "index",
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
