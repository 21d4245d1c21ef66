"""What a measure asks of the data: its event triggers, deaths, span flags and benefits, read off the plan."""

from __future__ import annotations

from dataclasses import dataclass, field

from vbpmeasure.plan.amounts import EnrolledRun
from vbpmeasure.plan.dates import Anchor, DateExpr, Window
from vbpmeasure.plan.events import EventSet, Trigger
from vbpmeasure.plan.flags import Enrolled, Flag, SpanFlagged
from vbpmeasure.plan.measures import EventRate, MeasurePlan
from vbpmeasure.plan.uses import dates_of, flags_of, index_of, sources_of


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
        for flag in flags_of(rate):
            _take_flag(demands, flag)
        index = index_of(rate)
        if index is not None:
            _take_events(demands, index.source.events, index.source.window)
        if isinstance(rate, EventRate):
            _take_date(demands, rate.months.window.start)
            _take_date(demands, rate.months.window.end)
            demands.enrollment = True
            if rate.months.benefit is not None:
                demands.benefits.add(rate.months.benefit)
    return demands


def _take_flag(demands: Demands, root: Flag) -> None:
    for flag in root.walk():
        if isinstance(flag, SpanFlagged):
            demands.span_flags.add(flag.column)
        elif isinstance(flag, (Enrolled, EnrolledRun)):
            demands.enrollment = True
            if flag.benefit is not None:
                demands.benefits.add(flag.benefit)
        for source in sources_of(flag):
            _take_events(demands, source.events, source.window)
        for date in dates_of(flag):
            _take_date(demands, date)


def _take_events(demands: Demands, events: EventSet, window: Window) -> None:
    demands.triggers.update(dict.fromkeys(events.triggers))
    _take_date(demands, window.start)
    _take_date(demands, window.end)


def _take_date(demands: Demands, date: DateExpr) -> None:
    demands.deaths = demands.deaths or date.anchor is Anchor.DEATH
    if date.event is not None:
        _take_events(demands, date.event.source.events, date.event.source.window)
