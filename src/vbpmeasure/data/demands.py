"""What a measure asks of the data: its event triggers, deaths, span flags and benefits, read off the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from vbpmeasure.plan.dates import Anchor, DateExpr, Window
from vbpmeasure.plan.events import EventSet, Trigger
from vbpmeasure.plan.flags import AgeBetween, CountAtLeast, DateWithin, Enrolled, Flag, SpanFlagged
from vbpmeasure.plan.measures import EventRate, IndexEvents, MeasurePlan, Proportion


@dataclass(slots=True)
class Demands:
    """The demands of one measure; triggers in plan order, each once."""

    measure: str
    triggers: dict[Trigger, None] = field(default_factory=dict)
    span_flags: set[str] = field(default_factory=set)
    benefits: set[str] = field(default_factory=set)
    enrollment: bool = False
    deaths: bool = False


def demands_of(measure: MeasurePlan) -> Demands:
    """Return what the rates of the measure ask of the data (totals and composites ask nothing of their own)."""
    demands = Demands(measure.id)
    for rate in measure.rates:
        if not isinstance(rate, (Proportion, EventRate)):
            continue
        for step in rate.population:
            _take_flag(demands, step.flag)
        for exclusion in rate.exclusions:
            _take_flag(demands, exclusion.flag)
        if isinstance(rate, EventRate):
            _take_events(demands, rate.events.events, rate.events.window)
            continue
        _take_flag(demands, rate.numerator)
        if isinstance(rate.units, IndexEvents):
            _take_events(demands, rate.units.source.events, rate.units.source.window)
    return demands


def _take_flag(demands: Demands, root: Flag) -> None:
    for flag in root.walk():
        if isinstance(flag, SpanFlagged):
            demands.span_flags.add(flag.column)
        elif isinstance(flag, Enrolled):
            demands.enrollment = True
            if flag.benefit is not None:
                demands.benefits.add(flag.benefit)
        elif isinstance(flag, CountAtLeast):
            for source in flag.sources:
                _take_events(demands, source.events, source.window)
        for date in _dates(flag):
            _take_date(demands, date)


def _dates(flag: Flag) -> Iterator[DateExpr]:
    if isinstance(flag, DateWithin):
        yield from (flag.date, flag.window.start, flag.window.end)
    elif isinstance(flag, AgeBetween):
        yield flag.on
    elif isinstance(flag, SpanFlagged):
        yield from (flag.window.start, flag.window.end)
    elif isinstance(flag, Enrolled):
        yield from (flag.window.start, flag.window.end)
        if flag.on is not None:
            yield flag.on


def _take_events(demands: Demands, events: EventSet, window: Window) -> None:
    demands.triggers.update(dict.fromkeys(events.triggers))
    _take_date(demands, window.start)
    _take_date(demands, window.end)


def _take_date(demands: Demands, date: DateExpr) -> None:
    demands.deaths = demands.deaths or date.anchor is Anchor.DEATH
    if date.event is not None:
        _take_events(demands, date.event.source.events, date.event.source.window)
