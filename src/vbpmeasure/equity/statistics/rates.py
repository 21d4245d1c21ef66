"""One rate: the Wilson score interval."""

from __future__ import annotations

from math import sqrt

from vbpmeasure.equity.statistics.estimate import EMPTY, Z95, Count, Estimate, undefined


def wilson(count: Count, z: float = Z95) -> Estimate:
    """Return the rate with its Wilson score interval, as shares.

    The ends are exactly 0 and 1 when no one and everyone meets the numerator. Source: equity page B5.
    """
    n = count.denominator
    if n == 0:
        return undefined(EMPTY, "wilson")
    p = count.rate
    center = p + z * z / (2 * n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if count.numerator == 0 else (center - half) / scale
    high = 1.0 if count.rest == 0 else (center + half) / scale
    return Estimate(p, low, high, method="wilson")
