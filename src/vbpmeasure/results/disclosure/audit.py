"""The audit: given everything that is published, how wide is the interval in which each hidden count can lie.

A linear program over the hidden counts (HiGHS): equations are the published sums, inequalities what is
part of what, bounds what the marks say. For every small count we look for two solutions that differ by at least the
policy's interval; the true table is one solution, and for most counts an exchange with another cell is a second
(`exchange`). For the others each vertex that the solver finds serves all counts at once, and only for what is then left
is each end of the interval computed by itself.

Rounded counts are treated as if their true values were known: what is safe then is safe when readers know less.

Without highspy (extra ``audit``) nothing is solved here, and the record says that the proof is that of `solver`: no
small count is determined by arithmetic.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vbpmeasure.results.disclosure.complement import targets_of
from vbpmeasure.results.disclosure.exchange import Exchanges
from vbpmeasure.results.disclosure.facts import Facts, Form
from vbpmeasure.results.disclosure.state import State, Target

if TYPE_CHECKING:
    from vbpmeasure.results.disclosure.facts import World

LINEAR_PROGRAM = "linear program"
RANK = "rank of the linear equations"

# The work of one run's audit, in units of which a machine does some millions a second; an audit without a limit is
# asked for with `--full-audit`. Worlds are taken from the smallest on, so that what is left out is in the largest ones.
USUAL_WORK = 4_000_000
USUAL_EXCHANGES = 6_000
_ROUNDS = 10  # of directions in which all counts of a world are pushed at once
_SLACK = 1e-6


class Budget:
    """The work that is left."""

    def __init__(self, work: int | None = USUAL_WORK) -> None:
        """Start with some work, of which a quarter is kept for later rounds; None is without a limit."""
        self._later = 0 if work is None else work // 4
        self._tries = None if work is None else USUAL_EXCHANGES
        self.left = None if work is None else work - self._later

    def tries(self) -> bool:
        """Use up one search for an exchange, when there are any left."""
        if self._tries is None:
            return True
        self._tries -= 1
        return self._tries >= 0

    def next_round(self) -> None:
        """Set free what was kept for the rounds after the first."""
        if self.left is not None:
            self.left, self._later = self.left + self._later, 0

    def take(self, work: int) -> bool:
        """Use up some work, when there is enough of it."""
        if self.left is None:
            return True
        if self.left < work:
            return False
        self.left -= work
        return True


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    ``targets`` are the small counts, each once; of those ``checked`` were proven to have the policy's interval, and the
    others, which only an exhausted budget leaves, rest on the rank test. ``narrow`` are the small counts with too
    little room, by the number of their world; ``by_world`` has the five numbers of each.
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
    return find_spec("highspy") is not None


def audit(state: State, budget: Budget, only: Collection[int] | None = None, before: Audit | None = None) -> Audit:
    """Audit the marks; ``only`` some worlds when all others stand in the audit ``before``."""
    if not has_solver():
        return Audit(RANK, *_rank_sizes(state))
    sizes = dict(before.by_world) if before is not None else {}
    programs = []
    proven: dict[int, int] = {}
    for number, world in enumerate(state.facts.worlds):
        if only is not None and number not in only:
            continue
        targets = list(targets_of(state, world))
        exchanges = Exchanges(state, world, _statements(state, state.facts, world)) if targets else None
        suspects = set(before.narrow.get(number, ())) if before is not None else set()
        left = [found for found in targets if exchanges is None or not (budget.tries() and exchanges.prove(*found))]
        proven[number] = len(targets) - len(left)
        left.sort(key=lambda found: found[0] not in suspects)  # asked first, and whatever it costs
        program = _program(state, number, world, left)
        if program is not None:
            program.suspects = sum(found[0] in suspects for found in left)
        sizes.pop(number, None)
        if program is not None:
            programs.append(program)
        elif targets:
            sizes[number] = (*_unsolved_sizes(state, world), len(targets), len(targets))
    narrow = {}
    for program in sorted(programs, key=lambda p: (p.work, p.number)):
        solved, found = _solve(program, state.policy.min_interval, budget)
        easy = proven[program.number]
        variables, equations, inequalities, targets_left = program.sizes
        sizes[program.number] = (variables, equations, inequalities, targets_left + easy, solved + easy)
        if found:
            narrow[program.number] = found
    v, e, q, t, c = (sum(s[k] for s in sizes.values()) for k in range(5))
    shortened = dict(sorted(narrow.items()))
    return Audit(LINEAR_PROGRAM, v, e, q, t, c, shortened, sizes)


def _unsolved_sizes(state: State, world: World) -> tuple[int, int, int]:
    forms = [form for e in world.equations if (form := state.unknown_part(e))]
    return len({v for form in forms for v in form}), len(forms), 0


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
    suspects: int = 0  # the first so many targets were found narrow in the audit before

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        return len(self.low), len(self.equal), len(self.least), len(self.targets)

    @property
    def work(self) -> int:
        return int(float(len(self.low) + len(self.equal) + len(self.least)) ** 1.5) + 12_000


def _program(state: State, number: int, world: World, targets: list[tuple[Target, dict[int, int]]]) -> _Program | None:
    """Return the program for some targets of a world, None when there are none."""
    if not targets:
        return None
    facts = state.facts
    index: dict[int, int] = {}

    def local(form: dict[int, int]) -> dict[int, int]:
        return {index.setdefault(v, len(index)): c for v, c in form.items()}

    equal = [local(form) for e in world.equations if (form := state.unknown_part(e))]
    least: dict[tuple[tuple[int, int], ...], int] = {}
    floors: dict[int, int] = {}
    for statement, value in _statements(state, facts, world):
        unknown = state.unknown_part(statement)
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
    return _Program(number, low, [limit] * len(index), equal, [(dict(k), v) for k, v in least.items()], wanted_local)


def _statements(state: State, facts: Facts, world: World) -> Iterable[tuple[Form, int]]:
    """Yield (form, true value) of everything that is never below zero."""
    for i in world.cells:
        cell = state.cells[i]
        yield facts.form(i, "misses"), cell.misses
        yield facts.form(i, "excluded"), cell.excluded
    for one, form in world.differences:
        yield form, facts.difference_sizes(one)[0]


class _Solver:
    """One world as a linear program: asked again and again for other corners of the same space."""

    def __init__(self, program: _Program) -> None:
        import highspy  # noqa: PLC0415 - an extra: not every run has it

        self.width = len(program.low)
        rows = [*program.equal, *(form for form, _ in program.least)]
        self.line, self.column, self.value = _coordinates([form for _, form in program.targets])
        _, columns, values = _coordinates(rows)
        low = np.array([0.0] * len(program.equal) + [float(value) for _, value in program.least])
        high = np.array([0.0] * len(program.equal) + [highspy.kHighsInf] * len(program.least))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.width, len(rows)
        lp.col_cost_ = np.zeros(self.width)
        lp.col_lower_, lp.col_upper_ = np.array(program.low), np.array(program.high)
        lp.row_lower_, lp.row_upper_ = low, high
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(row) for row in rows)])
        lp.a_matrix_.index_, lp.a_matrix_.value_ = columns, values
        self.solver = highspy.Highs()  # type: ignore[no-untyped-call]
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.passModel(lp)
        self.targets = len(program.targets)
        self.everything = np.arange(self.width, dtype=np.int32)
        self.optimal = highspy.HighsModelStatus.kOptimal

    def extreme(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return all targets at a point where their weighted sum is largest."""
        costs = np.asarray(
            np.bincount(self.column, weights=self.value * weights[self.line], minlength=self.width), dtype=np.float64
        )
        self.solver.changeColsCost(self.width, self.everything, costs)
        self.solver.run()
        if self.solver.getModelStatus() != self.optimal:  # the true table is a solution: say nothing new
            return np.zeros(self.targets)
        point = np.asarray(self.solver.getSolution().col_value)
        found = np.bincount(self.line, weights=self.value * point[self.column], minlength=self.targets)
        return np.asarray(found, dtype=np.float64)


def _coordinates(rows: Sequence[Form]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return sparse rows as three arrays of equal length: number of the row, column, value."""
    lines = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    columns = np.array([v for row in rows for v in row], dtype=np.int64)
    values = np.array([c for row in rows for c in row.values()], dtype=np.float64)
    return lines, columns, values


def _solve(program: _Program, wanted: int, budget: Budget) -> tuple[int, tuple[Target, ...]]:
    """Return how many targets have the interval that is wanted, and those that have not."""
    count = len(program.targets)
    low, high = np.zeros(count), np.zeros(count)
    solver = _Solver(program)
    random = np.random.default_rng(20_240_126)

    def unproven() -> NDArray[np.int64]:
        return np.flatnonzero(high - low < wanted - _SLACK)

    def push(weights: NDArray[np.float64], *, needed: bool = False) -> bool:
        if not budget.take(program.work) and not needed:
            return False
        values = solver.extreme(weights)
        np.minimum(low, values, out=low)
        np.maximum(high, values, out=high)
        return True

    left = unproven()
    for _ in range(_ROUNDS):
        if not len(left):
            break
        weights = np.zeros(count)
        weights[left] = random.choice([-1.0, 1.0], len(left)) * random.uniform(0.5, 1.5, len(left))
        if not (push(weights) and push(-weights)):
            break
        before, left = len(left), unproven()
        if before - len(left) < before // 20:
            break  # what is left is better asked one by one
    narrow: list[Target] = []
    for target in left.tolist():
        if high[target] - low[target] >= wanted - _SLACK:
            continue
        weights = np.zeros(count)
        weights[target] = 1.0
        needed = target < program.suspects
        if not (push(weights, needed=needed) and push(-weights, needed=needed)):
            break
        if high[target] - low[target] < wanted - _SLACK:
            narrow.append(program.targets[target][0])
    return count - len(unproven()), tuple(narrow)
