"""What a plan depends on: the event sets and the value sets it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vbpmeasure.plan.dates import DateExpr, Window, Windowed
from vbpmeasure.plan.events import EventSet, LineFilter
from vbpmeasure.plan.flags import AgeBetween, CountAtLeast, DateWithin, Enrolled, Flag, SpanFlagged
from vbpmeasure.plan.measures import Composite, EventRate, IndexEvents, Proportion, Rate, TotalOf


def value_sets_of(rates: Iterable[Rate]) -> tuple[str, ...]:
    """Return the names of all value sets that the rates use, filters and same-claim conditions included, sorted."""
    names: set[str] = set()
    for events in event_sets_of(rates):
        for trigger in events.triggers:
            names.update(trigger.value_sets)
            names.update(_filter_sets(trigger.where))
    return tuple(sorted(names))


def event_sets_of(rates: Iterable[Rate]) -> Iterator[EventSet]:
    """Yield every event set that the rates name, those behind first-event dates included (repeats possible)."""
    for rate in rates:
        for flag in flags_of(rate):
            for node in flag.walk():
                yield from _events_of_flag(node)
        if isinstance(rate, EventRate):
            yield from _events_of_windowed(rate.events)
        if isinstance(rate, Proportion) and isinstance(rate.units, IndexEvents):
            yield from _events_of_windowed(rate.units.source)


def flags_of(rate: Rate) -> Iterator[Flag]:
    """Yield the top flags of a rate: population steps, exclusions, numerator."""
    if isinstance(rate, (TotalOf, Composite)):
        return
    yield from (step.flag for step in rate.population)
    yield from (exclusion.flag for exclusion in rate.exclusions)
    if isinstance(rate, Proportion):
        yield rate.numerator


def _events_of_flag(flag: Flag) -> Iterator[EventSet]:
    if isinstance(flag, CountAtLeast):
        for source in flag.sources:
            yield from _events_of_windowed(source)
    for date in dates_of(flag):
        yield from _events_of_date(date)


def dates_of(flag: Flag) -> tuple[DateExpr, ...]:
    """Return the dates that stand in the flag itself (not in its parts, nor in the windows of a count's sources)."""
    if isinstance(flag, DateWithin):
        return (flag.date, flag.window.start, flag.window.end)
    if isinstance(flag, AgeBetween):
        return (flag.on,)
    if isinstance(flag, Enrolled):
        return (flag.window.start, flag.window.end, *([flag.on] if flag.on else []))
    if isinstance(flag, SpanFlagged):
        return (flag.window.start, flag.window.end)
    return ()


def all_dates_of(flag: Flag) -> tuple[DateExpr, ...]:
    """Return the dates of the flag itself and of the windows of its sources (not those of its parts)."""
    windows = [source.window for source in flag.sources] if isinstance(flag, CountAtLeast) else []
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
    for claim in (*where.same_claim, *where.not_same_claim):
        yield from claim.value_sets
