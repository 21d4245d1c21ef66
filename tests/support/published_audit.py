"""An audit of published rates that knows only what is published, with linear algebra of its own.

The unknowns are numerator, misses and excluded of every row; each published number and each sum over strata or rates is
one linear fact about them. A small count leaks when it is a combination of the facts; a count of events is small, too,
when few persons had them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import polars as pl

from vbpmeasure.results.rates import RateTable

Fact = dict[int, int]
Place = dict[tuple[str, frozenset[tuple[str, str]]], int]

_SMALL = range(1, 11)
_PLACE = ("rate", "dimension", "stratum")


def leaks(table: RateTable, results: pl.DataFrame) -> list[tuple[int, str]]:
    """Return (row, which) of every small count of the table that follows from the published rows."""
    truth = [
        (row["numerator"], row["denominator"] - row["numerator"], row["excluded"])
        for row in table.counts.iter_rows(named=True)
    ]
    place = _places(results)
    facts = [
        *_shown(results),
        *_strata_sums(place),
        *_rate_sums(table, place),
        *_shared_denominators(table, place, truth),
    ]
    return list(_small_and_determined(truth, _persons(table), facts))


def _persons(table: RateTable) -> list[dict[str, int]]:
    """The persons behind the events of each row, by the name of the count; nothing for rows of persons."""
    behind = {tuple(row[k] for k in _PLACE): row for row in table.persons.iter_rows(named=True)}
    return [behind.get(tuple(row[k] for k in _PLACE), {}) for row in table.counts.iter_rows(named=True)]


def _places(results: pl.DataFrame) -> Place:
    place: Place = {}
    for i, row in enumerate(results.iter_rows(named=True)):
        total = row["dimension"] == "total"
        parts = () if total else zip(row["dimension"].split("*"), row["stratum"].split(" * "), strict=True)
        place[row["rate"], frozenset(parts)] = i
    return place


def _shown(results: pl.DataFrame) -> Iterator[Fact]:
    for i, row in enumerate(results.iter_rows(named=True)):
        for column, kinds in (
            ("numerator", (0,)),
            ("denominator", (0, 1)),
            ("excluded", (2,)),
            ("population", (0, 1, 2)),
        ):
            if row[column] is not None:
                yield {3 * i + kind: 1 for kind in kinds}


def _sum_facts(parent: int, children: list[int]) -> Iterator[Fact]:
    for kind in range(3):
        yield {3 * parent + kind: 1, **{3 * child + kind: -1 for child in children}}


def _strata_sums(place: Place) -> Iterator[Fact]:
    components = {frozenset(c for c, _ in label) for _, label in place}
    for fine in components:
        for coarse in (c for c in components if c < fine):
            groups: dict[tuple[str, frozenset[tuple[str, str]]], list[int]] = defaultdict(list)
            for (rate, label), i in place.items():
                if {c for c, _ in label} == fine:
                    groups[rate, frozenset(part for part in label if part[0] in coarse)].append(i)
            for margin, children in groups.items():
                if margin in place:
                    yield from _sum_facts(place[margin], children)


def _rate_sums(table: RateTable, place: Place) -> Iterator[Fact]:
    members = {key.rate: key.members for key in table.rates if key.members}
    for (rate, label), i in place.items():
        if rate in members:
            yield from _sum_facts(i, [place[m, label] for m in members[rate]])


def _shared_denominators(table: RateTable, place: Place, truth: list[tuple[int, int, int]]) -> Iterator[Fact]:
    rates = [r.rate for r in table.rates]
    for position, a in enumerate(rates):
        for b in rates[:position]:
            pairs = [(i, place[b, label]) for (rate, label), i in place.items() if rate == a]
            if all(sum(truth[i][:2]) == sum(truth[j][:2]) for i, j in pairs):
                for i, j in pairs:
                    yield {3 * i: 1, 3 * i + 1: 1, 3 * j: -1, 3 * j + 1: -1}


def _small_and_determined(
    truth: list[tuple[int, int, int]], persons: list[dict[str, int]], facts: list[Fact]
) -> Iterator[tuple[int, str]]:
    matrix = np.zeros((max(len(facts), 1), 3 * len(truth)))
    for number, fact in enumerate(facts):
        for variable, coefficient in fact.items():
            matrix[number, variable] += coefficient
    _, weights, vectors = np.linalg.svd(matrix, full_matrices=False)
    space = vectors[: int((weights > 1e-9).sum())]
    for i, counts in enumerate(truth):
        for name, kinds in (
            ("numerator", (0,)),
            ("misses", (1,)),
            ("denominator", (0, 1)),
            ("excluded", (2,)),
            ("population", (0, 1, 2)),
        ):
            if sum(counts[k] for k in kinds) in _SMALL or persons[i].get(name) in _SMALL:
                vector = np.zeros(matrix.shape[1])
                vector[[3 * i + k for k in kinds]] = 1
                if np.allclose(vector, space.T @ (space @ vector), atol=1e-7):
                    yield i, name
