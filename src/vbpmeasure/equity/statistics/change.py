"""Two years of a gap: did it close, by which measure, and because of whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import sqrt

from vbpmeasure.equity.statistics.estimate import EMPTY, EMPTY_REFERENCE, Z95, Count, Estimate, undefined


class Direction(StrEnum):
    """Where a gap went."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    NO_CLEAR_CHANGE = "no_clear_change"


@dataclass(frozen=True, slots=True)
class GapChange:
    """The change of one group's gap from the year before.

    ``absolute`` is group minus reference now, less the same before, with a normal interval; ``relative_now`` and
    ``relative_before`` are (group - reference) / reference. ``direction`` says what became of the distance: clear only
    when the interval leaves out "no change". ``relative_direction`` goes by the two numbers alone. ``disagree``: the
    distance shrank while its part of the reference grew, or the other way. ``leveling_down``: the group's lag got
    smaller, and the reference's fall did more for it than the group's gain.
    """

    now: float | None
    before: float | None
    absolute: Estimate
    relative_now: float | None
    relative_before: float | None
    direction: Direction | None
    relative_direction: Direction | None
    disagree: bool
    leveling_down: bool


def gap_change(
    group: Count, reference: Count, group_before: Count, reference_before: Count, *, lower_is_better: bool = False
) -> GapChange:
    """Return how the gap between a group and its reference changed from one year to the next.

    The two years are taken as independent, and they are not quite: many members are in both, which makes the interval
    wider than it would have to be where their results are alike. Source: equity page B9.
    """
    if 0 in (group.denominator, group_before.denominator):
        return _none(EMPTY)
    if 0 in (reference.denominator, reference_before.denominator):
        return _none(EMPTY_REFERENCE)
    four = (group, reference, group_before, reference_before)
    gap, old = _gap(group, reference), _gap(group_before, reference_before)
    error = sqrt(sum(c.rate * (1 - c.rate) / c.denominator for c in four))
    value = float(gap - old)
    change = Estimate(value, value - Z95 * error, value + Z95 * error, error=error, method="normal")
    shrank = abs(gap) < abs(old)
    clear = value < -Z95 * error or value > Z95 * error
    # A gap that changed its sign and is as wide as before has moved, and is no narrower.
    moved = Direction.NARROWED if shrank else Direction.WIDENED
    direction = moved if clear and abs(gap) != abs(old) else Direction.NO_CLEAR_CHANGE
    relative, relative_old = _relative(gap, reference), _relative(old, reference_before)
    ratio_shrank = None if relative is None or relative_old is None else abs(relative) < abs(relative_old)
    relative_direction = None
    if ratio_shrank is not None:
        same = relative is not None and relative_old is not None and abs(relative) == abs(relative_old)
        relative_direction = (
            Direction.NO_CLEAR_CHANGE if same else Direction.NARROWED if ratio_shrank else Direction.WIDENED
        )
    pair = (abs(gap) != abs(old), relative_direction)
    disagree = pair[0] and pair[1] in (Direction.NARROWED, Direction.WIDENED) and ratio_shrank is not shrank
    return GapChange(
        now=float(gap),
        before=float(old),
        absolute=change,
        relative_now=None if relative is None else float(relative),
        relative_before=None if relative_old is None else float(relative_old),
        direction=direction,
        relative_direction=relative_direction,
        disagree=disagree,
        leveling_down=_leveled_down(four, lower_is_better=lower_is_better),
    )


def _none(reason: str) -> GapChange:
    return GapChange(
        None, None, undefined(reason, "normal"), None, None, None, None, disagree=False, leveling_down=False
    )


def _share(count: Count) -> Fraction:
    return Fraction(count.numerator, count.denominator)


def _gap(group: Count, reference: Count) -> Fraction:
    return _share(group) - _share(reference)


def _relative(gap: Fraction, reference: Count) -> Fraction | None:
    base = _share(reference)
    return None if base == 0 else gap / base


def _leveled_down(four: tuple[Count, Count, Count, Count], *, lower_is_better: bool) -> bool:
    sign = -1 if lower_is_better else 1
    own, base, own_before, base_before = (sign * _share(count) for count in four)
    lag, lag_before = base - own, base_before - own_before
    if lag_before <= 0 or lag >= lag_before:
        return False
    fall, gain = base_before - base, own - own_before
    return fall > max(gain, Fraction(0))
