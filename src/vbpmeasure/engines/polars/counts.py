"""Counts of dates in windows: every count of every measure in a few joins over the event table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from vbpmeasure.engines.polars.days import DayColumns
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.nodes import Node, sources_of
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.subjects import Subjects
from vbpmeasure.plan.dates import FirstDate, Window
from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.flags import CountAtLeast

_NODES = 1 << 16


def count_nodes(
    nodes: Sequence[CountAtLeast | FirstDate],
    layout: Layout,
    events: pl.DataFrame,
    subjects: Subjects,
    days: DayColumns,
    queries: Queries,
) -> pl.DataFrame:
    """Return the nodes that hold, one row per subject and node (``met_schema``); day is the n-th kept date.

    Counts and first-event dates alike.
    """
    hits = _hits(nodes, layout, events, subjects, days, queries)
    if not hits:
        return pl.DataFrame(schema=subjects.met_schema)
    several = {layout.nodes[n]: (n.n, n.apart) for n in nodes if isinstance(n, CountAtLeast) and n.n > 1}
    found = queries.run("windows", pl.concat(hits))
    met = [_earliest(found.lazy().filter(~pl.col("node").is_in(list(several))), subjects.key)]
    if several:
        met += _spaced(found, several, subjects.key, queries)
    return queries.run("counts", pl.concat(met))


def _hits(
    nodes: Sequence[CountAtLeast | FirstDate],
    layout: Layout,
    events: pl.DataFrame,
    subjects: Subjects,
    days: DayColumns,
    queries: Queries,
) -> list[pl.LazyFrame]:
    """Return, for each distinct window, the event dates inside it: key, node, day."""
    by_window: dict[Window, dict[EventSet, list[Node]]] = {}
    for node in nodes:
        for source in sources_of(node):
            users = by_window.setdefault(source.window, {}).setdefault(source.events, [])
            if node not in users:
                users.append(node)
    if not by_window:
        return []
    placed = placed_rows(
        events.lazy().select("person", "day", "event"), by_window, layout, subjects, days, distinct=True
    )
    seen = queries.run("placed events", placed).lazy()
    return [_inside(seen, window, users, layout, subjects, days) for window, users in by_window.items()]


def placed_rows(
    rows: pl.LazyFrame,
    by_window: Mapping[Window, Mapping[EventSet, Sequence[Node]]],
    layout: Layout,
    subjects: Subjects,
    days: DayColumns,
    *,
    distinct: bool = False,
) -> pl.LazyFrame:
    """Return rows (person, event and others) of the windows' event sets, joined with the subjects they may concern.

    Subject columns are joined on once; each window then only filters.
    """
    columns = sorted({c for w in by_window for d in (w.start, w.end) if (c := days.name(d)) is not None})
    askers: dict[int, int] = {}
    for users in by_window.values():
        for event_set, nodes in users.items():
            number = layout.events[event_set]
            for node in nodes:
                askers[number] = askers.get(number, 0) | subjects.wanted[node]
    asked = rows.filter(pl.col("event").is_in(sorted(askers)))
    asked = asked.unique() if distinct else asked
    if subjects.key == "person":
        return asked.join(subjects.table.lazy().select("person", "cohorts", *columns), on="person")
    # A person has several units, and an event concerns few of them.
    bits = pl.LazyFrame(
        {"event": pl.Series(askers.keys(), dtype=pl.UInt16), "asked": pl.Series(askers.values(), dtype=pl.UInt64)}
    )
    return (
        asked.join(bits, on="event")
        .join(subjects.table.lazy().select(*subjects.keys, "cohorts", *columns), on="person")
        .filter((pl.col("cohorts") & pl.col("asked")) != 0)
        .drop("asked")
    )


def _inside(
    placed: pl.LazyFrame,
    window: Window,
    users: Mapping[EventSet, list[Node]],
    layout: Layout,
    subjects: Subjects,
    days: DayColumns,
) -> pl.LazyFrame:
    pairs = [(layout.events[e], layout.nodes[n]) for e, nodes in users.items() for n in nodes]
    readers = pl.LazyFrame(pairs, schema={"event": pl.UInt16, "node": pl.UInt16}, orient="row")
    return (
        placed.filter(
            pl.col("event").is_in(sorted({e for e, _ in pairs})),
            pl.col("day") >= days.day(window.start),
            pl.col("day") <= days.day(window.end),
            subjects.asked(node for nodes in users.values() for node in nodes),
        )
        .join(readers, on="event")
        .select(subjects.key, "node", "day")
    )


def _earliest(hits: pl.LazyFrame, key: str) -> pl.LazyFrame:
    return hits.group_by(key, "node").agg(pl.col("day").min())


def _spaced(
    found: pl.DataFrame, several: Mapping[int, tuple[int, int]], key: str, queries: Queries
) -> list[pl.LazyFrame]:
    """Keep dates greedily, all nodes at once: in each pass the earliest date left is the next kept one."""
    rule = pl.LazyFrame(
        [(node, n, apart) for node, (n, apart) in several.items()],
        schema={"node": pl.UInt16, "n": pl.UInt16, "apart": pl.Int32},
        orient="row",
    )
    # Key and node in one integer: to group by it and to join on it takes half of the time.
    both = (pl.col(key).cast(pl.UInt64) * _NODES + pl.col("node")).alias("both")
    left = found.lazy().join(rule, on="node").select(both, "day", "n", "apart")
    kept = []
    for position in range(1, max(n for n, _ in several.values()) + 1):
        last = pl.col("n") == position
        # Collected in every pass: both the result and the next pass read it.
        rows = queries.run(f"spacing {position}", left).lazy()
        kept.append(rows.filter(last).group_by("both").agg(pl.col("day").min()))
        more = rows.filter(~last)
        earliest = more.group_by("both").agg(pl.col("day").min().alias("kept"))
        left = more.join(earliest, on="both").filter(pl.col("day") >= pl.col("kept") + pl.col("apart")).drop("kept")
    subject, node = pl.col("both") // _NODES, pl.col("both") % _NODES
    return [one.select(subject.cast(pl.UInt32).alias(key), node.cast(pl.UInt16).alias("node"), "day") for one in kept]
