"""The suppression policy: which counts are too small to be shown, and the words that say why one is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Status(StrEnum):
    """Why a row of a published table shows what it shows (fact sheet 2.6, equity page B4)."""

    VALUE = "value"
    NA_SMALL_DENOM = "NA_SMALL_DENOM"
    SUPPRESSED_PRIMARY = "SUPPRESSED_PRIMARY"
    SUPPRESSED_COMPLEMENTARY = "SUPPRESSED_COMPLEMENTARY"
    NO_DATA = "NO_DATA"


@dataclass(frozen=True, slots=True)
class SuppressionPolicy:
    """What may be shown.

    Counts from 1 to ``suppress_below`` - 1 are hidden, zero is not (CMS cell size policy); with ``check_complement`` so
    is a row whose denominator minus numerator is such a count. Rates of denominators below ``min_denominator`` are
    NA. ``complementary`` hides further cells until no hidden small count follows from the shown ones, nor an interval
    for it shorter than ``min_interval``: arithmetic then says no more of a hidden count than "0 to 10" does. Where
    units are index events, a count is as small as the number of distinct persons behind it.

    With ``protect_exclusions`` the members who are excluded are such a count too, and nothing may be shown that they
    follow from: two measures of the same children, of which one has no exclusions, then tell of each other. Without it
    a small count of excluded members is not shown, though it may follow from what is.

    Counts that are shown are rounded to a multiple of ``round_to`` (1: not at all). Under the profile ``entity`` the
    rows of ``entity`` itself, which knows its own patients, are hidden below ``own_suppress_below`` only.
    """

    profile: str
    suppress_below: int
    min_denominator: int
    check_complement: bool
    complementary: bool
    min_interval: int = 10
    round_to: int = 1
    entity: str | None = None
    own_suppress_below: int = 1
    protect_exclusions: bool = True

    def is_small(self, count: int) -> bool:
        """Return whether the count may not be shown (nor anything it follows from)."""
        return 0 < count < self.suppress_below

    def any_small(self, counts: Iterable[int]) -> bool:
        """Return whether one of the counts may not be shown: events, and the persons behind them."""
        return any(self.is_small(count) for count in counts)

    @property
    def is_public(self) -> bool:
        """Whether the policy hides anything at all."""
        return self.suppress_below > 1

    def rounded(self, count: int) -> int:
        """Return a count that may be shown as it is shown: to the nearest multiple, half up, and never to a small one.

        What would round to a small count (11 to 10) goes to the next multiple that is not small; zero stays zero.
        """
        if self.round_to == 1 or count == 0:
            return count
        nearest = (2 * count + self.round_to) // (2 * self.round_to) * self.round_to
        return max(nearest, -(-self.suppress_below // self.round_to) * self.round_to)

    def shown(self, count: int) -> int | str:
        """Return a stand-alone count as it may be shown: itself (rounded), or words such as ``1-10``."""
        return f"1-{self.suppress_below - 1}" if self.is_small(count) else self.rounded(count)

    def as_record(self) -> dict[str, str | int | bool | None]:
        """Return the policy for the manifest."""
        return dict(asdict(self))


PUBLIC = SuppressionPolicy("public", 11, 30, check_complement=True, complementary=True)
INTERNAL = SuppressionPolicy("internal", 0, 0, check_complement=False, complementary=False, min_interval=0)

INTERNAL_BANNER = "INTERNAL: small cells are NOT suppressed; do not publish or pass on."
