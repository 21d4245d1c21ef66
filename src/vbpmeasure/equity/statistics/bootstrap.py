"""Intervals of the summary indices, by drawing the shown groups anew (equity page B7: seeded).

Each draw gives every group as many members who meet the measure as chance might have, at its rate. An index of
inequality grows by chance alone, in a draw as it did in the data; the interval therefore turns the draws around the
index (the basic bootstrap: 2 x - q), which takes that growth off, and is cut to what the index can be. It never leaves
its own index out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vbpmeasure.equity.statistics.estimate import Count
from vbpmeasure.equity.statistics.indices import summary_indices

Array = NDArray[np.float64]
_TAILS = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rates, one row per draw and one column per group, with the groups' weights and what follows from both."""

    rates: Array
    weights: Array
    mean: Array
    best: Array

    @property
    def away(self) -> Array:
        """The distance of each rate from its draw's mean."""
        return np.abs(self.rates - self.mean[:, None])


def _variance(d: Drawn) -> Array:
    return _sum(d, d.away**2)


def _sum(d: Drawn, values: Array) -> Array:
    return np.asarray(values @ d.weights, dtype=np.float64)


def _others(d: Drawn) -> Array:
    return np.asarray((d.rates.sum(axis=1) - d.best) / (d.rates.shape[1] - 1), dtype=np.float64)


def _summary_ratio(d: Drawn) -> Array:
    return np.maximum(d.best / _others(d), _others(d) / d.best)


def _theil(d: Drawn) -> Array:
    x = d.rates / d.mean[:, None]
    return _sum(d, x * np.log(np.where(x > 0, x, 1.0)))


def _gini(d: Drawn) -> Array:
    apart = np.abs(d.rates[:, :, None] - d.rates[:, None, :])
    return np.asarray(np.einsum("bij,i,j->b", apart, d.weights, d.weights) / (2 * d.mean), dtype=np.float64)


# The formulas of `indices`, over many draws at once; the least value of each.
_FORMULAS: Mapping[str, tuple[Callable[[Drawn], Any], float]] = {
    "max_diff": (lambda d: d.rates.max(axis=1) - d.rates.min(axis=1), 0.0),
    "max_ratio": (lambda d: d.rates.max(axis=1) / d.rates.min(axis=1), 1.0),
    "srr": (_summary_ratio, 1.0),
    "bgv": (_variance, 0.0),
    "sd": (lambda d: np.sqrt(_variance(d)), 0.0),
    "cv": (lambda d: 100 * np.sqrt(_variance(d)) / d.mean, 0.0),
    "idisp": (lambda d: 100 * d.away.mean(axis=1) / d.mean, 0.0),
    "idisw": (lambda d: 100 * _sum(d, d.away) / d.mean, 0.0),
    "theil": (_theil, 0.0),
    "mld": (lambda d: _sum(d, -np.log(d.rates / d.mean[:, None])), 0.0),
    "mdb": (lambda d: _sum(d, np.abs(d.rates - d.best[:, None])), 0.0),
    "par": (lambda d: np.abs(d.best - d.mean), 0.0),
    "paf": (lambda d: 100 * np.abs(d.best - d.mean) / d.mean, 0.0),
    "gini": (_gini, 0.0),
}


def drawn_indices(rates: Array, denominators: Sequence[int], *, lower_is_better: bool = False) -> dict[str, Array]:
    """Return every index for each row of rates; what is undefined in a row is not finite."""
    weights = np.asarray(denominators, dtype=np.float64) / sum(denominators)
    best = rates.min(axis=1) if lower_is_better else rates.max(axis=1)
    draws = Drawn(rates, weights, rates @ weights, best)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: np.asarray(formula(draws), dtype=np.float64) for name, (formula, _) in _FORMULAS.items()}


def index_intervals(
    counts: Sequence[Count], *, lower_is_better: bool = False, draws: int, seed: int
) -> dict[str, tuple[float, float] | None]:
    """Return the 95 % interval of every index by name; None where the index, or one of its draws, is undefined.

    ``draws`` of 0 gives no intervals. The same counts give the same intervals, whatever else is analyzed.
    """
    there = [count for count in counts if count.denominator > 0]
    values = {name: one.value for name, one in summary_indices(there, lower_is_better=lower_is_better).items()}
    if draws < 1 or all(value is None for value in values.values()):
        return dict.fromkeys(values)
    # The legacy generator on purpose: its streams are frozen, so that another NumPy gives the same intervals.
    random = np.random.RandomState(seed)
    sizes = np.array([count.denominator for count in there])
    hits = random.binomial(sizes, [count.rate for count in there], size=(draws, len(there)))
    drawn = drawn_indices(hits / sizes, [count.denominator for count in there], lower_is_better=lower_is_better)
    return {
        name: None if value is None else _interval(value, drawn[name], _FORMULAS[name][1])
        for name, value in values.items()
    }


def _interval(value: float, drawn: Array, least: float) -> tuple[float, float] | None:
    if not np.isfinite(drawn).all():
        return None
    low, high = (2 * value - float(q) for q in np.percentile(drawn, _TAILS[::-1]))
    return max(min(low, value), least), max(high, value)
