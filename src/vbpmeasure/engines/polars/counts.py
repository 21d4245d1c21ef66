"""Counts of dates in windows: every count of every measure in a few joins over the event table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from vbpmeasure.engines.polars.days import DayColumns
from vbpmeasure.engines.polars.layout import Layout, Node, sources_of
from vbpmeasure.engines.polars.literals import bits_literal
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.dates import Window
from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.flags import CountAtLeast

MET_SCHEMA = pl.Schema({"person": pl.UInt32, "node": pl.UInt16, "day": pl.Int32})


def count_nodes(
    nodes: Sequence[Node],
    layout: Layout,
    events: pl.DataFrame,
    people: pl.LazyFrame,
    days: DayColumns,
    queries: Queries,
) -> pl.DataFrame:
    """Return the nodes that hold, one row per person and node (``MET_SCHEMA``); day is the n-th kept date.

    ``people``: person, cohorts and the columns that ``days`` reads. Counts and first-event dates alike.
    """
    hits = _hits(nodes, layout, events, people, days, queries)
    if not hits:
        return pl.DataFrame(schema=MET_SCHEMA)
    several = {layout.nodes[n]: (n.n, n.apart) for n in nodes if isinstance(n, CountAtLeast) and n.n > 1}
    found = queries.run("windows", pl.concat(hits))
    met = [_earliest(found.lazy().filter(~pl.col("node").is_in(list(several))))]
    if several:
        met += _spaced(found, several, queries)
    return queries.run("counts", pl.concat(met))


def _hits(
    nodes: Sequence[Node],
    layout: Layout,
    events: pl.DataFrame,
    people: pl.LazyFrame,
    days: DayColumns,
    queries: Queries,
) -> list[pl.LazyFrame]:
    """Return, for each distinct window, the event dates inside it: person, node, day."""
    by_window: dict[Window, dict[EventSet, list[Node]]] = {}
    for node in nodes:
        for source in sources_of(node):
            users = by_window.setdefault(source.window, {}).setdefault(source.events, [])
            if node not in users:
                users.append(node)
    if not by_window:
        return []
    columns = sorted({c for w in by_window for d in (w.start, w.end) if (c := days.name(d)) is not None})
    numbers = sorted({layout.events[e] for users in by_window.values() for e in users})
    # Person columns are joined on once; each window then only filters.
    joined = (
        events.lazy()
        .filter(pl.col("event").is_in(numbers))
        .select("person", "day", "event")
        .unique()
        .join(people.select("person", "cohorts", *columns), on="person")
    )
    placed = queries.run("placed events", joined).lazy()
    return [_inside(placed, window, users, layout, days) for window, users in by_window.items()]


def _inside(
    placed: pl.LazyFrame, window: Window, users: Mapping[EventSet, list[Node]], layout: Layout, days: DayColumns
) -> pl.LazyFrame:
    pairs = [(layout.events[e], layout.nodes[n]) for e, nodes in users.items() for n in nodes]
    wanted = 0
    for nodes in users.values():
        for node in nodes:
            wanted |= layout.node_cohorts[node]
    readers = pl.LazyFrame(pairs, schema={"event": pl.UInt16, "node": pl.UInt16}, orient="row")
    return (
        placed.filter(
            pl.col("event").is_in(sorted({e for e, _ in pairs})),
            pl.col("day") >= days.day(window.start),
            pl.col("day") <= days.day(window.end),
            (pl.col("cohorts") & bits_literal(wanted)) != 0,
        )
        .join(readers, on="event")
        .select("person", "node", "day")
    )


def _earliest(hits: pl.LazyFrame) -> pl.LazyFrame:
    return hits.group_by("person", "node").agg(pl.col("day").min())


def _spaced(found: pl.DataFrame, several: Mapping[int, tuple[int, int]], queries: Queries) -> list[pl.LazyFrame]:
    """Keep dates greedily, all nodes at once: in each pass the earliest date left is the next kept one."""
    rule = pl.LazyFrame(
        [(node, n, apart) for node, (n, apart) in several.items()],
        schema={"node": pl.UInt16, "n": pl.UInt16, "apart": pl.Int32},
        orient="row",
    )
    left = found.lazy().join(rule, on="node")
    kept = []
    for position in range(1, max(n for n, _ in several.values()) + 1):
        # Collected in every pass: both the result and the next pass read it.
        rows = queries.run(f"spacing {position}", left)
        earliest = _earliest(rows.lazy()).rename({"day": "kept"})
        done = [node for node, (n, _) in several.items() if n == position]
        if done:
            kept.append(earliest.filter(pl.col("node").is_in(done)).rename({"kept": "day"}))
        left = (
            rows.lazy()
            .filter(pl.col("n") > position)
            .join(earliest, on=["person", "node"])
            .filter(pl.col("day") >= pl.col("kept") + pl.col("apart"))
            .drop("kept")
        )
    return kept
