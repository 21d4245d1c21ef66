"""Index events and member-months: from what is written to plan nodes."""

from __future__ import annotations

from vbpmeasure.diagnostics.model import Span
from vbpmeasure.plan.builder.constants import ALWAYS, NEVER
from vbpmeasure.plan.builder.criteria import OLDEST_AGE, build_flag
from vbpmeasure.plan.builder.dates import build_window
from vbpmeasure.plan.builder.events import build_windowed
from vbpmeasure.plan.builder.scope import Scope, refuse
from vbpmeasure.plan.events import Dated
from vbpmeasure.plan.index import IndexEvents, Keep, Stays
from vbpmeasure.plan.measures import MemberMonths, MonthRule
from vbpmeasure.spec.models.index import IndexBody, MemberMonthsBody

_LAST_DAY_OF_A_MONTH = 31


def build_index(body: IndexBody, scope: Scope, name: str = "") -> IndexEvents:
    """Return the index events; raises `Failure` VBM294 for distances that mean nothing, VBM232 when none can be."""
    event = body.event if body.event is not None else body.stays
    assert event is not None  # one of them is there: the model has seen to it
    when = [build_flag(criterion, scope) for criterion in body.when]
    if NEVER in when:
        raise refuse("VBM232", "no candidate can meet `when`", body.span)
    apart = scope.number(body.apart, body.span)
    if apart < 1:
        raise refuse("VBM294", f"`apart` is {apart} days, the least that means anything is 1", body.span)
    stays = None
    if body.stays is not None:
        chain = scope.number(body.chain, body.span) if body.chain is not None else 0
        stays = Stays(chain, Dated(body.dated or "discharge"))
    return IndexEvents(
        source=build_windowed(event, build_window(body.window, scope), scope),
        stays=stays,
        when=tuple(flag for flag in when if flag != ALWAYS),
        keep=Keep(body.keep),
        apart=apart,
        name=name,
    )


def build_months(body: MemberMonthsBody, scope: Scope) -> MemberMonths:
    """Return the member-months; raises `Failure` VBM295 for days that no month has, VBM220 for ages that nobody is."""
    day = scope.number(body.day, body.span) if body.day is not None else 1
    if not 1 <= day <= _LAST_DAY_OF_A_MONTH:
        raise refuse("VBM295", f"day {day} is no day of a month", body.span, "`day: 15`")
    youngest, oldest = _ages(body, scope, body.span)
    return MemberMonths(
        window=build_window(body.window, scope),
        rule=MonthRule(body.rule),
        day=day,
        youngest=youngest,
        oldest=oldest,
        benefit=body.benefit,
    )


def _ages(body: MemberMonthsBody, scope: Scope, span: Span | None) -> tuple[int, int]:
    if body.ages is None:
        return 0, OLDEST_AGE
    youngest = scope.number(body.ages.from_) if body.ages.from_ else 0
    oldest = scope.number(body.ages.to) if body.ages.to else OLDEST_AGE
    if youngest > oldest:
        raise refuse("VBM220", f"no age lies between {youngest} and {oldest}", span, "swap `from` and `to`")
    return youngest, oldest
