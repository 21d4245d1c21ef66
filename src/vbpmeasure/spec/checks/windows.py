"""VBM220: a window has room for a day, for some birth date at least."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.plan.builder.dates import build_window
from vbpmeasure.plan.builder.scope import Scope
from vbpmeasure.plan.dates import Anchor, DateExpr, Window
from vbpmeasure.plan.measures import Period, calendar_year
from vbpmeasure.plan.offsets import shifted
from vbpmeasure.spec.checks.found import error, parts
from vbpmeasure.spec.models.window import Interval
from vbpmeasure.spec.uses import models

INDEX_ORDER = (Anchor.INDEX_START, Anchor.INDEX, Anchor.INDEX_END)
_BIRTH = (Anchor.BIRTH, Anchor.BIRTHDAY)
_PERIOD = (Anchor.PERIOD_START, Anchor.PERIOD_END)

# Birth dates that stand for all: four years hold every length of month and year that offsets can meet.
_ANY_BIRTH = tuple(dt.date(2019, 1, 1) + dt.timedelta(days=n) for n in range(4 * 365 + 1))
_OLDEST_YEARS = 120


def check(scope: Scope, year: int) -> Iterator[Diagnostic]:
    """Yield an error for every window that ends before it starts, whoever's birth date is put in."""
    period = calendar_year(year)
    for model in parts(scope.names):
        for node in models(model):
            if isinstance(node, Interval):
                try:
                    window = build_window(node.window, scope)
                except Failure:
                    continue  # reported by the rule that builds everything
                if not can_hold_a_day(window, period):
                    start, end = node.window.start.text, node.window.end.text
                    message = f"the window ends before it starts: from `{start}` to `{end}`"
                    yield error("VBM220", message, node.window.span, "no day can lie in it, whatever the birth date")


def can_hold_a_day(window: Window, period: Period) -> bool:
    """Return whether some birth date leaves a day between the ends; dates of death and of events may be any day.

    Two dates of the same event or of death are compared by their offsets.
    """
    start, end = window.start, window.end
    if start.anchor in _BIRTH + _PERIOD and end.anchor in _BIRTH + _PERIOD:
        if start.anchor in _BIRTH and end.anchor in _BIRTH:
            births: tuple[dt.date, ...] = _ANY_BIRTH
        else:
            # One end moves with the birth date and the other does not: the extremes decide.
            births = (shifted(period.start, -12 * _OLDEST_YEARS, 0), period.end)
        return any(_day(start, birth, period) <= _day(end, birth, period) for birth in births)
    alike = start.anchor is end.anchor and start.event == end.event
    if start.anchor in INDEX_ORDER and end.anchor in INDEX_ORDER:
        # The start of an index event is never after its index date, nor that after its end; they may be one day.
        alike = INDEX_ORDER.index(start.anchor) >= INDEX_ORDER.index(end.anchor)
    if alike:
        return any(shifted(day, start.months, start.days) <= shifted(day, end.months, end.days) for day in _ANY_BIRTH)
    return True


def _day(date: DateExpr, birth: dt.date, period: Period) -> dt.date:
    if date.anchor in _PERIOD:
        base = period.start if date.anchor is Anchor.PERIOD_START else period.end
    else:
        base = shifted(birth, 12 * date.years, 0)
    return shifted(base, date.months, date.days)
