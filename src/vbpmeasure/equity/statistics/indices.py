"""One number for all groups of a dimension: the summary indices (equity page B7).

Every index takes the groups that are shown. Weights are the groups' parts of all their members together, and the mean
is theirs: nothing here depends on a group that is hidden. All need three groups or more, but for the largest difference
and the largest ratio, which say the whole of two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from vbpmeasure.equity.statistics.estimate import Count, Estimate, undefined

FEWEST = 3


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups with someone in the denominator: rates, weights, mean, standard errors, the best rate and the others."""

    counts: tuple[Count, ...]
    lower_is_better: bool = False

    @property
    def rates(self) -> list[float]:
        """The rate of every group."""
        return [count.rate for count in self.counts]

    @property
    def weights(self) -> list[float]:
        """The part of each group of all members."""
        total = sum(count.denominator for count in self.counts)
        return [count.denominator / total for count in self.counts]

    @property
    def mean(self) -> float:
        """The rate of all groups together."""
        return sum(c.numerator for c in self.counts) / sum(c.denominator for c in self.counts)

    @property
    def errors(self) -> list[float]:
        """The variance of each rate, p(1 - p) / n."""
        return [count.rate * (1 - count.rate) / count.denominator for count in self.counts]

    @property
    def best(self) -> float:
        """The best rate."""
        return min(self.rates) if self.lower_is_better else max(self.rates)

    @property
    def others(self) -> list[float]:
        """The rates without one that is best."""
        rates = self.rates
        rates.remove(self.best)
        return rates


def max_difference(groups: Groups) -> Estimate:
    """Return the largest rate minus the smallest."""
    return Estimate(max(groups.rates) - min(groups.rates))


def max_ratio(groups: Groups) -> Estimate:
    """Return the largest rate by the smallest."""
    least = min(groups.rates)
    return undefined("a group has the rate 0") if least == 0 else Estimate(max(groups.rates) / least)


def summary_rate_ratio(groups: Groups) -> Estimate:
    """Return the best rate by the mean of the others, or the other way where less is better; at least 1."""
    mean = sum(groups.others) / len(groups.others)
    above, below = (mean, groups.best) if groups.lower_is_better else (groups.best, mean)
    if below == 0:
        what = "the best group has" if groups.lower_is_better else "all groups but the best have"
        return undefined(f"{what} the rate 0")
    return Estimate(above / below)


def between_group_variance(groups: Groups) -> Estimate:
    """Return the weighted variance of the rates, with its standard error (Ahn)."""
    mean = groups.mean
    cells = list(zip(groups.weights, groups.rates, groups.errors, strict=True))
    value = sum(w * (r - mean) ** 2 for w, r, _ in cells)
    linear = 4 * sum(w**2 * v * (r - mean) ** 2 for w, r, v in cells)
    squared = sum(w**2 * v for w, _, v in cells) ** 2 - sum(w**4 * v**2 for w, _, v in cells)
    own = sum(w**2 * (1 - w) ** 2 * v**2 for w, _, v in cells)
    return Estimate(value, error=sqrt(max(linear + 2 * (squared + own), 0.0)))


def standard_deviation(groups: Groups) -> Estimate:
    """Return the root of the variance between groups."""
    variance = between_group_variance(groups).value
    assert variance is not None
    return Estimate(sqrt(variance))


def coefficient_of_variation(groups: Groups) -> Estimate:
    """Return 100 times the standard deviation by the mean."""
    deviation = standard_deviation(groups).value
    assert deviation is not None
    return _of_mean(groups, 100 * deviation)


def disparity_unweighted(groups: Groups) -> Estimate:
    """Return the mean distance from the mean as a percentage of it, each group counting alike."""
    mean = groups.mean
    return _of_mean(groups, 100 * sum(abs(r - mean) for r in groups.rates) / len(groups.counts))


def disparity_weighted(groups: Groups) -> Estimate:
    """Return the mean distance from the mean as a percentage of it, each member counting alike."""
    mean = groups.mean
    return _of_mean(groups, 100 * sum(w * abs(r - mean) for w, r in zip(groups.weights, groups.rates, strict=True)))


def theil(groups: Groups) -> Estimate:
    """Return Theil's index, unscaled; a rate of 0 adds 0, the limit of x ln x."""
    mean = groups.mean
    if mean == 0:
        return undefined(_NO_MEAN)
    parts = [(w, r / mean) for w, r in zip(groups.weights, groups.rates, strict=True)]
    return Estimate(max(sum(w * x * log(x) for w, x in parts if x > 0), 0.0))


def mean_log_deviation(groups: Groups) -> Estimate:
    """Return the mean log deviation, unscaled; undefined with a rate of 0."""
    if min(groups.rates) == 0:
        return undefined("a group has the rate 0")
    mean = groups.mean
    return Estimate(max(sum(w * -log(r / mean) for w, r in zip(groups.weights, groups.rates, strict=True)), 0.0))


def mean_difference_from_best(groups: Groups) -> Estimate:
    """Return the mean distance from the best rate, each member counting alike."""
    return Estimate(sum(w * abs(r - groups.best) for w, r in zip(groups.weights, groups.rates, strict=True)))


def attributable_risk(groups: Groups) -> Estimate:
    """Return what the mean would gain if all groups had the best rate; never negative, whichever way is better."""
    return Estimate(abs(groups.best - groups.mean))


def attributable_fraction(groups: Groups) -> Estimate:
    """Return that gain as a percentage of the mean."""
    return _of_mean(groups, 100 * abs(groups.best - groups.mean))


def gini(groups: Groups) -> Estimate:
    """Return the mean distance of two members' groups, by twice the mean."""
    cells = list(zip(groups.weights, groups.rates, strict=True))
    return _of_mean(groups, sum(w * v * abs(r - s) for w, r in cells for v, s in cells) / 2)


_NO_MEAN = "all groups have the rate 0"


def _of_mean(groups: Groups, amount: float) -> Estimate:
    return undefined(_NO_MEAN) if groups.mean == 0 else Estimate(amount / groups.mean)


INDICES: Mapping[str, tuple[Callable[[Groups], Estimate], int]] = {
    "max_diff": (max_difference, 2),
    "max_ratio": (max_ratio, 2),
    "srr": (summary_rate_ratio, FEWEST),
    "bgv": (between_group_variance, FEWEST),
    "sd": (standard_deviation, FEWEST),
    "cv": (coefficient_of_variation, FEWEST),
    "idisp": (disparity_unweighted, FEWEST),
    "idisw": (disparity_weighted, FEWEST),
    "theil": (theil, FEWEST),
    "mld": (mean_log_deviation, FEWEST),
    "mdb": (mean_difference_from_best, FEWEST),
    "par": (attributable_risk, FEWEST),
    "paf": (attributable_fraction, FEWEST),
    "gini": (gini, FEWEST),
}


def summary_indices(counts: Sequence[Count], *, lower_is_better: bool = False) -> dict[str, Estimate]:
    """Return every index by name; groups without anyone in the denominator do not count."""
    there = Groups(tuple(count for count in counts if count.denominator > 0), lower_is_better)
    return {
        name: index(there) if len(there.counts) >= fewest else undefined(f"fewer than {_WORDS[fewest]} groups")
        for name, (index, fewest) in INDICES.items()
    }


_WORDS = {2: "two", FEWEST: "three"}
