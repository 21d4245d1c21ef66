"""Verdicts: for each rate and unit the failed step, the exclusion and the numerator, as rows of the result frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from vbpmeasure.engines.polars.criteria import Criteria, widen
from vbpmeasure.engines.polars.layout import Layout, flags_of
from vbpmeasure.engines.polars.literals import typed
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.flags import CountAtLeast
from vbpmeasure.plan.measures import Proportion, TotalOf

# A row of the result frame before dates are written out: day is the evidence day number.
VERDICT_SCHEMA = pl.Schema(
    {
        "rate": pl.UInt16,
        "person": pl.UInt32,
        "failed_step": pl.UInt8,
        "exclusion": pl.UInt8,
        "numerator": pl.Boolean,
        "day": pl.Int32,
    }
)


@dataclass(frozen=True, slots=True)
class Written:
    """The criteria of one rate as expressions over the wide table of its measure: nothing is known of people yet."""

    number: int
    rate: Proportion
    first: pl.Expr
    columns: tuple[pl.Expr, ...]


def write_rates(layout: Layout, criteria: Criteria) -> list[list[Written]]:
    """Return the rates of each measure as expressions, totals left out."""
    by_measure: dict[str, list[Written]] = {}
    for number, (measure, rate) in enumerate(layout.rates):
        if isinstance(rate, Proportion):
            by_measure.setdefault(measure.id, []).append(_write(number, rate, criteria))
    return list(by_measure.values())


def _write(number: int, rate: Proportion, criteria: Criteria) -> Written:
    steps = [criteria.write(step.flag).truth for step in rate.population]
    exclusions = [criteria.write(exclusion.flag).truth for exclusion in rate.exclusions]
    numerator = criteria.write(rate.numerator)
    columns = (
        pl.col("person"),
        _first_true([pl.lit(False), *(~s for s in steps[1:])]).alias("failed_step"),
        _first_true(exclusions).alias("exclusion"),
        numerator.truth.alias("numerator"),
        numerator.day.cast(pl.Int32).alias("day"),
    )
    return Written(number, rate, steps[0], columns)


def judge(
    layout: Layout, written: Sequence[Sequence[Written]], people: pl.DataFrame, met: pl.DataFrame, queries: Queries
) -> pl.DataFrame:
    """Return the verdicts of all rates but totals (``VERDICT_SCHEMA``), for the units that meet the first step.

    ``written`` as from :func:`write_rates`. ``people`` carries day columns and the columns of leaves that need no
    event; ``met`` the counts that hold.
    """
    parts = []
    for rates in written:
        counts = sorted({layout.nodes[f] for r in rates for f in flags_of(r.rate) if isinstance(f, CountAtLeast)})
        asked = people.lazy()
        # A first step that counts events can only be judged once they are joined on.
        first_flags = [f for r in rates for f in r.rate.population[0].flag.walk()]
        if not any(isinstance(f, CountAtLeast) for f in first_flags):
            asked = asked.filter(pl.any_horizontal([r.first for r in rates]))
        if counts:
            asked = asked.join(widen(met.lazy(), counts), on="person", how="left")
        wide = queries.run(f"criteria of {len(rates)} rates", asked)
        parts += [_verdict(wide.lazy(), r) for r in rates]
    if not parts:
        return pl.DataFrame(schema=VERDICT_SCHEMA)
    return queries.run("verdicts", pl.concat(parts))


def _verdict(wide: pl.LazyFrame, written: Written) -> pl.LazyFrame:
    return (
        wide.filter(written.first)
        .select(written.columns)
        .with_columns(pl.when(pl.col("failed_step").is_null()).then("exclusion").alias("exclusion"))
        .with_columns(pl.col("numerator") & pl.col("failed_step").is_null() & pl.col("exclusion").is_null())
        .select(
            pl.lit(written.number, dtype=pl.UInt16).alias("rate"),
            "person",
            "failed_step",
            "exclusion",
            "numerator",
            pl.when("numerator").then("day").alias("day"),
        )
    )


def _first_true(flags: list[pl.Expr]) -> pl.Expr:
    """Return the position of the first true flag, null when none is."""
    position = pl.lit(None, dtype=pl.UInt8)
    for i in reversed(range(len(flags))):
        position = pl.when(flags[i]).then(typed(i, pl.UInt8)).otherwise(position)
    return position


def add_totals(layout: Layout, verdicts: pl.DataFrame, queries: Queries) -> pl.DataFrame:
    """Add the rows of totals to verdicts that already carry their evidence sources.

    A total merges the rows of its members by unit (`docs/semantics.md` 6).
    """
    numbers: Mapping[tuple[str, str], int] = {(m.id, r.id): i for i, (m, r) in enumerate(layout.rates)}
    parts = [verdicts.lazy()]
    for number, (measure, rate) in enumerate(layout.rates):
        if isinstance(rate, TotalOf):
            parts.append(_total(verdicts.lazy(), number, [numbers[measure.id, m] for m in rate.members]))
    return verdicts if len(parts) == 1 else queries.run("totals", pl.concat(parts))


_NO_DAY = (1 << 20) - 1
_ORDER_PLACE = 1 << 16
_DAY_PLACE = 1 << 26


def _total(verdicts: pl.LazyFrame, number: int, members: list[int]) -> pl.LazyFrame:
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
        .group_by("person")
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
            pl.when(~pl.col("in_population")).then("failed_step").alias("failed_step"),
            pl.when(pl.col("in_population") & ~pl.col("in_denominator"))
            .then((pl.col("reason") % 256).cast(pl.UInt8))
            .alias("exclusion"),
            "numerator",
            pl.when(pl.col("day") != _NO_DAY).then(pl.col("day").cast(pl.Int32)).alias("day"),
            pl.when((pl.col("day") != _NO_DAY) & pl.col("has_sources"))
            .then((pl.col("evidence") % _ORDER_PLACE).cast(pl.UInt16))
            .alias("sources"),
        )
    )
