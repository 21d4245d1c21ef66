"""What a reader knows about published counts besides the sums over strata: what is part of what.

Two facts that definitions and directories give away. Rates of one measure can be *nested*: whoever has a visit within 7
days has one within 30, so the difference of two numerators counts children too. And dimensions can have *blocks*: when
every provider belongs to one practice, the providers of a practice add up to it.

Both are read off the data: what holds for all people counts as known. That can only be too careful.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vbpmeasure.results.frame import ResultFrame

# More pairs of strata than this are not compared: two dimensions with that many strata are crossed by no table.
_MOST_PAIRS = 50_000_000

Place = tuple[int, int]  # dimension, stratum


@dataclass(frozen=True, slots=True)
class Nested:
    """Whoever counts in ``name`` of rate ``inner`` counts there in rate ``outer`` too (positions of the rates).

    ``name`` is numerator, misses, excluded, denominator or population. ``persons`` are, for rates of index events, the
    distinct persons behind the difference of the two counts, by (dimension, stratum); none where units are persons.
    """

    inner: int
    outer: int
    name: str
    persons: dict[Place, int] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Block:
    """Strata of two dimensions (by position) that hold the same people: their counts have the same sum."""

    one: int
    strata_of_one: tuple[int, ...]
    other: int
    strata_of_other: tuple[int, ...]


def nested_counts(frame: ResultFrame, ids: Sequence[pl.Series | None], of_events: frozenset[int]) -> tuple[Nested, ...]:
    """Return what is nested in what among the rates of each measure; ``ids``: stratum of each person by dimension.

    Only rates are compared of which the population of one is part of the other's: a relation that is meant.
    """
    by_measure: dict[tuple[str, bool], list[int]] = {}
    for number, key in enumerate(frame.rates):
        by_measure.setdefault((key.measure, number in of_events), []).append(number)
    groups = {key: numbers for key, numbers in by_measure.items() if len(numbers) > 1}
    if not groups:
        return ()
    units = _Units(frame)
    numbers = [None if one is None else one.cast(pl.Int64).fill_null(-1).to_numpy() for one in ids]
    return tuple(
        nested for (_, events), rates in groups.items() for nested in _nested_in(units, rates, numbers, events=events)
    )


# What a unit counts in, as bits.
_BITS = {"population": 1, "excluded": 2, "denominator": 4, "numerator": 8, "misses": 16}


class _Units:
    """The units of the populations, by rate."""

    def __init__(self, frame: ResultFrame) -> None:
        inside = pl.col("exclusion").is_null()
        met = inside & pl.col("numerator")
        bits = 1 + pl.when(met).then(12).when(inside).then(20).otherwise(2)
        self.rows = frame.rows.filter(pl.col("failed_step").is_null()).select(
            "rate", "person", "index_date", bits.cast(pl.UInt8).alias("bits")
        )
        lengths = np.bincount(self.rows["rate"].to_numpy(), minlength=len(frame.rates))
        self.start = np.concatenate([[0], np.cumsum(lengths)]).tolist()  # rows come sorted by rate
        self.people = frame.people.height

    def of(self, rate: int) -> pl.DataFrame:
        return self.rows.slice(self.start[rate], self.start[rate + 1] - self.start[rate])


def _nested_in(
    units: _Units, rates: list[int], ids: Sequence[NDArray[np.int64] | None], *, events: bool
) -> Iterator[Nested]:
    rows = {rate: units.of(rate) for rate in rates}
    rates = [rate for rate in rates if rows[rate].height]
    person, size = None, units.people
    if events and rates:
        together = pl.concat([rows[rate] for rate in rates])
        keys = together.select("person", "index_date").unique(maintain_order=True).with_row_index("unit")
        rows = {
            rate: rows[rate].join(keys, on=["person", "index_date"], how="left", nulls_equal=True) for rate in rates
        }
        person, size = keys["person"].to_numpy(), keys.height
    sets = {}
    for rate in rates:
        sets[rate] = np.zeros(size, dtype=np.uint8)
        sets[rate][rows[rate]["unit" if events else "person"].to_numpy()] = rows[rate]["bits"].to_numpy()
    for inner, outer in permutations(rates, 2):
        part, whole = sets[inner], sets[outer]
        if rows[inner].height > rows[outer].height:
            continue
        outside = int(np.bitwise_or.reduce(part & ~whole))
        if outside & _BITS["population"]:
            continue
        there = int(np.bitwise_or.reduce(part))
        more = int(np.bitwise_or.reduce(whole & ~part))
        for name, bit in _BITS.items():
            same = not more & bit
            if there & bit and not outside & bit and not (same and inner > outer):  # once is enough for the same
                behind = None if person is None else _persons(person, (whole & ~part & bit) > 0, ids)
                yield Nested(inner, outer, name, behind)


def _persons(
    person: NDArray[np.uint32], units: NDArray[np.bool_], ids: Sequence[NDArray[np.int64] | None]
) -> dict[Place, int]:
    """Count the distinct persons of some units by dimension and stratum."""
    people = np.unique(person[units])
    found: dict[Place, int] = {}
    if not len(people):
        return found
    for dimension, strata in enumerate(ids):
        if strata is None:
            found[dimension, 0] = len(people)
            continue
        counts = np.bincount(strata[people] + 1)[1:]  # the first are those without a stratum
        found |= {(dimension, int(s)): int(counts[s]) for s in np.flatnonzero(counts)}
    return found


def blocks(components: Sequence[tuple[str, ...]], ids: Sequence[pl.Series | None]) -> tuple[Block, ...]:
    """Return the blocks of each two dimensions of which neither is a margin of the other."""
    found: list[Block] = []
    for (one, names), (other, others) in combinations(enumerate(components), 2):
        a, b = ids[one], ids[other]
        if a is None or b is None or set(names) <= set(others) or set(others) <= set(names):
            continue
        found += _blocks(one, a, other, b)
    return tuple(found)


def _blocks(one: int, a: pl.Series, other: int, b: pl.Series) -> Iterator[Block]:
    both = pl.DataFrame([a.alias("a"), b.alias("b")]).drop_nulls()
    if both.height == 0:
        return
    size_a, size_b = int(both["a"].max()) + 1, int(both["b"].max()) + 1  # type: ignore[arg-type]
    if size_a * size_b <= _MOST_PAIRS:
        cell = both["a"].to_numpy().astype(np.int64) * size_b + both["b"].to_numpy()
        pairs = np.flatnonzero(np.bincount(cell, minlength=size_a * size_b))
        links = np.stack([pairs // size_b, pairs % size_b], axis=1)
    else:
        links = both.unique().sort("a", "b").to_numpy()
    groups = _connected(links, size_a, size_b)
    if len(groups) > 1:
        for strata_a, strata_b in groups:
            yield Block(one, strata_a, other, strata_b)


def _connected(links: NDArray[np.int64], size_a: int, size_b: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the connected parts of a graph between two kinds of nodes."""
    root = list(range(size_a + size_b))

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for a, b in links.tolist():
        root[find(size_a + b)] = find(a)
    parts: dict[int, tuple[set[int], set[int]]] = {}
    for a, b in links.tolist():
        mine = parts.setdefault(find(a), (set(), set()))
        mine[0].add(a)
        mine[1].add(b)
    return [(tuple(sorted(one)), tuple(sorted(other))) for one, other in parts.values()]
