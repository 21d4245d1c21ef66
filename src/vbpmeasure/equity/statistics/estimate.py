"""What a formula gives: a number, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

Z95 = 1.959963984540054  # the 97.5th percentile of the standard normal distribution


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval where it has one; ``value`` is None exactly when ``reason`` says why.

    ``method`` names the formula where there is a choice. ``error`` is a standard error. An end of the interval that
    does not exist is None.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None
    method: str | None = None
    error: float | None = None


def undefined(reason: str, method: str | None = None) -> Estimate:
    """Return an estimate without a value."""
    return Estimate(None, reason=reason, method=method)


@dataclass(frozen=True, slots=True)
class Count:
    """So many of so many; raises `ValueError` for counts that cannot be."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        """Refuse a numerator outside 0 to denominator."""
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError("a numerator lies between zero and its denominator")

    @property
    def rate(self) -> float:
        """Numerator by denominator; `ZeroDivisionError` without a denominator."""
        return self.numerator / self.denominator

    @property
    def rest(self) -> int:
        """Those of the denominator that are not in the numerator."""
        return self.denominator - self.numerator

    def without(self, part: Count) -> Count:
        """Return what is left when a part of it is taken away."""
        return Count(self.numerator - part.numerator, self.denominator - part.denominator)


EMPTY = "no one in the denominator"
EMPTY_REFERENCE = "no one in the denominator of the reference"
