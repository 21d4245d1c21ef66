"""Families of comparisons, verdicts, references."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from vbpmeasure.equity.statistics.estimate import Count
from vbpmeasure.equity.statistics.multiplicity import benjamini_hochberg
from vbpmeasure.equity.statistics.reference import best_with_min_n, largest
from vbpmeasure.equity.statistics.verdicts import Rule, Verdict, framings, is_large, verdict

WHITE, ASIAN, BLACK = Count(612, 900), Count(118, 160), Count(330, 600)
RULE = Rule()


def test_benjamini_hochberg_by_hand() -> None:
    # 0.005 x 4/1, 0.01 x 4/2, 0.03 x 4/3, 0.04 x 4/4
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert benjamini_hochberg([]) == []
    assert benjamini_hochberg([0.02], size=5) == pytest.approx([0.1])
    assert benjamini_hochberg([0.9, 0.8]) == pytest.approx([0.9, 0.9])
    with pytest.raises(ValueError, match="at least as large"):
        benjamini_hochberg([0.1, 0.2], size=1)


def test_benjamini_hochberg_is_that_of_scipy() -> None:
    random = np.random.default_rng(5)
    for size in (1, 2, 7, 40):
        p = (random.random(size) ** 3).tolist()
        assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p).tolist(), abs=1e-12)


def test_the_family_of_gb3_by_hand() -> None:
    # Black, AI/AN, Asian, Two+ against White; sorted 3.339e-7, 0.004604, 0.015156, 0.147790
    p = [3.339e-07, 0.015156, 0.147790, 0.004604]
    assert benjamini_hochberg(p) == pytest.approx([1.3356e-06, 0.020208, 0.147790, 0.009208], abs=5e-7)


def test_the_asian_group_of_the_equity_page_is_the_same() -> None:
    found = framings(Fraction(118, 160), Fraction(612, 900))
    assert found.favorable == pytest.approx(0.084559, abs=5e-7)
    assert found.adverse == pytest.approx(-0.179688, abs=5e-7)
    assert is_large(Fraction(118, 160), Fraction(612, 900), 0.10), "18 % fewer without it: large by the adverse framing"
    assert verdict(ASIAN, WHITE, 0.147790, RULE) == (Verdict.SAME, None)
    assert verdict(ASIAN, WHITE, 0.04, RULE) == (Verdict.BETTER, None)


@pytest.mark.parametrize(
    ("group", "lower", "wanted"),
    [(BLACK, False, Verdict.WORSE), (BLACK, True, Verdict.BETTER), (ASIAN, True, Verdict.WORSE)],
)
def test_the_direction_of_the_rate_decides_what_is_worse(group: Count, lower: bool, wanted: Verdict) -> None:
    assert verdict(group, WHITE, 0.001, RULE, lower_is_better=lower)[0] is wanted


def test_framings_turn_with_the_direction() -> None:
    up = framings(Fraction(1, 4), Fraction(1, 2))
    down = framings(Fraction(1, 4), Fraction(1, 2), lower_is_better=True)
    assert (up.favorable, up.adverse) == (-0.5, 0.5)
    assert (down.favorable, down.adverse) == (0.5, -0.5)
    assert framings(Fraction(1, 4), Fraction(0)).favorable is None
    assert framings(Fraction(1, 4), Fraction(1)).adverse is None


def test_exactly_ten_percent_is_large_and_a_hair_less_is_not() -> None:
    assert is_large(Fraction(45, 100), Fraction(50, 100), 0.10)
    assert not is_large(Fraction(45001, 100000), Fraction(50, 100), 0.10)
    # Of 95 %: half a point is a tenth of the missing five.
    assert is_large(Fraction(945, 1000), Fraction(95, 100), 0.10)
    assert not is_large(Fraction(946, 1000), Fraction(95, 100), 0.10)
    assert is_large(Fraction(1, 1000), Fraction(0), 0.10), "more than nothing is more than any share of nothing"
    assert not is_large(Fraction(0), Fraction(0), 0.10)


def test_a_significant_difference_that_is_small_is_the_same() -> None:
    assert verdict(Count(5200, 10000), Count(5400, 10000), 0.004, RULE) == (Verdict.SAME, None)


def test_too_small_to_tell() -> None:
    found, reason = verdict(Count(20, 42), WHITE, 0.2, RULE)
    assert found is Verdict.INSUFFICIENT
    assert reason is not None
    assert "100 members" in reason
    assert verdict(Count(20, 42), WHITE, 0.01, RULE)[0] is Verdict.WORSE, "what is significant was not too small"
    assert verdict(Count(28, 42), WHITE, 0.9, RULE)[0] is Verdict.SAME, "nor is a small difference a question of size"
    assert verdict(BLACK, Count(40, 60), 0.2, RULE)[0] is Verdict.INSUFFICIENT, "the reference may be the small one"
    assert verdict(Count(0, 0), WHITE, None, RULE) == (Verdict.INSUFFICIENT, "no one in the denominator")
    assert verdict(WHITE, Count(0, 0), None, RULE)[0] is Verdict.INSUFFICIENT
    assert verdict(Count(20, 42), Fraction(3, 5), 0.2, RULE)[0] is Verdict.INSUFFICIENT
    assert verdict(BLACK, Fraction(3, 5), 0.01, Rule(min_relative=0.05))[0] is Verdict.WORSE


GROUPS = {"White": WHITE, "Black": BLACK, "Asian": ASIAN, "NHPI": Count(9, 9)}


def test_the_best_group_is_large_enough() -> None:
    assert best_with_min_n(GROUPS, 100).group == "Asian"
    assert best_with_min_n(GROUPS, 5).group == "NHPI"
    assert best_with_min_n(GROUPS, 100, lower_is_better=True).group == "Black"
    assert best_with_min_n(GROUPS, 100).by_rate
    assert not best_with_min_n({"White": WHITE, "Black": BLACK}, 100).by_rate, "of two, either choice is the same pair"


def test_no_group_is_large_enough() -> None:
    found = best_with_min_n(GROUPS, 1000)
    assert (found.group, found.note) == ("White", "no group has 1000 members or more: the largest was taken")
    assert not found.by_rate
    nobody = best_with_min_n({"a": Count(0, 0)}, 1)
    assert (nobody.group, nobody.note) == (None, "no group has anyone in the denominator")
    assert largest({}).group is None


def test_ties() -> None:
    alike = {"a": Count(50, 100), "b": Count(100, 200), "c": Count(100, 200)}
    assert best_with_min_n(alike, 100).group == "b", "of equal rates the larger group, then the order"
    assert largest(alike).group == "b"
