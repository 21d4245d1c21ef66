"""What a program asks for, before any data is seen: numbered leaves, windows, events, index events, and cohorts.

Equal nodes are one object here, whichever measure they came from: that is how measures share work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from vbpmeasure.engines.polars.nodes import EVENT_LEAVES, LEAVES, Node, dates_of, events_of, sources_of
from vbpmeasure.plan.amounts import DaysCovered
from vbpmeasure.plan.dates import DateExpr, FirstDate, Window
from vbpmeasure.plan.events import Dated, EventSet
from vbpmeasure.plan.flags import DateWithin, Flag
from vbpmeasure.plan.grain import Grain
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.measures import EventRate, MeasurePlan, Program, Proportion, Rate, TotalOf
from vbpmeasure.plan.uses import index_of

# Cohorts are bits of one 64-bit integer. They only ever prune, so two cohorts may share a bit.
COHORT_BITS = 63

# A window in which events are looked for, and the index events that it may be counted from.
Looked = tuple[Window, IndexEvents | None]


@dataclass(slots=True)
class Scope:
    """One definition of index events, and what its units are asked.

    ``bit`` marks its units; ``cohorts`` are the bits of the people whose events matter. ``when`` and ``judged`` are the
    nodes of the grain of the index event that its conditions and the rates of its units use.
    """

    number: int
    index: IndexEvents
    event: int
    bit: int
    cohorts: int = 0
    when: set[Node] = field(default_factory=set)
    judged: set[Node] = field(default_factory=set)


@dataclass(slots=True)
class Layout:
    """The numbered parts of a program.

    ``rates``: every rate with its measure, in order. ``nodes``: leaves and first-event dates by number, those of index
    events too. ``events``: event sets by number. ``scopes``: the definitions of index events. ``cohorts``: distinct
    population prefixes that need no event, each with its bit; ``node_cohorts`` and ``event_cohorts`` hold the bits of
    the rates that use a node or an event set. ``cohort_windows`` holds, by bit, every window in which its rates look
    for events, or None where any day may matter; ``undated`` the bits of cohorts that look at rows without a day.
    """

    rates: list[tuple[MeasurePlan, Rate]] = field(default_factory=list)
    nodes: dict[Node, int] = field(default_factory=dict)
    events: dict[EventSet, int] = field(default_factory=dict)
    scopes: dict[IndexEvents, Scope] = field(default_factory=dict)
    cohorts: list[tuple[tuple[Flag, ...], int]] = field(default_factory=list)
    node_cohorts: dict[Node, int] = field(default_factory=dict)
    event_cohorts: dict[EventSet, int] = field(default_factory=dict)
    cohort_windows: dict[int, list[Looked] | None] = field(default_factory=dict)
    undated: int = 0
    _bits: dict[tuple[str, tuple[Flag, ...]], int] = field(default_factory=dict)

    def cohort(self, prefix: tuple[Flag, ...], purpose: str = "") -> int:
        """Return the bit of the people who meet a prefix; ``purpose`` keeps cohorts with different windows apart."""
        if (purpose, prefix) not in self._bits:
            bit = 1 << (len(self._bits) % COHORT_BITS)
            self._bits[purpose, prefix] = bit
            self.cohorts.append((prefix, bit))
            self.cohort_windows.setdefault(bit, [])
        return self._bits[purpose, prefix]

    def person_nodes(self) -> Iterator[Node]:
        """Yield the nodes that are judged once for a person."""
        return (node for node in self.nodes if node.grain is Grain.PERSON)

    def add_node(self, node: Node, bit: int, index: IndexEvents | None = None) -> None:
        """Give a number to a node and its event sets, asked for by a cohort (of the index events, if any)."""
        self.nodes.setdefault(node, len(self.nodes))
        self.node_cohorts[node] = self.node_cohorts.get(node, 0) | bit
        self.look_in(bit, [(source.window, index) for source in sources_of(node)])
        if isinstance(node, DaysCovered):
            self.look_everywhere(bit)  # a supply from before the window reaches into it
        for events in events_of(node):
            self.add_events(events, bit)

    def add_events(self, events: EventSet, bit: int) -> None:
        """Give a number to an event set, asked for by a cohort."""
        self.events.setdefault(events, len(self.events))
        self.event_cohorts[events] = self.event_cohorts.get(events, 0) | bit
        if any(trigger.where.dated is not Dated.SERVICE for trigger in events.triggers):
            self.look_everywhere(bit)  # the row's own day is another than that of its event

    def look_in(self, bit: int, windows: list[Looked]) -> None:
        """Add windows in which a cohort looks for events."""
        looked_at = self.cohort_windows[bit]
        if looked_at is not None:
            looked_at += windows

    def look_everywhere(self, bit: int) -> None:
        """Say that an event of a cohort may matter on any day."""
        self.cohort_windows[bit] = None


def lay_out(program: Program) -> Layout:
    """Return the numbered parts of a program."""
    layout = Layout()
    for measure in program.measures:
        for rate in measure.rates:
            layout.rates.append((measure, rate))
            if not isinstance(rate, TotalOf):
                _add_rate(layout, rate)
    return layout


def _add_rate(layout: Layout, rate: Rate) -> None:
    index = index_of(rate)
    bit = layout.cohort(static_prefix(rate))
    scope = _add_scope(layout, index, bit) if index is not None else None
    if isinstance(rate, Proportion) and any(isinstance(f, DateWithin) for f in rate.numerator.walk()):
        # The evidence date may be that date, wherever it lies, and every event on it is a source.
        layout.look_everywhere(bit)
    if isinstance(rate, EventRate):
        for date in (rate.months.window.start, rate.months.window.end):
            _add_first_dates(layout, date, bit)
    for flag in flags_of(rate):
        for node in _nodes_of(flag):
            layout.add_node(node, bit, index)
            if scope is not None and node.grain is Grain.INDEX:
                scope.judged.add(node)


def _add_scope(layout: Layout, index: IndexEvents, bit: int) -> Scope:
    if index not in layout.scopes:
        number = len(layout.scopes)
        # Rows that make no index event are counted whoever they are about: a stay may lack a date or run backwards on
        # whatever day, any other row is at fault only without one.
        everybody = layout.cohort((), "stays" if index.stays else "index events")
        if index.stays:
            layout.look_everywhere(everybody)
        else:
            layout.undated |= everybody
        layout.add_events(index.source.events, everybody)
        event = layout.events[index.source.events]
        layout.scopes[index] = Scope(number, index, event, 1 << (number % COHORT_BITS))
    scope = layout.scopes[index]
    scope.cohorts |= bit
    if index.stays is None:
        layout.add_events(index.source.events, bit)
        layout.look_in(bit, [(index.source.window, None)])
    for date in (index.source.window.start, index.source.window.end):
        _add_first_dates(layout, date, bit)
    for criterion in index.when:
        for flag in criterion.walk():
            for node in _nodes_of(flag):
                layout.add_node(node, bit, index)
                if node.grain is Grain.INDEX:
                    scope.when.add(node)
    return scope


def _add_first_dates(layout: Layout, date: DateExpr, bit: int) -> None:
    for node in _first_dates(date):
        layout.add_node(node, bit)


def flags_of(rate: Rate) -> Iterator[Flag]:
    """Yield every flag that a rate puts to its units, with all that lies below (not those of its index events)."""
    if isinstance(rate, TotalOf):
        return
    numerator = (rate.numerator,) if isinstance(rate, Proportion) else ()
    for top in (*(s.flag for s in rate.population), *(e.flag for e in rate.exclusions), *numerator):
        yield from top.walk()


def every_flag_of(rate: Rate) -> Iterator[Flag]:
    """Yield every flag of a rate, those of its index events too."""
    index = index_of(rate)
    for criterion in index.when if index is not None else ():
        yield from criterion.walk()
    yield from flags_of(rate)


def static_prefix(rate: Rate) -> tuple[Flag, ...]:
    """Return criteria that every person of interest meets and that need no event: judged before claims are read.

    For rates of persons these are the first steps of the population. A person who fails the second step still has index
    events to show, so for rates of index events it is the first step alone, and the conditions of the index events.
    """
    if isinstance(rate, TotalOf):
        return ()
    steps = [step.flag for step in rate.population]
    index = index_of(rate) if isinstance(rate, Proportion) else None
    if index is not None:
        return tuple(flag for flag in (*index.when, *steps[:1]) if _is_static(flag))
    prefix: list[Flag] = []
    for flag in steps:
        if not _is_static(flag):
            break
        prefix.append(flag)
    return tuple(prefix)


def _is_static(flag: Flag) -> bool:
    return flag.grain is Grain.PERSON and not any(
        isinstance(f, EVENT_LEAVES) or any(d.event is not None for d in dates_of(f)) for f in flag.walk()
    )


def _first_dates(date: DateExpr) -> Iterator[FirstDate]:
    if date.event is not None:
        for inner in dates_of(date.event):
            yield from _first_dates(inner)
        yield date.event


def _nodes_of(flag: Flag) -> Iterator[Node]:
    for date in dates_of(flag):
        yield from _first_dates(date)
    if isinstance(flag, LEAVES):
        yield flag
