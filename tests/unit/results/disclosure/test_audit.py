"""The audit by itself: what it still says when its budget is used up, and what it need not do."""

import pytest

from unit.results.disclosure.test_suppression import PRIMARY, SECOND, VALUE, one
from vbpmeasure.results.disclosure import audit as module
from vbpmeasure.results.disclosure.audit import Budget, audit
from vbpmeasure.results.disclosure.facts import Facts
from vbpmeasure.results.disclosure.policy import PUBLIC
from vbpmeasure.results.disclosure.state import State
from vbpmeasure.results.disclosure.suppression import decide
from vbpmeasure.results.disclosure.system import cell_system


def test_what_was_too_narrow_is_asked_again_without_any_budget() -> None:
    # 15 less at least 11 in B are 4 at most for A, and its mark says 1 at least. Nothing more was hidden since.
    state = State(PUBLIC, Facts(cell_system(one({"A": (0, 3), "B": (0, 12)}))))
    state.hide_small()
    state.hide(2, SECOND)
    first = audit(state, Budget())
    assert [target for target in first.narrow[0] if target[1] == "denominator"] == [(1, "denominator", None)]
    again = audit(state, Budget(0), only=first.narrow.keys(), before=first)
    assert again.narrow == first.narrow
    assert audit(state, Budget(0)).narrow == {}  # nothing was known to be narrow: the rank test has to do


def test_what_was_too_narrow_and_is_no_longer_is_found_out_without_any_budget() -> None:
    # With C hidden too A's 3 can be 9 more (4 of B, 5 of C) or 2 fewer: neither is 10, and both together are 11.
    state = State(PUBLIC, Facts(cell_system(one({"A": (0, 3), "B": (0, 15), "C": (0, 16)}))))
    state.hide_small()
    state.hide(2, SECOND)
    first = audit(state, Budget())
    assert len(first.narrow[0]) == 3  # population and denominator, for nobody is excluded, and all of them are misses
    state.hide(3, SECOND)
    again = audit(state, Budget(0), only=first.narrow.keys(), before=first)
    assert again.narrow == {}
    assert (again.targets, again.checked) == (3, 3)


@pytest.mark.parametrize("solves", [True, False])
def test_one_sum_gets_all_the_partners_it_needs_before_any_audit(
    monkeypatch: pytest.MonkeyPatch, *, solves: bool
) -> None:
    # Beside B or C alone, of at least 11, A's 3 would be 7 or 8 at most: 18 - 11, 19 - 11. With both it is 34 - 22.
    monkeypatch.setattr(module, "has_solver", lambda: solves)
    marks = decide(PUBLIC, cell_system(one({"A": (0, 3), "B": (0, 15), "C": (0, 16)})))
    assert marks.rate == (VALUE, PRIMARY, SECOND, SECOND)
    assert marks.by_audit == frozenset()
