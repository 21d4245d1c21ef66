"""The ratio of two rates: Katz's interval by logarithms, Koopman's by inverting the score test."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log, sqrt

from vbpmeasure.equity.statistics.estimate import EMPTY, EMPTY_REFERENCE, Z95, Count, Estimate, undefined
from vbpmeasure.equity.statistics.rates import wilson

FEW = 5  # below this, the logarithm of a ratio is too far from normal (equity page B5)
ZERO_REFERENCE = "the rate of the reference is 0"

_STEPS = 200  # halvings; far more than a float has digits


def katz(group: Count, reference: Count, z: float = Z95) -> Estimate:
    """Return group by reference with Katz's log interval; undefined when a numerator is 0. Source: equity page B5."""
    if (empty := _empty(group, reference, "katz")) is not None:
        return empty
    if reference.numerator == 0:
        return undefined(ZERO_REFERENCE, "katz")
    if group.numerator == 0:
        return undefined("the rate of the group is 0", "katz")
    ratio = group.rate / reference.rate
    half = z * sqrt(1 / group.numerator - 1 / group.denominator + 1 / reference.numerator - 1 / reference.denominator)
    return Estimate(ratio, exp(log(ratio) - half), exp(log(ratio) + half), method="katz")


def koopman(group: Count, reference: Count, z: float = Z95) -> Estimate:
    """Return group by reference with Koopman's score interval, which a numerator of 0 in the group does not stop.

    Undefined when the rate of the reference is 0. Source: equity page B5; Koopman 1984.
    """
    if (empty := _empty(group, reference, "koopman")) is not None:
        return empty
    if reference.numerator == 0:
        return undefined(ZERO_REFERENCE, "koopman")
    ratio = group.rate / reference.rate

    def outside(theta: float) -> bool:
        return _score(group, reference, theta) > z * z

    start = ratio if ratio > 0 else 1 / (2 * group.denominator * reference.rate)
    low = 0.0 if group.numerator == 0 else _edge(outside, start, 0.5)
    # For a rate of 0 the way up starts from a ratio that half a member would give, which lies inside.
    high = _edge(outside, start, 2.0)
    return Estimate(ratio, low, high, method="koopman")


def risk_ratio(group: Count, reference: Count, z: float = Z95, interval: str = "auto") -> Estimate:
    """Return group by reference; ``auto`` takes Katz's interval, and Koopman's when a numerator is below five."""
    if interval == "auto":
        interval = "koopman" if min(group.numerator, reference.numerator) < FEW else "katz"
    return {"katz": katz, "koopman": koopman}[interval](group, reference, z)


def ratio_to_overall(group: Count, overall: Count, z: float = Z95, interval: str = "auto") -> Estimate:
    """Return group by the overall rate that contains it.

    With w the group's part of all and R the ratio to the rest, it is 1 / (w + (1 - w) / R): it rises with R, so the
    ends of R's interval give its ends.
    """
    if overall.denominator == 0:
        return undefined(EMPTY_REFERENCE)
    rest = overall.without(group)
    if rest.denominator == 0:
        return undefined("the group is all there is")
    if overall.numerator == 0:
        return undefined(ZERO_REFERENCE)
    apart = risk_ratio(group, rest, z, interval)
    w = group.denominator / overall.denominator

    def moved(ratio: float | None) -> float | None:
        if ratio is None:
            return None
        return 0.0 if ratio == 0 else 1 / (w + (1 - w) / ratio)

    if group.denominator == 0:
        return apart
    if apart.value is None:
        # The rest has the rate 0: the ratio to the overall is as large as it can be, without an interval.
        return Estimate(1 / w, method=apart.method)
    return Estimate(moved(apart.value), moved(apart.low), moved(apart.high), method=apart.method)


def ratio_to_fixed(group: Count, target: float, z: float = Z95) -> Estimate:
    """Return group by a number from outside that has no error of its own, with Wilson's interval divided by it."""
    own = wilson(group, z)
    if own.value is None or own.low is None or own.high is None:
        return own
    if target == 0:
        return undefined(ZERO_REFERENCE, "wilson")
    return Estimate(own.value / target, own.low / target, own.high / target, method="wilson")


def _empty(group: Count, reference: Count, method: str) -> Estimate | None:
    if group.denominator == 0:
        return undefined(EMPTY, method)
    if reference.denominator == 0:
        return undefined(EMPTY_REFERENCE, method)
    return None


def _score(group: Count, reference: Count, theta: float) -> float:
    """Return the score statistic of "the ratio is theta": squared distance by the variance that theta would give."""
    x1, n1, x0, n0 = group.numerator, group.denominator, reference.numerator, reference.denominator
    # The rates that are most likely if the ratio is theta solve a quadratic equation.
    a = (n1 + n0) * theta
    b = -(n1 * theta + x1 + n0 + x0 * theta)
    c = x1 + x0
    # The stable form of the smaller root: the sum of two numbers of one sign.
    p0 = min(2 * c / (-b + sqrt(max(b * b - 4 * a * c, 0.0))), 1.0)
    p1 = min(theta * p0, 1.0)
    distance = x1 / n1 - theta * x0 / n0
    variance = p1 * (1 - p1) / n1 + theta * theta * p0 * (1 - p0) / n0
    if variance <= 0:
        return 0.0 if distance == 0 else inf
    return distance * distance / variance


def _edge(outside: Callable[[float], bool], inside: float, factor: float) -> float:
    """Return where the interval ends, from a point inside of it in steps by a factor, then by halving."""
    beyond = inside * factor
    while not outside(beyond):
        inside, beyond = beyond, beyond * factor
    for _ in range(_STEPS):
        middle = (inside + beyond) / 2
        if middle in (inside, beyond):
            break
        if outside(middle):
            beyond = middle
        else:
            inside = middle
    return (inside + beyond) / 2
