"""Cell suppression: what is hidden, so that no hidden small count follows from what is shown.

Sources: fact sheet 2.6, equity page B4. A row hides its rate together with numerator and denominator; population and
excluded are hidden together, also alone (a small excluded count does not cost the rate). Where the units are index
events, few persons are as small as few events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from vbpmeasure.results.disclosure.cells import Cell, CellSystem, SumRule, cell_system
from vbpmeasure.results.disclosure.policy import Status, SuppressionPolicy
from vbpmeasure.results.disclosure.solver import Movement
from vbpmeasure.results.rates import RateTable


@dataclass(frozen=True, slots=True)
class Marks:
    """The verdicts, one per row of the table's ``counts``.

    ``rate`` decides over numerator, rate and interval, and over the denominator too when it is one of the two
    suppressed states; ``population`` over population and excluded.
    """

    rate: tuple[Status, ...]
    population: tuple[Status, ...]


def apply(policy: SuppressionPolicy, table: RateTable) -> Marks:
    """Decide what is hidden in the table; the same table always gets the same marks."""
    system = cell_system(table)
    state = _State(policy, system)
    if policy.is_public:
        state.hide_small()
        if policy.complementary:
            state.hide_complements()
    listed = range(table.counts.height)
    return Marks(tuple(state.rate[i] for i in listed), tuple(state.pool[i] for i in listed))


_HIDDEN = (Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY)


class _State:
    """The marks while they grow: a cell once hidden stays hidden, so the loops below come to an end."""

    def __init__(self, policy: SuppressionPolicy, system: CellSystem) -> None:
        self.policy = policy
        self.cells = system.cells
        self.system = system
        self.rate = [self._first_status(c) for c in self.cells]
        self.pool = [Status.VALUE] * len(self.cells)
        self.rules_of: dict[int, list[SumRule]] = defaultdict(list)
        for rule in system.sums:
            for position in (rule.parent, *rule.children):
                self.rules_of[position].append(rule)
        self.twins: dict[int, set[int]] = defaultdict(set)
        for same in (system.denominator_of, system.population_of):
            groups: dict[int, set[int]] = defaultdict(set)
            for i, first in enumerate(same):
                groups[first].add(i)
            for group in groups.values():
                for i in group:
                    self.twins[i] |= group

    def _first_status(self, cell: Cell) -> Status:
        if cell.denominator == 0:
            return Status.NO_DATA
        return Status.NA_SMALL_DENOM if cell.denominator < self.policy.min_denominator else Status.VALUE

    # What a reader sees

    def shows_denominator(self, i: int) -> bool:
        return self.cells[i].listed and self.rate[i] not in _HIDDEN

    def shows_numerator(self, i: int) -> bool:
        return self.shows_denominator(i) and self.rate[i] is not Status.NA_SMALL_DENOM

    def shows_pool(self, i: int) -> bool:
        return self.shows_denominator(i) and self.pool[i] not in _HIDDEN

    # Primary

    def hide_small(self) -> None:
        """Hide every count that is small by itself."""
        small = self.policy.any_small
        for i, cell in enumerate(self.cells):
            misses_small = self.policy.check_complement and small(cell.sizes("misses"))
            if small(cell.sizes("denominator")) or small(cell.sizes("numerator")) or misses_small:
                self._hide(i, Status.SUPPRESSED_PRIMARY)
            if small(cell.sizes("excluded")) or small(cell.sizes("population")):
                self.pool[i] = Status.SUPPRESSED_PRIMARY

    def _hide(self, i: int, status: Status) -> None:
        self.rate[i] = status
        if self.pool[i] not in _HIDDEN:
            self.pool[i] = status

    # Complementary

    def hide_complements(self) -> None:
        """Hide further cells until neither a simple subtraction nor any other arithmetic gives a small count away."""
        while self._sweep_sums() or self._sweep_arithmetic():
            pass

    def _sweep_sums(self) -> bool:
        """Per sum with a shown total: never one hidden part alone, and never hidden parts that are small together."""
        changed = False
        for rule in self.system.sums:
            while self._needs_rate_partner(rule):
                if not self._hide_partner(rule):
                    break
                changed = True
            while self._needs_pool_partner(rule):
                if not self._hide_pool_partner(rule):
                    break
                changed = True
        return changed

    def _needs_rate_partner(self, rule: SumRule) -> bool:
        if not self.shows_denominator(rule.parent):
            return False
        hidden = [self.cells[i] for i in rule.children if not self.shows_denominator(i)]
        if len(hidden) == 1:
            return True
        small = self.policy.any_small
        if small(rule.together(hidden, "denominator")):
            return True
        if not self.shows_numerator(rule.parent) or not hidden:
            return False
        # Parts that are NA do not show their numerator either, so they blur the sum as hidden parts do.
        blurred = [self.cells[i] for i in rule.children if not self.shows_numerator(i)]
        misses_small = self.policy.check_complement and small(rule.together(blurred, "misses"))
        return small(rule.together(blurred, "numerator")) or misses_small

    def _hide_partner(self, rule: SumRule) -> bool:
        """Hide the shown part with the smallest denominator, or the total when no part is left."""
        parts = [i for i in rule.children if self.shows_denominator(i) and self.cells[i].denominator > 0]
        partner = min(parts, key=lambda i: (self.cells[i].denominator, i), default=rule.parent)
        self._hide(partner, Status.SUPPRESSED_COMPLEMENTARY)
        return True

    def _needs_pool_partner(self, rule: SumRule) -> bool:
        if not self.shows_pool(rule.parent):
            return False
        hidden = [self.cells[i] for i in rule.children if not self.shows_pool(i)]
        return self.policy.any_small(rule.together(hidden, "excluded"))

    def _hide_pool_partner(self, rule: SumRule) -> bool:
        parts = [i for i in rule.children if self.shows_pool(i) and self.cells[i].excluded > 0]
        partner = min(parts, key=lambda i: (self.cells[i].excluded, i), default=rule.parent)
        self.pool[partner] = Status.SUPPRESSED_COMPLEMENTARY
        return True

    def _sweep_arithmetic(self) -> bool:
        """Hide a partner for every small count that the shown numbers, all taken together, determine."""
        known = self._known()
        movement = Movement(self._equations(known))
        changed = False
        touched: set[int] = set()
        for i, quantities in enumerate(self._small_quantities(known)):
            given_away = [name for name, quantity in quantities if movement.determines(quantity)]
            # One partner for a neighborhood per sweep: it may protect the others too.
            if not given_away or touched & self._neighbors(i):
                changed = changed or bool(given_away)
                continue
            partner = self._partner_of(i, pool_only=given_away == ["excluded"])
            if partner is not None:
                touched |= {partner, *self._neighbors(partner)}
                changed = True
        return changed

    # Variables: three times the cell for its numerator, one more for its denominator, two more for its population; the
    # last two in the name of the first cell that has the same.

    def _numerator(self, i: int) -> int:
        return 3 * i

    def _denominator(self, i: int) -> int:
        return 3 * self.system.denominator_of[i] + 1

    def _population(self, i: int) -> int:
        return 3 * self.system.population_of[i] + 2

    def _known(self) -> set[int]:
        """Return the variables that some row shows."""
        everywhere = range(len(self.cells))
        return (
            {self._numerator(i) for i in everywhere if self.shows_numerator(i)}
            | {self._denominator(i) for i in everywhere if self.shows_denominator(i)}
            | {self._population(i) for i in everywhere if self.shows_pool(i)}
        )

    def _equations(self, known: set[int]) -> Iterator[dict[int, int]]:
        """Yield what the shown numbers say about the hidden ones, without the known terms; each equation once."""
        seen: set[tuple[int, ...]] = set()
        for rule in self.system.sums:
            for variable in (self._numerator, self._denominator, self._population):
                parts = [variable(i) for i in rule.children]
                signature = (variable(rule.parent), *parts)
                if signature not in seen:
                    seen.add(signature)
                    yield _hidden_part([(signature[0], 1), *((v, -1) for v in parts)], known)

    def _small_quantities(self, known: set[int]) -> Iterator[list[tuple[str, dict[int, int]]]]:
        """Yield, for each cell, its small counts by name as sums of hidden variables."""
        for i, cell in enumerate(self.cells):
            n, d, p = self._numerator(i), self._denominator(i), self._population(i)
            candidates = (
                ("numerator", [(n, 1)]),
                ("misses", [(d, 1), (n, -1)]),
                ("denominator", [(d, 1)]),
                ("excluded", [(p, 1), (d, -1)]),
                ("population", [(p, 1)]),
            )
            yield [
                (name, _hidden_part(terms, known))
                for name, terms in candidates
                if self.policy.any_small(cell.sizes(name)) and (name != "misses" or self.policy.check_complement)
            ]

    def _neighbors(self, i: int) -> set[int]:
        found = {i, *self.twins[i]}
        for rule in self.rules_of[i]:
            found |= {rule.parent, *rule.children}
        return found

    def _partner_of(self, i: int, *, pool_only: bool) -> int | None:
        """Hide the best partner for a cell that is given away: a sibling, else a twin, else a total, else anything."""
        circles = [
            [c for rule in self.rules_of[i] if rule.parent != i for c in rule.children],
            sorted(self.twins[i]),
            [rule.parent for rule in self.rules_of[i] if rule.parent != i],
            [c for rule in self.rules_of[i] for c in rule.children],
            list(range(len(self.cells))),
        ]
        # A population is the cheapest thing to hide: no rate goes with it. A twin without exclusions shows the
        # population twice, as its denominator too; without the one nobody knows that the two are the same.
        with_exclusions = [[c for c in circle if self.cells[c].excluded > 0] for circle in circles]
        around = sorted({c for twin in self.twins[i] for c in self._neighbors(twin)})
        for circle in (*with_exclusions, sorted(self.twins[i]), around) if pool_only else ():
            found = [c for c in circle if self.shows_pool(c)]
            if found:
                partner = min(found, key=lambda c: (self.cells[c].excluded, c))
                self.pool[partner] = Status.SUPPRESSED_COMPLEMENTARY
                return partner
        for circle in circles:
            found = [c for c in circle if self.shows_denominator(c) and self.cells[c].denominator > 0]
            if found:
                partner = min(found, key=lambda c: (self.cells[c].denominator, c))
                self._hide(partner, Status.SUPPRESSED_COMPLEMENTARY)
                return partner
        return None


def _hidden_part(terms: list[tuple[int, int]], known: set[int]) -> dict[int, int]:
    """Return the terms as coefficient by variable, without the known ones (equal variables add up)."""
    found: dict[int, int] = defaultdict(int)
    for variable, coefficient in terms:
        if variable not in known:
            found[variable] += coefficient
    return {v: c for v, c in found.items() if c}
