"""Evidence sources: which input tables hold an event of the numerator on the evidence date."""

from __future__ import annotations

import polars as pl

from vbpmeasure.engines.polars.layout import Layout, events_of
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.flags import CountAtLeast
from vbpmeasure.plan.measures import Proportion

_DAYS = 1 << 20


def with_sources(layout: Layout, verdicts: pl.DataFrame, events: pl.DataFrame, queries: Queries) -> pl.DataFrame:
    """Add the column sources: bit i set when table i of ``EVENT_TABLES`` holds such an event; null without evidence."""
    pairs = []
    for number, (_, rate) in enumerate(layout.rates):
        if isinstance(rate, Proportion):
            counts = [f for f in rate.numerator.walk() if isinstance(f, CountAtLeast)]
            pairs += sorted({(number, layout.events[e]) for f in counts for e in events_of(f)})
    looked_at = pl.LazyFrame(pairs, schema={"rate": pl.UInt16, "event": pl.UInt16}, orient="row")
    place = pl.col("person").cast(pl.Int64) * _DAYS + pl.col("day")
    dated = verdicts.lazy().filter(pl.col("day").is_not_null()).select("rate", "person", place.alias("place"))
    found = (
        dated.join(events.lazy().select(place.alias("place"), "event", "source"), on="place")
        .join(looked_at, on=["rate", "event"])
        .select("rate", "person", "source")
        .unique()
        .with_columns(pl.lit(2).pow(pl.col("source").cast(pl.UInt32)).cast(pl.UInt32).alias("bit"))
        .group_by("rate", "person")
        .agg(pl.col("bit").sum().cast(pl.UInt16).alias("sources"))
    )
    joined = verdicts.lazy().join(found, on=["rate", "person"], how="left")
    # A date without an event of its own (a date criterion) still has evidence: from no table.
    dateless = pl.when(pl.col("day").is_not_null()).then(pl.col("sources").fill_null(0))
    return queries.run("evidence", joined.with_columns(dateless.alias("sources")))
