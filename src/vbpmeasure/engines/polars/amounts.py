"""Amounts: the two whole numbers of the rows of event rates, composites of persons and indicators of persons."""

from __future__ import annotations

import polars as pl

from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.measures import Composite, EventRate, Indicator, Rate
from vbpmeasure.results.frame import AMOUNT_SCHEMA
from vbpmeasure.results.keys import kind_of

# What is known of the units of rates with amounts: rate, person, part, whole, and the evidence day.
FOUND_SCHEMA = pl.Schema({"rate": pl.UInt16, "person": pl.UInt32, "part": pl.Int64, "whole": pl.Int64, "day": pl.Int32})


def rates_with_amounts(layout: Layout) -> dict[int, Rate]:
    """Return the rates whose rows carry amounts, by number."""
    return {number: rate for number, (_, rate) in enumerate(layout.rates) if kind_of(rate).has_amounts}


def with_amounts(verdicts: pl.DataFrame, rates: dict[int, Rate], found: pl.LazyFrame, queries: Queries) -> pl.DataFrame:
    """Return the verdicts with their amounts (null for rates without), and what these say of steps and numerators.

    ``rates`` are those whose amounts are ``found`` (``FOUND_SCHEMA``); other verdicts stay as they are.
    """
    rule = pl.LazyFrame(
        [(number, _last_step(rate)) for number, rate in rates.items()],
        schema={"rate": pl.UInt16, "last_step": pl.UInt8},
        orient="row",
    )
    counted = [number for number, rate in rates.items() if isinstance(rate, EventRate)]
    concerned = pl.col("rate").is_in(list(rates))
    others = verdicts.lazy().filter(~concerned)
    if "part" not in verdicts.columns:
        others = others.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in AMOUNT_SCHEMA.items())
    names = [*(name for name in verdicts.columns if name not in AMOUNT_SCHEMA), *AMOUNT_SCHEMA]
    events = pl.col("rate").is_in(counted)
    known = (
        verdicts.lazy()
        .filter(concerned)
        .drop(*AMOUNT_SCHEMA, "day", "numerator", strict=False)
        .join(found, on=["rate", "person"], how="left")
        .join(rule, on="rate")
        # A person without events has an amount of none; one without components or rows fails the last step.
        .with_columns(pl.when(events).then(pl.col("part", "whole").fill_null(0)).otherwise(pl.col("part", "whole")))
        .with_columns(
            pl.when(pl.col("failed_step").is_null() & pl.col("whole").is_null())
            .then("last_step")
            .otherwise("failed_step")
            .alias("failed_step")
        )
        .filter(pl.col("failed_step").fill_null(1) != 0)
        .with_columns(pl.when(pl.col("failed_step").is_null()).then("exclusion").alias("exclusion"))
        .with_columns((pl.col("failed_step").is_null() & pl.col("exclusion").is_null()).alias("judged"))
        .with_columns(pl.when("judged").then(pl.col("part", "whole")))
        .with_columns(
            (pl.col("judged") & pl.when(events).then(pl.col("part") > 0).otherwise(pl.col("part") == pl.col("whole")))
            .fill_null(False)
            .alias("numerator")
        )
        .with_columns(pl.when("numerator").then("day").alias("day"))
    )
    return queries.run("amounts", pl.concat([others.select(names), known.select(names)]))


def _last_step(rate: Rate) -> int | None:
    """Return the position of the step that composites and indicators have after their own."""
    return len(rate.population) if isinstance(rate, Composite | Indicator) else None
