"""The verdict on a difference: AHRQ's two parts, and a third state for groups that are too small to tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from vbpmeasure.equity.statistics.estimate import EMPTY, EMPTY_REFERENCE, Count


class Verdict(StrEnum):
    """What is said of a group."""

    REFERENCE = "reference"
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    INSUFFICIENT = "insufficient_data"
    SUPPRESSED = "suppressed"
    NOT_COMPARED = "not_compared"


@dataclass(frozen=True, slots=True)
class Rule:
    """When a difference counts: at most ``alpha``, and at least ``min_relative`` of the reference by either framing.

    A difference of that size which is not significant says "same" only when both groups have ``min_power_n`` members.
    Source: AHRQ's disparities report (equity page B5).
    """

    alpha: float = 0.05
    min_relative: float = 0.10
    min_power_n: int = 100


@dataclass(frozen=True, slots=True)
class Framings:
    """The relative difference by the good outcome and by the bad one; None where the reference has none of it."""

    favorable: float | None
    adverse: float | None


def exact(share: float | Fraction) -> Fraction:
    """Return the decimal number that was written: 0.1 is a tenth, and not the float beside it."""
    return share if isinstance(share, Fraction) else Fraction(str(share))


def framings(group: Fraction, reference: Fraction, *, lower_is_better: bool = False) -> Framings:
    """Return the relative differences; positive means more of that outcome in the group than in the reference."""
    met = float((group - reference) / reference) if reference != 0 else None
    missed = float((reference - group) / (1 - reference)) if reference != 1 else None
    return Framings(missed, met) if lower_is_better else Framings(met, missed)


def is_large(group: Fraction, reference: Fraction, min_relative: float) -> bool:
    """Return whether the relative difference reaches the threshold by one of the two framings, in exact arithmetic.

    Of a reference of 0 (or 1) any difference is more than any share: it is large.
    """
    difference = abs(group - reference)
    return difference > 0 and difference >= exact(min_relative) * min(reference, 1 - reference)


def verdict(
    group: Count,
    reference: Count | Fraction,
    p: float | None,
    rule: Rule,
    *,
    lower_is_better: bool = False,
) -> tuple[Verdict, str | None]:
    """Return the verdict on a group, and the reason when there is none.

    ``p`` is the p-value that decides, adjusted or not. A reference from outside is a `Fraction` and has no size.
    """
    if group.denominator == 0:
        return Verdict.INSUFFICIENT, EMPTY
    if isinstance(reference, Count):
        if reference.denominator == 0:
            return Verdict.INSUFFICIENT, EMPTY_REFERENCE
        base = Fraction(reference.numerator, reference.denominator)
        smallest = min(group.denominator, reference.denominator)
    else:
        base, smallest = reference, group.denominator
    if p is None:
        return Verdict.INSUFFICIENT, "there is no p-value"
    own = Fraction(group.numerator, group.denominator)
    if not is_large(own, base, rule.min_relative):
        return Verdict.SAME, None
    if p <= rule.alpha:
        return (Verdict.BETTER if (own > base) != lower_is_better else Verdict.WORSE), None
    if smallest < rule.min_power_n:
        return Verdict.INSUFFICIENT, f"a difference of this size needs {rule.min_power_n} members or more to be judged"
    return Verdict.SAME, None
