"""Evidence sources: which input tables hold an event of the numerator on the evidence date."""

from __future__ import annotations

import polars as pl

from vbpmeasure.engines.polars.days import DAY_BITS
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.nodes import events_of
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.measures import EventRate, Proportion, Rate

_DAYS = 1 << DAY_BITS
_EVENTS = 1 << 16


def with_sources(layout: Layout, verdicts: pl.DataFrame, events: pl.DataFrame, queries: Queries) -> pl.DataFrame:
    """Add the column sources: bit i set when table i of ``EVENT_TABLES`` holds such an event; null without evidence."""
    pairs = sorted({(number, layout.events[e]) for number, (_, rate) in enumerate(layout.rates) for e in _named(rate)})
    named = sorted({event for _, event in pairs})
    place = (pl.col("person").cast(pl.Int64) * _DAYS + pl.col("day")).alias("place")
    bit = pl.lit(2).pow(pl.col("source").cast(pl.UInt32)).cast(pl.UInt16).alias("bit")
    dated = verdicts.lazy().with_row_index("row").filter(pl.col("day").is_not_null()).select("row", "rate", place)
    on_the_day = events.lazy().filter(pl.col("event").is_in(named)).select(place, "event", bit)
    looked_at = (pl.col("rate").cast(pl.UInt32) * _EVENTS + pl.col("event")).is_in(
        pl.Series([rate * _EVENTS + event for rate, event in pairs], dtype=pl.UInt32).implode()
    )
    found = queries.run(
        "evidence",
        dated.join(on_the_day, on="place").filter(looked_at).group_by("row").agg(pl.col("bit").bitwise_or()),
    )
    # A date without an event of its own (a date criterion) still has evidence: from no table.
    none = verdicts.select(pl.when(pl.col("day").is_not_null()).then(pl.lit(0, dtype=pl.UInt16)).alias("sources"))
    return verdicts.with_columns(none.to_series().scatter(found.get_column("row"), found.get_column("bit")))


def _named(rate: Rate) -> set[EventSet]:
    """Return the event sets that the numerator of a rate names."""
    if isinstance(rate, EventRate):
        return {rate.events.source.events}
    if isinstance(rate, Proportion):
        return {events for flag in rate.numerator.walk() for events in events_of(flag)}
    return set()
