"""What a reader can work out exactly, kept up to date while marks change: one `Movement` per part of the equations.

Equations fall into parts that share no variable: the numerators of one rate, the denominators of some. A mark changes
few parts, and a mark taken back leads to a set of unknowns that was solved before.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import count

from vbpmeasure.results.disclosure.facts import Form, World
from vbpmeasure.results.disclosure.solver import Movement


class Arithmetic:
    """The equations of one world. ``known`` says whether a row shows a variable now; `flip` that this has changed."""

    def __init__(self, world: World, known: Callable[[int], bool]) -> None:
        """Split the equations into parts."""
        self._known = known
        self._part: dict[int, int] = {}
        members: dict[int, list[int]] = {}
        numbers = count()
        for form in world.equations:  # the smaller part joins the larger
            touched = sorted({self._part[v] for v in form if v in self._part}, key=lambda p: -len(members[p]))
            into = touched[0] if touched else next(numbers)
            members.setdefault(into, [])
            for part in touched[1:]:
                for variable in members[part]:
                    self._part[variable] = into
                members[into] += members.pop(part)
            for variable in form:
                if variable not in self._part:
                    self._part[variable] = into
                    members[into].append(variable)
        self._equations: dict[int, list[Form]] = defaultdict(list)
        for form in world.equations:
            self._equations[self._part[next(iter(form))]].append(form)
        generator = random.Random(7)  # noqa: S311 - not for secrets
        self._sign = {v: generator.getrandbits(64) for v in sorted(self._part)}
        self._unknown = {
            part: _xor(self._sign[v] for v in variables if not known(v)) for part, variables in members.items()
        }
        self._solved: dict[tuple[int, int], Movement] = {}
        self._forms: dict[int, tuple[Form, tuple[int, ...], tuple[int, ...]]] = {}
        self._answers: dict[tuple[int, ...], bool] = {}

    def flip(self, variable: int) -> None:
        """Take note that a variable has become known or unknown."""
        part = self._part.get(variable)
        if part is not None:
            self._unknown[part] ^= self._sign[variable]

    def parts(self, form: Iterable[int]) -> set[int]:
        """Return the parts of some variables; one that stands in no equation is a part by itself."""
        return {self._part.get(v, -v - 1) for v in form}

    def determines(self, form: Form) -> bool:
        """Return whether the form has the same value in every solution."""
        parts, loose = self._form(form)
        if not all(self._known(v) for v in loose):
            return False
        # The unknowns of its parts decide: the same ones, the same answer.
        key = id(form), *(self._unknown[part] for part in parts)
        found = self._answers.get(key)
        if found is None:
            total = 0
            for variable, coefficient in form.items():
                if not self._known(variable):
                    total += coefficient * self._movement(self._part[variable]).value(variable)
            found = self._answers[key] = total % Movement.PRIME == 0
        return found

    def _form(self, form: Form) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the parts that a form stands in, and its variables that stand in none."""
        found = self._forms.get(id(form))
        if found is None:
            parts = tuple(dict.fromkeys(self._part[v] for v in form if v in self._part))
            loose = tuple(v for v in form if v not in self._part)
            self._forms[id(form)] = found = form, parts, loose  # kept, so that no other form gets its id
        return found[1:]

    def _movement(self, part: int) -> Movement:
        key = part, self._unknown[part]
        found = self._solved.get(key)
        if found is None:
            hidden = [{v: c for v, c in e.items() if not self._known(v)} for e in self._equations[part]]
            found = self._solved[key] = Movement(hidden, seed=part)
        return found


def _xor(numbers: Iterable[int]) -> int:
    total = 0
    for number in numbers:
        total ^= number
    return total
