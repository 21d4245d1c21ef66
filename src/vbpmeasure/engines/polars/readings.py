"""Readings: the number on the first or last day of a window that has one, and the criteria that look at them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from vbpmeasure.engines.polars.counts import placed_rows
from vbpmeasure.engines.polars.days import DayColumns
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.nodes import Node, readings_of
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.subjects import Subjects
from vbpmeasure.plan.amounts import Dropped, Pick, Reading, ReadingWithin
from vbpmeasure.plan.dates import Window
from vbpmeasure.plan.events import EventSet

_READING = pl.Schema({"reading": pl.UInt16, "day": pl.Int32, "number": pl.Float64})


def reading_nodes(
    nodes: Sequence[ReadingWithin | Dropped],
    layout: Layout,
    details: pl.DataFrame,
    subjects: Subjects,
    days: DayColumns,
    queries: Queries,
) -> pl.DataFrame:
    """Return the criteria that hold (``met_schema``); day is that of the reading, or of the follow-up."""
    users: dict[Reading, list[Node]] = {}
    for node in nodes:
        for reading in readings_of(node):
            users.setdefault(reading, []).append(node)
    if not users:
        return pl.DataFrame(schema=subjects.met_schema)
    numbers = {reading: i for i, reading in enumerate(users)}
    found = queries.run("readings", _picked(users, numbers, layout, details, subjects, days, queries))
    held = [_held(node, layout.nodes[node], numbers, found.lazy(), subjects.key) for node in nodes]
    return queries.run("criteria on readings", pl.concat(held))


def _picked(
    users: dict[Reading, list[Node]],
    numbers: dict[Reading, int],
    layout: Layout,
    details: pl.DataFrame,
    subjects: Subjects,
    days: DayColumns,
    queries: Queries,
) -> pl.LazyFrame:
    """Return one row per subject and reading: key, reading, day, number."""
    by_window: dict[Window, dict[EventSet, list[Node]]] = {}
    for reading, nodes in users.items():
        by_window.setdefault(reading.source.window, {}).setdefault(reading.source.events, []).extend(nodes)
    rows = details.lazy().filter(pl.col("result").is_not_null() & pl.col("day").is_not_null())
    placed = placed_rows(
        rows.select("person", "day", "event", pl.col("result").alias("number")),
        by_window,
        layout,
        subjects,
        days,
        distinct=True,
    )
    seen = queries.run("placed numbers", placed).lazy()
    parts = []
    for reading, number in numbers.items():
        window = reading.source.window
        inside = seen.filter(
            pl.col("event") == layout.events[reading.source.events],
            pl.col("day") >= days.day(window.start),
            pl.col("day") <= days.day(window.end),
            subjects.asked(users[reading]),
        )
        # The day that is picked is the smallest place, whichever end of the window it is nearest to.
        place = pl.col("day") if reading.pick is Pick.FIRST else -pl.col("day")
        parts.append(
            inside.select(
                subjects.key, pl.lit(number, dtype=pl.UInt16).alias("reading"), place.alias("place"), "day", "number"
            )
        )
    hits = queries.run("numbers in windows", pl.concat(parts)).lazy()
    keys = [subjects.key, "reading"]
    nearest = hits.group_by(keys).agg(pl.col("place").min())
    return (
        hits.join(nearest, on=[*keys, "place"])
        .group_by([*keys, "day"])
        .agg(pl.col("number").max())
        .select(subjects.key, *_READING)
    )


def _held(
    node: ReadingWithin | Dropped, number: int, numbers: dict[Reading, int], found: pl.LazyFrame, key: str
) -> pl.LazyFrame:
    if isinstance(node, ReadingWithin):
        kept = found.filter(pl.col("reading") == numbers[node.reading], *_bounds(node))
    else:
        before = found.filter(pl.col("reading") == numbers[node.baseline])
        after = found.filter(pl.col("reading") == numbers[node.follow_up])
        joined = after.join(before.select(key, pl.col("day").alias("before"), pl.col("number").alias("b")), on=key)
        kept = joined.filter(pl.col("day") > pl.col("before"), *_enough(node))
    return kept.select(key, pl.lit(number, dtype=pl.UInt16).alias("node"), "day")


def _bounds(node: ReadingWithin) -> list[pl.Expr]:
    number = pl.col("number")
    bounds = []
    if node.least is not None:
        bounds.append(number >= node.least)
    if node.most is not None:
        bounds.append(number <= node.most)
    if node.above is not None:
        bounds.append(number > node.above)
    if node.below is not None:
        bounds.append(number < node.below)
    return bounds


def _enough(node: Dropped) -> list[pl.Expr]:
    before, after = pl.col("b"), pl.col("number")
    rules = []
    if node.points is not None:
        rules.append(before - after >= node.points)
    if node.percent is not None:
        rules += [before > 0, (before - after) * 100.0 >= float(node.percent) * before]
    return rules
