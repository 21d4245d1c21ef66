"""Proofs by exchange: found at the very edge of what a cell can give, and never where the interval is short."""

from collections.abc import Callable, Collection, Iterable

from unit.results.disclosure.test_suppression import SECOND, one, table_of
from vbpmeasure.results.disclosure.cells import CellSystem
from vbpmeasure.results.disclosure.exchange import Exchanges
from vbpmeasure.results.disclosure.facts import Facts, Form
from vbpmeasure.results.disclosure.policy import PUBLIC
from vbpmeasure.results.disclosure.state import State
from vbpmeasure.results.disclosure.system import cell_system


def search(
    system: CellSystem, partners: Collection[int] = (), more: Iterable[tuple[Form, int]] = ()
) -> Callable[[int, str], bool]:
    """Hide what is small, and the partners; return what finds a proof for (cell, count). Cell 0 is the total.

    ``more`` are forms that are never below zero, with their true values, beside misses and excluded.
    """
    state = State(PUBLIC, Facts(system))
    state.hide_small()
    for i in partners:
        state.hide(i, SECOND)
    facts, cells = state.facts, state.cells
    (world,) = facts.worlds
    least = [(facts.form(i, name), getattr(cells[i], name)) for i in world.cells for name in ("misses", "excluded")]
    exchanges = Exchanges(state, world, [*least, *more])

    def prove(i: int, name: str) -> bool:
        (form,) = [form for target, form in state.targets(world) if target == (i, name, None)]
        return exchanges.prove((i, name, None), state.unknown_part(form))

    return prove


def with_known_denominators(**strata: tuple[int, int, int]) -> CellSystem:
    """One hidden rate; a second of the same children shows its denominators, and excludes nobody."""
    cells = {"a": {"race": strata}, "b": {"race": {name: (0, d, 0) for name, (_, d, _) in strata.items()}}}
    return cell_system(table_of(cells, rates=("a", "b")))


def test_a_partner_gives_all_but_the_eleven_that_its_mark_says():
    # A has 3 of whom none is met; the partner B has 21 and can give 10 of them.
    assert search(cell_system(one({"A": (0, 3), "B": (0, 21)})), [2])(1, "denominator")


def test_no_proof_where_the_marks_leave_too_little_room():
    # A + B = 21, A is at least 1 and B at least 11: A is from 1 to 10, and that is 9 and not 10 apart. That excluded
    # children can change places says nothing of A's denominator.
    assert not search(cell_system(one({"A": (0, 3, 20), "B": (0, 18, 40)})), [2])(1, "denominator")


def test_a_row_that_is_not_listed_can_give_everyone():
    # No mark says that someone is in B: all 10 could be in A.
    system = cell_system(one({"A": (0, 3), "B": (0, 10)}), listed=lambda _, __, stratum: stratum != "B")
    assert search(system)(1, "denominator")


def test_a_numerator_can_come_to_nothing():
    # 13 of 200 are met; the 10 of B could all be in A.
    assert search(cell_system(one({"A": (3, 100), "B": (10, 100)})))(1, "numerator")


def test_misses_change_places_without_those_who_are_met():
    # 5 of A and 30 of B are not met. 10 more of these in A make 15 of 60, where nobody knows A's 45 either.
    assert search(cell_system(one({"A": (45, 50), "B": (30, 60)})), [2])(1, "misses")


def test_two_partners_give_what_neither_could():
    # B keeps 11 of 20 and gives 9, C keeps 11 of 12 and gives 1.
    assert search(cell_system(one({"A": (0, 3), "B": (0, 20), "C": (0, 12)})), [2, 3])(1, "denominator")


def test_what_cannot_grow_by_ten_may_shrink_and_grow():
    # A's 5 of 12 can become 12 at most, but also nothing: B has enough who are met, and enough who are not.
    assert search(with_known_denominators(A=(5, 12, 0), B=(30, 60, 0)), [2])(1, "numerator")


def test_shrinking_alone_is_not_enough():
    # As before, but something else says that A's 5 are 8 at most: from 0 to 8.
    system = with_known_denominators(A=(5, 12, 0), B=(30, 60, 0))
    numerator = Facts(system).numerator[1]
    assert not search(system, [2], [({numerator: -1}, 3)])(1, "numerator")


def test_growing_alone_is_not_enough():
    # All 60 of B are met: A's 5 cannot be fewer, and 12 at most. C shows that 50 are met and hides its 5 excluded only.
    assert not search(with_known_denominators(A=(5, 12, 0), B=(60, 60, 0), C=(50, 100, 5)), [2])(1, "numerator")


def test_two_small_numerators_with_nine_together_are_not_proven():
    assert not search(with_known_denominators(A=(5, 20, 0), B=(4, 60, 0)))(1, "numerator")
