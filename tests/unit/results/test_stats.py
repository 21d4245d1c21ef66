"""Wilson's interval (GB1 of the equity page) and rounding."""

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from scipy.stats import binomtest

from vbpmeasure.results.stats import percent_of_counts, percent_of_share, wilson

X, N = pl.col("x"), pl.col("n")


def _named():
    low, high = wilson(X, N)
    return low.alias("low"), high.alias("high")


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        (612, 900, 0.648814, 0.709656),
        (330, 600, 0.510000, 0.589363),
        (21, 42, 0.355260, 0.644740),
        (118, 160, 0.664329, 0.799534),
        (66, 120, 0.460815, 0.636083),
        (1156, 1840, 0.605934, 0.650054),
        (0, 35, 0.0, 0.098901),
        (35, 35, 0.901099, 1.0),
    ],
)
def test_gb1(x, n, low, high):
    found = pl.DataFrame({"x": [x], "n": [n]}).select(*_named()).row(0)
    assert [round(v, 6) for v in found] == [low, high]


def test_wilson_agrees_with_scipy_over_a_grid():
    grid = [(x, n) for n in (1, 2, 7, 29, 30, 100, 12_345) for x in {0, 1, n // 3, n - 1, n}]
    frame = pl.DataFrame(grid, schema=["x", "n"], orient="row").with_columns(*_named())
    for x, n, low, high in frame.iter_rows():
        want = binomtest(x, n).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((want.low, want.high), abs=1e-12)


def test_wilson_ends_are_exact_and_empty_is_null():
    frame = pl.DataFrame({"x": [0, 5, 0], "n": [5, 5, 0]}).select(*_named())
    assert frame["low"][0] == 0.0
    assert frame["high"][1] == 1.0
    assert frame.row(2) == (None, None)


def test_percent_rounds_half_up_exactly():
    # 1/16 = 6.25 %, 1/32 = 3.125 %: the half goes up; 2/3 up, 1/3 down
    cases = [(1, 16), (1, 32), (3, 32), (5, 160_000), (2, 3), (1, 3), (0, 9), (9, 9), (1, 20_000), (1, 20_001)]
    frame = pl.DataFrame(cases, schema=["x", "n"], orient="row").select(percent_of_counts(X, N))
    exact = [(Decimal(100 * x) / Decimal(n)).quantize(Decimal("0.01"), ROUND_HALF_UP) for x, n in cases]
    assert frame.to_series().to_list() == [float(d) for d in exact]


def test_percent_of_nothing_is_null():
    assert pl.DataFrame({"x": [0], "n": [0]}).select(percent_of_counts(X, N)).item() is None


def test_percent_of_share():
    assert pl.select(percent_of_share(pl.lit(0.648814))).item() == 64.88
