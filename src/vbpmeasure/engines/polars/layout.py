"""What a program asks for, before any data is seen: numbered leaves, windows, events, and cohorts.

Equal nodes are one object here, whichever measure they came from: that is how measures share work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.plan.dates import Anchor, DateExpr, FirstDate, Window, Windowed
from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.flags import AgeBetween, CountAtLeast, DateWithin, Enrolled, Flag, SpanFlagged
from vbpmeasure.plan.grain import Grain
from vbpmeasure.plan.measures import MeasurePlan, Program, Proportion, TotalOf

Leaf = CountAtLeast | Enrolled | SpanFlagged
Node = Leaf | FirstDate

# Cohorts are bits of one 64-bit integer. They only ever prune, so two cohorts may share a bit.
COHORT_BITS = 63


@dataclass(frozen=True, slots=True)
class Layout:
    """The numbered parts of a program.

    ``rates``: every rate with its measure, in order. ``nodes``: leaves and first-event dates by number. ``events``:
    event sets by number. ``cohorts``: distinct population prefixes that need no event, each with its bit;
    ``node_cohorts`` and ``event_cohorts`` hold the bits of the rates that use a node or an event set.
    ``cohort_windows`` holds, by bit, every window in which its rates look for events, or None where any day may matter.
    """

    rates: tuple[tuple[MeasurePlan, Proportion | TotalOf], ...]
    nodes: dict[Node, int]
    events: dict[EventSet, int]
    cohorts: tuple[tuple[tuple[Flag, ...], int], ...]
    node_cohorts: dict[Node, int]
    event_cohorts: dict[EventSet, int]
    cohort_windows: dict[int, list[Window] | None]


def lay_out(program: Program) -> Layout:
    """Return the numbered parts of a program; ``Failure`` (VBM490) for kinds of rates that it cannot run."""
    rates: list[tuple[MeasurePlan, Proportion | TotalOf]] = []
    nodes: dict[Node, int] = {}
    events: dict[EventSet, int] = {}
    bits: dict[tuple[Flag, ...], int] = {}
    node_cohorts: dict[Node, int] = {}
    event_cohorts: dict[EventSet, int] = {}
    windows: dict[int, list[Window] | None] = {}
    for measure in program.measures:
        for rate in measure.rates:
            if isinstance(rate, TotalOf):
                rates.append((measure, rate))
                continue
            if not isinstance(rate, Proportion) or rate.units.grain is not Grain.PERSON:
                raise Failure(
                    Diagnostic(
                        "VBM490",
                        f"no engine runs this kind of rate yet: {rate.id} of {measure.id}",
                        hint="leave the measure out with --exclude",
                    )
                )
            rates.append((measure, rate))
            prefix = static_prefix(rate)
            bit = bits.setdefault(prefix, 1 << (len(bits) % COHORT_BITS))
            looked_at = windows.setdefault(bit, [])
            if any(isinstance(f, DateWithin) for f in rate.numerator.walk()):
                # The evidence date may be that date, wherever it lies, and every event on it is a source.
                looked_at = windows[bit] = None
            for flag in flags_of(rate):
                for node in _nodes_of(flag):
                    nodes.setdefault(node, len(nodes))
                    if looked_at is not None:
                        looked_at += [source.window for source in sources_of(node)]
                    node_cohorts[node] = node_cohorts.get(node, 0) | bit
                    for events_of_node in events_of(node):
                        events.setdefault(events_of_node, len(events))
                        event_cohorts[events_of_node] = event_cohorts.get(events_of_node, 0) | bit
    return Layout(tuple(rates), nodes, events, tuple(bits.items()), node_cohorts, event_cohorts, windows)


def flags_of(rate: Proportion) -> Iterator[Flag]:
    """Yield every flag of a rate, with all that lies below."""
    for top in (*(s.flag for s in rate.population), *(e.flag for e in rate.exclusions), rate.numerator):
        yield from top.walk()


def static_prefix(rate: Proportion) -> tuple[Flag, ...]:
    """Return the first steps of the population that need no event: they can be judged before claims are read."""
    prefix: list[Flag] = []
    for step in rate.population:
        if not _is_static(step.flag):
            break
        prefix.append(step.flag)
    return tuple(prefix)


def _is_static(flag: Flag) -> bool:
    return not any(isinstance(f, CountAtLeast) or any(d.event is not None for d in dates_of(f)) for f in flag.walk())


def dates_of(node: Flag | FirstDate) -> tuple[DateExpr, ...]:
    """Return the date expressions that stand directly in a node."""
    match node:
        case DateWithin(date=date, window=window):
            return (date, window.start, window.end)
        case AgeBetween(on=on):
            birthdays = (
                DateExpr(Anchor.BIRTHDAY, years=node.youngest),
                DateExpr(Anchor.BIRTHDAY, years=node.oldest + 1),
            )
            return (on, *birthdays)
        case Enrolled(window=window, on=on):
            return (window.start, window.end, *((on,) if on is not None else ()))
        case SpanFlagged(window=window):
            return (window.start, window.end)
        case CountAtLeast(sources=sources):
            return tuple(d for s in sources for d in (s.window.start, s.window.end))
        case FirstDate(source=source):
            return (source.window.start, source.window.end)
    return ()


def sources_of(node: Flag | FirstDate) -> tuple[Windowed, ...]:
    """Return the windowed events that a node looks at."""
    if isinstance(node, CountAtLeast):
        return node.sources
    return (node.source,) if isinstance(node, FirstDate) else ()


def events_of(node: Flag | FirstDate) -> Iterator[EventSet]:
    """Yield the event sets that a node looks at (none for a flag that looks at no event)."""
    for source in sources_of(node):
        yield source.events


def _first_dates(date: DateExpr) -> Iterator[FirstDate]:
    if date.event is not None:
        for inner in dates_of(date.event):
            yield from _first_dates(inner)
        yield date.event


def _nodes_of(flag: Flag) -> Iterator[Node]:
    for date in dates_of(flag):
        yield from _first_dates(date)
    if isinstance(flag, CountAtLeast | Enrolled | SpanFlagged):
        yield flag


def depth_of(node: Node) -> int:
    """Return how many first-event dates must be known, one after the other, before the node can be judged."""
    inner = [depth_of(date.event) + 1 for date in dates_of(node) if date.event is not None]
    return max(inner, default=0)
