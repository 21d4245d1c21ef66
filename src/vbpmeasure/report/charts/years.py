"""Lines over the years: one for each group, named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vbpmeasure.report.charts.labels import labels
from vbpmeasure.report.charts.press import Row, draw
from vbpmeasure.report.charts.scales import around
from vbpmeasure.report.charts.slim import WIDTH, Place

# The layout of specs/slope.vl.json, in pixels.
_TOP, _HEIGHT, _LABELS, _DRAWING = 10.0, 150.0, 202.0, 182.0
_LEFT, _WIDE, _PADDING = 34.0, 160.0, 0.1
_APART = 14.0
# A dot is so wide; a name that moved less than this needs no line.
_DOT, _NEAR = 5.0, 2.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, what it is (``reference``, ``widened``, ``narrowed``, ``overall`` or nothing), its values."""

    name: str
    kind: str
    values: tuple[float | None, ...]


def slopes(years: Sequence[int], lines: Sequence[Line], label: str) -> str | None:
    """Return the chart of lines over ``years`` (ascending); None when no line has two values to join."""
    drawn = [line for line in lines if sum(value is not None for value in line.values) >= 2]
    if not drawn:
        return None
    known = [value for line in drawn for value in line.values if value is not None]
    low, high = around(known)
    rows: list[Row] = [
        {"year": year, "value": value, "series": number, "kind": line.kind}
        for number, line in enumerate(drawn)
        for year, value in zip(years, line.values, strict=True)
        if value is not None
    ]
    return draw("slope", rows, _names(drawn, low, high), label, _DRAWING, low=low, high=high)


def _names(lines: Sequence[Line], low: float, high: float) -> list[Place]:
    """Return the names at the ends of the lines, moved apart where they would touch."""
    years = len(lines[0].values)
    step = _WIDE / (years - 1 + 2 * _PADDING)
    ends = sorted((*_end(line, low, high, step), line.name) for line in lines)
    # As many as fit; the table has the others.
    fitting = ends[: int((_HEIGHT + _APART) / _APART)]
    places: list[float] = []
    for y, _, _ in fitting:
        places.append(max(y, places[-1] + _APART) if places else y)
    for at in range(len(places) - 1, -1, -1):
        limit = _TOP + _HEIGHT + 4 if at == len(places) - 1 else places[at + 1] - _APART
        places[at] = min(places[at], limit)
    names = labels([name for _, _, name in fitting], WIDTH - _LABELS, lines=1)
    return [
        Place(name, _LABELS, y, "start", leader=(x + _DOT, end) if abs(y - end) > _NEAR else None)
        for y, (end, x, _), name in zip(places, fitting, names, strict=True)
    ]


def _end(line: Line, low: float, high: float, step: float) -> tuple[float, float]:
    """Return y and x of the last point of a line."""
    number, value = next((number, v) for number, v in reversed(list(enumerate(line.values))) if v is not None)
    return _TOP + _HEIGHT * (high - value) / (high - low), _LEFT + step * (_PADDING + number)
