"""The gap in members: how many results have to change until a group is level with its reference."""

from __future__ import annotations

from fractions import Fraction

from vbpmeasure.equity.statistics.estimate import Count


def gap_to_parity(group: Count, reference: Count | Fraction, *, lower_is_better: bool = False) -> int | None:
    """Return the least number of members whose result has to change; 0 when the group is level or better.

    It is ceil((p_ref - p) n) for rates where more is better, ceil((p - p_ref) n) where less is, in whole numbers: no
    error of a float can push it up by one. None without a denominator. Source: equity page B11, block 6.
    """
    if isinstance(reference, Count):
        if reference.denominator == 0:
            return None
        reference = Fraction(reference.numerator, reference.denominator)
    if group.denominator == 0:
        return None
    missing = reference * group.denominator - group.numerator
    if lower_is_better:
        missing = -missing
    return max(0, -((-missing.numerator) // missing.denominator))
