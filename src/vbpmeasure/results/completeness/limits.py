"""From where on missing answers are worth a warning. Shares of people, all of them settings (`[completeness]`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# NCQA scores direct race and direct ethnicity each at 20 % (equity page B3, confidence high).
DIRECT = 0.20
# From half unknown on the DQ Atlas calls a field unusable (equity page B3, bands of medium confidence).
UNKNOWN = 0.50
SCORE_MET, SCORE_MISSED = 5, 0


@dataclass(frozen=True, slots=True)
class CompletenessLimits:
    """``direct``: at least so many people with a direct answer; ``unknown``: at most so many without any.

    ``fields`` names fields with limits of their own: (direct, unknown). ``score`` is what race and ethnicity must both
    reach for the descriptor's full score.
    """

    direct: float = DIRECT
    unknown: float = UNKNOWN
    fields: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    score: float = DIRECT

    def of(self, name: str) -> tuple[float, float]:
        """Return the limits of a field: direct, unknown."""
        return self.fields.get(name, (self.direct, self.unknown))


def descriptor_score(direct_race: int, direct_ethnicity: int, people: int, threshold: float = DIRECT) -> int:
    """Return the score of the race and ethnicity descriptor: 5 when both shares reach the threshold, else 0 (GB9)."""
    if people == 0:
        return SCORE_MISSED
    met = direct_race >= threshold * people and direct_ethnicity >= threshold * people
    return SCORE_MET if met else SCORE_MISSED
