"""Is a difference more than chance: the pooled z test, Fisher's exact test, the exact binomial test."""

from __future__ import annotations

from collections.abc import Callable
from math import erfc, sqrt

from vbpmeasure.equity.statistics.estimate import EMPTY, EMPTY_REFERENCE, Count, Estimate, undefined

EXPECTED = 5  # an expected count below this calls for the exact test (equity page B5)

# Probabilities that differ by less than this share are equal, and both count: the usual guard of exact tests.
_ALIKE = 1 + 1e-7
_NOTHING = 1e-40


def two_sided(z: float) -> float:
    """Return the probability of a standard normal number at least as far from zero as ``z``."""
    return erfc(abs(z) / sqrt(2))


def pooled_z(group: Count, reference: Count) -> Estimate:
    """Return the two-sided p-value of the z test with pooled variance; undefined when everyone is alike."""
    if (empty := _empty(group, reference, "z")) is not None:
        return empty
    n1, n0 = group.denominator, reference.denominator
    pooled = (group.numerator + reference.numerator) / (n1 + n0)
    if pooled in (0.0, 1.0):
        return undefined("all members of both groups have the same result", "z")
    z = (group.rate - reference.rate) / sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))
    return Estimate(two_sided(z), method="z")


def fisher_exact(group: Count, reference: Count) -> Estimate:
    """Return the two-sided p-value of Fisher's exact test: all tables at most as likely as the one that is there."""
    if (empty := _empty(group, reference, "fisher")) is not None:
        return empty
    n1, n0 = group.denominator, reference.denominator
    met = group.numerator + reference.numerator
    first, last = max(0, met - n0), min(n1, met)
    mode = min(max((n1 + 1) * (met + 1) // (n1 + n0 + 2), first), last)
    # Each table's probability by that of its neighbor: no factorials, no loss of digits.
    weights = _weights(mode, first, last, lambda k: (n1 - k) * (met - k) / ((k + 1) * (n0 - met + k + 1)))
    return Estimate(_at_most_as_likely(weights, group.numerator), method="fisher")


def exact_binomial(group: Count, target: float) -> Estimate:
    """Return the two-sided p-value of "the true rate is ``target``", by the exact binomial distribution."""
    n = group.denominator
    if n == 0:
        return undefined(EMPTY, "binomial")
    if target in (0.0, 1.0):
        return Estimate(1.0 if group.rate == target else 0.0, method="binomial")
    odds = target / (1 - target)
    mode = min(int((n + 1) * target), n)
    weights = _weights(mode, 0, n, lambda k: (n - k) / (k + 1) * odds)
    return Estimate(_at_most_as_likely(weights, group.numerator), method="binomial")


def compare_rates(group: Count, reference: Count) -> Estimate:
    """Return the p-value of equal rates: Fisher's when an expected count is below five, else the pooled z test."""
    if (empty := _empty(group, reference, None)) is not None:
        return empty
    n1, n0 = group.denominator, reference.denominator
    met, rest = group.numerator + reference.numerator, group.rest + reference.rest
    smallest = min(n1, n0) * min(met, rest)
    return fisher_exact(group, reference) if smallest < EXPECTED * (n1 + n0) else pooled_z(group, reference)


def compare_to_fixed(group: Count, target: float) -> Estimate:
    """Return the p-value of a rate against a number from outside: exact when an expected count is below five."""
    n = group.denominator
    if n == 0:
        return undefined(EMPTY)
    if min(n * target, n * (1 - target)) < EXPECTED:
        return exact_binomial(group, target)
    return Estimate(two_sided((group.rate - target) / sqrt(target * (1 - target) / n)), method="z")


def _empty(group: Count, reference: Count, method: str | None) -> Estimate | None:
    if group.denominator == 0:
        return undefined(EMPTY, method)
    if reference.denominator == 0:
        return undefined(EMPTY_REFERENCE, method)
    return None


def _weights(mode: int, first: int, last: int, step: Callable[[int], float]) -> dict[int, float]:
    """Return probabilities up to a factor, from the most likely value outwards until they vanish.

    ``step(k)`` is the probability of k + 1 by that of k.
    """
    weights = {mode: 1.0}
    for k in range(mode, last):
        weights[k + 1] = weights[k] * step(k)
        if weights[k + 1] < _NOTHING:
            break
    for k in range(mode, first, -1):
        weights[k - 1] = weights[k] / step(k - 1)
        if weights[k - 1] < _NOTHING:
            break
    return weights


def _at_most_as_likely(weights: dict[int, float], seen: int) -> float:
    if seen not in weights:
        return 0.0
    bound = weights[seen] * _ALIKE
    return min(sum(sorted(w for w in weights.values() if w <= bound)) / sum(sorted(weights.values())), 1.0)
