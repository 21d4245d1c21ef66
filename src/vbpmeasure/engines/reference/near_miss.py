"""The near miss: in one sentence, what a criterion that fails lacked."""

from __future__ import annotations

import datetime as dt

from vbpmeasure.engines.reference.dates import Interval, birthday, days_between
from vbpmeasure.engines.reference.enrollment import GroupVerdict
from vbpmeasure.engines.reference.facts import facts
from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.engines.reference.seen_rows import SeenRow, days_of, days_outside, seen_rows
from vbpmeasure.plan.amounts import DaysCovered, Dropped, EnrolledRun, ReadingWithin, SexIs
from vbpmeasure.plan.flags import (
    AgeBetween,
    AllOf,
    AnyOf,
    AtLeastOf,
    CountAtLeast,
    DateWithin,
    Enrolled,
    Not,
    SpanFlagged,
)
from vbpmeasure.plan.words import Words

# A row further from its window than this is no near miss, it is another year's service.
NEAR_DAYS = 92


def near_miss(case: Case, outcome: Outcome) -> str:
    """Return what a false criterion lacked, in one sentence without a full stop.

    Of several false parts the nearest is told: the one of which most is there already.
    """
    flag = outcome.flag
    match flag:
        case AllOf():
            return near_miss(case, next(part for part in outcome.parts if not part.value))
        case AnyOf() | AtLeastOf():
            return _of_alternatives(case, outcome)
        case Not():
            return _forbidden(case, outcome.parts[0])
        case CountAtLeast():
            return _count(case, flag, outcome)
        case Enrolled():
            return _enrolled(case, flag, outcome)
        case DateWithin():
            return _date_within(case, flag)
        case AgeBetween():
            return _age(case, flag)
        case DaysCovered() | ReadingWithin() | Dropped() | EnrolledRun():
            return f"{Words(case.program.period).named(flag)}: {', '.join(facts(case, outcome))}"
        case SexIs():
            return f"the sex on file is {'another' if case.person.gender else 'unknown'}"
        case SpanFlagged():
            return f"there is no such span: {Words(case.program.period).flag(flag)}"
        case _:
            raise NotImplementedError(f"no near miss is written down for {type(flag).__name__}")


def _share(outcome: Outcome) -> float:
    """Return how much of a false criterion is there already, between 0 and 1."""
    flag = outcome.flag
    if isinstance(flag, CountAtLeast):
        return len(outcome.kept) / flag.n
    if outcome.parts and not isinstance(flag, Not):
        return sum(1.0 if part.value else _share(part) for part in outcome.parts) / len(outcome.parts)
    return 0.0


def _of_alternatives(case: Case, outcome: Outcome) -> str:
    false_parts = [part for part in outcome.parts if not part.value]
    nearest = max(false_parts, key=_share)
    told = near_miss(case, nearest)
    if len(outcome.parts) == 1:
        return told
    if isinstance(outcome.flag, AtLeastOf):
        there = len(outcome.parts) - len(false_parts)
        return f"{there} of {outcome.flag.n} needed parts hold; nearest: {told}"
    return f"none of {len(outcome.parts)} alternatives holds; nearest: {told}"


def _forbidden(case: Case, part: Outcome) -> str:
    when = f" ({part.date})" if part.date is not None else ""
    return f"must not hold, but does{when}: {Words(case.program.period).named(part.flag)}"


def _count(case: Case, flag: CountAtLeast, outcome: Outcome) -> str:
    events = " or ".join(dict.fromkeys(source.events.name or "the event" for source in flag.sources))
    have = f"{len(outcome.kept)} of {flag.n} dates of {events}" if flag.n > 1 else f"no date of {events}"
    near = _nearest_row(seen_rows(case, flag, outcome))
    if near is None:
        return f"{have} in the window" if flag.n > 1 else f"{have} in the window, and none near it"
    return f"{have}; a row of {near.table} on {near.day} was passed over: {near.passed_over}"


def _nearest_row(rows: tuple[SeenRow, ...]) -> SeenRow | None:
    """Return the nearest of the rows passed over: too close by few days, then refused, then outside the window."""

    def rank(row: SeenRow) -> tuple[int, int]:
        if row.days_after is not None:
            return (0, -row.days_after)
        if row.days_outside == 0:
            return (1, 0)
        return (3 if row.refused else 2, abs(row.days_outside))

    passed_over = [row for row in rows if row.passed_over and abs(row.days_outside) <= NEAR_DAYS]
    return min(passed_over, key=rank, default=None)


def _gap_words(group: GroupVerdict, flag: Enrolled) -> str:
    longest = f"{flag.gap_months} calendar month(s)" if flag.gap_months is not None else days_of(flag.gap_days)
    allowed = f"{flag.max_gaps} of at most {longest} allowed" if flag.max_gaps else "none allowed"
    if len(group.gaps) == 1:
        gap = group.gaps[0]
        return f"a gap of {days_of(gap.length)} ({gap.first} to {gap.last}), {allowed}"
    lengths = ", ".join(str(gap.length) for gap in group.gaps)
    return f"{len(group.gaps)} gaps ({lengths} days), {allowed}"


def _enrolled(case: Case, flag: Enrolled, outcome: Outcome) -> str:
    window = case.window(flag.window)
    if window is None:
        return "the enrollment window has no date for this person"
    if not outcome.groups:
        return f"no enrollment span{' with the benefit' if flag.benefit else ''}"
    best = min(outcome.groups, key=lambda group: (sum(gap.length for gap in group.gaps), len(group.gaps)))
    lacks = []
    if len(best.gaps) > flag.max_gaps or not all(gap.short_enough for gap in best.gaps):
        lacks.append(_gap_words(best, flag))
    if best.covers_anchor is False:
        anchor = case.date(flag.on) if flag.on is not None else None
        lacks.append("the anchor date is missing" if anchor is None else f"not enrolled on the anchor date {anchor}")
    return "enrollment: " + " and ".join(lacks)


def _date_within(case: Case, flag: DateWithin) -> str:
    words = Words(case.program.period).date(flag.date)
    day, window = case.date(flag.date), case.window(flag.window)
    if day is None:
        return "no death date" if words == "death" else f"there is no {words}"
    if window is None:
        return f"the window for {words} ({day}) has no date for this person"
    return f"{words} is {day}, {_distance_words(day, window)}"


def _distance_words(day: dt.date, window: Interval) -> str:
    distance = days_outside(day, [window])
    if distance is None:
        return f"and the window {window[0]} to {window[1]} is empty"
    side = f"before {window[0]}" if distance < 0 else f"after {window[1]}"
    return f"{days_of(abs(distance))} {side}"


def _age(case: Case, flag: AgeBetween) -> str:
    birth, on = case.person.birth, case.date(flag.on)
    if birth is None or on is None:
        return "the age cannot be told: a date is missing"
    youngest, too_old = birthday(birth, flag.youngest), birthday(birth, flag.oldest + 1)
    if on < youngest:
        return f"too young on {on}: birthday {flag.youngest} is {youngest}, {days_of(days_between(on, youngest))} later"
    return f"too old on {on}: birthday {flag.oldest + 1} was {too_old}, {days_of(days_between(too_old, on))} before"
