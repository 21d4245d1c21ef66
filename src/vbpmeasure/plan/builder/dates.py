"""Dates and windows: from what is written to anchors with offsets."""

from __future__ import annotations

from dataclasses import replace

from vbpmeasure.plan.builder.events import build_windowed
from vbpmeasure.plan.builder.scope import Scope, refuse
from vbpmeasure.plan.dates import Anchor, DateExpr, FirstDate, Window
from vbpmeasure.spec.dates import DateSpec, Unit
from vbpmeasure.spec.models.measure import DatePiece, FirstPiece
from vbpmeasure.spec.models.window import WindowSpec

_MONTHS = {Unit.MONTHS: 1, Unit.YEARS: 12}


def build_date(spec: DateSpec, scope: Scope) -> DateExpr:
    """Return the date; raises `Failure` VBM206 when months would have to be added after days."""
    date = _anchor(spec, scope)
    for offset in spec.offsets:
        amount = offset.sign * scope.number(offset.amount, spec.span)
        if offset.unit is Unit.DAYS:
            date = replace(date, days=date.days + amount)
        elif date.days:
            raise refuse(
                "VBM206",
                f"`{spec.name}` already counts days, so no months or years can be added to it",
                spec.span,
                "write the whole date here: calendar offsets are applied first, then days",
            )
        else:
            date = replace(date, months=date.months + amount * _MONTHS[offset.unit])
    return _normal(date)


def build_window(spec: WindowSpec, scope: Scope) -> Window:
    """Return the window with both ends included."""
    start, end = build_date(spec.start, scope), build_date(spec.end, scope)
    return Window(_shift(start, spec.start_shift), _shift(end, spec.end_shift))


def _shift(date: DateExpr, days: int) -> DateExpr:
    return replace(date, days=date.days + days)


def _anchor(spec: DateSpec, scope: Scope) -> DateExpr:
    if spec.name is not None:
        piece = scope.names.pieces[str(spec.name)].model
        if isinstance(piece, DatePiece):
            return build_date(piece.date, scope)
        assert isinstance(piece, FirstPiece)
        return DateExpr(Anchor.EVENT, event=_first(piece, scope, str(spec.name)))
    if spec.years is not None:
        return DateExpr(Anchor.BIRTHDAY, years=scope.number(spec.years, spec.span))
    return DateExpr(Anchor(spec.anchor))


def _first(piece: FirstPiece, scope: Scope, name: str) -> FirstDate:
    return FirstDate(build_windowed(piece.body.first, build_window(piece.body.window, scope), scope), name=name)


def _normal(date: DateExpr) -> DateExpr:
    """Return the date in the one form that equal dates share: `birth + 2 years` is `birthday 2`."""
    if date.anchor is Anchor.BIRTHDAY and date.years == 0:
        date = replace(date, anchor=Anchor.BIRTH)
    if date.anchor is Anchor.BIRTH and date.months > 0 and date.months % 12 == 0:
        date = replace(date, anchor=Anchor.BIRTHDAY, years=date.months // 12, months=0)
    return date
