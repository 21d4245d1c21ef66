"""The audit: given everything that is published, how wide is the interval in which each hidden small count can lie?

A linear program over the hidden counts (HiGHS through scipy): equations are the published sums, inequalities what is
part of what, bounds what the marks say. For every small count we look for two solutions that differ by at least the
policy's interval; the true table is one solution, and each vertex that the solver finds serves all counts at once. Only
for what is left is each end of the interval computed by itself.

Rounded counts are treated as if their true values were known: what is safe then is safe when readers know less.

Without scipy (extra ``audit``) nothing is solved here, and the record says that the proof is that of `solver`: no small
count is determined by arithmetic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vbpmeasure.results.disclosure.complement import targets_of
from vbpmeasure.results.disclosure.facts import Facts
from vbpmeasure.results.disclosure.state import State, Target

if TYPE_CHECKING:
    from vbpmeasure.results.disclosure.facts import World

LINEAR_PROGRAM = "linear program"
RANK = "rank of the linear equations"

# Above this number of hidden variables in one world its counts are sampled, and the record says so.
MOST_VARIABLES = 60_000
SAMPLE = 40
_ROUNDS = 8  # of directions in which all counts are pushed at once
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    ``narrow`` are the small counts with too little room, by the number of their world. ``narrowest`` is the shortest
    interval that was proven to be open, per world; it is at least the policy's for all that were proven.
    """

    method: str
    variables: int = 0
    equations: int = 0
    inequalities: int = 0
    targets: int = 0
    checked: int = 0
    narrow: dict[int, tuple[Target, ...]] = field(default_factory=dict)
    by_world: dict[int, tuple[int, int, int, int, int]] = field(default_factory=dict)


def has_solver() -> bool:
    """Whether the linear programs can be solved (extra ``audit``)."""
    return find_spec("scipy") is not None


def audit(state: State, only: Collection[int] | None = None, before: Audit | None = None) -> Audit:
    """Audit the marks; ``only`` some worlds when all others stand in the audit ``before``."""
    if not has_solver():
        return Audit(RANK, *_rank_sizes(state))
    sizes = dict(before.by_world) if before is not None else {}
    programs = []
    for number, world in enumerate(state.facts.worlds):
        if only is not None and number not in only:
            continue
        program = _program(state, number, world)
        if program is None:
            sizes.pop(number, None)
        else:
            programs.append(program)
            sizes[number] = program.sizes
    narrow = _solve(programs, state.policy.min_interval)
    totals = [sum(s[k] for s in sizes.values()) for k in range(5)]
    return Audit(LINEAR_PROGRAM, *totals, narrow, sizes)


def _rank_sizes(state: State) -> tuple[int, int, int, int, int]:
    variables: set[int] = set()
    equations = targets = 0
    for world in state.facts.worlds:
        mine = [t for t, _ in targets_of(state, world)]
        if mine:
            forms = [form for e in world.equations if (form := state.unknown_part(e))]
            variables |= {v for form in forms for v in form}
            equations += len(forms)
            targets += len(mine)
    return len(variables), equations, 0, targets, targets


@dataclass(slots=True)
class _Program:
    """One world as a linear program: rows of ``equal`` are zero around the truth, those of ``least`` bounded below.

    All forms are in terms of the distance from the true value, so that zero is a solution.
    """

    number: int
    low: list[float]
    high: list[float]
    equal: list[dict[int, int]]
    least: list[tuple[dict[int, int], int]]
    targets: list[tuple[Target, dict[int, int]]]
    sizes: tuple[int, int, int, int, int]


def _program(state: State, number: int, world: World) -> _Program | None:
    targets = list(targets_of(state, world))
    if not targets:
        return None
    facts = state.facts
    index: dict[int, int] = {}

    def local(form: dict[int, int]) -> dict[int, int]:
        return {index.setdefault(v, len(index)): c for v, c in form.items()}

    equal = [local(form) for e in world.equations if (form := state.unknown_part(e))]
    least: dict[tuple[tuple[int, int], ...], int] = {}
    floors: dict[int, int] = {}
    for form, value in _statements(state, facts, world):
        unknown = state.unknown_part(form)
        if len(unknown) > 1:
            least[tuple(sorted(local(unknown).items()))] = -value
        elif len(unknown) == 1:
            ((variable, coefficient),) = local(unknown).items()
            if coefficient > 0:
                floors[variable] = max(floors.get(variable, -value), -value)
            else:
                least[((variable, coefficient),)] = -value
    for i in world.cells:
        variable = facts.denominator[i]
        if variable in index:
            own = index[variable]
            room = state.least(i, "denominator") - state.cells[i].denominator
            floors[own] = max(floors.get(own, room), room)
    wanted_local = [(target, local(form)) for target, form in targets]
    limit = 2.0 * max((abs(facts.value[v]) for v in index), default=0) + 1_000
    low = [0.0] * len(index)
    for variable, own in index.items():
        low[own] = -float(facts.value[variable])
        if own in floors:
            low[own] = max(low[own], float(min(floors[own], 0)))
    checked = len(wanted_local)
    if len(index) > MOST_VARIABLES:
        wanted_local = wanted_local[:: max(1, len(wanted_local) // SAMPLE)]
    sizes = (len(index), len(equal), len(least), checked, len(wanted_local))
    return _Program(
        number,
        low,
        [limit] * len(index),
        equal,
        [(dict(k), v) for k, v in least.items()],
        wanted_local,
        sizes,
    )


def _statements(state: State, facts: Facts, world: World) -> Iterable[tuple[dict[int, int], int]]:
    """Yield (form, true value) of everything that is never below zero."""
    for i in world.cells:
        cell = state.cells[i]
        yield facts.form(i, "misses"), cell.misses
        yield facts.form(i, "excluded"), cell.excluded
    for one, form in world.differences:
        yield form, facts.difference_sizes(one)[0]


class _Solver:
    """Some worlds side by side in one linear program."""

    def __init__(self, programs: list[_Program]) -> None:
        from scipy import sparse  # noqa: PLC0415 - takes a second, and not every run has it

        self.low = np.array([x for p in programs for x in p.low])
        self.high = np.array([x for p in programs for x in p.high])
        self.targets: list[tuple[int, Target]] = []
        starts = np.cumsum([0, *(len(p.low) for p in programs)]).tolist()

        def matrix(rows: list[dict[int, int]]) -> Any:
            columns = [v for row in rows for v in row]
            values = [float(c) for row in rows for c in row.values()]
            lines = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
            return sparse.csr_array((values, (lines, columns)), shape=(len(rows), len(self.low)))

        def shifted(form: dict[int, int], start: int) -> dict[int, int]:
            return {start + v: c for v, c in form.items()}

        forms, equal, least, bounds = [], [], [], []
        for program, start in zip(programs, starts, strict=False):
            equal += [shifted(form, start) for form in program.equal]
            least += [shifted(form, start) for form, _ in program.least]
            bounds += [value for _, value in program.least]
            for target, form in program.targets:
                self.targets.append((program.number, target))
                forms.append(shifted(form, start))
        self.equal = matrix(equal) if equal else None
        self.least = -matrix(least) if least else None
        self.bounds = -np.array(bounds, dtype=float) if least else None
        self.forms = matrix(forms)

    def extreme(self, weights: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Return all targets at a point where their weighted sum is largest; None when the solver gave up."""
        from scipy.optimize import linprog  # noqa: PLC0415

        found = linprog(
            -(self.forms.T @ weights),
            A_ub=self.least,
            b_ub=self.bounds,
            A_eq=self.equal,
            b_eq=None if self.equal is None else np.zeros(self.equal.shape[0]),
            bounds=np.stack([self.low, self.high], axis=1),
            method="highs",
        )
        return None if found.x is None else np.asarray(self.forms @ found.x)


def _solve(programs: list[_Program], wanted: int) -> dict[int, tuple[Target, ...]]:
    """Return the targets, by world, whose interval is shorter than wanted."""
    if not programs:
        return {}
    solver = _Solver(programs)
    low = np.zeros(len(solver.targets))
    high = np.zeros(len(solver.targets))
    random = np.random.default_rng(20_240_126)

    def unproven() -> NDArray[np.int64]:
        return np.flatnonzero(high - low < wanted - _SLACK)

    def push(weights: NDArray[np.float64]) -> None:
        values = solver.extreme(weights)
        if values is not None:
            np.minimum(low, values, out=low)
            np.maximum(high, values, out=high)

    for _ in range(_ROUNDS):
        left = unproven()
        if not len(left):
            return {}
        weights = np.zeros(len(low))
        weights[left] = random.choice([-1.0, 1.0], len(left)) * random.uniform(0.5, 1.5, len(left))
        push(weights)
        push(-weights)
    # What is left: both ends, exactly, of one target per world at a time.
    queue: dict[int, list[int]] = defaultdict(list)
    for target in unproven().tolist():
        queue[solver.targets[target][0]].append(target)
    narrow: dict[int, list[Target]] = defaultdict(list)
    while queue:
        weights = np.zeros(len(low))
        for targets in queue.values():
            weights[targets[-1]] = 1.0
        push(weights)
        push(-weights)
        for world, targets in list(queue.items()):
            done = targets.pop()
            if high[done] - low[done] < wanted - _SLACK:
                narrow[world].append(solver.targets[done][1])
            targets[:] = [t for t in targets if high[t] - low[t] < wanted - _SLACK]
            if not targets:
                del queue[world]
    return {world: tuple(reversed(found)) for world, found in narrow.items()}
