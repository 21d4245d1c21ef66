"""Indicators: rows of the table `indicator`, of persons as amounts, and of other entities as lines of their own."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vbpmeasure.engines.polars.amounts import FOUND_SCHEMA
from vbpmeasure.engines.polars.days import to_day
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.faults import INDICATORS_LEFT_OUT, fault_counter
from vbpmeasure.plan.measures import Indicator, Period
from vbpmeasure.results.frame import EXTERNAL_SCHEMA

_PERSON = "person"
_TEXTS = ("indicator_id", "entity_type", "entity_id", "source")
_NUMBERS = ("numerator", "denominator", "value")


@dataclass(frozen=True, slots=True)
class Indicators:
    """What the indicator table says.

    ``amounts`` of persons follow ``FOUND_SCHEMA``, ``external`` the schema of that name; ``left_out`` counts rows that
    fit no rule, by counter.
    """

    amounts: pl.DataFrame
    external: pl.DataFrame
    left_out: dict[str, int]


def read_indicators(
    layout: Layout, table: pl.LazyFrame | None, period: Period, people: pl.DataFrame, queries: Queries
) -> Indicators:
    """Return what the indicator table says of the indicators of a program; it is read once, if at all."""
    nothing = Indicators(pl.DataFrame(schema=FOUND_SCHEMA), pl.DataFrame(schema=EXTERNAL_SCHEMA), {})
    rates = [(n, m, rate) for n, (m, rate) in enumerate(layout.rates) if isinstance(rate, Indicator)]
    if not rates or table is None:
        return nothing
    asked = _frame([(n, rate.indicator, rate.entity) for n, _, rate in rates])
    in_period = pl.col("period_end").cast(pl.Date).is_between(period.start, period.end)
    concerned = _columns(table).filter(in_period & pl.col("entity_id").is_not_null())
    rows = queries.run("indicator", concerned.join(asked, on=["indicator_id", "entity_type"]))
    ids = people.lazy().select("person", pl.col("person_id").cast(pl.String).alias("entity_id"))
    of_persons = [n for n, _, rate in rates if rate.entity == _PERSON]
    mine = rows.lazy().filter(pl.col("rate").is_in(of_persons)).join(ids, on="entity_id")
    others = rows.lazy().filter(~pl.col("rate").is_in(of_persons))
    judged = queries.run("indicators of persons", _judged(mine, of_persons=True))
    lines = queries.run("indicators of others", _judged(others, of_persons=False))
    left_out: dict[str, int] = {}
    refused = pl.concat([judged.select("rate", "fits"), lines.select("rate", "fits")]).filter(~pl.col("fits"))
    for number, count in refused.group_by("rate").len().sort("rate").iter_rows():
        name = fault_counter(layout.rates[number][0].id, INDICATORS_LEFT_OUT)
        left_out[name] = left_out.get(name, 0) + count
    amounts = queries.run("amounts of indicators", _amounts(judged.lazy().filter("fits")))
    return Indicators(amounts, _external(lines.lazy().filter("fits"), queries), left_out)


def _frame(rates: list[tuple[int, str, str]]) -> pl.LazyFrame:
    schema = {"rate": pl.UInt16, "indicator_id": pl.String, "entity_type": pl.String}
    return pl.LazyFrame(rates, schema=schema, orient="row")


def _columns(table: pl.LazyFrame) -> pl.LazyFrame:
    present = table.collect_schema().names()
    texts = ((pl.col(c) if c in present else pl.lit(None)).cast(pl.String).alias(c) for c in _TEXTS)
    numbers = ((pl.col(c) if c in present else pl.lit(None)).cast(pl.Float64).alias(c) for c in _NUMBERS)
    return table.select("period_end", *texts, *numbers)


def _judged(rows: pl.LazyFrame, of_persons: bool) -> pl.LazyFrame:
    """Add whether a row fits the rules (semantics page, section 10); the value of a person becomes a numerator."""
    top, bottom, value = (pl.col(name) for name in _NUMBERS)
    neither = top.is_null() & bottom.is_null()
    counts = (
        (bottom > 0) & (top >= 0) & (top <= bottom) & (top == top.floor()) & (bottom == bottom.floor())
    ).fill_null(False)
    values = value.is_in([0.0, 1.0]) if of_persons else value.is_not_null()
    fits = pl.when(neither).then(values.fill_null(False)).otherwise(counts & bottom.is_finite())
    judged = rows.with_columns(fits.fill_null(False).alias("fits"), neither.alias("neither"))
    if not of_persons:
        return judged
    return judged.with_columns(
        pl.when("neither").then(value).otherwise(top).alias("numerator"),
        pl.when("neither").then(1.0).otherwise(bottom).alias("denominator"),
    )


def _amounts(rows: pl.LazyFrame) -> pl.LazyFrame:
    return (
        rows.group_by("rate", "person")
        .agg(
            pl.col("numerator").cast(pl.Int64).sum().alias("part"),
            pl.col("denominator").cast(pl.Int64).sum().alias("whole"),
            to_day(pl.col("period_end").cast(pl.Date)).max().alias("day"),
        )
        .select(FOUND_SCHEMA.names())
    )


def _external(rows: pl.LazyFrame, queries: Queries) -> pl.DataFrame:
    """Return one line per rate and entity: its counts added up, or its one value when no row has any."""
    keys = ["rate", "entity_id"]
    counts = rows.group_by(keys).agg(
        pl.col("numerator").cast(pl.Int64).sum().alias("top"),
        pl.col("denominator").cast(pl.Int64).sum().alias("denominator"),
        (~pl.col("neither")).any().alias("counted"),
    )
    # Which of several values an entity has is not known: then it has none.
    values = rows.filter("neither").group_by(keys).agg(pl.col("value").min(), pl.len().alias("values"))
    sources = (
        rows.filter(pl.col("source").fill_null("") != "")
        .select(*keys, "source")
        .unique()
        .sort(*keys, "source")
        .group_by(keys)
        .agg(pl.col("source"))
        .with_columns(pl.col("source").list.sort().list.join("+"))
    )
    lines = (
        counts.join(values, on=keys, how="left", nulls_equal=True)
        .join(sources, on=keys, how="left", nulls_equal=True)
        .with_columns(
            pl.when("counted").then("top").alias("numerator"),
            pl.when("counted").then("denominator").alias("denominator"),
            pl.when(~pl.col("counted") & (pl.col("values") == 1)).then("value").alias("value"),
        )
        .sort(keys)
        .select(pl.col(name).cast(dtype) for name, dtype in EXTERNAL_SCHEMA.items())
    )
    return queries.run("external indicators", lines)
