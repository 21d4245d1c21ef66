"""Judging criteria for one person (semantics page, sections 2 and 4): each flag becomes an outcome with its parts.

Every part is judged, also when the answer is known already, so that traces and coverage are whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from vbpmeasure.engines.reference.amounts import covered_days, dropped, reading_within
from vbpmeasure.engines.reference.dates import Interval, add_days, add_months, birthday, days_between, inside
from vbpmeasure.engines.reference.enrollment import GroupVerdict, cut, groups, judge_group, merge
from vbpmeasure.engines.reference.events import Found, carriers
from vbpmeasure.engines.reference.index_events import IndexEvent
from vbpmeasure.engines.reference.people import Timeline
from vbpmeasure.plan.amounts import DaysCovered, Dropped, EnrolledRun, ReadingWithin, Sex, SexIs
from vbpmeasure.plan.dates import Anchor, DateExpr, Window, Windowed
from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.flags import (
    AgeBetween,
    AllOf,
    AnyOf,
    AtLeastOf,
    CountAtLeast,
    DateWithin,
    Enrolled,
    Flag,
    Not,
    SpanFlagged,
)
from vbpmeasure.plan.measures import Program

SPELLINGS_OF_SEX = {Sex.FEMALE: ("female", "f"), Sex.MALE: ("male", "m")}

OnFlag = Callable[[Flag, bool], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one criterion came to for one person.

    ``groups`` is filled for enrollment (one per enrollment key); ``kept`` and ``too_close`` for counts, where
    ``too_close`` pairs a date with the kept date that it lies too close to; ``longest`` is the longest run of an
    enrolled run.
    """

    flag: Flag
    value: bool
    date: dt.date | None = None
    parts: tuple[Outcome, ...] = ()
    groups: tuple[GroupVerdict, ...] = ()
    kept: tuple[dt.date, ...] = ()
    too_close: tuple[tuple[dt.date, dt.date], ...] = ()
    longest: int | None = None


@dataclass(slots=True)
class Case:
    """One person before the program, or one of the person's index events: what the judging of any flag needs."""

    program: Program
    person: Timeline
    on_flag: OnFlag | None = None
    index: IndexEvent | None = None
    _carriers: dict[EventSet, tuple[Found, ...]] = field(default_factory=dict)

    def at(self, event: IndexEvent | None) -> Case:
        """Return the same case before one of the person's index events; what was found stays found."""
        return replace(self, index=event)

    def carriers(self, events: EventSet) -> tuple[Found, ...]:
        """Return the rows with a code of the event set, refused ones included; found once per person."""
        if events not in self._carriers:
            self._carriers[events] = carriers(events, self.program.value_sets, self.person)
        return self._carriers[events]

    def events(self, events: EventSet) -> list[Found]:
        """Return the rows that are events of the set, by date."""
        return [row for row in self.carriers(events) if not row.passed_over]

    def date(self, expression: DateExpr) -> dt.date | None:
        """Return the day that a date expression means for this person; None when its anchor is missing."""
        anchor = self._anchor(expression)
        return None if anchor is None else add_days(add_months(anchor, expression.months), expression.days)

    def _anchor(self, expression: DateExpr) -> dt.date | None:
        match expression.anchor:
            case Anchor.BIRTH:
                return self.person.birth
            case Anchor.BIRTHDAY:
                return None if self.person.birth is None else birthday(self.person.birth, expression.years)
            case Anchor.DEATH:
                return self.person.death
            case Anchor.PERIOD_START:
                return self.program.period.start
            case Anchor.PERIOD_END:
                return self.program.period.end
            case Anchor.EVENT:
                assert expression.event is not None
                return min(self.dates(expression.event.source), default=None)
            case Anchor.INDEX | Anchor.INDEX_START | Anchor.INDEX_END:
                assert self.index is not None  # the plan has no such date in a rate of persons
                days = {Anchor.INDEX: self.index.day, Anchor.INDEX_START: self.index.start}
                return days.get(expression.anchor, self.index.end)

    def window(self, window: Window) -> Interval | None:
        """Return the two days of a window, None when an end is null; the first lies after the last when it is empty."""
        start, end = self.date(window.start), self.date(window.end)
        return None if start is None or end is None else (start, end)

    def dates(self, source: Windowed) -> list[dt.date]:
        """Return the distinct dates of the events inside the window, in order."""
        window = self.window(source.window)
        return sorted({row.day for row in self.events(source.events) if inside(row.day, window)})

    def judge(self, flag: Flag) -> Outcome:
        """Return what the criterion comes to, with everything below it."""
        outcome = _judge(self, flag, tuple(self.judge(part) for part in flag.parts))
        if self.on_flag is not None:
            self.on_flag(flag, outcome.value)
        return outcome


def _judge(case: Case, flag: Flag, parts: tuple[Outcome, ...]) -> Outcome:
    match flag:
        case AllOf():
            return _all_of(flag, parts)
        case AnyOf():
            return _any_of(flag, parts)
        case AtLeastOf():
            return _at_least_of(flag, parts)
        case Not():
            return Outcome(flag, not parts[0].value, parts=parts)
        case _:
            return _judge_leaf(case, flag)


def _judge_leaf(case: Case, flag: Flag) -> Outcome:
    """Judge a criterion that has no parts."""
    match flag:
        case DateWithin():
            date = case.date(flag.date)
            value = inside(date, case.window(flag.window))
            return Outcome(flag, value, date if value else None)
        case AgeBetween():
            return Outcome(flag, _age_between(case, flag))
        case Enrolled():
            return _enrolled(case, flag)
        case SpanFlagged():
            return Outcome(flag, _span_flagged(case, flag))
        case EnrolledRun():
            return _enrolled_run(case, flag)
        case SexIs():
            return Outcome(flag, (case.person.gender or "").strip(" ").lower() in SPELLINGS_OF_SEX[flag.sex])
        case CountAtLeast():
            return _count(case, flag)
        case DaysCovered():
            days = covered_days(case, flag)
            enough = len(days) >= flag.days
            return Outcome(flag, enough, days[flag.days - 1] if enough else None, kept=tuple(days))
        case ReadingWithin() | Dropped():
            day = reading_within(case, flag) if isinstance(flag, ReadingWithin) else dropped(case, flag)
            return Outcome(flag, day is not None, day)
        case _:
            raise NotImplementedError(f"no meaning is written down for {type(flag).__name__}")


def _all_of(flag: AllOf, parts: tuple[Outcome, ...]) -> Outcome:
    if not all(part.value for part in parts):
        return Outcome(flag, False, parts=parts)
    return Outcome(flag, True, max((part.date for part in parts if part.date is not None), default=None), parts)


def _any_of(flag: AnyOf, parts: tuple[Outcome, ...]) -> Outcome:
    dates = [part.date for part in parts if part.value and part.date is not None]
    return Outcome(flag, any(part.value for part in parts), min(dates, default=None), parts)


def _at_least_of(flag: AtLeastOf, parts: tuple[Outcome, ...]) -> Outcome:
    true_parts = [part for part in parts if part.value]
    if len(true_parts) < flag.n:
        return Outcome(flag, False, parts=parts)
    undated: list[dt.date | None] = [None for part in true_parts if part.date is None]
    dated = sorted(part.date for part in true_parts if part.date is not None)
    return Outcome(flag, True, [*undated, *dated][flag.n - 1], parts)


def _age_between(case: Case, flag: AgeBetween) -> bool:
    birth, on = case.person.birth, case.date(flag.on)
    if birth is None or on is None:
        return False
    return birthday(birth, flag.youngest) <= on < birthday(birth, flag.oldest + 1)


def _enrolled(case: Case, flag: Enrolled) -> Outcome:
    window = case.window(flag.window)
    if window is None:
        return Outcome(flag, False)
    anchor = case.date(flag.on) if flag.on is not None else None
    by_key = groups(case.person.spans, case.program.enrollment_key, flag.benefit)
    verdicts = tuple(judge_group(key, spans, flag, window, anchor) for key, spans in by_key.items())
    return Outcome(flag, any(verdict.passes for verdict in verdicts), groups=verdicts)


def _enrolled_run(case: Case, flag: EnrolledRun) -> Outcome:
    window = case.window(flag.window)
    if window is None:
        return Outcome(flag, False)
    by_key = groups(case.person.spans, case.program.enrollment_key, flag.benefit)
    runs = [run for spans in by_key.values() for run in cut(merge(spans), window)]
    longest = max((days_between(first, last) + 1 for first, last in runs), default=0)
    return Outcome(flag, longest >= flag.days, longest=longest)


def _span_flagged(case: Case, flag: SpanFlagged) -> bool:
    window = case.window(flag.window)
    if window is None:
        return False
    flagged = [span for span in case.person.spans if span.row.get(flag.column) is True]
    return any(max(span.start, window[0]) <= min(span.end, window[1]) for span in flagged)


def keep_apart(dates: Sequence[dt.date], apart: int) -> tuple[list[dt.date], list[tuple[dt.date, dt.date]]]:
    """Return the dates kept, earliest first, each at least ``apart`` days after the last kept one.

    The second list holds each date left out with the kept date before it.
    """
    kept: list[dt.date] = []
    too_close: list[tuple[dt.date, dt.date]] = []
    for day in dates:
        if kept and days_between(kept[-1], day) < apart:
            too_close.append((day, kept[-1]))
        else:
            kept.append(day)
    return kept, too_close


def _count(case: Case, flag: CountAtLeast) -> Outcome:
    dates = sorted({day for source in flag.sources for day in case.dates(source)})
    kept, too_close = keep_apart(dates, flag.apart)
    value = len(kept) >= flag.n
    date = kept[flag.n - 1] if value else None
    return Outcome(flag, value, date, kept=tuple(kept), too_close=tuple(too_close))
