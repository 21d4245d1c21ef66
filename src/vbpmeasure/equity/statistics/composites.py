"""One score for an organization from several measures: HESS-like, and the index of thirds (equity page B8).

Both imitate published programs whose details move; they are labeled "like" for that reason, and their weights are
the user's to set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vbpmeasure.equity.statistics.estimate import Estimate, undefined

HESS_WEIGHTS = (0.5, 0.25, 0.25)
HESS_MEMBERS = 500
FEWEST_ENTITIES = 3


def standard_score(value: float, mean: float, deviation: float, *, lower_is_better: bool = False) -> Estimate:
    """Return how many standard deviations a value lies above the mean, or below it where less is better."""
    if deviation <= 0:
        return undefined("the reference values do not differ")
    score = (value - mean) / deviation
    return Estimate(-score if lower_is_better else score)


@dataclass(frozen=True, slots=True)
class HessPart:
    """One measure (and group at risk) of an organization, each part a standard score, None where there is none.

    ``level`` is the present rate, ``improvement`` its change within the organization, ``benchmarked`` that change
    against everybody's.
    """

    level: float | None
    improvement: float | None = None
    benchmarked: float | None = None

    def has(self, weights: tuple[float, float, float]) -> bool:
        """Return whether every part that has a weight is there."""
        values = (self.level, self.improvement, self.benchmarked)
        return all(value is not None for weight, value in zip(weights, values, strict=True) if weight > 0)


def hess_like(
    parts: Sequence[HessPart],
    members: int,
    weights: tuple[float, float, float] = HESS_WEIGHTS,
    min_members: int = HESS_MEMBERS,
    importance: Sequence[float] | None = None,
) -> Estimate:
    """Return the mean over measures of the weighted mean of the three parts.

    ``importance`` are the weights of the measures, alike when there are none.

    ``members`` are those at risk; an organization with fewer than ``min_members`` gets none. A part that is missing and
    has a weight leaves the score undefined: give it the weight 0 where nobody can have it, as in a first year.
    """
    if not parts:
        return undefined("no measure")
    if min(weights) < 0 or sum(weights) <= 0:
        return undefined("the weights do not add up to anything")
    if members < min_members:
        return undefined(f"fewer than {min_members} members at risk")
    shares = [1.0] * len(parts) if importance is None else list(importance)
    if len(shares) != len(parts) or min(shares) < 0 or sum(shares) <= 0:
        return undefined("the weights do not add up to anything")
    scores = []
    for part in parts:
        if not part.has(weights):
            return undefined("a measure lacks a part of the score")
        pairs = zip(weights, (part.level, part.improvement, part.benchmarked), strict=True)
        scores.append(sum(weight * value for weight, value in pairs if value is not None and weight > 0))
    weighted = sum(share * score for share, score in zip(shares, scores, strict=True))
    return Estimate(weighted / sum(shares) / sum(weights))


def thirds(rates: Mapping[str, float], *, lower_is_better: bool = False) -> dict[str, int] | None:
    """Return +1, 0 or -1 for each entity in the best, middle and last third by its rate; None for fewer than three.

    Equal rates share the middle of their places, so that entities that are alike get the same points.
    """
    if len(rates) < FEWEST_ENTITIES:
        return None
    sign = -1 if lower_is_better else 1
    merits = {name: sign * rate for name, rate in rates.items()}
    points = {}
    for name, merit in merits.items():
        worse = sum(other < merit for other in merits.values())
        alike = sum(other == merit for other in merits.values())
        place = 3 * (2 * worse + alike)  # of 6 times the number of entities
        points[name] = 1 if place > 4 * len(merits) else -1 if place < 2 * len(merits) else 0
    return points


def thirds_index(points: Sequence[int], weights: Sequence[float]) -> Estimate:
    """Return the weighted mean of the points of an entity's measures, from -1 to 1."""
    if len(points) != len(weights) or not points:
        return undefined("no measure")
    if min(weights) < 0 or sum(weights) <= 0:
        return undefined("the weights do not add up to anything")
    return Estimate(sum(p * w for p, w in zip(points, weights, strict=True)) / sum(weights))


def thirds_reward(index: float, cap: float = 0.4) -> float:
    """Return the reward for an index: its part of the cap; nothing for an index of 0 or below."""
    return max(index, 0.0) * cap
