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
    NA. ``complementary`` hides further cells until no hidden small count follows from the shown ones. Where units are
    index events, a count is as small as the number of distinct persons behind it.
    """

    profile: str
    suppress_below: int
    min_denominator: int
    check_complement: bool
    complementary: bool

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

    def shown(self, count: int) -> int | str:
        """Return a stand-alone count as it may be shown: itself, or words such as ``1-10``."""
        return f"1-{self.suppress_below - 1}" if self.is_small(count) else count

    def as_record(self) -> dict[str, str | int | bool]:
        """Return the policy for the manifest."""
        return dict(asdict(self))


PUBLIC = SuppressionPolicy("public", 11, 30, check_complement=True, complementary=True)
INTERNAL = SuppressionPolicy("internal", 0, 0, check_complement=False, complementary=False)

INTERNAL_BANNER = "INTERNAL: small cells are NOT suppressed; do not publish or pass on."
