"""The windows of a measure as small timelines in plain text, one per kind of anchor; in order, not to scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vbpmeasure.plan.amounts import EnrolledRun
from vbpmeasure.plan.dates import Anchor, DateExpr, Window
from vbpmeasure.plan.flags import Enrolled, Flag, Not
from vbpmeasure.plan.measures import EventRate, MeasurePlan, Proportion, Rate
from vbpmeasure.plan.uses import index_of, sources_of
from vbpmeasure.plan.words import Words

_AXES = {
    Anchor.BIRTH: "age",
    Anchor.BIRTHDAY: "age",
    Anchor.INDEX: "index event",
    Anchor.INDEX_START: "index event",
    Anchor.INDEX_END: "index event",
    Anchor.PERIOD_START: "measurement period",
    Anchor.PERIOD_END: "measurement period",
}
# Days from the axis' own start, enough to put dates in order: an index event is a day, a period a year.
_DAYS = {Anchor.PERIOD_END: 364, Anchor.INDEX_START: -0.5, Anchor.INDEX_END: 0.5}
_YEAR, _MONTH = 365.25, 30.4375
_MARKS = {
    "age": (DateExpr(Anchor.BIRTH),),
    "index event": (DateExpr(Anchor.INDEX),),
    "measurement period": (DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END)),
}
_LABEL, _BAR = 34, 40


@dataclass(frozen=True, slots=True)
class _Span:
    """One line: what happens in a window, and in which roles (population, numerator ...)."""

    role: str
    what: str
    window: Window


def timelines(measure: MeasurePlan) -> list[str]:
    """Return one block of text per axis (age, measurement period, index event), then windows that lie on none."""
    spans = list(dict.fromkeys(span for rate in measure.rates for span in _spans(rate)))
    blocks = []
    for axis in ("age", "measurement period", "index event"):
        own = [span for span in spans if _axis(span.window) == axis]
        if own:
            blocks.append(_drawn(axis, own))
    loose = [span for span in spans if _axis(span.window) is None]
    if loose:
        words = Words()
        lines = [f"{_label(span)} {words.window(span.window)}" for span in loose]
        blocks.append("\n".join(["between dates of different kinds", *lines]))
    return blocks


def _spans(rate: Rate) -> Iterator[_Span]:
    index = index_of(rate)
    if index is not None:
        yield _Span("index", index.source.events.name or "index event", index.source.window)
        for flag in index.when:
            yield from _of_flag(flag, "condition")
    if isinstance(rate, (Proportion, EventRate)):
        for step in rate.population:
            yield from _of_flag(step.flag, "population")
    if isinstance(rate, EventRate):
        yield _Span("denominator", "member-months", rate.months.window)
    if isinstance(rate, Proportion):
        yield from _of_flag(rate.numerator, "numerator")


def _of_flag(flag: Flag, role: str, *, negated: bool = False) -> Iterator[_Span]:
    for part in flag.parts:
        yield from _of_flag(part, role, negated=negated != isinstance(flag, Not))
    no = "no " if negated else ""
    if isinstance(flag, Enrolled):
        yield _Span(role, f"{no}enrollment", flag.window)
    elif isinstance(flag, EnrolledRun):
        yield _Span(role, f"{no}enrollment for {flag.days} days", flag.window)
    for source in sources_of(flag):
        yield _Span(role, no + (source.events.name or "event"), source.window)


def _axis(window: Window) -> str | None:
    ends = {_AXES.get(date.anchor) for date in (window.start, window.end)}
    return ends.pop() if len(ends) == 1 else None


def _place(date: DateExpr) -> float:
    return _DAYS.get(date.anchor, 0) + date.years * _YEAR + date.months * _MONTH + date.days


def _drawn(axis: str, spans: list[_Span]) -> str:
    dates = [*_MARKS[axis], *(date for span in spans for date in (span.window.start, span.window.end))]
    order = sorted({_place(date) for date in dates})
    step = max(2, min(10, _BAR // max(1, len(order) - 1)))
    column = {place: number * step for number, place in enumerate(order)}
    marks = {column[_place(mark)]: mark for mark in _MARKS[axis]}
    width = column[order[-1]] + 1
    words = Words()
    names = "".join("│" if i in marks else " " for i in range(width))
    legend = ", ".join(words.date(mark) for mark in marks.values())
    lines = [f"{axis:<{_LABEL}} {names}  │ {legend}"]
    for span in spans:
        first, last = column[_place(span.window.start)], column[_place(span.window.end)]
        bar = "".join(_cell(i, first, last, marked=i in marks) for i in range(width))
        lines.append(f"{_label(span)} {bar}  {words.window(span.window)}")
    return "\n".join(line.rstrip() for line in lines)


def _cell(i: int, first: int, last: int, *, marked: bool) -> str:
    if i == first == last:
        return "●"
    if i == first:
        return "├"
    if i == last:
        return "┤"
    if first < i < last:
        return "─"
    return "│" if marked else " "


def _label(span: _Span) -> str:
    text = f"{span.role}: {span.what}"
    return (text if len(text) <= _LABEL else text[: _LABEL - 1] + "…").ljust(_LABEL)
