"""The cheapest proof that a hidden count has room: some children change places with those of one other hidden cell.

If another hidden cell can give a target as many children as the policy's interval (or give some and take its own), and
no equation, inequality or bound is hurt, then both tables are solutions and the interval is open. Most hidden counts of
a table with one sum over each dimension are proven so; what is left goes to the linear programs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import islice

from vbpmeasure.results.disclosure.cells import SumRule
from vbpmeasure.results.disclosure.facts import Form, World
from vbpmeasure.results.disclosure.state import State, Target

# Which variables (numerator, denominator, population) change when a child changes place, and of which count a cell must
# have had one to give: a child of the numerator, one that misses it, one of the excluded; or children who only change
# from one of these to another.
_PATTERNS = (
    ((1, 1, 1), "numerator"),
    ((0, 1, 1), "misses"),
    ((0, 0, 1), "excluded"),
    ((1, 0, 0), "numerator"),
    ((0, 1, 0), "misses"),
    ((1, 1, 0), "numerator"),
)
_MOST_GIVERS = 24
_MOST_TAKERS = 4

Gift = tuple[int, int]  # a cell, and how many children it can give


class Exchanges:
    """The statements of one world, by the hidden variables in them."""

    def __init__(self, state: State, world: World, statements: Iterable[tuple[Form, int]]) -> None:
        """Look up what each hidden variable takes part in."""
        self._state = state
        self._facts = state.facts
        # By variable: the statements it stands in, with its coefficient. Slack is None for equations.
        self._stands_in: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._slack: list[int | None] = []
        for statement, slack in (*((e, None) for e in world.equations), *statements):
            for variable, coefficient in state.unknown_part(statement).items():
                self._stands_in[variable].append((len(self._slack), coefficient))
            self._slack.append(slack)
        self._floor: dict[int, int] = {}
        for i in world.cells:
            d = self._facts.denominator[i]
            self._floor[d] = max(self._floor.get(d, 0), state.least(i, "denominator"))
        self._cache: dict[tuple[int, int], list[Gift]] = {}
        self._hidden: dict[int, list[int]] = {}

    def prove(self, target: Target, form: Form) -> bool:
        """Return whether some exchange shows that the target has the policy's interval."""
        i, name, outer = target
        if outer is not None:
            return False
        wanted = self._state.policy.min_interval
        own = int(getattr(self._state.cells[i], name))
        rules = [rule for rule in self._state.rules_of[i] if rule.parent != i]
        for pattern in range(len(_PATTERNS)):
            step = sum(c * self._change([(i, 1)], pattern).get(v, 0) for v, c in form.items())
            if step != 1:  # children who come raise the target by one each
                continue
            if self._possible(self._change([(i, wanted)], pattern)):
                return True
            for rule in rules:
                gifts = self._gifts(rule, i, pattern, wanted)
                if gifts and self._possible(self._change([(i, sum(g for _, g in gifts)), *_taken(gifts)], pattern)):
                    return True
                if own and gifts is not None and self._gives_and_takes(i, rule, pattern, own, wanted):
                    return True
        return False

    def _gives_and_takes(self, i: int, rule: SumRule, pattern: int, own: int, wanted: int) -> bool:
        """Whether the target can come to nothing, and elsewhere grow by what is then still wanted."""
        hidden = self._hidden.get(id(rule))
        if hidden is None:
            found = islice((c for c in rule.children if not self._state.shows_pool(c)), _MOST_TAKERS + 1)
            hidden = self._hidden[id(rule)] = list(found)
        others = [c for c in hidden if c != i][:_MOST_TAKERS]
        down = any(self._possible(self._change([(i, -own), (c, own)], pattern)) for c in others)
        if not down:
            return False
        if own >= wanted:
            return True
        gifts = self._gifts(rule, i, pattern, wanted - own)
        return bool(gifts) and self._possible(self._change([(i, wanted - own), *_taken(gifts or [])], pattern))

    def _gifts(self, rule: SumRule, i: int, pattern: int, wanted: int) -> list[Gift] | None:
        """Return cells that together give what is wanted, the largest first; None when they have too little."""
        chosen: list[Gift] = []
        for cell, most in self._givers(rule, pattern):
            if cell != i:
                chosen.append((cell, min(most, wanted)))
                wanted -= chosen[-1][1]
                if not wanted:
                    return chosen
        return None

    def _givers(self, rule: SumRule, pattern: int) -> list[Gift]:
        found = self._cache.get((id(rule), pattern))
        if found is None:
            moved, name = _PATTERNS[pattern]
            gifts = []
            for c in rule.children:
                variables = self._facts.variables(c)
                if any(part and self._state.known(v) for v, part in zip(variables, moved, strict=True)):
                    continue
                cell = self._state.cells[c]
                most = int(getattr(cell, name))
                if moved[1]:
                    most = min(most, cell.denominator - self._floor[variables[1]])
                if most > 0:
                    gifts.append((c, most))
            found = sorted(gifts, key=lambda gift: (-gift[1], gift[0]))[:_MOST_GIVERS]
            self._cache[id(rule), pattern] = found
        return found

    def _change(self, steps: Iterable[Gift], pattern: int) -> dict[int, int]:
        """Return the change of variables when children come to cells (or leave them); empty when it cannot be."""
        moved, _ = _PATTERNS[pattern]
        move: dict[int, int] = {}
        for cell, count in steps:
            for variable, part in zip(self._facts.variables(cell), moved, strict=True):
                if part:
                    if self._state.known(variable) or move.get(variable, count) != count:
                        return {}
                    move[variable] = count
        return move

    def _possible(self, move: Form) -> bool:
        """Return whether the true table, changed so, is a solution too."""
        if not move:
            return False
        value = self._facts.value
        change: dict[int, int] = defaultdict(int)
        for variable, step in move.items():
            if value[variable] + step < self._floor.get(variable, 0):
                return False
            for statement, coefficient in self._stands_in[variable]:
                change[statement] += coefficient * step
        for statement, step in change.items():
            slack = self._slack[statement]
            if step and (slack is None or slack + step < 0):
                return False
        return True


def _taken(gifts: Iterable[Gift]) -> list[Gift]:
    return [(cell, -count) for cell, count in gifts]
