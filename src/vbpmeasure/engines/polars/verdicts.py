"""Verdicts: for each rate and unit the failed step, the exclusion and the numerator, as rows of the result frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from vbpmeasure.engines.polars.criteria import Criteria, widen
from vbpmeasure.engines.polars.layout import Layout, flags_of
from vbpmeasure.engines.polars.literals import typed
from vbpmeasure.engines.polars.nodes import EVENT_LEAVES
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.measures import Composite, Indicator, Proportion, Rate, TotalOf

# A row of the result frame before dates are written out: day is the evidence day number, index the day number of the
# index event, NO_INDEX for a person.
VERDICT_SCHEMA = pl.Schema(
    {
        "rate": pl.UInt16,
        "person": pl.UInt32,
        "index": pl.Int32,
        "failed_step": pl.UInt8,
        "exclusion": pl.UInt8,
        "numerator": pl.Boolean,
        "day": pl.Int32,
    }
)
NO_INDEX = -1


@dataclass(frozen=True, slots=True)
class Written:
    """The criteria of one rate as expressions over the wide table of its measure: nothing is known of people yet."""

    number: int
    rate: Rate
    first: pl.Expr
    columns: tuple[pl.Expr, ...]
    scope: int | None = None


def has_rows(rate: Rate) -> bool:
    """Return whether the rate has a row for each unit that is judged; others are made of counts, or of other rows."""
    match rate:
        case TotalOf():
            return False
        case Composite(kind=kind):
            return kind.per_person
        case Indicator(entity=entity):
            return entity == "person"
    return True


def write_rates(layout: Layout, criteria: Criteria) -> list[list[Written]]:
    """Return the rates of each measure as expressions, those of persons and of index events apart."""
    alike: dict[tuple[str, bool], list[Written]] = {}
    for number, (measure, rate) in enumerate(layout.rates):
        if has_rows(rate):
            written = _write(number, rate, layout, criteria)
            alike.setdefault((measure.id, written.scope is None), []).append(written)
    return list(alike.values())


def _write(number: int, rate: Rate, layout: Layout, criteria: Criteria) -> Written:
    assert not isinstance(rate, TotalOf)
    steps = [criteria.write(step.flag).truth for step in rate.population]
    exclusions = [criteria.write(exclusion.flag).truth for exclusion in rate.exclusions]
    index = rate.units if isinstance(rate, Proportion) and isinstance(rate.units, IndexEvents) else None
    met, day = pl.lit(False), pl.lit(None, dtype=pl.Int32)
    if isinstance(rate, Proportion):
        numerator = criteria.write(rate.numerator)
        met, day = numerator.truth, numerator.day.cast(pl.Int32)
    columns = (
        pl.col("person"),
        (pl.col("index") if index is not None else typed(NO_INDEX, pl.Int32)).alias("index"),
        _first_true([pl.lit(False), *(~s for s in steps[1:])]).alias("failed_step"),
        _first_true(exclusions).alias("exclusion"),
        met.alias("numerator"),
        day.alias("day"),
    )
    scope = layout.scopes[index].number if index is not None else None
    return Written(number, rate, steps[0] if steps else pl.lit(True), columns, scope)


def judge(
    layout: Layout,
    written: Sequence[Sequence[Written]],
    people: pl.DataFrame,
    met: pl.DataFrame,
    units: pl.DataFrame,
    queries: Queries,
) -> pl.DataFrame:
    """Return the verdicts of all rates that are judged (``VERDICT_SCHEMA``), for units that meet the first step.

    ``written`` as from :func:`write_rates`. ``people`` carries day columns and the columns of leaves that need no
    event; ``met`` the leaves of events that hold; ``units`` the index events with all their columns.
    """
    of_people = [rates for rates in written if rates[0].scope is None]
    asked = [(f"criteria of {len(rates)} rates", _criteria(rates, layout, people, met)) for rates in of_people]
    wide = queries.run_all(asked) if asked else []
    parts = [_verdict(table.lazy(), r) for table, rates in zip(wide, of_people, strict=True) for r in rates]
    of_units = [r for rates in written if rates[0].scope is not None for r in rates]
    parts += [_verdict(units.lazy().filter(pl.col("scope") == r.scope), r) for r in of_units]
    if not parts:
        return pl.DataFrame(schema=VERDICT_SCHEMA)
    return queries.run("verdicts", pl.concat(parts))


def _criteria(rates: Sequence[Written], layout: Layout, people: pl.DataFrame, met: pl.DataFrame) -> pl.LazyFrame:
    """Return the wide table of a measure: one row per person who can be shown, with all that its rates look at."""
    counts = sorted({layout.nodes[f] for r in rates for f in flags_of(r.rate) if isinstance(f, EVENT_LEAVES)})
    asked = people.lazy()
    # A first step that counts events can only be judged once they are joined on.
    first_flags = [
        f for r in rates if not isinstance(r.rate, TotalOf) for s in r.rate.population[:1] for f in s.flag.walk()
    ]
    if not any(isinstance(f, EVENT_LEAVES) for f in first_flags):
        asked = asked.filter(pl.any_horizontal([r.first for r in rates]))
    if counts:
        asked = asked.join(widen(met.lazy(), counts), on="person", how="left")
    return asked


def _verdict(wide: pl.LazyFrame, written: Written) -> pl.LazyFrame:
    return (
        wide.filter(written.first)
        .select(written.columns)
        .with_columns(pl.when(pl.col("failed_step").is_null()).then("exclusion").alias("exclusion"))
        .with_columns(pl.col("numerator") & pl.col("failed_step").is_null() & pl.col("exclusion").is_null())
        .select(
            pl.lit(written.number, dtype=pl.UInt16).alias("rate"),
            "person",
            "index",
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
