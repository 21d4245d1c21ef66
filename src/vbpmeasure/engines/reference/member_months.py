"""Counted days, member-months and the events on them (semantics page, section 9)."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter

from vbpmeasure.engines.reference.dates import Interval, add_days, birthday, days_between
from vbpmeasure.engines.reference.enrollment import cut, groups, merge
from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.engines.reference.rates import ReferenceRow, first_false, first_reason
from vbpmeasure.engines.reference.units import find_units
from vbpmeasure.plan.measures import MONTH_UNITS, EventRate, MeasurePlan, MemberMonths, MonthRule


def counted_days(case: Case, months: MemberMonths) -> list[Interval]:
    """Return the counted days of the person as separate runs, in order."""
    window, birth = case.window(months.window), case.person.birth
    if window is None or birth is None:
        return []
    oldest = add_days(birthday(birth, months.oldest + 1), -1)
    window = (max(window[0], birthday(birth, months.youngest)), min(window[1], oldest))
    spans = [span for with_key in groups(case.person.spans, (), months.benefit).values() for span in with_key]
    return cut(merge(spans), window) if window[0] <= window[1] else []


def covers(days: list[Interval], day: dt.date) -> bool:
    """Tell whether the day is one of the counted days."""
    return any(first <= day <= last for first, last in days)


def member_months(days: list[Interval], months: MemberMonths) -> int:
    """Return the member-months of the counted days, in 1/377,580 of a month."""
    by_month: Counter[tuple[int, int]] = Counter()
    on_the_day: set[tuple[int, int]] = set()
    for first, last in days:
        for number in range(days_between(first, last) + 1):
            day = add_days(first, number)
            by_month[day.year, day.month] += 1
            if day.day == min(months.day, length_of_month(day)):
                on_the_day.add((day.year, day.month))
    match months.rule:
        case MonthRule.DAY_OF_MONTH:
            return MONTH_UNITS * len(on_the_day)
        case MonthRule.ANY_DAY:
            return MONTH_UNITS * len(by_month)
        case MonthRule.PRORATED_DAYS:
            return sum(
                count * (MONTH_UNITS // length_of_month(dt.date(year, month, 1)))
                for (year, month), count in by_month.items()
            )


def length_of_month(day: dt.date) -> int:
    """Return how many days the month of the day has."""
    return calendar.monthrange(day.year, day.month)[1]


def judge_event_rate(case: Case, measure: MeasurePlan, rate: EventRate) -> ReferenceRow:
    """Judge the person: population and exclusions, then the events on counted days and the member-months."""
    steps: list[Outcome] = [case.judge(step.flag) for step in rate.population]
    exclusions = [case.judge(exclusion.flag) for exclusion in rate.exclusions]
    days = counted_days(case, rate.months)
    events = [event.day for event in find_units(case, rate.events).units if covers(days, event.day)]
    failed_step = first_false(steps)
    exclusion = first_reason(rate.exclusions, exclusions) if failed_step is None else None
    judged = failed_step is None and exclusion is None
    return ReferenceRow(
        measure=measure.id,
        rate=rate.id,
        person_id=case.person.person_id,
        index_date=None,
        failed_step=failed_step,
        exclusion=exclusion,
        numerator=judged and bool(events),
        evidence_date=min(events) if judged and events else None,
        evidence_sources=event_sources(case, rate, min(events)) if judged and events else None,
        part=len(events) if judged else None,
        whole=member_months(days, rate.months) if judged else None,
    )


def event_sources(case: Case, rate: EventRate, day: dt.date) -> frozenset[str]:
    """Return the tables that hold, on that day, an event of the set that is counted."""
    return frozenset(found.table for found in case.events(rate.events.source.events) if found.day == day)
