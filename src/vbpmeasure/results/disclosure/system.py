"""Builds the cell system of a rate table: every sum, every coincidence, everything that is part of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from vbpmeasure.results.amounts import Amount
from vbpmeasure.results.disclosure.cells import Cell, CellSystem, Difference, Persons, SumRule
from vbpmeasure.results.disclosure.earlier import Earlier, Told
from vbpmeasure.results.frame import RateKey, RateKind
from vbpmeasure.results.persons import PERSON_COUNTS
from vbpmeasure.results.rates import TOTAL, RateTable, TableDimension

Label = frozenset[tuple[str, str]]  # sorted out by component: `race*sex` and `sex*race` have the same
Given = Callable[[RateKey, str, str], bool]  # rate, dimension, stratum
Member = tuple[Label, int]  # a stratum and the position of its cell

_NOTHING_EARLIER = Earlier()

# Rates that are no share and have counts of their own; all others are made from what is shown of their members.
COUNTED = (RateKind.EVENTS_PER_1000, RateKind.OPPORTUNITY, RateKind.INDICATOR)


def cell_system(
    table: RateTable,
    amounts: tuple[tuple[RateKey, ...], Sequence[Amount]] | None = None,
    listed: Given | None = None,
    given: Given | None = None,
    earlier: Earlier = _NOTHING_EARLIER,
) -> CellSystem:
    """Return the cells of the table with everything that adds up or coincides in it.

    ``amounts``: all rates, and the cells of those that are no share. ``listed`` says which rows the reader is shown
    at all (default: all), ``given`` which he knows in any case (default: none), ``earlier`` what he was told before.
    """
    builder = _Builder(table, listed, given, earlier)
    if amounts is not None:
        builder.add_amounts(*amounts)
    builder.overlapping_sums()
    builder.strata_sums()
    builder.block_sums()
    builder.rate_sums()
    return CellSystem(
        tuple(builder.cells),
        tuple(builder.sums),
        tuple(builder.coincidences()),
        tuple(builder.differences()),
        tuple(builder.follows),
        builder.amount_at,
    )


class _Builder:
    def __init__(self, table: RateTable, listed: Given | None, given: Given | None, earlier: Earlier) -> None:
        self.table = table
        self.earlier = earlier
        self.keys = list(table.rates)
        self.cells: list[Cell] = []
        self.sums: list[SumRule] = []
        self.follows: list[tuple[int, int]] = []
        self.amount_at: dict[int, int] = {}
        self.at: dict[tuple[int, Label], int] = {}
        # By rate: the components of each dimension, and its strata in order.
        self.strata: dict[int, dict[tuple[str, ...], list[Member]]] = defaultdict(lambda: defaultdict(list))
        self.listed, self.given = listed, given
        self.labels = [
            [frozenset(zip(d.components, label, strict=True)) for label in d.labels] for d in table.dimensions
        ]
        behind = {row[:3]: Persons(*row[3:]) for row in table.persons.iter_rows()}
        self.of_events = {rate for rate, _, _ in behind}
        for rate, d, s, _, excluded, denominator, numerator in table.counts.iter_rows():
            dimension, label = table.dimensions[d], self.labels[d][s]
            persons = behind.get((rate, d, s), Persons()) if rate in self.of_events else None
            counts = (numerator, denominator - numerator, excluded)
            told = earlier.told(self.keys[rate], dimension.name, dimension.texts[s], dimension.labels[s])
            cell = self._cell(rate, dimension.name, dimension.texts[s], counts, persons, told)
            if not dimension.combines:
                self.strata[rate][dimension.components].append((label, len(self.cells)))
            self.at[rate, label] = len(self.cells)
            self.cells.append(cell)

    def _cell(
        self,
        rate: int,
        dimension: str,
        stratum: str,
        counts: tuple[int, int, int],
        persons: Persons | None,
        told: Told,
        units: int | None = None,
    ) -> Cell:
        where = (self.keys[rate], dimension, stratum)
        listed = self.listed is None or self.listed(*where)
        given = self.given is not None and self.given(*where)
        return Cell(rate, dimension, *counts, listed=listed, persons=persons, units=units, given=given, told=told)

    def add_amounts(self, rates: tuple[RateKey, ...], amounts: Sequence[Amount]) -> None:
        """Add the cells of the rates with counts of their own; composites follow their components."""
        numbers: dict[int, int] = {}
        shares = {(key.measure, key.rate): number for number, key in enumerate(self.table.rates)}
        for position, amount in enumerate(amounts):
            key = rates[amount.rate]
            if key.kind not in COUNTED or amount.part is None or amount.whole is None:
                continue
            if amount.rate not in numbers:
                numbers[amount.rate] = len(self.keys)
                self.keys.append(key)
            components = () if amount.dimension == TOTAL else tuple(amount.dimension.split("*"))
            texts = amount.parts or (amount.stratum,)
            if len(texts) != len(components) and components:
                components, texts = (amount.dimension,), (amount.stratum,)
            label = frozenset(zip(components, texts, strict=False))
            rate = numbers[amount.rate]
            here = len(self.cells)
            counts = (amount.part, amount.whole - amount.part, 0)
            met, rest = (*amount.behind[1:], 0, 0)[:2]
            persons = Persons(amount.persons, 0, amount.persons, met, rest)
            told = self.earlier.told(key, amount.dimension, amount.stratum, amount.parts)
            self.cells.append(self._cell(rate, amount.dimension, amount.stratum, counts, persons, told, amount.persons))
            self.at[rate, label] = self.amount_at[position] = here
            if not amount.overlaps:
                self.strata[rate][components].append((label, here))
            for member in key.components:
                found = self.at.get((shares[member], label)) if member in shares else None
                if found is not None:
                    self.follows.append((found, here))

    def strata_sums(self) -> None:
        """Every dimension adds up to the total, and a crossing to each margin that another dimension shares with it."""
        for rate, by_dimension in self.strata.items():
            dimensions = [components for components in by_dimension if components]
            for components in dimensions:
                others = [set(other) for other in dimensions if other is not components]
                for kept in _margins(components, others):
                    self._margin_sums(rate, by_dimension[components], kept)

    def _margin_sums(self, rate: int, strata: list[Member], kept: frozenset[str]) -> None:
        groups: dict[Label, list[int]] = defaultdict(list)
        for label, position in strata:
            groups[frozenset(pair for pair in label if pair[0] in kept)].append(position)
        for margin, children in groups.items():
            parent = self.at.get((rate, margin))
            if parent is None:
                parent = self.at[rate, margin] = self._unlisted(rate, "*".join(sorted(kept)), children)
            self.sums.append(SumRule(parent, tuple(children)))

    def _unlisted(self, rate: int, dimension: str, children: list[int]) -> int:
        parts = [self.cells[i] for i in children]
        sums = (sum(c.numerator for c in parts), sum(c.misses for c in parts), sum(c.excluded for c in parts))
        persons = [c.persons for c in parts if c.persons is not None]
        behind = Persons(*(sum(getattr(p, name) for p in persons) for name in PERSON_COUNTS)) if persons else None
        self.cells.append(Cell(rate, dimension, *sums, listed=False, persons=behind))
        return len(self.cells) - 1

    def overlapping_sums(self) -> None:
        """Strata that overlap are sums of disjoint combinations, which together are the total and are never shown.

        A stratum of one combination is that combination. To the sums over strata the combinations are strata like any
        others, under names of their own, so that those of a crossing add up to those of its margin.
        """
        behind = {row[:3]: Persons(*row[3:]) for row in self.table.latent_persons.iter_rows()}
        names = {d: _atom_labels(one) for d, one in enumerate(self.table.dimensions) if one.combines}
        alone = {
            d: {parts[0]: s for s, parts in enumerate(one.combines) if len(parts) == 1}
            for d, one in enumerate(self.table.dimensions)
        }
        atoms: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
        for rate, d, s, _, excluded, denominator, numerator in self.table.latent.iter_rows():
            components, labels = names[d]
            if s in alone[d]:
                position = self.at[rate, self.labels[d][alone[d][s]]]
            else:
                persons = behind.get((rate, d, s), Persons()) if rate in self.of_events else None
                counts = (numerator, denominator - numerator, excluded)
                position = len(self.cells)
                self.cells.append(Cell(rate, self.table.dimensions[d].name, *counts, listed=False, persons=persons))
            atoms[rate, d][s] = position
            self.at[rate, labels[s]] = position
            self.strata[rate][components].append((labels[s], position))
        for (rate, d), by_atom in atoms.items():
            for label, parts in zip(self.labels[d], self.table.dimensions[d].combines, strict=True):
                children = tuple(by_atom[s] for s in parts if s in by_atom)
                if len(parts) > 1 and children:
                    self.sums.append(SumRule(self.at[rate, label], children))

    def block_sums(self) -> None:
        """Strata of two dimensions that hold the same people have the same sum: providers and their practice."""
        for block in self.table.blocks:
            for rate in range(len(self.table.rates)):
                sides = [
                    [self.at[rate, self.labels[dimension][s]] for s in strata]
                    for dimension, strata in (
                        (block.one, block.strata_of_one),
                        (block.other, block.strata_of_other),
                    )
                ]
                sides.sort(key=len)
                few, many = sides
                if len(few) == 1:
                    self.sums.append(SumRule(few[0], tuple(many)))
                else:
                    parent = self._unlisted(rate, "block", few)
                    self.sums += [SumRule(parent, tuple(few)), SumRule(parent, tuple(many))]

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

    def _by_rate(self) -> dict[int, dict[Label, int]]:
        found: dict[int, dict[Label, int]] = defaultdict(dict)
        for (rate, label), position in self.at.items():
            if rate < len(self.table.rates):
                found[rate][label] = position
        return found

    def coincidences(self) -> Iterator[tuple[tuple[int, str], tuple[int, str]]]:
        """Yield the counts that are one and the same.

        Denominators, and populations, of rates that are equal in every cell: they count the same people, as far as a
        reader can see. The population and denominator of a rate without exclusions. Numerators nested both ways.
        """
        by_rate = self._by_rate()
        for name in ("denominator", "population"):
            first: dict[tuple[object, ...], dict[Label, int]] = {}
            for positions in by_rate.values():
                counts = tuple(getattr(self.cells[i], name) for i in positions.values())
                twin = first.setdefault((counts, frozenset(positions)), positions)
                if twin is not positions:
                    yield from (((i, name), (twin[label], name)) for label, i in positions.items())
        for rate, positions in by_rate.items():
            if not self.table.rates[rate].exclusions:
                yield from (((i, "population"), (i, "denominator")) for i in positions.values())

    def differences(self) -> Iterator[Difference]:
        """Yield, for what is nested, the two cells of every stratum."""
        by_rate = self._by_rate()
        place = {
            label: (d, s)
            for d, labels in enumerate(self.labels)
            if not self.table.dimensions[d].combines
            for s, label in enumerate(labels)
        }
        for nested in self.table.nested:
            for label, inner in by_rate[nested.inner].items():
                outer = by_rate[nested.outer].get(label)
                if outer is None:
                    continue
                persons = None
                if nested.persons is not None and label in place:
                    persons = nested.persons.get(place[label], 0)
                yield Difference(inner, outer, nested.name, persons)


def _atom_labels(dimension: TableDimension) -> tuple[tuple[str, ...], list[Label]]:
    """Return names for the components of the combinations, and the labels of these.

    A component that overlaps has another name than that of its strata: Asian alone is not Asian in any combination.
    """
    atoms = dimension.atoms or tuple(
        (str(s),) * len(dimension.components)
        for s in range(1 + max((s for row in dimension.combines for s in row), default=-1))
    )
    overlaps = [
        any(
            atoms[s][k] != label[k]
            for label, parts in zip(dimension.labels, dimension.combines, strict=True)
            for s in parts
        )
        for k in range(len(dimension.components))
    ]
    components = tuple(f"{name}=" if own else name for name, own in zip(dimension.components, overlaps, strict=True))
    return components, [frozenset(zip(components, atom, strict=True)) for atom in atoms]


def _margins(components: tuple[str, ...], others: list[set[str]]) -> Iterator[frozenset[str]]:
    """Yield the component sets onto which a dimension is summed: nothing (the total), and what others share with it."""
    yield frozenset()
    for size in range(1, len(components)):
        for kept in combinations(components, size):
            if any(set(kept) <= other for other in others):
                yield frozenset(kept)
