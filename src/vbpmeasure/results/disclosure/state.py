"""The marks while they grow, and what a reader sees under them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from vbpmeasure.results.disclosure.arithmetic import Arithmetic
from vbpmeasure.results.disclosure.cells import Cell, Difference, SumRule
from vbpmeasure.results.disclosure.facts import NAMES, Facts, Form, World
from vbpmeasure.results.disclosure.policy import Status, SuppressionPolicy

HIDDEN = (Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY)

# A small count: the cell and what it is; or two cells of which one is part of the other.
Target = tuple[int, str, int | None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What does not change of one count in one sum.

    ``small`` are the children that have too few. ``parts`` are those of which the count may be unknown: (cell, the
    first and the last variable behind it, the count). ``of_persons`` says that the units are persons everywhere.
    """

    small: tuple[int, ...]
    parts: tuple[tuple[int, int, int, int], ...]
    of_persons: bool


class State:
    """The status of every cell, and which variables some shown row gives away.

    ``rate`` and ``pool`` are as in `Marks`. ``why`` says for a hidden cell which cells asked for it.
    """

    def __init__(self, policy: SuppressionPolicy, facts: Facts) -> None:
        """Start with nothing hidden."""
        self.policy = policy
        self.facts = facts
        self.cells = facts.cells
        self.rate = [self._first_status(c) for c in self.cells]
        self.first = tuple(self.rate)
        self.pool = [Status.VALUE] * len(self.cells)
        names = [name for name in NAMES if self._protects(name)]
        self._small_names = [
            () if c.given else tuple(name for name in names if policy.any_small(c.sizes(name))) for c in self.cells
        ]
        self.why: dict[int, tuple[int, ...]] = {}
        self._sheets: dict[tuple[int, str], Sheet] = {}
        self._arithmetic: dict[int, Arithmetic] = {}
        self._targets: dict[int, list[tuple[Target, Form]]] = {}
        self._near: dict[int, dict[int, list[tuple[Target, Form]]]] = {}
        self.shown: dict[int, int] = defaultdict(int)  # rows that show a variable
        for i in range(len(self.cells)):
            self._count(i, 1)
        self.rules_of: dict[int, list[SumRule]] = defaultdict(list)
        # Sums to look at again: those with a small part of which some count has become known or unknown.
        self.dirty: dict[int, set[int]] = defaultdict(set)  # by world: positions in its rules
        self._sums_at: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for world in facts.worlds:
            for position, rule in enumerate(world.rules):
                around = (rule.parent, *rule.children)
                for i in around:
                    self.rules_of[i].append(rule)
                if any(self._small_names[i] for i in rule.children):
                    self.dirty[world.number].add(position)
                    for variable in {v for i in around for v in facts.variables(i)}:
                        self._sums_at[variable].append((world.number, position))
        self.follows: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for pair in facts.system.follows:
            for position in pair:
                self.follows[position].append(pair)
        self.twins: dict[int, list[int]] = defaultdict(list)  # cells by variable
        for i in range(len(self.cells)):
            for variable in set(facts.variables(i)):
                self.twins[variable].append(i)

    def _first_status(self, cell: Cell) -> Status:
        if cell.denominator == 0:
            return Status.NO_DATA
        units = cell.denominator if cell.units is None else cell.units
        return Status.NA_SMALL_DENOM if units < self.policy.min_denominator and not cell.given else Status.VALUE

    # What a reader sees

    def shows_denominator(self, i: int) -> bool:
        """Whether the row of the cell shows its denominator."""
        cell = self.cells[i]
        return cell.given or cell.told.denominator or (cell.listed and self.rate[i] not in HIDDEN)

    def shows_numerator(self, i: int) -> bool:
        """Whether it shows its numerator."""
        cell = self.cells[i]
        now = cell.listed and self.rate[i] not in HIDDEN and self.rate[i] is not Status.NA_SMALL_DENOM
        return cell.given or cell.told.numerator or now

    def shows_pool(self, i: int) -> bool:
        """Whether it shows population and excluded."""
        cell = self.cells[i]
        now = cell.listed and self.rate[i] not in HIDDEN and self.pool[i] not in HIDDEN
        return cell.given or cell.told.population or now

    def can_hide(self, i: int) -> bool:
        """Whether hiding the row takes something from the reader."""
        cell = self.cells[i]
        told = cell.told.numerator and cell.told.denominator
        return cell.listed and not cell.given and not told and self.rate[i] not in HIDDEN and cell.denominator > 0

    def can_hide_pool(self, i: int) -> bool:
        """Whether hiding population and excluded takes something from the reader."""
        cell = self.cells[i]
        return cell.listed and not cell.given and not cell.told.population and self.shows_pool(i)

    def known(self, variable: int) -> bool:
        """Whether some row shows the variable."""
        return self.shown[variable] > 0

    def knows(self, form: Form) -> bool:
        """Whether all variables of the form are shown."""
        return all(self.shown[v] > 0 for v in form)

    def unknown_part(self, form: Form) -> dict[int, int]:
        """Return the form without its known terms."""
        return {v: c for v, c in form.items() if self.shown[v] <= 0}

    def _count(self, i: int, step: int) -> None:
        n, d, p = self.facts.variables(i)
        for variable, shown in (
            (n, self.shows_numerator(i)),
            (d, self.shows_denominator(i)),
            (p, self.shows_pool(i)),
        ):
            if shown:
                self.shown[variable] += step

    def arithmetic(self, world: World) -> Arithmetic:
        """Return what a reader can work out exactly in a world."""
        found = self._arithmetic.get(world.number)
        if found is None:
            found = self._arithmetic[world.number] = Arithmetic(world, self.known)
        return found

    # Changes

    def set(self, i: int, rate: Status, pool: Status) -> None:
        """Give a cell its marks."""
        variables = set(self.facts.variables(i))
        before = {v for v in variables if self.known(v)}
        self._count(i, -1)
        self.rate[i], self.pool[i] = rate, pool
        self._count(i, 1)
        arithmetic = self._arithmetic.get(self.facts.world_of[i].number)
        for variable in variables:
            if self.known(variable) != (variable in before):
                for world, position in self._sums_at.get(variable, ()):
                    self.dirty[world].add(position)
                if arithmetic is not None:
                    arithmetic.flip(variable)

    def hide(self, i: int, status: Status, *, protects: int | None = None) -> None:
        """Hide the rate of a row, and with it everything."""
        pool = self.pool[i] if self.pool[i] in HIDDEN else status
        self.set(i, status if self.rate[i] is not Status.NO_DATA else Status.NO_DATA, pool)
        self._because(i, protects)

    def hide_pool(self, i: int, status: Status, *, protects: int | None = None) -> None:
        """Hide population and excluded of a row."""
        self.set(i, self.rate[i], status)
        self._because(i, protects)

    def _because(self, i: int, protects: int | None) -> None:
        if protects is not None and protects != i:
            self.why[i] = tuple(dict.fromkeys((*self.why.get(i, ()), protects)))

    def hidden(self) -> Iterator[tuple[int, bool]]:
        """Yield what is hidden: (cell, whether it is the whole row)."""
        for i, cell in enumerate(self.cells):
            if cell.listed and self.rate[i] in HIDDEN:
                yield i, True
            elif cell.listed and self.pool[i] in HIDDEN:
                yield i, False

    def gives(self, i: int, variable: int) -> bool:
        """Whether the row of a cell shows a variable."""
        n, d, p = self.facts.variables(i)
        return (
            (variable == n and self.shows_numerator(i))
            or (variable == d and self.shows_denominator(i))
            or (variable == p and self.shows_pool(i))
        )

    def gives_in_pool_only(self, i: int, variable: int) -> bool:
        """Whether the row shows the variable as its population alone."""
        n, d, _ = self.facts.variables(i)
        return variable not in (n, d)

    # Small counts

    def is_small(self, i: int, name: str) -> bool:
        """Whether a count of a cell may not be shown."""
        return name in self._small_names[i]

    def hide_small(self) -> None:
        """Hide every count that is small by itself."""
        for i, cell in enumerate(self.cells):
            if cell.given:
                continue
            if any(self.is_small(i, name) for name in ("denominator", "numerator", "misses")):
                self.hide(i, Status.SUPPRESSED_PRIMARY)
            if self.is_small(i, "population") or self.policy.any_small(cell.sizes("excluded")):
                self.hide_pool(i, Status.SUPPRESSED_PRIMARY)

    def targets(self, world: World) -> list[tuple[Target, Form]]:
        """Return the small counts of a world, each as a form: of its cells, and differences of two of them."""
        known = self._targets.get(world.number)
        if known is None:
            known = self._targets[world.number] = list(self._small(world))
        return known

    def targets_near(self, world: World, i: int) -> list[tuple[Target, Form]]:
        """Return the small counts of a world that share an equation with a cell."""
        arithmetic = self.arithmetic(world)
        index = self._near.get(world.number)
        if index is None:
            index = self._near[world.number] = defaultdict(list)
            for target, form in self.targets(world):
                for part in arithmetic.parts(form):
                    index[part].append((target, form))
        near = arithmetic.parts(self.facts.variables(i))
        return [found for part in near for found in index.get(part, ())]

    def _small(self, world: World) -> Iterator[tuple[Target, Form]]:
        seen: set[tuple[tuple[int, int], ...]] = set()

        def new(form: Form) -> bool:
            signature = tuple(sorted(form.items()))
            fresh = signature not in seen
            seen.add(signature)
            return fresh

        for i in world.cells:
            for name in self._small_names[i]:
                if new(form := self.facts.form(i, name)):
                    yield (i, name, None), form
        for one, between in world.differences:
            if self._is_small_difference(one) and new(between):
                yield (one.inner, one.name, one.outer), between

    def _protects(self, name: str) -> bool:
        """Whether what a count follows from is hidden with it."""
        unprotected = {"misses": not self.policy.check_complement, "excluded": not self.policy.protect_exclusions}
        return not unprotected.get(name, False)

    def _is_small_difference(self, one: Difference) -> bool:
        if not self._protects(one.name):
            return False
        if self.cells[one.inner].given and self.cells[one.outer].given:
            return False
        return self.policy.any_small(self.facts.difference_sizes(one))

    def sheet(self, rule: SumRule, name: str) -> Sheet:
        """Return what does not change of one count in one sum."""
        found = self._sheets.get((id(rule), name))
        if found is None:
            parts = [
                (i, form[0], form[-1], int(getattr(self.cells[i], name)))
                for i in rule.children
                if (form := tuple(self.facts.form(i, name)))
            ]
            small = tuple(i for i in rule.children if self.is_small(i, name))
            of_persons = all(self.cells[i].persons is None for i in rule.children)
            found = self._sheets[id(rule), name] = Sheet(small, tuple(parts), of_persons)
        return found

    def least(self, i: int, name: str) -> int:
        """Return what a hidden count is at least, as its mark says.

        A hidden row has someone in its denominator; one that is hidden for the sake of others is not small itself.
        """
        if name != "denominator":
            return 0
        told = self.cells[i].told.least
        if not self.cells[i].listed:
            return told
        if self.rate[i] is Status.SUPPRESSED_PRIMARY:
            return max(told, 1)
        return max(told, self.policy.suppress_below) if self.rate[i] is Status.SUPPRESSED_COMPLEMENTARY else told
