"""Rates, differences, ratios, p-values: the golden values of the equity page, and those of scipy and statsmodels.

Constants marked "statsmodels" come from `confint_proportions_2indep` of statsmodels 0.14.
"""

from __future__ import annotations

from fractions import Fraction
from math import log

import numpy as np
import pytest
from scipy import optimize, stats

from vbpmeasure.equity.statistics.differences import from_fixed, from_overall, newcombe
from vbpmeasure.equity.statistics.estimate import Count
from vbpmeasure.equity.statistics.parity import gap_to_parity
from vbpmeasure.equity.statistics.rates import wilson
from vbpmeasure.equity.statistics.ratios import katz, koopman, ratio_to_fixed, ratio_to_overall, risk_ratio
from vbpmeasure.equity.statistics.significance import (
    compare_rates,
    compare_to_fixed,
    exact_binomial,
    fisher_exact,
    pooled_z,
)

WHITE, BLACK, AIAN, ASIAN = Count(612, 900), Count(330, 600), Count(21, 42), Count(118, 160)
NHPI, TWO, TOTAL = Count(9, 18), Count(66, 120), Count(1156, 1840)

SIX = 5e-7


def close(found: float | None, wanted: float) -> None:
    assert found == pytest.approx(wanted, abs=SIX)


GB1 = [
    (WHITE, 0.648814, 0.709656),
    (BLACK, 0.510000, 0.589363),
    (AIAN, 0.355260, 0.644740),
    (ASIAN, 0.664329, 0.799534),
    (TWO, 0.460815, 0.636083),
    (TOTAL, 0.605934, 0.650054),
    (Count(0, 35), 0.0, 0.098901),
    (Count(35, 35), 0.901099, 1.0),
]


@pytest.mark.parametrize(("count", "low", "high"), GB1)
def test_gb1_wilson(count: Count, low: float, high: float) -> None:
    found = wilson(count)
    close(found.low, low)
    close(found.high, high)


def test_wilson_is_exact_at_the_ends_and_undefined_for_no_one() -> None:
    assert wilson(Count(0, 7)).low == 0.0
    assert wilson(Count(7, 7)).high == 1.0
    assert wilson(Count(0, 0)).value is None
    assert wilson(Count(0, 0)).reason == "no one in the denominator"


@pytest.mark.parametrize("count", [Count(1, 3), Count(17, 1000), Count(99999, 100000)])
def test_wilson_is_that_of_scipy(count: Count) -> None:
    wanted = stats.binomtest(count.numerator, count.denominator).proportion_ci(method="wilson")
    close(wilson(count).low, wanted.low)
    close(wilson(count).high, wanted.high)


# group, RD, Newcombe, RR, Katz, Koopman, p
GB2_GB3 = [
    (BLACK, -0.130000, (-0.179794, -0.079780), 0.808824, (0.742818, 0.880694), (0.741482, 0.879272), 3.339e-07),
    (AIAN, -0.180000, (-0.327747, -0.031938), 0.735294, (0.541606, 0.998249), (0.521066, 0.952771), 0.015156),
    (ASIAN, 0.057500, (-0.021452, 0.126931), 1.084559, (0.978670, 1.201904), (0.969093, 1.191713), 0.147790),
    (NHPI, -0.180000, (-0.391776, 0.031996), 0.735294, (0.462263, 1.169589), (0.426234, 1.047855), 0.106025),
    (TWO, -0.130000, (-0.223986, -0.038443), 0.808824, (0.683790, 0.956720), (0.674229, 0.942681), 0.004604),
]


@pytest.mark.parametrize(("group", "rd", "nc", "rr", "kz", "kp", "p"), GB2_GB3)
def test_gb2_and_gb3(group: Count, rd: float, nc: tuple, rr: float, kz: tuple, kp: tuple, p: float) -> None:
    difference = newcombe(group, WHITE)
    close(difference.value, rd)
    close(difference.low, nc[0])
    close(difference.high, nc[1])
    for found, wanted in ((katz(group, WHITE), kz), (koopman(group, WHITE), kp)):
        close(found.value, rr)
        close(found.low, wanted[0])
        close(found.high, wanted[1])
    tested = pooled_z(group, WHITE)
    assert tested.value == pytest.approx(p, abs=SIX if p > 1e-3 else 5e-11)


def test_koopman_of_nobody() -> None:
    found = koopman(Count(0, 35), WHITE)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(0.1455, abs=5e-5)
    close(found.high, 0.145472)  # statsmodels


# group, reference, Newcombe, Katz, Koopman (statsmodels)
STATSMODELS = [
    (Count(3, 50), Count(7, 40), (-0.264771, 0.019548), (0.094661, 1.241811), (0.101157, 1.139030)),
    (Count(5, 11), Count(200, 731), (-0.063186, 0.448123), (0.860360, 3.208109), (0.771381, 2.690663)),
    (Count(44, 45), Count(30, 45), (0.159221, 0.458214), (1.187382, 1.811642), (1.225868, 1.882713)),
    (Count(2, 2000), Count(9, 3000), (-0.004788, 0.000997), (0.072097, 1.541132), (0.081266, 1.365888)),
]


@pytest.mark.parametrize(("group", "reference", "nc", "kz", "kp"), STATSMODELS)
def test_intervals_are_those_of_statsmodels(group: Count, reference: Count, nc: tuple, kz: tuple, kp: tuple) -> None:
    pairs = [(newcombe, nc), (katz, kz), (koopman, kp)]
    for interval, (low, high) in pairs:
        found = interval(group, reference)
        close(found.low, low)
        close(found.high, high)


def likelihood_score(group: Count, reference: Count, ratio: float) -> float:
    """The score statistic with the likelihood maximized by search, not by the quadratic equation."""

    def loss(p0: float) -> float:
        total = 0.0
        for count, p in ((group, ratio * p0), (reference, p0)):
            for number, share in ((count.numerator, p), (count.rest, 1 - p)):
                total -= number * log(share) if number else 0.0
        return total

    top = min(1.0, 1 / ratio)
    p0 = optimize.minimize_scalar(loss, bounds=(1e-12, top - 1e-12), method="bounded", options={"xatol": 1e-14}).x
    p1 = ratio * p0
    variance = p1 * (1 - p1) / group.denominator + ratio**2 * p0 * (1 - p0) / reference.denominator
    return (group.rate - ratio * reference.rate) ** 2 / variance


# Where everybody of the group meets the numerator, statsmodels 0.14 leaves the real numbers; the definition decides.
@pytest.mark.parametrize(
    ("group", "reference"),
    [(Count(40, 40), WHITE), (Count(38, 40), WHITE), (Count(7, 90), Count(3, 41)), (Count(1, 500), Count(4, 35))],
)
def test_koopman_ends_where_the_score_test_does(group: Count, reference: Count) -> None:
    found = koopman(group, reference)
    for end in (found.low, found.high):
        assert end is not None
        assert likelihood_score(group, reference, end) == pytest.approx(stats.norm.ppf(0.975) ** 2, rel=1e-4)


def test_a_ratio_to_nothing_is_undefined_with_a_reason() -> None:
    for ratio in (katz, koopman, risk_ratio):
        assert ratio(WHITE, Count(0, 50)).reason == "the rate of the reference is 0"
        assert ratio(Count(0, 0), WHITE).reason == "no one in the denominator"
        assert ratio(WHITE, Count(0, 0)).reason == "no one in the denominator of the reference"
    assert katz(Count(0, 35), WHITE).value is None
    assert risk_ratio(Count(0, 35), WHITE).method == "koopman"
    assert risk_ratio(Count(4, 35), WHITE).method == "koopman"
    assert risk_ratio(Count(5, 35), WHITE).method == "katz"
    assert risk_ratio(Count(5, 35), WHITE, interval="koopman").method == "koopman"


def test_the_ratio_of_two_full_groups_is_one_within_its_interval() -> None:
    found = koopman(Count(35, 35), Count(20, 20))
    assert found.value == 1.0
    assert found.low is not None
    assert found.high is not None
    assert found.low < 1 < found.high


def test_against_the_overall_that_contains_the_group() -> None:
    # Asian 118/160 of 1,156/1,840: 0.7375 - 0.6282609 = 0.1092391; the rest is 1,038/1,680.
    found = from_overall(ASIAN, TOTAL)
    close(found.value, 0.109239)
    apart, share = newcombe(ASIAN, Count(1038, 1680)), 1680 / 1840
    assert apart.low is not None
    assert apart.high is not None
    close(found.low, apart.low * share)
    close(found.high, apart.high * share)
    ratio = ratio_to_overall(ASIAN, TOTAL)
    close(ratio.value, 0.7375 / 0.6282609)
    assert ratio.low is not None
    assert ratio.high is not None
    assert 1 < ratio.low < ratio.value < ratio.high
    assert from_overall(TOTAL, TOTAL).reason == "the group is all there is"
    assert ratio_to_overall(TOTAL, TOTAL).reason == "the group is all there is"
    # All 20 that met it are of the group, a tenth of all: its rate is ten times the overall one.
    close(ratio_to_overall(Count(20, 100), Count(20, 1000)).value, 10.0)
    assert ratio_to_overall(Count(0, 100), Count(0, 1000)).reason == "the rate of the reference is 0"


def test_against_a_number_from_outside() -> None:
    # 118/160 = 0.7375 against 60 %: 0.1375 and 1.2291667; Wilson of GB1 moved and divided.
    moved, divided = from_fixed(ASIAN, 0.6), ratio_to_fixed(ASIAN, 0.6)
    close(moved.value, 0.1375)
    close(moved.low, 0.664329 - 0.6)
    close(divided.value, 1.229167)
    close(divided.high, 0.7995336 / 0.6)
    assert ratio_to_fixed(ASIAN, 0.0).reason == "the rate of the reference is 0"
    assert from_fixed(Count(0, 0), 0.6).value is None
    # z = 0.1375 / sqrt(0.6 x 0.4 / 160) = 3.550235
    close(compare_to_fixed(ASIAN, 0.6).value, 2 * stats.norm.sf(3.550235))
    assert compare_to_fixed(Count(2, 40), 0.1).method == "binomial"


RANDOM = np.random.default_rng(20251122)
TABLES = [
    (Count(int(RANDOM.binomial(n1, p1)), n1), Count(int(RANDOM.binomial(n0, p0)), n0))
    for n1, n0, p1, p0 in zip(
        RANDOM.integers(1, 400, 150).tolist(),
        RANDOM.integers(1, 4000, 150).tolist(),
        RANDOM.choice([0.0, 0.01, 0.3, 0.9, 1.0], 150).tolist(),
        RANDOM.choice([0.005, 0.3, 0.95], 150).tolist(),
        strict=True,
    )
]


def test_p_values_are_those_of_scipy() -> None:
    exact = 0
    for group, reference in TABLES:
        cells = [[group.numerator, group.rest], [reference.numerator, reference.rest]]
        assert fisher_exact(group, reference).value == pytest.approx(stats.fisher_exact(cells).pvalue, abs=1e-12)
        for target in (0.02, 0.5):
            wanted = stats.binomtest(group.numerator, group.denominator, target).pvalue
            assert exact_binomial(group, target).value == pytest.approx(wanted, abs=1e-12)
        columns = np.sum(cells, axis=0)
        if columns.min() == 0:
            assert pooled_z(group, reference).value is None
            assert compare_rates(group, reference).value == pytest.approx(1.0)
            continue
        pearson = stats.chi2_contingency(cells, correction=False)
        assert pooled_z(group, reference).value == pytest.approx(pearson.pvalue, abs=1e-12)
        method = "fisher" if pearson.expected_freq.min() < 5 else "z"
        assert compare_rates(group, reference).method == method
        exact += method == "fisher"
    assert 20 < exact < 130, "both tests were taken"


def test_a_small_group_beside_a_very_large_one() -> None:
    # One of 3 against 10 of a million: by hand, 1 - (1 - 1.1e-5)^3 is 3.3e-5.
    found = fisher_exact(Count(1, 3), Count(10, 1_000_000))
    assert found.value == pytest.approx(3.29996e-05, rel=1e-4)


def test_gap_to_parity_by_hand() -> None:
    assert gap_to_parity(BLACK, WHITE) == 78
    assert gap_to_parity(ASIAN, WHITE) == 0
    # Less is better: 330/600 has to come down to 0.5: 30 fewer.
    assert gap_to_parity(BLACK, Count(50, 100), lower_is_better=True) == 30
    assert gap_to_parity(WHITE, BLACK, lower_is_better=True) == 117
    assert gap_to_parity(Count(1, 3), Count(2, 3)) == 1
    assert gap_to_parity(BLACK, Fraction(60, 100)) == 30
    assert gap_to_parity(Count(0, 0), WHITE) is None
    assert gap_to_parity(BLACK, Count(0, 0)) is None
    # (0.7 - 0.4) x 10 is 3, though 0.7 - 0.4 as floats times 10 is a little less; 0.3 x 10 by floats a little more.
    for tenths in range(1, 10):
        for lower in range(tenths):
            assert gap_to_parity(Count(lower, 10), Count(tenths, 10)) == tenths - lower
            assert gap_to_parity(Count(lower * 7, 70), Count(tenths * 3, 30)) == 7 * (tenths - lower)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="between zero"):
        Count(3, 2)
    with pytest.raises(ValueError, match="between zero"):
        Count(-1, 2)
