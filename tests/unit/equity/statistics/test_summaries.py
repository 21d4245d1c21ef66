"""Summary indices, standardization, change, composites: by hand, and by another way of computing them."""

from __future__ import annotations

import numpy as np
import pytest

from vbpmeasure.equity.statistics.change import Direction, gap_change
from vbpmeasure.equity.statistics.composites import (
    HessPart,
    hess_like,
    standard_score,
    thirds,
    thirds_index,
    thirds_reward,
)
from vbpmeasure.equity.statistics.estimate import Count
from vbpmeasure.equity.statistics.indices import INDICES, summary_indices
from vbpmeasure.equity.statistics.standardize import direct

EVEN = [Count(80, 100), Count(60, 100), Count(40, 100)]

# By hand: mean 0.6; (0.04 + 0 + 0.04) / 3; ln(4/3) = 0.287682072, ln(2/3) = -0.405465108
BY_HAND = {
    "max_diff": 0.4,
    "max_ratio": 2.0,
    "srr": 1.6,
    "bgv": 0.026667,
    "sd": 0.163299,
    "cv": 27.216553,
    "idisp": 22.222222,
    "idisw": 22.222222,
    "theil": 0.037755,
    "mld": 0.039261,
    "mdb": 0.2,
    "par": 0.2,
    "paf": 33.333333,
    "gini": 0.148148,
}


def test_indices_by_hand() -> None:
    found = summary_indices(EVEN)
    assert set(found) == set(BY_HAND) == set(INDICES)
    for name, wanted in BY_HAND.items():
        assert found[name].value == pytest.approx(wanted, abs=6e-7), name


def test_the_same_groups_where_less_is_better() -> None:
    found = summary_indices(EVEN, lower_is_better=True)
    # best 0.4: mean of the others 0.7 by 0.4; the mean would fall by 0.2, a third of 0.6
    assert found["srr"].value == pytest.approx(1.75)
    assert found["par"].value == pytest.approx(0.2)
    assert found["paf"].value == pytest.approx(100 / 3)
    assert found["mdb"].value == pytest.approx(0.2)
    turned = ("srr",)
    for name, wanted in BY_HAND.items():
        if name not in turned:
            assert found[name].value == pytest.approx(wanted, abs=6e-7), name


GB6 = [Count(612, 900), Count(330, 600), Count(118, 160), Count(66, 120)]


def test_indices_by_linear_algebra() -> None:
    """The same definitions with other tools: the variance as r'Ar with A = diag(w) - ww', moments by traces."""
    n = np.array([c.denominator for c in GB6], dtype=float)
    r = np.array([c.numerator for c in GB6]) / n
    w = n / n.sum()
    mu = w @ r
    a = np.diag(w) - np.outer(w, w)
    sigma = np.diag(r * (1 - r) / n)
    found = summary_indices(GB6)
    bgv = found["bgv"]
    assert bgv.value == pytest.approx(r @ a @ r, abs=1e-12)
    variance = 2 * np.trace(a @ sigma @ a @ sigma) + 4 * r @ a @ sigma @ a @ r
    assert bgv.error == pytest.approx(np.sqrt(variance), abs=1e-12)
    assert found["cv"].value == pytest.approx(100 * np.sqrt(r @ a @ r) / mu)
    assert found["idisw"].value == pytest.approx(100 * w @ np.abs(r - mu) / mu)
    assert found["idisp"].value == pytest.approx(100 * np.mean(np.abs(r - mu)) / mu)
    assert found["theil"].value == pytest.approx(w @ (r / mu * np.log(r / mu)))
    assert found["mld"].value == pytest.approx(-(w @ np.log(r / mu)))
    assert found["gini"].value == pytest.approx(w @ np.abs(r[:, None] - r[None, :]) @ w / (2 * mu))
    assert found["mdb"].value == pytest.approx(w @ (r.max() - r))
    assert found["paf"].value == pytest.approx(100 * (r.max() - mu) / mu)
    assert found["srr"].value == pytest.approx(0.7375 / np.mean([0.68, 0.55, 0.55]))


def test_the_standard_error_of_the_variance_is_seen_in_draws() -> None:
    random = np.random.default_rng(11)
    n, r = np.array([900, 600, 160, 120]), np.array([0.68, 0.55, 0.7375, 0.55])
    drawn = random.normal(r, np.sqrt(r * (1 - r) / n), size=(200_000, 4))
    w = n / n.sum()
    spread = ((drawn - (drawn @ w)[:, None]) ** 2 @ w).std()
    assert summary_indices(GB6)["bgv"].error == pytest.approx(spread, rel=0.02)


def test_groups_with_the_rate_zero() -> None:
    found = summary_indices([Count(0, 50), Count(20, 100), Count(30, 100)])
    assert found["mld"].reason == found["max_ratio"].reason == "a group has the rate 0"
    assert found["mld"].value is None
    # weights 0.2, 0.4, 0.4; mean 0.2; x = 0, 1, 1.5: 0 + 0 + 0.4 x 1.5 x ln 1.5
    assert found["theil"].value == pytest.approx(0.4 * 1.5 * 0.405465108, abs=5e-7)
    lower = summary_indices([Count(0, 50), Count(20, 100), Count(30, 100)], lower_is_better=True)
    assert lower["srr"].reason == "the best group has the rate 0"
    nothing = summary_indices([Count(0, 50)] * 3)
    assert {n for n, e in nothing.items() if e.value is None} == {
        *("max_ratio", "srr", "cv", "idisp", "idisw", "theil", "mld", "paf", "gini")
    }
    assert all(e.reason for e in nothing.values() if e.value is None)


def test_two_groups_have_a_difference_and_no_index() -> None:
    found = summary_indices([Count(8, 10), Count(6, 10), Count(0, 0)])
    assert found["max_diff"].value == pytest.approx(0.2)
    assert found["max_ratio"].value == pytest.approx(4 / 3)
    assert {e.reason for n, e in found.items() if n not in ("max_diff", "max_ratio")} == {"fewer than three groups"}
    assert {e.reason for e in summary_indices([Count(8, 10)]).values()} == {
        "fewer than two groups",
        "fewer than three groups",
    }


def test_equal_groups_have_no_disparity() -> None:
    found = summary_indices([Count(30, 90), Count(10, 30), Count(100, 300)])
    for name in set(INDICES) - {"max_ratio", "srr"}:
        assert found[name].value == pytest.approx(0.0, abs=1e-9), name
    assert found["srr"].value == pytest.approx(1.0)


def test_direct_standardization_by_hand() -> None:
    # W 0.25 and 0.75: 0.25 x 0.8 + 0.75 x 0.4 = 0.5; 0.0625 x 0.16 / 50 + 0.5625 x 0.24 / 30 = 0.0047
    found = direct({"1-2": Count(40, 50), "3-5": Count(12, 30)}, {"1-2": 250, "3-5": 750, "6-11": 0})
    assert found.value == pytest.approx(0.5)
    assert found.error == pytest.approx(0.0047**0.5)
    assert found.low == pytest.approx(0.5 - 1.959964 * 0.0047**0.5, abs=5e-7)
    assert found.high == pytest.approx(0.5 + 1.959964 * 0.0047**0.5, abs=5e-7)


def test_standardization_needs_every_band_that_counts() -> None:
    weights = {"1-2": 250, "3-5": 750}
    assert direct({"1-2": Count(40, 50), "3-5": None}, weights).reason == "not shown: 3-5"
    assert direct({"1-2": Count(40, 50), "3-5": Count(0, 0)}, weights).reason == "no one of the group: 3-5"
    assert direct({"1-2": Count(40, 50)}, {"1-2": 10, "3-5": 0}).value == pytest.approx(0.8)
    assert direct({}, {}).value is None


def test_a_gap_that_closed_because_the_group_gained() -> None:
    # 0.55 to 0.62 against 0.68 both years: the gap goes from -0.13 to -0.06.
    found = gap_change(Count(620, 1000), Count(1360, 2000), Count(550, 1000), Count(1360, 2000))
    assert found.now == pytest.approx(-0.06)
    assert found.before == pytest.approx(-0.13)
    assert found.absolute.value == pytest.approx(0.07)
    variance = 0.62 * 0.38 / 1000 + 2 * 0.68 * 0.32 / 2000 + 0.55 * 0.45 / 1000
    assert found.absolute.error == pytest.approx(variance**0.5)
    assert found.direction is Direction.NARROWED
    assert found.relative_direction is Direction.NARROWED
    assert not found.leveling_down
    assert not found.disagree


def test_leveling_down() -> None:
    # The reference falls from 0.68 to 0.60, the group stays at 0.55.
    found = gap_change(Count(1100, 2000), Count(1200, 2000), Count(1100, 2000), Count(1360, 2000))
    assert found.direction is Direction.NARROWED
    assert found.leveling_down
    more_gain = gap_change(Count(1180, 2000), Count(1320, 2000), Count(1100, 2000), Count(1360, 2000))
    assert not more_gain.leveling_down, "the group gained 4 points, the reference lost 2"
    widened = gap_change(Count(1000, 2000), Count(1320, 2000), Count(1100, 2000), Count(1360, 2000))
    assert not widened.leveling_down, "both fell, and the group fell more"


def test_leveling_down_where_less_is_better() -> None:
    # Emergency visits: the reference rises from 20 % to 28 %, the group stays at 30 %.
    found = gap_change(Count(600, 2000), Count(560, 2000), Count(600, 2000), Count(400, 2000), lower_is_better=True)
    assert found.leveling_down
    # The same numbers where more is better: the group was ahead, and the others caught up.
    assert not gap_change(Count(600, 2000), Count(560, 2000), Count(600, 2000), Count(400, 2000)).leveling_down


def test_absolute_and_relative_can_disagree() -> None:
    # 10 against 20 %, then 2 against 8 %: 10 points became 6, half became three quarters.
    found = gap_change(Count(200, 10000), Count(800, 10000), Count(1000, 10000), Count(2000, 10000))
    assert found.direction is Direction.NARROWED
    assert found.relative_direction is Direction.WIDENED
    assert found.disagree
    assert found.relative_now == pytest.approx(-0.75)
    assert found.relative_before == pytest.approx(-0.5)


def test_a_change_within_chance_and_undefined_ones() -> None:
    found = gap_change(Count(52, 100), Count(60, 100), Count(50, 100), Count(60, 100))
    assert found.direction is Direction.NO_CLEAR_CHANGE
    assert gap_change(Count(0, 0), Count(60, 100), Count(50, 100), Count(60, 100)).absolute.value is None
    assert gap_change(Count(5, 10), Count(0, 0), Count(50, 100), Count(60, 100)).absolute.reason is not None
    zero = gap_change(Count(5, 10), Count(0, 10), Count(5, 10), Count(1, 10))
    assert zero.relative_now is None
    assert zero.relative_direction is None
    same = gap_change(Count(5, 10), Count(5, 10), Count(5, 10), Count(5, 10))
    assert same.direction is Direction.NO_CLEAR_CHANGE
    assert same.relative_direction is Direction.NO_CLEAR_CHANGE


def test_the_index_of_thirds_of_the_equity_page() -> None:
    index = thirds_index([1, 0, 1], [1, 1, 3])
    assert index.value == pytest.approx(0.8)
    assert thirds_reward(0.8) == pytest.approx(0.32)
    assert thirds_reward(0.8, cap=0.2) == pytest.approx(0.16)
    assert thirds_reward(-0.3) == 0.0
    assert thirds_index([], []).value is None
    assert thirds_index([1], [0]).value is None


def test_thirds() -> None:
    assert thirds({"a": 0.9, "b": 0.5, "c": 0.1}) == {"a": 1, "b": 0, "c": -1}
    assert thirds({"a": 0.9, "b": 0.5, "c": 0.1}, lower_is_better=True) == {"a": -1, "b": 0, "c": 1}
    assert thirds({n: i / 10 for i, n in enumerate("abcdef")}) == {"a": -1, "b": -1, "c": 0, "d": 0, "e": 1, "f": 1}
    assert thirds({"a": 0.5, "b": 0.5, "c": 0.5}) == {"a": 0, "b": 0, "c": 0}
    assert thirds({"a": 0.5, "b": 0.6}) is None


def test_the_hess_like_score() -> None:
    assert standard_score(0.7, 0.6, 0.05).value == pytest.approx(2.0)
    assert standard_score(0.7, 0.6, 0.05, lower_is_better=True).value == pytest.approx(-2.0)
    assert standard_score(0.7, 0.6, 0.0).reason == "the reference values do not differ"
    # (0.5 x 2 + 0.25 x 1 + 0.25 x -1) = 1 and (0.5 x 0 + 0.25 x 2 + 0.25 x 2) = 1 and 0.5 x -2: mean 1/3
    parts = [HessPart(2, 1, -1), HessPart(0, 2, 2), HessPart(-2, 0, 0)]
    assert hess_like(parts, 500).value == pytest.approx(1 / 3)
    assert hess_like(parts, 499).reason == "fewer than 500 members at risk"
    assert hess_like([HessPart(2)], 900).reason == "a measure lacks a part of the score"
    assert hess_like([HessPart(2)], 900, weights=(1, 0, 0)).value == pytest.approx(2.0)
    assert hess_like([HessPart(2, 2, 2)], 900, weights=(2, 1, 1)).value == pytest.approx(2.0), (
        "weights need no sum of 1"
    )
    assert hess_like([], 900).value is None
    assert hess_like(parts, 900, weights=(0, 0, 0)).value is None
