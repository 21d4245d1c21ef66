"""Criteria: one small function a verb."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from vbpmeasure.plan.amounts import DaysCovered, Dropped, Pick, Reading, ReadingWithin, Sex, SexIs
from vbpmeasure.plan.builder.constants import CONSTANTS, Constant, all_of, any_of, at_least_of, negation
from vbpmeasure.plan.builder.dates import build_date, build_window
from vbpmeasure.plan.builder.distinct import MAX_PARTS, different_dates
from vbpmeasure.plan.builder.enrollment import build_enrolled
from vbpmeasure.plan.builder.events import any_number, build_events, build_windowed
from vbpmeasure.plan.builder.order import in_order
from vbpmeasure.plan.builder.scope import Scope, refuse
from vbpmeasure.plan.dates import Anchor, DateExpr, Window, Windowed
from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.flags import (
    AgeBetween,
    AllOf,
    CountAtLeast,
    DateWithin,
    Flag,
    SpanFlagged,
)
from vbpmeasure.plan.words import phrase
from vbpmeasure.spec.models import amounts
from vbpmeasure.spec.models import criteria as spec
from vbpmeasure.spec.models.events import Event
from vbpmeasure.spec.models.rates import Rate
from vbpmeasure.spec.words import Word

PERIOD = Window(DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END))
OLDEST_AGE = 150


def build_flag(criterion: Any, scope: Scope) -> Flag:
    """Return the flag of a criterion, labelled with the name of its piece or with words."""
    flag = _build(criterion, scope)
    return flag if flag.label else replace(flag, label=phrase(flag))


@singledispatch
def _build(criterion: Any, scope: Scope) -> Flag:  # noqa: ARG001  the verbs need it
    raise TypeError(f"no builder for {type(criterion).__name__}")


@_build.register
def _name(criterion: Word, scope: Scope) -> Flag:
    name = str(criterion)
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name not in scope.built:
        flag = _build(scope.names.pieces[name].model, scope)
        scope.built[name] = flag if isinstance(flag, Constant) else replace(flag, label=name)
    return scope.built[name]


@_build.register
def _all(criterion: spec.All, scope: Scope) -> Flag:
    return all_of(_members(criterion.members, scope))


@_build.register
def _any(criterion: spec.AnyOne, scope: Scope) -> Flag:
    return any_of(_members(criterion.members, scope))


@_build.register
def _not(criterion: spec.Negation, scope: Scope) -> Flag:
    return negation(build_flag(criterion.member, scope))


@_build.register
def _at_least_of(criterion: spec.AtLeast, scope: Scope) -> Flag:
    n, members = scope.number(criterion.body.n), _members(criterion.body.of, scope)
    if not 1 <= n <= len(members):
        raise refuse("VBM232", f"`n` is {n}, but there are {len(members)} criteria", criterion.body.span)
    return at_least_of(n, members)


@_build.register
def _turns(criterion: spec.Turns, scope: Scope) -> Flag:
    return DateWithin(build_date(criterion.date, scope), PERIOD)


@_build.register
def _date(criterion: spec.DateInWindow, scope: Scope) -> Flag:
    return DateWithin(build_date(criterion.body.is_, scope), build_window(criterion.body.window, scope))


@_build.register
def _age(criterion: spec.Age, scope: Scope) -> Flag:
    body = criterion.body
    youngest = scope.number(body.from_) if body.from_ else 0
    oldest = scope.number(body.to) if body.to else OLDEST_AGE
    if youngest > oldest:
        raise refuse("VBM220", f"no age lies between {youngest} and {oldest}", body.span, "swap `from` and `to`")
    return AgeBetween(youngest, oldest, build_date(body.on, scope))


@_build.register
def _enrolled(criterion: spec.Enrollment, scope: Scope) -> Flag:
    return build_enrolled(criterion.body, scope)


@_build.register
def _count(criterion: spec.Count, scope: Scope) -> Flag:
    n, apart = scope.number(criterion.at_least), scope.number(criterion.apart)
    for value, name in ((n, "at_least"), (apart, "apart")):
        if value < 1:
            raise refuse("VBM232", f"`{name}` is {value}, the least that means anything is 1", criterion.span)
    return CountAtLeast(_sources(criterion, scope), n, apart)


@_build.register
def _covered(criterion: amounts.Covered, scope: Scope) -> Flag:
    days = scope.number(criterion.body.at_least)
    if days < 1:
        raise refuse("VBM232", f"`at_least` is {days}, the least that means anything is 1", criterion.span)
    window = build_window(criterion.body.window, scope)
    return DaysCovered(in_order(build_windowed(event, window, scope) for event in criterion.body.by), days)


@_build.register
def _reading(criterion: amounts.Reading, scope: Scope) -> Flag:
    body = criterion.body
    bounds = [
        scope.quantity(bound) if bound is not None else None
        for bound in (body.at_least, body.at_most, body.above, body.below)
    ]
    if not any_number(*bounds):
        raise refuse("VBM298", "no number keeps these bounds", body.span, "swap them")
    return ReadingWithin(build_reading(body.of, body, scope), *bounds)


@_build.register
def _dropped(criterion: amounts.Dropped, scope: Scope) -> Flag:
    body = criterion.body
    return Dropped(
        build_reading(body.of, body.baseline, scope),
        build_reading(body.of, body.follow_up, scope),
        scope.quantity(body.points) if body.points is not None else None,
        scope.number(body.percent) if body.percent is not None else None,
    )


def build_reading(
    events: Sequence[Word | Event], read: amounts.ReadingBody | amounts.WhenRead, scope: Scope
) -> Reading:
    """Return the number that is read: the first or last of all the events together."""
    sets = [build_events(event, scope) for event in events]
    triggers = tuple(sorted({trigger for each in sets for trigger in each.triggers}, key=repr))
    joined = EventSet(triggers, name=" or ".join(each.name for each in sets))
    return Reading(Windowed(joined, build_window(read.window, scope)), Pick(read.pick))


@_build.register
def _sex(criterion: amounts.SexIs, scope: Scope) -> Flag:  # noqa: ARG001  all builders have one form
    return SexIs(Sex(criterion.sex))


@_build.register
def _different_dates(criterion: spec.DifferentDates, scope: Scope) -> Flag:
    if len(criterion.parts) > MAX_PARTS:
        raise refuse("VBM232", f"`different_dates` takes at most {MAX_PARTS} parts", criterion.span)
    parts = [(_sources(part, scope), scope.number(part.at_least)) for part in criterion.parts]
    for part, (_, n) in zip(criterion.parts, parts, strict=True):
        if n < 1:
            raise refuse("VBM232", f"`at_least` is {n}, the least that means anything is 1", part.span)
    flag = different_dates(parts)
    return AllOf(tuple(replace(m, label=phrase(m)) for m in flag.parts)) if isinstance(flag, AllOf) else flag


@_build.register
def _died(criterion: spec.Died, scope: Scope) -> Flag:
    return DateWithin(DateExpr(Anchor.DEATH), build_window(criterion.body.window, scope))


@_build.register
def _flagged(criterion: spec.Flagged, scope: Scope) -> Flag:
    return SpanFlagged(str(criterion.body.column), build_window(criterion.body.window, scope))


@_build.register
def _met(criterion: spec.Met, scope: Scope) -> Flag:
    rates = scope.names.rates
    flags = []
    for rate_id in criterion.rates:
        rate = rates[str(rate_id)]
        assert isinstance(rate, Rate)  # the check of rates has passed
        flag = build_flag(rate.numerator, scope)
        flags.append(flag if isinstance(flag, Constant) else replace(flag, label=str(rate_id)))
    return flags[0] if len(flags) == 1 else all_of(flags)


@_build.register
def _choose(criterion: spec.Choose, scope: Scope) -> Flag:
    value = scope.values[str(criterion.body.by)]
    for text, case in criterion.body.cases.items():
        if text in value_texts(value):
            return build_flag(case, scope)
    message = f"no case for the value `{value_texts(value)[0]}` of `{criterion.body.by}`"
    raise refuse("VBM228", message, criterion.body.span, "add the case")


def value_texts(value: str | int | bool) -> tuple[str, ...]:
    """Return the texts that stand for a parameter value in `cases`."""
    if isinstance(value, bool):
        return ("yes", "true") if value else ("no", "false")
    return (str(value),)


def _members(criteria: Iterable[Any], scope: Scope) -> tuple[Flag, ...]:
    return tuple(build_flag(criterion, scope) for criterion in criteria)


def _sources(part: spec.Count | spec.DistinctPart, scope: Scope) -> tuple[Windowed, ...]:
    window = build_window(part.window, scope)
    return in_order(build_windowed(event, window, scope) for event in part.events)
