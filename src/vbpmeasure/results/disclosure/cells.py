"""The cells of a rate table and the sums that tie them together: what a reader can add and subtract.

Each row of the table has three basic counts: numerator, denominator, population. Misses (denominator minus numerator)
and excluded (population minus denominator) are differences of those. Rates of one measure often count the same people
below the line, so a denominator or a population can belong to several rows at once.

Rows of index events have a second set of counts, the distinct persons behind the first. It is never shown with them;
it only decides, as the counts themselves do, what is small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from vbpmeasure.results.persons import PERSON_COUNTS
from vbpmeasure.results.rates import RateTable


@dataclass(frozen=True, slots=True)
class Persons:
    """The distinct persons behind the counts of a cell of index events (``persons.PERSON_COUNTS``)."""

    population: int = 0
    excluded: int = 0
    denominator: int = 0
    numerator: int = 0
    misses: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the table. ``listed`` is False for a margin that is not in the table but follows from crossings.

    ``persons`` is None where the units are persons.
    """

    rate: int
    dimension: str
    numerator: int
    misses: int
    excluded: int
    listed: bool = True
    persons: Persons | None = None

    @property
    def denominator(self) -> int:
        """Population without the excluded."""
        return self.numerator + self.misses

    @property
    def population(self) -> int:
        """Everyone who met all population steps."""
        return self.denominator + self.excluded

    def sizes(self, name: str) -> tuple[int, ...]:
        """Return a count by its name, and the persons behind it where it counts events: what may not be small."""
        own = int(getattr(self, name))
        return (own,) if self.persons is None else (own, int(getattr(self.persons, name)))


@dataclass(frozen=True, slots=True)
class SumRule:
    """The parent's three counts are the sums of the children's (positions in the cell list).

    Persons add up over strata, and not ``across_rates``: the same child may have events in two rates.
    """

    parent: int
    children: tuple[int, ...]
    across_rates: bool = False

    def together(self, cells: Iterable[Cell], name: str) -> tuple[int, ...]:
        """Return the sizes that some of the children have together; of persons in several rates, the fewest."""
        parts = [cell.sizes(name) for cell in cells]
        counts = (sum(part[0] for part in parts),)
        behind = [part[1] for part in parts if len(part) > 1]
        if not behind:
            return counts
        return (*counts, max(behind) if self.across_rates else sum(behind))


@dataclass(frozen=True, slots=True)
class CellSystem:
    """``cells``: first those of the table, in its order, then unlisted margins. ``sums``: what adds up.

    ``denominator_of`` and ``population_of`` give, for each cell, the first cell that counts the same people there
    (itself when no earlier rate does).
    """

    cells: tuple[Cell, ...]
    sums: tuple[SumRule, ...]
    denominator_of: tuple[int, ...]
    population_of: tuple[int, ...]


def cell_system(table: RateTable) -> CellSystem:
    """Return the cells of the table with everything that adds up or coincides in it."""
    builder = _Builder(table)
    builder.strata_sums()
    builder.rate_sums()
    denominators = builder.coinciding([c.denominator for c in builder.cells])
    populations = builder.coinciding([c.population for c in builder.cells])
    return CellSystem(tuple(builder.cells), tuple(builder.sums), denominators, populations)


class _Builder:
    def __init__(self, table: RateTable) -> None:
        self.table = table
        self.cells: list[Cell] = []
        self.sums: list[SumRule] = []
        # The strata of a margin as sorted (component, label) pairs: `race*sex` and `sex*race` have the same.
        self.at: dict[tuple[int, frozenset[tuple[str, str]]], int] = {}
        self.labels = [
            [frozenset(zip(d.components, label, strict=True)) for label in d.labels] for d in table.dimensions
        ]
        behind = {row[:3]: Persons(*row[3:]) for row in table.persons.iter_rows()}
        of_events = {rate for rate, _, _ in behind}
        for row in table.counts.iter_rows(named=True):
            dimension = table.dimensions[row["dimension"]]
            self.at[row["rate"], self.labels[row["dimension"]][row["stratum"]]] = len(self.cells)
            misses = row["denominator"] - row["numerator"]
            place = (row["rate"], row["dimension"], row["stratum"])
            persons = behind.get(place, Persons()) if row["rate"] in of_events else None
            self.cells.append(
                Cell(row["rate"], dimension.name, row["numerator"], misses, row["excluded"], persons=persons)
            )

    def strata_sums(self) -> None:
        """Every dimension adds up to the total, and a crossing to each margin that another dimension shares with it."""
        dimensions = list(zip(self.table.dimensions, self.labels, strict=True))[1:]
        for dimension, labels in dimensions:
            others = [set(d.components) for d, _ in dimensions if d is not dimension]
            for kept in _margins(dimension.components, others):
                for rate in range(len(self.table.rates)):
                    self._margin_sums(rate, labels, kept)

    def _margin_sums(self, rate: int, labels: list[frozenset[tuple[str, str]]], kept: frozenset[str]) -> None:
        groups: dict[frozenset[tuple[str, str]], list[int]] = defaultdict(list)
        for label in labels:
            groups[frozenset(pair for pair in label if pair[0] in kept)].append(self.at[rate, label])
        for margin, children in groups.items():
            parent = self.at.get((rate, margin))
            if parent is None:
                parent = self._unlisted(rate, kept, children)
                self.at[rate, margin] = parent
            self.sums.append(SumRule(parent, tuple(children)))

    def _unlisted(self, rate: int, kept: frozenset[str], children: list[int]) -> int:
        parts = [self.cells[i] for i in children]
        sums = (sum(c.numerator for c in parts), sum(c.misses for c in parts), sum(c.excluded for c in parts))
        persons = [c.persons for c in parts if c.persons is not None]
        behind = Persons(*(sum(getattr(p, name) for p in persons) for name in PERSON_COUNTS)) if persons else None
        self.cells.append(Cell(rate, "*".join(sorted(kept)), *sums, listed=False, persons=behind))
        return len(self.cells) - 1

    def rate_sums(self) -> None:
        """Add the rule of a total over other rates when no one stands in two of them: when the counts add up."""
        for number, key in enumerate(self.table.rates):
            members = [
                i
                for i, other in enumerate(self.table.rates)
                if other.measure == key.measure and other.rate in key.members
            ]
            if not members or len(members) != len(key.members):
                continue
            rules = [
                SumRule(position, tuple(self.at[m, label] for m in members), across_rates=True)
                for (rate, label), position in list(self.at.items())
                if rate == number and all((m, label) in self.at for m in members)
            ]
            if all(self._adds_up(rule) for rule in rules):
                self.sums += rules

    def _adds_up(self, rule: SumRule) -> bool:
        parent, parts = self.cells[rule.parent], [self.cells[i] for i in rule.children]
        return (
            parent.numerator == sum(c.numerator for c in parts)
            and parent.misses == sum(c.misses for c in parts)
            and parent.excluded == sum(c.excluded for c in parts)
        )

    def coinciding(self, counts: list[int]) -> tuple[int, ...]:
        """Return, for each cell, the first one with the same count, of rates whose counts are equal in every cell.

        Such rates count the same people, as far as a reader can see.
        """
        by_rate: dict[int, list[int]] = defaultdict(list)
        for position, cell in enumerate(self.cells):
            by_rate[cell.rate].append(position)  # cells of all rates come in the same order
        first: dict[tuple[int, ...], list[int]] = {}
        found = list(range(len(self.cells)))
        for positions in by_rate.values():
            same = first.setdefault(tuple(counts[i] for i in positions), positions)
            for position, twin in zip(positions, same, strict=True):
                found[position] = twin
        return tuple(found)


def _margins(components: tuple[str, ...], others: list[set[str]]) -> Iterator[frozenset[str]]:
    """Yield the component sets onto which a dimension is summed: nothing (the total), and what others share with it."""
    yield frozenset()
    for size in range(1, len(components)):
        for kept in combinations(components, size):
            if any(set(kept) <= other for other in others):
                yield frozenset(kept)
