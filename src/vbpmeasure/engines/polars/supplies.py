"""Days covered: the days of a window on which the supply of some dispensing reaches, each counted once."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from vbpmeasure.engines.polars.counts import placed_rows
from vbpmeasure.engines.polars.days import DAY_BITS, DayColumns
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.subjects import Subjects
from vbpmeasure.plan.amounts import DaysCovered
from vbpmeasure.plan.dates import Window
from vbpmeasure.plan.events import EventSet

_STEP = 1 << (DAY_BITS + 1)  # a supply may reach beyond the last day


def covered_nodes(
    nodes: Sequence[DaysCovered],
    layout: Layout,
    details: pl.DataFrame,
    subjects: Subjects,
    days: DayColumns,
    queries: Queries,
) -> pl.DataFrame:
    """Return the criteria that hold (``met_schema``); day is the one on which the number of days is reached."""
    if not nodes:
        return pl.DataFrame(schema=subjects.met_schema)
    by_window: dict[Window, dict[EventSet, list[DaysCovered]]] = {}
    for node in nodes:
        for source in node.sources:
            by_window.setdefault(source.window, {}).setdefault(source.events, []).append(node)
    rows = details.lazy().filter(pl.col("day").is_not_null()).select("person", "day", "event", "supply")
    seen = queries.run("placed supplies", placed_rows(rows, by_window, layout, subjects, days, distinct=True)).lazy()
    cut = pl.concat(_cut(i, node, layout, seen, subjects, days) for i, node in enumerate(nodes))
    return queries.run("days covered", _reached(cut, len(nodes), subjects.key))


def _cut(
    position: int, node: DaysCovered, layout: Layout, seen: pl.LazyFrame, subjects: Subjects, days: DayColumns
) -> pl.LazyFrame:
    """Return the runs of covered days inside the window: key, node and its position, needed, from, to."""
    numbers = sorted({layout.events[source.events] for source in node.sources})
    from_ = pl.max_horizontal("day", "lo")
    to = pl.min_horizontal(pl.col("day") + pl.col("supply") - 1, "hi")
    return (
        seen.filter(pl.col("event").is_in(numbers), subjects.asked((node,)))
        .with_columns(days.day(node.window.start).alias("lo"), days.day(node.window.end).alias("hi"))
        .filter(pl.col("lo").is_not_null() & pl.col("hi").is_not_null())
        .select(
            subjects.key,
            pl.lit(layout.nodes[node], dtype=pl.UInt16).alias("node"),
            pl.lit(position, dtype=pl.Int64).alias("position"),
            pl.lit(node.days, dtype=pl.Int32).alias("needed"),
            from_.alias("from"),
            to.alias("to"),
        )
        .filter(pl.col("from") <= pl.col("to"))
    )


def _reached(supplied: pl.LazyFrame, nodes: int, key: str) -> pl.LazyFrame:
    # Subject and node make one coordinate, so that one running maximum and one running sum serve them all.
    group = pl.col(key).cast(pl.Int64) * nodes + pl.col("position")
    line = (
        supplied.with_columns((group * _STEP).alias("base"))
        .with_columns((pl.col("base") + pl.col("from")).alias("first"), (pl.col("base") + pl.col("to")).alias("last"))
        .sort("first", "last")
        .with_columns(pl.col("last").cum_max().shift(1, fill_value=-1).alias("before"))
        .with_columns(
            (pl.col("last") - pl.max_horizontal("first", pl.col("before") + 1) + 1).clip(0, None).alias("new")
        )
        .with_columns(pl.col("new").cum_sum().alias("sum"))
    )
    starts = line.group_by("base").agg((pl.col("sum") - pl.col("new")).min().alias("at start"))
    return (
        line.join(starts, on="base")
        .with_columns((pl.col("sum") - pl.col("at start")).alias("covered"))
        .filter((pl.col("covered") >= pl.col("needed")) & (pl.col("new") > 0))
        .with_columns((pl.col("to") - (pl.col("covered") - pl.col("needed"))).cast(pl.Int32).alias("day"))
        .group_by(key, "node")
        .agg(pl.col("day").min())
    )
