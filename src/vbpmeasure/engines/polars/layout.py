"""What a program asks for, before any data is seen: numbered leaves, windows, events, index events, and cohorts.

Equal nodes are one object here, whichever measure they came from: that is how measures share work.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from vbpmeasure.engines.polars.cohorts import COHORT_BITS, Cohorts, Days, Prefix
from vbpmeasure.engines.polars.days import DayColumns
from vbpmeasure.engines.polars.needs import is_of_birth, needs_of
from vbpmeasure.engines.polars.nodes import (
    EVENT_LEAVES,
    LEAVES,
    SPAN_LEAVES,
    Node,
    dates_of,
    depth_of,
    sources_of,
)
from vbpmeasure.engines.polars.reach import Looked, Range, days_of, range_of
from vbpmeasure.plan.amounts import DaysCovered
from vbpmeasure.plan.dates import DateExpr, FirstDate, Window
from vbpmeasure.plan.events import Dated, EventSet
from vbpmeasure.plan.flags import DateWithin, Flag
from vbpmeasure.plan.grain import Grain
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.measures import EventRate, MeasurePlan, Period, Program, Proportion, Rate, TotalOf
from vbpmeasure.plan.uses import index_of


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
    events too. ``events``: event sets by number. ``scopes``: the definitions of index events.

    ``cohorts``: of whom and on which days events are asked for; ``node_cohorts`` and ``event_cohorts`` hold the bits
    of those who are asked for a node or an event set. ``windows`` holds the windows of each event set.
    ``first_cohorts`` and ``first_nodes`` are the same for the leaves of enrollment spans, that are judged before: there
    only the birth date is known.
    """

    period: Period
    rates: list[tuple[MeasurePlan, Rate]] = field(default_factory=list)
    nodes: dict[Node, int] = field(default_factory=dict)
    events: dict[EventSet, int] = field(default_factory=dict)
    scopes: dict[IndexEvents, Scope] = field(default_factory=dict)
    cohorts: Cohorts = field(default_factory=Cohorts)
    node_cohorts: dict[Node, int] = field(default_factory=dict)
    event_cohorts: dict[EventSet, int] = field(default_factory=dict)
    windows: dict[EventSet, list[Looked]] = field(default_factory=dict)
    first_cohorts: list[tuple[Prefix, int]] = field(default_factory=list)
    first_nodes: dict[Node, int] = field(default_factory=dict)
    _days: DayColumns = field(init=False)
    _sources: dict[Node, set[tuple[Hashable, Days]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make ready to compare days of the period."""
        self._days = DayColumns(self.period)

    def person_nodes(self) -> Iterator[Node]:
        """Yield the nodes that are judged once for a person."""
        return (node for node in self.nodes if node.grain is Grain.PERSON)

    def prefixes(self) -> Iterator[Prefix]:
        """Yield what must hold of people before events are read (repeats possible)."""
        for prefixes, _ in self.cohorts.people:
            yield from prefixes
        for prefix, _ in self.first_cohorts:
            yield prefix

    def needs(self, flags: Iterable[Flag], index: IndexEvents | None) -> Prefix:
        """Return what flags ask of a person before events are read."""
        return needs_of(flags, index, self._days)

    def add_span(self, node: Node, prefix: Prefix) -> None:
        """Give a number to a leaf of enrollment spans, asked of the people whose birth date meets the prefix."""
        self.nodes.setdefault(node, len(self.nodes))
        of_birth = tuple(flag for flag in prefix if is_of_birth(flag))
        known = next((bit for flags, bit in self.first_cohorts if flags == of_birth), None)
        if known is None:
            known = 1 << (len(self.first_cohorts) % COHORT_BITS)
            self.first_cohorts.append((of_birth, known))
        self.first_nodes[node] = self.first_nodes.get(node, 0) | known

    def add_node(self, node: Node, prefix: Prefix, index: IndexEvents | None, also: Sequence[Looked] = ()) -> None:
        """Give a number to a node and its event sets, asked of the people who meet the prefix.

        ``index``: the index events that its windows may be counted from. Events of the windows ``also`` matter too.
        """
        self.nodes.setdefault(node, len(self.nodes))
        asked = self._sources.setdefault(node, set())
        sources = sources_of(node)
        for source in sources:
            # A supply from before the window reaches into it.
            anywhere = isinstance(node, DaysCovered)
            asked.add(
                (source.events, self.add_events(source.events, prefix, [(source.window, index), *also], anywhere))
            )
        if not sources:
            self.cohorts.ask(node, prefix, Days.ANY)
            asked.add((node, Days.ANY))

    def add_events(self, events: EventSet, prefix: Prefix, windows: Sequence[Looked], anywhere: bool = False) -> Days:
        """Give a number to an event set that the people who meet the prefix are asked for in windows.

        With ``anywhere`` rows of any day are read, though only events of the windows are kept.
        """
        self.events.setdefault(events, len(self.events))
        self.windows.setdefault(events, []).extend(w for w in windows if w not in self.windows[events])
        between = None if anywhere or _has_another_day(events) else range_of(windows, self._days)
        days = Days.ANY if between is None else Days.FIXED
        self.cohorts.ask(events, prefix, days, between)
        return days

    def add_rows(self, events: EventSet, days: Days) -> None:
        """Ask everybody for the rows of an event set."""
        self.events.setdefault(events, len(self.events))
        self.cohorts.ask(events, (), Days.ANY if _has_another_day(events) else days)

    def days_of(self, events: EventSet) -> Range:
        """Return the days on which any rate looks for an event of the set."""
        return days_of(self.windows.get(events, ()), self._days)

    def settle(self) -> None:
        """Give their bits to nodes, event sets and index events, once all are known."""
        self.cohorts.settle()
        self.event_cohorts = {events: self.cohorts.bits(events) for events in self.events}
        for node, asked in self._sources.items():
            self.node_cohorts[node] = reduce(or_, (self.cohorts.bit(what, days) for what, days in asked))
        for scope in self.scopes.values():
            source = scope.index.source.events
            scope.cohorts = self.cohorts.bit(source, Days.FIXED) | self.cohorts.bit(source, Days.ANY)


def lay_out(program: Program) -> Layout:
    """Return the numbered parts of a program."""
    layout = Layout(program.period)
    for measure in program.measures:
        for rate in measure.rates:
            layout.rates.append((measure, rate))
            if not isinstance(rate, TotalOf):
                _add_rate(layout, rate)
    layout.settle()
    return layout


def _add_rate(layout: Layout, rate: Rate) -> None:
    assert not isinstance(rate, TotalOf)
    index = index_of(rate)
    steps = [step.flag for step in rate.population]
    # A person who fails a later step still has index events to show, one who fails the first has none.
    shown = (*(index.when if index is not None and isinstance(rate, Proportion) else ()), *steps[:1])
    first = layout.needs(shown, index)
    scope = None
    if index is not None:
        of_all = (*index.when, *steps)
        scope = _add_scope(layout, index, first if isinstance(rate, Proportion) else layout.needs(of_all, index))
    place = _Place(layout, index, scope, first)
    for i, step in enumerate(steps):
        # Which step fails first is shown: each is asked of those who can meet it and what comes before it.
        place.add(step, layout.needs((*shown, *steps[: i + 1]), index))
    judged = layout.needs((*shown, *steps), index)
    for exclusion in rate.exclusions:
        place.add(exclusion.flag, judged)
    if isinstance(rate, Proportion):
        # On the evidence date, whichever set it comes from, events of all the numerator's sets are sources.
        place.add(rate.numerator, judged, _windows_of(rate.numerator, index))
    if isinstance(rate, EventRate):
        for date in (rate.months.window.start, rate.months.window.end):
            for first_date in _first_dates(date):
                layout.add_node(first_date, judged, None)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the criteria of a rate stand: its index events, and what is asked of a person to be shown at all."""

    layout: Layout
    index: IndexEvents | None
    scope: Scope | None
    first: Prefix

    def add(self, top: Flag, prefix: Prefix, also: Sequence[Looked] = ()) -> None:
        for flag in top.walk():
            for node in _nodes_of(flag):
                if self.scope is not None and node.grain is Grain.INDEX:
                    self.scope.judged.add(node)
                if isinstance(node, SPAN_LEAVES) and not depth_of(node):
                    self.layout.add_span(node, self.first)
                else:
                    self.layout.add_node(node, prefix, self.index, also if isinstance(node, EVENT_LEAVES) else ())


def _windows_of(numerator: Flag, index: IndexEvents | None) -> list[Looked]:
    """Return the windows in which the evidence date of a numerator lies."""
    found: list[Looked] = []
    for flag in numerator.walk():
        found += [(source.window, index) for source in sources_of(flag)]
        if isinstance(flag, DateWithin):
            found.append((Window(flag.date, flag.date), index))
    return found


def _add_scope(layout: Layout, index: IndexEvents, prefix: Prefix) -> Scope:
    source = index.source
    if index not in layout.scopes:
        number = len(layout.scopes)
        # Rows that make no index event are counted whoever they are about: a stay may lack a date or run backwards on
        # whatever day, any other row is at fault only without one.
        layout.add_rows(source.events, Days.NONE if index.stays is None else Days.ANY)
        layout.scopes[index] = Scope(number, index, layout.events[source.events], 1 << (number % COHORT_BITS))
    scope = layout.scopes[index]
    # Stays are chained over all of a person's rows.
    layout.add_events(source.events, prefix, [(source.window, None)], index.stays is not None)
    for date in (source.window.start, source.window.end):
        for first in _first_dates(date):
            layout.add_node(first, prefix, None)
    for criterion in index.when:
        for flag in criterion.walk():
            for node in _nodes_of(flag):
                if node.grain is Grain.INDEX:
                    scope.when.add(node)
                if isinstance(node, SPAN_LEAVES) and not depth_of(node):
                    layout.add_span(node, prefix)
                else:
                    layout.add_node(node, prefix, index)
    return scope


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


def _has_another_day(events: EventSet) -> bool:
    """Return whether the day of an event may be another than that of its row."""
    return any(trigger.where.dated is not Dated.SERVICE for trigger in events.triggers)


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
