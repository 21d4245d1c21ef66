"""As little as possible: what is hidden for others in vain is shown again, the largest denominators first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from vbpmeasure.results.disclosure.complement import tight_part
from vbpmeasure.results.disclosure.facts import NAMES, World
from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.disclosure.state import HIDDEN, State

_COMPLEMENT = Status.SUPPRESSED_COMPLEMENTARY

# Worlds with more cells than this keep all partners: to try each would take longer than the run.
_MOST_TRIED = 4_000

_Marks = tuple[Status, Status]
_Change = tuple[int, _Marks, _Marks]


def show_again(
    state: State, world: World, kept: Collection[int] = (), proven: Callable[[], bool | None] | None = None
) -> None:
    """Show what is hidden for others in vain; ``kept`` stays hidden.

    A row is tried where simple subtraction and the arithmetic of all numbers give nothing away. With ``proven`` rows
    are tried many at once, and halved where that fails: it says of the state as it is whether it is safe, None when it
    cannot tell any more, which ends the search.
    """
    if len(world.cells) > _MOST_TRIED:
        return
    hidden = [i for i in world.cells if state.cells[i].listed and i not in kept]
    rates = [i for i in hidden if state.rate[i] is _COMPLEMENT]
    pools = [i for i in hidden if state.rate[i] not in HIDDEN and state.pool[i] is _COMPLEMENT]
    for cells in (
        sorted(rates, key=lambda i: (-state.cells[i].denominator, i)),
        sorted(pools, key=lambda i: (-state.cells[i].excluded, i)),
    ):
        changes = [_shown(state, i) for i in cells]
        if proven is None:
            for change in changes:
                _try(state, world, [change], lambda: True)
        elif changes and not _try_halves(state, world, changes, proven):
            return


def _shown(state: State, i: int) -> _Change:
    """Return a cell with the marks under which it is shown, and those that it has."""
    rate = state.first[i] if state.rate[i] is _COMPLEMENT else state.rate[i]
    pool = Status.VALUE if state.pool[i] is _COMPLEMENT else state.pool[i]
    return i, (rate, pool), (state.rate[i], state.pool[i])


def _try_halves(state: State, world: World, changes: Sequence[_Change], proven: Callable[[], bool | None]) -> bool:
    """Try changes together, then by halves; return whether to go on."""
    safe = _try(state, world, changes, proven)
    if safe is None:
        return False
    if safe or len(changes) == 1:
        return True
    half = len(changes) // 2
    return _try_halves(state, world, changes[:half], proven) and _try_halves(state, world, changes[half:], proven)


def _try(state: State, world: World, changes: Sequence[_Change], proven: Callable[[], bool | None]) -> bool | None:
    """Make changes, and take them back unless they are safe, which is returned."""
    for i, new, _ in changes:
        state.set(i, *new)
    safe = all(_locally_safe(state, i) and _safe(state, world, i) for i, *_ in changes) and proven()
    for i, _, old in changes:
        if safe:
            state.why.pop(i, None)
        else:
            state.set(i, *old)
    return safe


def _locally_safe(state: State, i: int) -> bool:
    around = {t for v in state.facts.variables(i) for t in state.twins[v]}
    return all(tight_part(state, rule, NAMES) is None for t in around for rule in state.rules_of[t])


def _safe(state: State, world: World, i: int) -> bool:
    """Whether the row of a cell, now shown, gives nothing away: only what shares equations with it can have changed."""
    if any(
        not state.shows_numerator(member) and state.shows_denominator(composite)
        for member, composite in state.follows[i]
    ):
        return False
    arithmetic = state.arithmetic(world)
    return not any(arithmetic.determines(form) for _, form in state.targets_near(world, i))
