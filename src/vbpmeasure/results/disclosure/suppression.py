"""Cell suppression: what is hidden, so that no hidden small count follows from what is shown.

Sources: fact sheet 2.6, equity page B4. A row hides its rate together with numerator and denominator; population and
excluded are hidden together, also alone (a small excluded count does not cost the rate). Where the units are index
events, few persons are as small as few events.

In order: what is small by itself; then partners, world by world, until no sum and no other arithmetic gives a small
count away or leaves it a short interval; then what was hidden in vain is shown again; then the audit, which hides more
where it finds less room than the policy asks for; at last what that has hidden in vain is shown again, as far as audits
prove it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.results.disclosure.audit import Audit, Budget, audit
from vbpmeasure.results.disclosure.cells import CellSystem
from vbpmeasure.results.disclosure.complement import hide_around, hide_complements, hide_for
from vbpmeasure.results.disclosure.facts import Facts
from vbpmeasure.results.disclosure.policy import Status, SuppressionPolicy
from vbpmeasure.results.disclosure.sparing import show_again
from vbpmeasure.results.disclosure.state import HIDDEN, State, Target
from vbpmeasure.results.disclosure.system import cell_system
from vbpmeasure.results.rates import RateTable

_MOST_AUDITS = 16
_GENTLE = 4  # after so many audits whole sums are hidden


@dataclass(frozen=True, slots=True)
class Marks:
    """The verdicts, one per cell of the system: first those of the table's ``counts``.

    ``rate`` decides over numerator, rate and interval, and over the denominator too when it is one of the two
    suppressed states; ``population`` over population and excluded. ``why`` says for hidden cells what asked for it
    beyond their own size: the cells they protect, or ``audit``. ``audit`` is the last audit.
    """

    rate: tuple[Status, ...]
    population: tuple[Status, ...]
    why: dict[int, tuple[int, ...]] = field(default_factory=dict)
    by_audit: frozenset[int] = frozenset()
    audit: Audit | None = None


def apply(policy: SuppressionPolicy, table: RateTable) -> Marks:
    """Decide what is hidden in the table; the same table always gets the same marks."""
    return decide(policy, cell_system(table))


def decide(
    policy: SuppressionPolicy,
    system: CellSystem,
    rates: Collection[int] = (),
    populations: Collection[int] = (),
    *,
    full_audit: bool = False,
) -> Marks:
    """Decide what is hidden among the cells; ``rates`` and ``populations`` are hidden in any case.

    Raises `CannotBeSafe` (VBM612) when not even hiding all that can be hidden is enough.
    """
    state = State(policy, Facts(system))
    found: Audit | None = None
    by_audit: set[int] = set()
    if policy.is_public:
        state.hide_small()
        for i in rates:
            if state.rate[i] not in (*HIDDEN, Status.NO_DATA):
                state.hide(i, Status.SUPPRESSED_COMPLEMENTARY)
        for i in populations:
            if state.pool[i] not in HIDDEN:
                state.hide_pool(i, Status.SUPPRESSED_COMPLEMENTARY)
        if policy.complementary:
            kept = {*rates, *populations}
            for world in state.facts.worlds:
                hide_complements(state, world)
                show_again(state, world, kept)
            found, by_audit = _audited(state, Budget(None) if full_audit else Budget(), kept)
    return Marks(tuple(state.rate), tuple(state.pool), dict(state.why), frozenset(by_audit), found)


def _audited(state: State, budget: Budget, kept: Collection[int]) -> tuple[Audit, set[int]]:
    """Audit the marks and hide more until nothing is too narrow; return the last audit, and what it has hidden.

    ``kept`` stays hidden, whatever the search has hidden beside it.
    """
    found = audit(state, budget)
    before = set(state.hidden())
    searched: set[int] = set()
    for attempt in range(_MOST_AUDITS):
        if not found.narrow:
            break
        searched |= found.narrow.keys()
        for number, targets in found.narrow.items():
            world = state.facts.worlds[number]
            if attempt < _GENTLE:
                hide_for(state, targets, dict(state.targets(world)))
            else:
                hide_around(state, targets)
            hide_complements(state, world)
        budget.next_round()
        found = audit(state, budget, only=found.narrow.keys(), before=found)
    if found.narrow:
        raise CannotBeSafe(state, [target for targets in found.narrow.values() for target in targets])
    for number in sorted(searched):
        found = _spared(state, number, kept, found)
    return found, {i for i, _ in set(state.hidden()) - before}


def _spared(state: State, number: int, kept: Collection[int], found: Audit) -> Audit:
    """Show again what the search has hidden in vain in a world; return the audit of what is then shown.

    Only what an audit proves whole is shown: the search began because the other tests were not enough here.
    """
    budget = Budget()
    budget.next_round()
    last = found

    def proven() -> bool | None:
        nonlocal last
        tried = audit(state, budget, only=(number,), before=found)
        *_, targets, checked = tried.by_world.get(number, (0, 0))
        if tried.narrow:
            return False
        if checked < targets:
            return None
        last = tried
        return True

    show_again(state, state.facts.worlds[number], kept, proven)
    return last


class CannotBeSafe(Failure):
    """No search made the table safe (VBM612). Says what was left of it, for whoever can do with less.

    ``suspects`` are the dimensions of the counts that have too little room, ``rates_left`` says how many rates each
    dimension would still have shown.
    """

    def __init__(self, state: State, narrow: Sequence[Target]) -> None:
        """Look at what the search has come to."""
        super().__init__(
            Diagnostic(
                "VBM612",
                "what is published cannot be made safe: some small counts would follow from it whatever else is hidden",
                hint="ask for fewer strata, or leave out the earlier run or the entity that gives numbers away",
            )
        )
        cells = state.cells
        self.suspects = frozenset(cells[i].dimension for one, _, other in narrow for i in (one, other) if i is not None)
        self.rates_left = Counter(cell.dimension for i, cell in enumerate(cells) if state.shows_numerator(i))
