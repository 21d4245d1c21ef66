"""What a reader knows about published counts besides the sums over strata: what is part of what.

Two facts that definitions and directories give away. Rates of one measure can be *nested*: whoever has a visit within 7
days has one within 30, so the difference of two numerators counts children too. And dimensions can have *blocks*: when
every provider belongs to one practice, the providers of a practice add up to it.

Both are read off the data: what holds for all people counts as known. That can only be too careful.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vbpmeasure.results.frame import ResultFrame

# More pairs of strata than this are not compared: two dimensions with that many strata are crossed by no table.
_MOST_PAIRS = 50_000_000

Place = tuple[int, int]  # dimension, stratum
Pair = tuple[int, int]  # inner, outer
Bits = tuple[int, int, int]

# What a unit counts in, as bits.
_BITS = {"population": 1, "excluded": 2, "denominator": 4, "numerator": 8, "misses": 16}
_APART: Bits = (1, 0, 0)  # some unit of the first is not in the population of the second


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


BEHIND_SCHEMA = pl.Schema(
    {
        "inner": pl.UInt16,
        "outer": pl.UInt16,
        "bit": pl.UInt8,
        "dimension": pl.UInt16,
        "stratum": pl.UInt32,
        "persons": pl.Int64,
    }
)


@dataclass(frozen=True, slots=True)
class Relations:
    """What the counts of some people say about each two rates of a measure; what holds for all of them is nested.

    ``pairs``, by the positions of two rates: what some unit of the first counts in and not in the second, what some
    unit of the first counts in, what some unit of the second counts in and not in the first (bits of ``_BITS``). A pair
    of which nobody has anything is not in it, and of one whose populations are no part of each other that is all that
    is said. ``behind`` (``BEHIND_SCHEMA``) are the distinct persons behind differences of index events.
    """

    pairs: Mapping[Pair, Bits] = field(default_factory=dict)
    behind: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BEHIND_SCHEMA))

    def of_rates(self, new: Mapping[int, int]) -> Relations:
        """Return the relations of some rates, numbered anew: old position to new one."""
        pairs = {(new[i], new[o]): bits for (i, o), bits in self.pairs.items() if i in new and o in new}
        known = pl.Series(list(new), dtype=pl.UInt16).implode()
        rows = self.behind.filter(pl.col("inner").is_in(known) & pl.col("outer").is_in(known))
        both = pl.col("inner", "outer").replace_strict(dict(new), return_dtype=pl.UInt16)
        return Relations(pairs, rows.with_columns(both) if rows.height else self.behind.clear())

    def united(self, other: Relations) -> Mapping[Pair, Bits]:
        """Return the pairs of the people of both."""
        nothing = (0, 0, 0)
        keys = sorted({*self.pairs, *other.pairs})
        return {key: _joined(self.pairs.get(key, nothing), other.pairs.get(key, nothing)) for key in keys}


def still_nested(pairs: Mapping[Pair, Bits], behind: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``behind`` for what is still nested."""
    rows = [(i, o, bit) for (i, o), (outside, *_) in pairs.items() for bit in _BITS.values() if not outside & bit]
    rows = [row for row in rows if not pairs[row[:2]][0] & _BITS["population"]]
    keys = {name: BEHIND_SCHEMA[name] for name in ("inner", "outer", "bit")}
    return behind.join(pl.DataFrame(rows, schema=keys, orient="row"), on=list(keys), how="semi", maintain_order="left")


def _joined(one: Bits, two: Bits) -> Bits:
    outside = one[0] | two[0]
    return _APART if outside & _BITS["population"] else (outside, one[1] | two[1], one[2] | two[2])


def relations(
    frame: ResultFrame, ids: Sequence[pl.Series | None], of_events: frozenset[int], rates: Sequence[int]
) -> Relations:
    """Compare ``rates`` (positions) of the frame; ``ids``: stratum of each person by dimension, None for the total.

    Rates of events are compared with those of events; one without any unit may be of either kind.
    """
    by_measure: dict[str, list[int]] = {}
    for number in rates:
        by_measure.setdefault(frame.rates[number].measure, []).append(number)
    groups = [numbers for numbers in by_measure.values() if len(numbers) > 1]
    if not groups:
        return Relations()
    units = _Units(frame)
    strata = [None if one is None else one.cast(pl.Int64).fill_null(-1).to_numpy() for one in ids]
    pairs: dict[Pair, Bits] = {}
    behind: list[tuple[int, ...]] = []
    for numbers in groups:
        for events in (False, True):
            compared = [n for n in numbers if (n in of_events) == events or not units.of(n).height]
            for pair, bits, persons in _compared(units, compared, strata, events=events):
                pairs[pair] = bits
                behind += [(*pair, bit, *place, n) for bit, found in persons.items() for place, n in found.items()]
    table = pl.DataFrame(behind, schema=BEHIND_SCHEMA, orient="row").sort(BEHIND_SCHEMA.names()[:-1])
    return Relations({pair: pairs[pair] for pair in sorted(pairs)}, table)


def nested_of(found: Relations, measures: Sequence[str], of_events: frozenset[int]) -> tuple[Nested, ...]:
    """Return what is nested in what; ``measures`` is that of each rate.

    Only rates are compared of which the population of one is part of the other's: a relation that is meant.
    """
    groups: dict[tuple[str, bool], list[int]] = {}
    for number, measure in enumerate(measures):
        groups.setdefault((measure, number in of_events), []).append(number)
    persons: dict[tuple[int, int, int], dict[Place, int]] = {}
    for inner, outer, bit, dimension, stratum, count in found.behind.iter_rows():
        persons.setdefault((inner, outer, bit), {})[dimension, stratum] = count
    return tuple(
        Nested(*pair, name, persons.get((*pair, bit), {}) if events else None)
        for (_, events), rates in groups.items()
        for pair in permutations(rates, 2)
        for name, bit in _nested_in(pair, found.pairs.get(pair, _APART))
    )


def _nested_in(pair: Pair, bits: Bits) -> Iterator[tuple[str, int]]:
    outside, there, more = bits
    for name, bit in _BITS.items():
        same = not more & bit
        if there & bit and not outside & bit and not (same and pair[0] > pair[1]):  # once is enough for the same
            yield name, bit


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


def _compared(
    units: _Units, rates: list[int], ids: Sequence[NDArray[np.int64] | None], *, events: bool
) -> Iterator[tuple[Pair, Bits, dict[int, dict[Place, int]]]]:
    """Yield for each two rates that have anyone their bits and, for events, the persons behind each difference."""
    rows = {rate: units.of(rate) for rate in rates}
    person, size = None, units.people
    there = [rate for rate in rates if rows[rate].height]
    if not there:
        return
    if events:
        together = pl.concat([rows[rate] for rate in there])
        keys = together.select("person", "index_date").unique(maintain_order=True).with_row_index("unit")
        rows |= {
            rate: rows[rate].join(keys, on=["person", "index_date"], how="left", nulls_equal=True) for rate in there
        }
        person, size = keys["person"].to_numpy(), keys.height
    sets = {}
    for rate in there:
        sets[rate] = np.zeros(size, dtype=np.uint8)
        sets[rate][rows[rate]["unit" if events else "person"].to_numpy()] = rows[rate]["bits"].to_numpy()
    of_all = {rate: int(np.bitwise_or.reduce(sets[rate])) if rate in sets else 0 for rate in rates}
    for inner, outer in permutations(rates, 2):
        if rows[inner].height > rows[outer].height:
            yield (inner, outer), _APART, {}
        elif not rows[outer].height:
            continue
        elif not rows[inner].height:
            behind = {} if person is None else _behind(person, sets[outer], 0, of_all[outer], ids)
            yield (inner, outer), (0, 0, of_all[outer]), behind
        else:
            part, whole = sets[inner], sets[outer]
            outside = int(np.bitwise_or.reduce(part & ~whole))
            if outside & _BITS["population"]:
                yield (inner, outer), _APART, {}
                continue
            rest = whole & ~part
            more = int(np.bitwise_or.reduce(rest))
            behind = {} if person is None else _behind(person, rest, outside, more, ids)
            yield (inner, outer), (outside, of_all[inner], more), behind


def _behind(
    person: NDArray[np.uint32],
    rest: NDArray[np.uint8],
    outside: int,
    more: int,
    ids: Sequence[NDArray[np.int64] | None],
) -> dict[int, dict[Place, int]]:
    return {bit: _persons(person, (rest & bit) > 0, ids) for bit in _BITS.values() if more & bit and not outside & bit}


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


LINK_SCHEMA = pl.Schema(
    {
        "one": pl.UInt16,
        "stratum_of_one": pl.UInt32,
        "other": pl.UInt16,
        "stratum_of_other": pl.UInt32,
        "people": pl.Int64,
    }
)


def links(components: Sequence[tuple[str, ...]], ids: Sequence[pl.Series | None]) -> pl.DataFrame:
    """Count the people in each two strata of two dimensions, of which neither is a margin of the other.

    One row per two strata with anyone in both (``LINK_SCHEMA``), sorted; ``ids`` as in `relations`.
    """
    found = [pl.DataFrame(schema=LINK_SCHEMA)]
    for (one, names), (other, others) in combinations(enumerate(components), 2):
        a, b = ids[one], ids[other]
        if a is None or b is None or set(names) <= set(others) or set(others) <= set(names):
            continue
        pairs = _pairs(a, b).with_columns(one=pl.lit(one), other=pl.lit(other))
        found.append(pairs.select(LINK_SCHEMA.names()).cast(LINK_SCHEMA))
    return pl.concat(found).sort("one", "stratum_of_one", "other", "stratum_of_other")


def _pairs(a: pl.Series, b: pl.Series) -> pl.DataFrame:
    if a.len() == 0:
        return pl.DataFrame(schema=LINK_SCHEMA).select("stratum_of_one", "stratum_of_other", "people")
    size_a, size_b = int(a.max()) + 1, int(b.max()) + 1  # type: ignore[arg-type]
    if size_a * size_b <= _MOST_PAIRS:
        cell = a.to_numpy().astype(np.int64) * size_b + b.to_numpy()
        counts = np.bincount(cell, minlength=size_a * size_b)
        pairs = np.flatnonzero(counts)
        return pl.DataFrame(
            {"stratum_of_one": pairs // size_b, "stratum_of_other": pairs % size_b, "people": counts[pairs]}
        )
    both = pl.DataFrame([a.alias("stratum_of_one"), b.alias("stratum_of_other")])
    return both.group_by("stratum_of_one", "stratum_of_other").len("people").sort("stratum_of_one", "stratum_of_other")


def blocks(found: pl.DataFrame) -> tuple[Block, ...]:
    """Return the blocks of each two dimensions of ``LINK_SCHEMA`` rows: strata that hold the same people."""
    parts = found.sort("one", "other", "stratum_of_one", "stratum_of_other").partition_by(
        "one", "other", maintain_order=True, as_dict=True
    )
    return tuple(
        Block(int(one), strata_a, int(other), strata_b)
        for (one, other), pairs in parts.items()
        for strata_a, strata_b in _groups(
            pairs.select("stratum_of_one", "stratum_of_other").to_numpy().astype(np.int64)
        )
    )


def _groups(pairs: NDArray[np.int64]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    size_a, size_b = (int(size) + 1 for size in pairs.max(axis=0))
    groups = _connected(pairs, size_a, size_b)
    return groups if len(groups) > 1 else []


def _connected(pairs: NDArray[np.int64], size_a: int, size_b: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the connected parts of a graph between two kinds of nodes, given as its edges."""
    root = list(range(size_a + size_b))

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for a, b in pairs.tolist():
        root[find(size_a + b)] = find(a)
    parts: dict[int, tuple[set[int], set[int]]] = {}
    for a, b in pairs.tolist():
        mine = parts.setdefault(find(a), (set(), set()))
        mine[0].add(a)
        mine[1].add(b)
    return [(tuple(sorted(one)), tuple(sorted(other))) for one, other in parts.values()]
