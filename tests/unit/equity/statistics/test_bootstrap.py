"""Intervals of the summary indices: the formulas over many draws are those of one, the draws always the same."""

from __future__ import annotations

import numpy as np
import pytest

from vbpmeasure.equity.statistics.bootstrap import drawn_indices, index_intervals
from vbpmeasure.equity.statistics.estimate import Count
from vbpmeasure.equity.statistics.indices import INDICES, summary_indices

# Golden table GB6 of the equity page, without the group of 18.
GB6 = [Count(612, 900), Count(330, 600), Count(21, 42), Count(118, 160), Count(66, 120)]


@pytest.mark.parametrize("lower", [False, True])
def test_the_formulas_over_draws_are_the_indices(lower: bool) -> None:
    rates = np.array([[count.rate for count in GB6]])
    drawn = drawn_indices(rates, [count.denominator for count in GB6], lower_is_better=lower)
    one = summary_indices(GB6, lower_is_better=lower)
    assert set(drawn) == set(INDICES)
    assert {name: values[0] for name, values in drawn.items()} == {
        name: pytest.approx(found.value, rel=1e-12) for name, found in one.items()
    }


def test_an_interval_holds_its_index_and_what_it_can_be() -> None:
    found = index_intervals(GB6, draws=400, seed=1)
    values = summary_indices(GB6)
    for name, ends in found.items():
        value = values[name].value
        assert ends is not None
        assert value is not None
        assert ends[0] <= value <= ends[1], name
        assert ends[0] >= (1 if name in ("srr", "max_ratio") else 0), name
    assert found == index_intervals(GB6, draws=400, seed=1)
    assert found != index_intervals(GB6, draws=400, seed=2)


def test_where_there_is_nothing_to_draw() -> None:
    assert set(index_intervals(GB6, draws=0, seed=1).values()) == {None}
    assert set(index_intervals(GB6[:1], draws=10, seed=1).values()) == {None}
    # A group in which some draws have a rate of 0: the mean log deviation of these is undefined.
    assert index_intervals([*GB6, Count(1, 40)], draws=400, seed=1)["mld"] is None


def test_an_interval_of_many_members_is_near_the_normal_one() -> None:
    # Two groups of 40,000 with 60 % and 50 %: the difference has a standard error of 0.00350.
    ends = index_intervals([Count(24_000, 40_000), Count(20_000, 40_000)], draws=4000, seed=1)["max_diff"]
    assert ends is not None
    assert ends == (pytest.approx(0.1 - 1.96 * 0.0035, abs=0.0005), pytest.approx(0.1 + 1.96 * 0.0035, abs=0.0005))
