"""How far an axis reaches: one of a few round numbers, so that charts can be compared and share their grids."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from vbpmeasure.report.figures import SHARE

_SHARES = (5.0, 10.0, 25.0, 50.0, 75.0, 100.0)
_POINTS = (5.0, 10.0, 20.0, 40.0, 80.0, 100.0)
_RATIOS = ((0.8, 1.25), (0.5, 2.0), (0.25, 4.0), (0.1, 10.0))


def reach(values: Iterable[float | None], unit: str) -> float:
    """Return where an axis from zero ends: a round number above all values, at most 100 for shares."""
    highest = max((value for value in values if value is not None), default=0.0)
    if unit == SHARE:
        return next((end for end in _SHARES if highest <= end), 100.0)
    if highest <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(highest))
    return next(step * size for step in (1.0, 2.0, 5.0, 10.0) if highest <= step * size)


def both_ways(values: Iterable[float | None]) -> float:
    """Return how far an axis of differences reaches on both sides of zero, in points.

    It holds the differences themselves; an interval may run off the chart (its table has the numbers).
    """
    widest = max((abs(value) for value in values if value is not None), default=0.0)
    return next((end for end in _POINTS if widest <= end * 0.9), 100.0)


def ratios(values: Iterable[float | None]) -> tuple[float, float]:
    """Return the ends of an axis of ratios."""
    known = [value for value in values if value is not None and value > 0]
    return next((ends for ends in _RATIOS if all(ends[0] <= value <= ends[1] for value in known)), _RATIOS[-1])


def around(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an axis that need not begin at zero: round numbers around all values."""
    low, high = min(values), max(values)
    step = next(step for step in (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0, math.inf) if high - low <= 3 * step)
    if not math.isfinite(step):
        return 0.0, high
    floor = math.floor(low / step) * step
    ceiling = math.ceil(high / step) * step
    return floor, ceiling if ceiling > floor else floor + step
