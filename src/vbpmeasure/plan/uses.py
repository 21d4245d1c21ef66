"""What a plan depends on: the event sets and the value sets it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vbpmeasure.plan.amounts import DaysCovered, Dropped, EnrolledRun, ReadingWithin
from vbpmeasure.plan.dates import DateExpr, Window, Windowed
from vbpmeasure.plan.events import EventSet, LineFilter
from vbpmeasure.plan.flags import AgeBetween, CountAtLeast, DateWithin, Enrolled, Flag, SpanFlagged
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.measures import EventRate, Proportion, Rate, TotalOf


def value_sets_of(rates: Iterable[Rate]) -> tuple[str, ...]:
    """Return the names of all value sets that the rates use, filters and same-claim conditions included, sorted."""
    names: set[str] = set()
    for events in event_sets_of(rates):
        for trigger in events.triggers:
            names.update(trigger.value_sets)
            names.update(_filter_sets(trigger.where))
    return tuple(sorted(names))


def event_sets_of(rates: Iterable[Rate]) -> Iterator[EventSet]:
    """Yield every event set that the rates name, those behind first-event dates included (repeats possible).

    A first-event date may bound the days on which member-months are counted, and stand nowhere else.
    """
    for rate in rates:
        for flag in flags_of(rate):
            for node in flag.walk():
                yield from _events_of_flag(node)
        index = index_of(rate)
        if index is not None:
            yield from _events_of_windowed(index.source)
        if isinstance(rate, EventRate):
            yield from _events_of_window(rate.months.window)


def index_of(rate: Rate) -> IndexEvents | None:
    """Return the index events that a rate judges or counts, None for rates of persons."""
    if isinstance(rate, EventRate):
        return rate.events
    return rate.units if isinstance(rate, Proportion) and isinstance(rate.units, IndexEvents) else None


def flags_of(rate: Rate) -> Iterator[Flag]:
    """Yield the top flags of a rate: conditions of its index events, population steps, exclusions, numerator."""
    if isinstance(rate, TotalOf):
        return
    index = index_of(rate)
    yield from index.when if index is not None else ()
    yield from (step.flag for step in rate.population)
    yield from (exclusion.flag for exclusion in rate.exclusions)
    if isinstance(rate, Proportion):
        yield rate.numerator


def sources_of(flag: Flag) -> tuple[Windowed, ...]:
    """Return the windowed events that a flag itself looks at (not those of its parts, nor those behind its dates)."""
    if isinstance(flag, (CountAtLeast, DaysCovered)):
        return flag.sources
    if isinstance(flag, ReadingWithin):
        return (flag.reading.source,)
    return (flag.baseline.source, flag.follow_up.source) if isinstance(flag, Dropped) else ()


def _events_of_flag(flag: Flag) -> Iterator[EventSet]:
    for source in sources_of(flag):
        yield from _events_of_windowed(source)
    for date in dates_of(flag):
        yield from _events_of_date(date)


def dates_of(flag: Flag) -> tuple[DateExpr, ...]:
    """Return the dates that stand in the flag itself (not in its parts, nor in the windows of its sources)."""
    if isinstance(flag, DateWithin):
        return (flag.date, flag.window.start, flag.window.end)
    if isinstance(flag, AgeBetween):
        return (flag.on,)
    if isinstance(flag, Enrolled):
        return (flag.window.start, flag.window.end, *([flag.on] if flag.on else []))
    if isinstance(flag, (SpanFlagged, EnrolledRun)):
        return (flag.window.start, flag.window.end)
    return ()


def all_dates_of(flag: Flag) -> tuple[DateExpr, ...]:
    """Return the dates of the flag itself and of the windows of its sources (not those of its parts)."""
    windows = [source.window for source in sources_of(flag)]
    return (*dates_of(flag), *(date for window in windows for date in (window.start, window.end)))


def _events_of_windowed(windowed: Windowed) -> Iterator[EventSet]:
    yield windowed.events
    yield from _events_of_window(windowed.window)


def _events_of_window(window: Window) -> Iterator[EventSet]:
    yield from _events_of_date(window.start)
    yield from _events_of_date(window.end)


def _events_of_date(date: DateExpr) -> Iterator[EventSet]:
    if date.event is not None:
        yield from _events_of_windowed(date.event.source)


def _filter_sets(where: LineFilter) -> Iterator[str]:
    for sets in (where.place_in, where.place_not_in, where.modifier_in, where.modifier_not_in, where.provider_in):
        yield from sets
    yield from where.provider_not_in
    if where.result is not None:
        yield from where.result.codes
    for claim in (*where.same_claim, *where.not_same_claim):
        yield from claim.value_sets
