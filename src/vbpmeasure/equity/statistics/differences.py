"""The difference of two rates, and what is left of it when the reference contains the group."""

from __future__ import annotations

from math import sqrt

from vbpmeasure.equity.statistics.estimate import EMPTY, EMPTY_REFERENCE, Z95, Count, Estimate, undefined
from vbpmeasure.equity.statistics.rates import wilson


def newcombe(group: Count, reference: Count, z: float = Z95) -> Estimate:
    """Return group minus reference with Newcombe's hybrid score interval (his method 10), as shares.

    The groups are independent: neither contains the other. Source: equity page B5.
    """
    if group.denominator == 0:
        return undefined(EMPTY, "newcombe")
    if reference.denominator == 0:
        return undefined(EMPTY_REFERENCE, "newcombe")
    one, two = wilson(group, z), wilson(reference, z)
    p1, p0 = group.rate, reference.rate
    assert one.low is not None
    assert one.high is not None
    assert two.low is not None
    assert two.high is not None
    low = p1 - p0 - sqrt((p1 - one.low) ** 2 + (two.high - p0) ** 2)
    high = p1 - p0 + sqrt((one.high - p1) ** 2 + (p0 - two.low) ** 2)
    return Estimate(p1 - p0, low, high, method="newcombe")


def from_overall(group: Count, overall: Count, z: float = Z95) -> Estimate:
    """Return group minus the overall rate that contains it, as shares.

    With w the group's part of all, it is (1 - w) times the group minus the rest; so is its interval. Comparing the
    group with the overall as if they were independent would count the group's own chance twice.
    """
    if overall.denominator == 0:
        return undefined(EMPTY_REFERENCE, "newcombe")
    rest = overall.without(group)
    if rest.denominator == 0:
        return undefined("the group is all there is", "newcombe")
    apart = newcombe(group, rest, z)
    if apart.value is None or apart.low is None or apart.high is None:
        return apart
    share = rest.denominator / overall.denominator
    return Estimate(apart.value * share, apart.low * share, apart.high * share, method="newcombe")


def from_fixed(group: Count, target: float, z: float = Z95) -> Estimate:
    """Return group minus a number from outside that has no error of its own, with Wilson's interval moved by it."""
    own = wilson(group, z)
    if own.value is None or own.low is None or own.high is None:
        return own
    return Estimate(own.value - target, own.low - target, own.high - target, method="wilson")
