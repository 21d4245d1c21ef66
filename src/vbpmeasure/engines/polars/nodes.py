"""The nodes of a plan that are judged against the data: which there are, and the dates and events that they name."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.plan.amounts import DaysCovered, Dropped, EnrolledRun, Reading, ReadingWithin
from vbpmeasure.plan.dates import Anchor, DateExpr, FirstDate, Windowed
from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.flags import AgeBetween, CountAtLeast, DateWithin, Enrolled, Flag, SpanFlagged

SpanLeaf = Enrolled | EnrolledRun | SpanFlagged
EventLeaf = CountAtLeast | DaysCovered | ReadingWithin | Dropped
Leaf = SpanLeaf | EventLeaf
Node = Leaf | FirstDate

SPAN_LEAVES = (Enrolled, EnrolledRun, SpanFlagged)
EVENT_LEAVES = (CountAtLeast, DaysCovered, ReadingWithin, Dropped)
LEAVES = (*SPAN_LEAVES, *EVENT_LEAVES)


def readings_of(node: Flag | FirstDate) -> tuple[Reading, ...]:
    """Return the readings of numbers that a node looks at."""
    match node:
        case ReadingWithin(reading=reading):
            return (reading,)
        case Dropped(baseline=baseline, follow_up=follow_up):
            return (baseline, follow_up)
    return ()


def sources_of(node: Flag | FirstDate) -> tuple[Windowed, ...]:
    """Return the windowed events that a node looks at."""
    if isinstance(node, CountAtLeast | DaysCovered):
        return node.sources
    if isinstance(node, FirstDate):
        return (node.source,)
    return tuple(reading.source for reading in readings_of(node))


def events_of(node: Flag | FirstDate) -> Iterator[EventSet]:
    """Yield the event sets that a node looks at (none for a flag that looks at no event)."""
    for source in sources_of(node):
        yield source.events


def dates_of(node: Flag | FirstDate) -> tuple[DateExpr, ...]:
    """Return the date expressions that stand directly in a node."""
    match node:
        case DateWithin(date=date, window=window):
            return (date, window.start, window.end)
        case AgeBetween(on=on):
            return (on, *birthdays(node.youngest, node.oldest))
        case Enrolled(window=window, on=on):
            return (window.start, window.end, *((on,) if on is not None else ()))
        case SpanFlagged(window=window) | EnrolledRun(window=window):
            return (window.start, window.end)
    return tuple(date for source in sources_of(node) for date in (source.window.start, source.window.end))


def birthdays(youngest: int, oldest: int) -> tuple[DateExpr, DateExpr]:
    """Return the first day at the youngest age, and the first day past the oldest."""
    return DateExpr(Anchor.BIRTHDAY, years=youngest), DateExpr(Anchor.BIRTHDAY, years=oldest + 1)


def depth_of(node: Node) -> int:
    """Return how many first-event dates must be known, one after the other, before the node can be judged."""
    inner = [depth_of(date.event) + 1 for date in dates_of(node) if date.event is not None]
    return max(inner, default=0)
