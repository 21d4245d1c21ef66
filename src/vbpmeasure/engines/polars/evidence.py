"""Evidence sources: which input tables hold an event of the numerator on the evidence date."""

from __future__ import annotations

import polars as pl

from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.nodes import events_of
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.grain import Grain
from vbpmeasure.plan.measures import EventRate, Proportion, Rate

_DAYS = 1 << 20


def with_sources(layout: Layout, verdicts: pl.DataFrame, events: pl.DataFrame, queries: Queries) -> pl.DataFrame:
    """Add the column sources: bit i set when table i of ``EVENT_TABLES`` holds such an event; null without evidence."""
    pairs = [
        pair
        for number, (_, rate) in enumerate(layout.rates)
        for pair in sorted({(number, layout.events[e]) for e in _named(rate)})
    ]
    looked_at = pl.LazyFrame(pairs, schema={"rate": pl.UInt16, "event": pl.UInt16}, orient="row")
    unit = ["rate", "person", *(["index"] if _has_units(layout) else [])]
    place = pl.col("person").cast(pl.Int64) * _DAYS + pl.col("day")
    dated = verdicts.lazy().filter(pl.col("day").is_not_null()).select(*unit, place.alias("place"))
    found = (
        dated.join(events.lazy().select(place.alias("place"), "event", "source"), on="place")
        .join(looked_at, on=["rate", "event"])
        .select(*unit, "source")
        .unique()
        .with_columns(pl.lit(2).pow(pl.col("source").cast(pl.UInt32)).cast(pl.UInt32).alias("bit"))
        .group_by(unit)
        .agg(pl.col("bit").sum().cast(pl.UInt16).alias("sources"))
    )
    joined = verdicts.lazy().join(found, on=unit, how="left")
    # A date without an event of its own (a date criterion) still has evidence: from no table.
    dateless = pl.when(pl.col("day").is_not_null()).then(pl.col("sources").fill_null(0))
    return queries.run("evidence", joined.with_columns(dateless.alias("sources")))


def _named(rate: Rate) -> set[EventSet]:
    """Return the event sets that the numerator of a rate names."""
    if isinstance(rate, EventRate):
        return {rate.events.source.events}
    if isinstance(rate, Proportion):
        return {events for flag in rate.numerator.walk() for events in events_of(flag)}
    return set()


def _has_units(layout: Layout) -> bool:
    return any(isinstance(rate, Proportion) and rate.units.grain is Grain.INDEX for _, rate in layout.rates)
