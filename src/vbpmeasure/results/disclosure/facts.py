"""The counts of a cell system as variables, and what is known of them: equations, inequalities, separate worlds.

Three variables per cell (numerator, denominator, population); counts that are one and the same share theirs. A linear
form is a mapping of variable to coefficient.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vbpmeasure.results.disclosure.cells import Cell, CellSystem, Difference, SumRule

Form = Mapping[int, int]

_OFFSET = {"numerator": 0, "denominator": 1, "population": 2}
NAMES = ("numerator", "misses", "denominator", "excluded", "population")


@dataclass(frozen=True, slots=True)
class World:
    """A part of the system that no equation and no comparison ties to the rest.

    ``differences`` come with their forms, each form once.
    """

    number: int
    cells: tuple[int, ...]
    rules: tuple[SumRule, ...]
    equations: tuple[Form, ...]
    differences: tuple[tuple[Difference, Form], ...]


class Facts:
    """Variables and static statements of a cell system."""

    def __init__(self, system: CellSystem) -> None:
        """Give every count its variable; look for what belongs together."""
        self.system = system
        self.cells = system.cells
        same = _Union(3 * len(self.cells))
        for (one, name), (other, its) in system.same:
            same.join(3 * one + _OFFSET[name], 3 * other + _OFFSET[its])
        # Numerators that are nested both ways are the same children.
        for d in _equal(system):
            if d.name in _OFFSET:
                same.join(3 * d.outer + _OFFSET[d.name], 3 * d.inner + _OFFSET[d.name])
        root = [same.find(v) for v in range(3 * len(self.cells))]
        self.numerator, self.denominator, self.population = root[0::3], root[1::3], root[2::3]
        self._forms: dict[tuple[int, str], dict[int, int]] = {}
        self.value: dict[int, int] = {}
        for i, cell in enumerate(self.cells):
            self.value[self.numerator[i]] = cell.numerator
            self.value[self.denominator[i]] = cell.denominator
            self.value[self.population[i]] = cell.population
        self.worlds = self._worlds()
        self.world_of = {i: world for world in self.worlds for i in world.cells}

    def form(self, i: int, name: str) -> dict[int, int]:
        """Return a count of a cell as a form; it is not to be changed."""
        found = self._forms.get((i, name))
        if found is None:
            n, d, p = self.variables(i)
            plus, minus = {
                "numerator": (n, None),
                "misses": (d, n),
                "denominator": (d, None),
                "excluded": (p, d),
                "population": (p, None),
            }[name]
            found = {plus: 1} if minus is None else {} if minus == plus else {plus: 1, minus: -1}
            self._forms[i, name] = found
        return found

    def variables(self, i: int) -> tuple[int, int, int]:
        """Return the variables of a cell."""
        return self.numerator[i], self.denominator[i], self.population[i]

    def difference(self, one: Difference) -> dict[int, int]:
        """Return the form that a nesting says is never below zero."""
        inner = self.form(one.inner, one.name)
        return combined(self.form(one.outer, one.name), {v: -c for v, c in inner.items()})

    def _worlds(self) -> tuple[World, ...]:
        tied = _Union(3 * len(self.cells))
        for i in range(len(self.cells)):
            n, d, p = self.variables(i)
            tied.join(d, n)
            tied.join(p, n)
        for rule in self.system.sums:
            for child in rule.children:
                tied.join(self.numerator[child], self.numerator[rule.parent])
        for one in self.system.differences:
            tied.join(self.numerator[one.inner], self.numerator[one.outer])
        for before, after in self.system.follows:
            tied.join(self.numerator[before], self.numerator[after])
        cells: dict[int, list[int]] = defaultdict(list)
        rules: dict[int, list[SumRule]] = defaultdict(list)
        differences: dict[int, dict[tuple[tuple[int, int], ...], tuple[Difference, Form]]] = defaultdict(dict)
        for i in range(len(self.cells)):
            cells[tied.find(self.numerator[i])].append(i)
        for rule in self.system.sums:
            rules[tied.find(self.numerator[rule.parent])].append(rule)
        for one in self.system.differences:
            form = self.difference(one)
            if form:  # not the same count twice
                signature = tuple(sorted(form.items()))
                differences[tied.find(self.numerator[one.inner])].setdefault(signature, (one, form))
        return tuple(
            World(
                number,
                tuple(mine),
                tuple(rules[w]),
                tuple(self._equations(rules[w])),
                tuple(differences[w].values()),
            )
            for number, (w, mine) in enumerate(cells.items())
        )

    def _equations(self, rules: Iterable[SumRule]) -> Iterable[Form]:
        seen: set[tuple[tuple[int, int], ...]] = set()
        for rule in rules:
            for variable in (self.numerator, self.denominator, self.population):
                terms: dict[int, int] = defaultdict(int)
                terms[variable[rule.parent]] += 1
                for child in rule.children:
                    terms[variable[child]] -= 1
                form = {v: c for v, c in terms.items() if c}
                signature = tuple(sorted(form.items()))
                if form and signature not in seen:
                    seen.add(signature)
                    yield form

    def difference_sizes(self, one: Difference) -> tuple[int, ...]:
        """Return the count of a difference, and the persons behind it where it counts events."""
        count = int(getattr(self.cells[one.outer], one.name)) - int(getattr(self.cells[one.inner], one.name))
        return (count,) if one.persons is None else (count, one.persons)


def combined(*forms: Form) -> dict[int, int]:
    """Return the sum of forms."""
    found: dict[int, int] = defaultdict(int)
    for form in forms:
        for variable, coefficient in form.items():
            found[variable] += coefficient
    return {v: c for v, c in found.items() if c}


def _equal(system: CellSystem) -> Iterable[Difference]:
    """Return the nestings of two rates whose counts are equal in every cell."""
    groups: dict[tuple[int, int, str], list[Difference]] = defaultdict(list)
    cells: tuple[Cell, ...] = system.cells
    for one in system.differences:
        groups[cells[one.inner].rate, cells[one.outer].rate, one.name].append(one)
    for (_, _, name), group in groups.items():
        if all(getattr(cells[d.inner], name) == getattr(cells[d.outer], name) for d in group):
            yield from group


class _Union:
    def __init__(self, size: int) -> None:
        self.root = list(range(size))

    def find(self, node: int) -> int:
        while self.root[node] != node:
            self.root[node] = self.root[self.root[node]]
            node = self.root[node]
        return node

    def join(self, node: int, to: int) -> None:
        a, b = self.find(node), self.find(to)
        if a != b:
            self.root[max(a, b)] = min(a, b)
