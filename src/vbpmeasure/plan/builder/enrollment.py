"""Continuous enrollment over one window, or over several years with an allowance for each."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from vbpmeasure.diagnostics.model import Span
from vbpmeasure.plan.amounts import EnrolledRun
from vbpmeasure.plan.builder.dates import build_date, build_window
from vbpmeasure.plan.builder.scope import Scope, refuse
from vbpmeasure.plan.dates import Anchor, DateExpr, Window
from vbpmeasure.plan.flags import AllOf, Enrolled, Flag
from vbpmeasure.plan.words import phrase
from vbpmeasure.spec.models.criteria import EnrolledBody

MAX_YEARS = 10
_PERIOD = (Anchor.PERIOD_START, Anchor.PERIOD_END)


def build_enrolled(body: EnrolledBody, scope: Scope) -> Flag:
    """Return the criterion; with ``per: year`` one for each year of the window, all of them needed.

    Raises `Failure` VBM229 when the window of ``per: year`` does not start and end on the period.
    """
    if body.run is not None:
        days = scope.number(body.run, body.span)
        if days < 1:
            raise refuse("VBM234", f"`run` is {days} days, the least that means anything is 1", body.span)
        return EnrolledRun(build_window(body.window, scope), days, body.benefit)
    flag = Enrolled(
        build_window(body.window, scope),
        build_date(body.on, scope) if body.on else None,
        scope.number(body.gaps, body.span),
        scope.number(body.gap_days, body.span) if body.gap_days else 0,
        scope.number(body.gap_months, body.span) if body.gap_months else None,
        body.benefit,
    )
    if body.per == "window":
        return flag
    # The anchor day is asked for in every year, so that each year is judged on coverage that also reaches it:
    # a person who changed the product line between the years is not continuously enrolled.
    years = tuple(replace(flag, window=year) for year in split_years(flag.window, body.window.span))
    if len(years) == 1:
        return years[0]
    labelled = tuple(replace(year, label=phrase(year)) for year in years)
    return AllOf(labelled, label=f"{phrase(flag)}, each measurement year by itself")


def split_years(window: Window, span: Span | None) -> list[Window]:
    """Return the window cut at the first days of measurement years (fact sheet 1.2, rule 4)."""
    for end, name in ((window.start, "start"), (window.end, "end")):
        if end.anchor not in _PERIOD:
            raise refuse(
                "VBM229",
                f"with `per: year` the {name} of the window must be counted from the period",
                span,
                "write `period start - 1 year`, `period end`, or leave `per: year` out",
            )
    # Offsets in days do not say how long the years between are, so a year too many may be cut at an end: its
    # window is empty and asks for nothing.
    first, last = _first_year(window.start), _last_year(window.end)
    if not 1 <= last - first + 1 <= MAX_YEARS:
        raise refuse("VBM229", f"with `per: year` the window must span 1 to {MAX_YEARS} years", span)
    cuts = [DateExpr(Anchor.PERIOD_START, months=12 * year) for year in range(first + 1, last + 1)]
    starts = [window.start, *cuts]
    ends = [*(replace(cut, days=-1) for cut in cuts), window.end]
    return [Window(start, end) for start, end in zip(starts, ends, strict=True)]


def _first_year(date: DateExpr) -> int:
    """Return the earliest year in which the date can lie, counted from the measurement year (0)."""
    years, days = _year_and_day(date, leap=False)
    return years + (days // 365 if days < 0 else days // 366)


def _last_year(date: DateExpr) -> int:
    """Return the latest year in which the date can lie."""
    years, days = _year_and_day(date, leap=True)
    return years + (days // 366 if days < 0 else days // 365)


def _year_and_day(date: DateExpr, *, leap: bool) -> tuple[int, int]:
    """Return whole years and days from the start of the measurement year, in a leap year or not."""
    months, days = date.months, date.days
    if date.anchor is Anchor.PERIOD_END:  # the day before the start of the next year
        months, days = months + 12, days - 1
    some_year = 2024 if leap else 2025
    before = dt.date(some_year, months % 12 + 1, 1) - dt.date(some_year, 1, 1)
    return months // 12, before.days + days
