"""What criteria ask of a person before any event is read: who fails that cannot meet them."""

from __future__ import annotations

from collections.abc import Iterable

from vbpmeasure.engines.polars.days import DayColumns
from vbpmeasure.engines.polars.nodes import EVENT_LEAVES, dates_of
from vbpmeasure.engines.polars.reach import bound
from vbpmeasure.plan.dates import Anchor, DateExpr, Window
from vbpmeasure.plan.flags import AgeBetween, AllOf, AnyOf, DateWithin, Flag
from vbpmeasure.plan.grain import Grain
from vbpmeasure.plan.index import IndexEvents


def needs_of(flags: Iterable[Flag], index: IndexEvents | None, days: DayColumns) -> tuple[Flag, ...]:
    """Return criteria of the person, without events, that hold whenever all the flags hold."""
    found: list[Flag] = []
    for flag in flags:
        found += [need for need in _needs(flag, index, days) if need not in found]
    return tuple(found)


def is_of_birth(flag: Flag) -> bool:
    """Return whether a criterion only looks at dates, so that it is known before enrollment is judged."""
    return all(isinstance(f, AgeBetween | DateWithin) or f.parts for f in flag.walk())


def is_known_early(flag: Flag) -> bool:
    """Return whether a criterion is known before any event is read."""
    return flag.grain is Grain.PERSON and not any(
        isinstance(f, EVENT_LEAVES) or any(d.event is not None for d in dates_of(f)) for f in flag.walk()
    )


def _needs(flag: Flag, index: IndexEvents | None, days: DayColumns) -> tuple[Flag, ...]:
    if isinstance(flag, AllOf):
        return needs_of(flag.members, index, days)
    if is_known_early(flag):
        return (flag,)
    match flag:
        case AgeBetween():
            return _ages(flag, index, days)
        case DateWithin():
            return _within(flag, index, days)
        case AnyOf(members=members):
            each = [_needs(member, index, days) for member in members]
            return (AnyOf(tuple(AllOf(need) for need in each)),) if all(each) else ()
    return ()


def _ages(flag: AgeBetween, index: IndexEvents | None, days: DayColumns) -> tuple[Flag, ...]:
    """Return what an age on a day says of the birth date, when that day lies between two that are known."""
    first, last = (bound(flag.on, index, days, last=last) for last in (False, True))
    found: list[Flag] = []
    if last is not None:
        youngest = DateExpr(Anchor.BIRTHDAY, years=flag.youngest)
        found.append(DateWithin(youngest, Window(DateExpr(Anchor.BIRTH), days.fixed(last))))
    if first is not None:
        too_old = DateExpr(Anchor.BIRTHDAY, years=flag.oldest + 1)
        found.append(DateWithin(too_old, Window(days.fixed(first + 1), too_old)))
    return tuple(found)


def _within(flag: DateWithin, index: IndexEvents | None, days: DayColumns) -> tuple[Flag, ...]:
    """Return what a day in a window says of the window's ends, when that day lies between two that are known.

    The window must begin before the day can be last, and end after it can be first.
    """
    first, last = (bound(flag.date, index, days, last=last) for last in (False, True))
    start, end = flag.window.start, flag.window.end
    found: list[Flag] = []
    if last is not None and _is_of_person(start):
        found.append(DateWithin(start, Window(start, days.fixed(last))))
    if first is not None and _is_of_person(end):
        found.append(DateWithin(end, Window(days.fixed(first), end)))
    return tuple(found)


def _is_of_person(date: DateExpr) -> bool:
    return date.event is None and date.grain is Grain.PERSON
