"""An attack on published rates that knows only what is published, and solves it with linear programs of its own.

The unknowns are numerator, misses and excluded of every row, and none is below zero. Each published number and each sum
over strata or rates is a linear fact, each nesting an inequality; the marks say that a hidden row has someone in it,
and that one which is hidden for the sake of others is not small. Small counts with a short interval are given away.
"""

from __future__ import annotations

import random

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import csr_array

from support.published_audit import Fact, _places, _rate_sums, _shared_denominators, _shown, _strata_sums
from vbpmeasure.results.rates import RateTable

_SMALL = range(1, 11)
_KINDS = {
    "numerator": (0,),
    "misses": (1,),
    "denominator": (0, 1),
    "excluded": (2,),
    "population": (0, 1, 2),
}


def short_intervals(table: RateTable, results: pl.DataFrame, width: int = 10) -> list[tuple[int, str, float]]:
    """Return (row, count, width of its interval) of every small count with a shorter interval than ``width``."""
    truth = [
        (row["numerator"], row["denominator"] - row["numerator"], row["excluded"])
        for row in table.counts.iter_rows(named=True)
    ]
    place = _places(results)
    values = [v for row in truth for v in row]
    facts = [
        *_shown(results),
        *_strata_sums(place),
        *_rate_sums(table, place),
        *_shared_denominators(table, place, truth),
    ]
    least = [(fact, 0) for fact in _nestings(table)] + list(_marks(results))
    equal, right = _matrix(facts, len(values)), np.array([sum(c * values[v] for v, c in f.items()) for f in facts])
    above = -_matrix([f for f, _ in least], len(values)) if least else None
    floor = np.array([-float(b) for _, b in least]) if least else None
    targets = [
        (i, name, [3 * i + k for k in kinds])
        for i, counts in enumerate(truth)
        for name, kinds in _KINDS.items()
        if sum(counts[k] for k in kinds) in _SMALL
    ]
    low = {t[:2]: float("inf") for t in targets}
    high = {t[:2]: -float("inf") for t in targets}
    draw = random.Random(5)

    def push(weights: dict[int, float]) -> None:
        objective = np.zeros(len(values))
        for target, weight in weights.items():
            objective[targets[target][2]] += weight
        solved = linprog(objective, A_eq=equal, b_eq=right, A_ub=above, b_ub=floor, bounds=(0, 1e6), method="highs")
        assert solved.status == 0, solved.message
        for i, name, its in targets:
            value = float(solved.x[its].sum())
            low[i, name], high[i, name] = min(low[i, name], value), max(high[i, name], value)

    def narrow() -> list[int]:
        return [t for t, (i, name, _) in enumerate(targets) if high[i, name] - low[i, name] < width]

    # Solutions far apart in a random direction open most intervals at once; each that is left is asked by itself.
    for _ in range(4):
        weights = {t: draw.choice((-1, 1)) * draw.uniform(0.5, 1.5) for t in narrow()}
        for sign in (1, -1) if weights else ():
            push({t: sign * weight for t, weight in weights.items()})
    for t in narrow():
        for sign in (1.0, -1.0):
            if t in narrow():
                push({t: sign})
    short = [(i, name, high[i, name] - low[i, name]) for i, name, _ in targets]
    return [one for one in short if one[2] < width - 1e-6]


def _nestings(table: RateTable) -> list[Fact]:
    rows = {place: i for i, place in enumerate(table.counts.select("rate", "dimension", "stratum").iter_rows())}
    facts = []
    for nested in table.nested:
        for (rate, dimension, stratum), inner in rows.items():
            if rate == nested.inner:
                outer = rows[nested.outer, dimension, stratum]
                kinds = _KINDS[nested.name]
                facts.append({**{3 * outer + k: 1 for k in kinds}, **{3 * inner + k: -1 for k in kinds}})
    return facts


def _marks(results: pl.DataFrame) -> list[tuple[Fact, int]]:
    floor = {"SUPPRESSED_PRIMARY": 1, "SUPPRESSED_COMPLEMENTARY": 11}
    return [({3 * i: 1, 3 * i + 1: 1}, floor[status]) for i, status in enumerate(results["status"]) if status in floor]


def _matrix(facts: list[Fact], width: int) -> csr_array:
    lines = [i for i, fact in enumerate(facts) for _ in fact]
    columns = [v for fact in facts for v in fact]
    values = [float(c) for fact in facts for c in fact.values()]
    return csr_array((values, (lines, columns)), shape=(len(facts), width))
