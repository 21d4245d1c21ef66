"""The exact interval of a Poisson count, without a statistics library: scipy takes over a second to import.

Lower and upper end are the means for which so many events or more, or so many or fewer, have a chance of 2.5 %
(Garwood 1936); both are values of the inverse of the regularized incomplete gamma function.
"""

from __future__ import annotations

import math
from functools import lru_cache

_TINY = 1e-300
_EPSILON = 1e-15
_STEPS = 200
_TAIL = 0.025


@lru_cache(maxsize=4096)
def exact_interval(events: int) -> tuple[float, float]:
    """Return the two ends of the exact 95 % interval of a Poisson mean of which ``events`` were counted.

    The lower end is exactly 0 without events. Raises ``ValueError`` for a negative count.
    """
    if events < 0:
        raise ValueError("a count of events is not negative")
    low = _inverse_gamma_p(events, _TAIL) if events else 0.0
    return low, _inverse_gamma_p(events + 1, 1 - _TAIL)


def _inverse_gamma_p(a: float, p: float) -> float:
    """Return x with P(a, x) = p by bisection between bounds that are far enough apart for a tail of 2.5 %."""
    spread = 6 * math.sqrt(a) + 10
    low, high = max(0.0, a - spread), a + spread
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _gamma_p(a, middle) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _gamma_p(a: float, x: float) -> float:
    """Return the regularized lower incomplete gamma function P(a, x), for a >= 1."""
    if x <= 0:
        return 0.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    return scale * _series(a, x) if x < a + 1 else 1.0 - scale * _fraction(a, x)


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    n = a
    while term > total * _EPSILON:
        n += 1
        term *= x / n
        total += term
    return total


def _fraction(a: float, x: float) -> float:
    """Return the continued fraction of the upper tail, by Lentz's method."""
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    h = d
    n = 0
    while True:
        n += 1
        numerator = -n * (n - a)
        b += 2
        d = 1 / (numerator * d + b or _TINY)
        c = b + numerator / c or _TINY
        step = c * d
        h *= step
        if abs(step - 1) < _EPSILON * 4:
            return h
