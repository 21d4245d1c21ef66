"""What follows from the published numbers: the hidden quantities that arithmetic alone gives away.

The published table is a system of linear equations over its hidden counts (a total is the sum of its strata, and so
on). A hidden quantity is determined when it has the same value in every solution. We look for one *other* solution:
a random vector that all equations send to zero. A quantity that this vector leaves unchanged is determined; the
chance to be misled is the chance of hitting zero in a field of 2^61 - 1 elements, which we neglect. The random numbers
are the same in every run.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping

_PRIME = (1 << 61) - 1

Equation = Mapping[int, int]  # coefficient by hidden variable; the known part of the equation is left out


class Movement:
    """A change of the hidden variables that no published number notices."""

    PRIME = _PRIME

    def __init__(self, equations: Iterable[Equation], seed: int = 0) -> None:
        """Solve the homogeneous system; variables that stand in no equation are free.

        Movements of different systems need different seeds, when their values are to be added.
        """
        self._random = random.Random(20_240_126 + seed)  # noqa: S311 - not for secrets
        self._moved: dict[int, int] = {}
        pivots = _eliminate([dict(e) for e in equations if e])
        for variable, equation in reversed(pivots):
            rest = sum(c * self.value(v) for v, c in equation.items() if v != variable)
            self._moved[variable] = -rest * pow(equation[variable], -1, _PRIME) % _PRIME

    def value(self, variable: int) -> int:
        """Return by how much a variable moves."""
        if variable not in self._moved:
            self._moved[variable] = self._random.randrange(1, _PRIME)
        return self._moved[variable]

    def determines(self, quantity: Equation) -> bool:
        """Return whether the sum of coefficient times hidden variable is the same in every solution."""
        return sum(c * self.value(v) for v, c in quantity.items()) % _PRIME == 0


def _eliminate(equations: list[dict[int, int]]) -> list[tuple[int, dict[int, int]]]:
    """Return (variable, equation) pairs: each variable can be computed from the free ones and those of later pairs.

    A variable of one equation only is taken first: using it up changes no other equation, so that the
    long sums of a table never get longer.
    """
    uses: dict[int, set[int]] = defaultdict(set)
    for number, equation in enumerate(equations):
        for variable in equation:
            uses[variable].add(number)
    pivots: list[tuple[int, dict[int, int]]] = []
    left = set(range(len(equations)))
    shortest = [(len(equation), number) for number, equation in enumerate(equations)]
    heapq.heapify(shortest)
    single = sorted((v for v, numbers in uses.items() if len(numbers) == 1), reverse=True)
    while left:
        if single:
            pivot = single.pop()
            if len(uses[pivot]) != 1:
                continue
            (number,) = uses[pivot]
        else:
            length, number = heapq.heappop(shortest)
            if number not in left or length != len(equations[number]):
                continue  # used up, or there under its new length
            if not equations[number]:
                left.discard(number)
                continue
            pivot = min(equations[number], key=lambda v: (len(uses[v]), v))
        equation = equations[number]
        left.discard(number)
        for variable in equation:
            uses[variable].discard(number)
        for other in sorted(uses[pivot]):
            _cancel(equations[other], other, equation, pivot, uses)
            heapq.heappush(shortest, (len(equations[other]), other))
        single += [v for v in equation if v != pivot and len(uses[v]) == 1]
        pivots.append((pivot, equation))
    return pivots


def _cancel(
    target: dict[int, int], number: int, equation: Mapping[int, int], pivot: int, uses: dict[int, set[int]]
) -> None:
    """Subtract the multiple of the equation that takes the pivot out of the target."""
    factor = target[pivot] * pow(equation[pivot], -1, _PRIME) % _PRIME
    for variable, coefficient in equation.items():
        value = (target.get(variable, 0) - factor * coefficient) % _PRIME
        if value:
            target[variable] = value
            uses[variable].add(number)
        elif variable in target:
            del target[variable]
            uses[variable].discard(number)
