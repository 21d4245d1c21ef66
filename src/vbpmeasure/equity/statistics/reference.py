"""Who a group is compared with: the best, the largest, a named one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from vbpmeasure.equity.statistics.estimate import Count


class ReferenceRule(StrEnum):
    """How the reference is found (equity page B6)."""

    BEST = "best"
    LARGEST = "largest"
    NAMED = "named"
    OVERALL = "overall"
    BENCHMARK = "benchmark"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The group that was taken, None when there is none; ``note`` says what a reader has to know about the choice.

    ``by_rate`` marks a group that was chosen for its rate: the comparisons with it are then the largest of many.
    """

    group: str | None
    note: str | None = None
    by_rate: bool = False


def best_with_min_n(groups: Mapping[str, Count], min_n: int, *, lower_is_better: bool = False) -> Chosen:
    """Return the group with the best rate among those with ``min_n`` members or more.

    Ties go to the larger group, then to the order given. When no group is that large, the largest is taken.
    """
    able = {name: count for name, count in groups.items() if count.denominator >= max(min_n, 1)}
    if not able:
        largest_one = largest(groups)
        note = f"no group has {min_n} members or more: the largest was taken"
        return Chosen(largest_one.group, note if largest_one.group is not None else largest_one.note)
    sign = -1 if lower_is_better else 1

    def merit(name: str) -> tuple[Fraction, int]:
        count = able[name]
        return sign * Fraction(count.numerator, count.denominator), count.denominator

    return Chosen(max(able, key=merit), by_rate=len(able) > 1 and len(groups) > 2)


def largest(groups: Mapping[str, Count]) -> Chosen:
    """Return the group with the largest denominator; ties go to the order given."""
    there = {name: count for name, count in groups.items() if count.denominator > 0}
    if not there:
        return Chosen(None, "no group has anyone in the denominator")
    return Chosen(max(there, key=lambda name: there[name].denominator))
