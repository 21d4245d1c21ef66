"""Intervals and rounding, in closed form."""

from __future__ import annotations

import polars as pl

Z95 = 1.959963984540054  # the 97.5th percentile of the standard normal distribution


def wilson(numerator: pl.Expr, denominator: pl.Expr, z: float = Z95) -> tuple[pl.Expr, pl.Expr]:
    """Return the two ends of the Wilson score interval of numerator / denominator, as shares.

    Null for an empty denominator. Source: equity page B5. The ends are exactly 0 and 1 when no one and everyone meets
    the numerator.
    """
    n = pl.when(denominator > 0).then(denominator.cast(pl.Float64))
    p = numerator / n
    center = p + z * z / (2 * n)
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)).sqrt()
    scale = 1 + z * z / n
    low = pl.when(n.is_not_null() & (numerator == 0)).then(0.0).otherwise((center - half) / scale)
    high = pl.when(n.is_not_null() & (numerator == denominator)).then(1.0).otherwise((center + half) / scale)
    return low, high


def percent_of_counts(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Return 100 x numerator / denominator with two decimals, half up; null for an empty denominator.

    The rounding is done in whole numbers.     Fact sheet 1.5: two decimals, half up, at the end only.
    """
    n = pl.when(denominator > 0).then(denominator.cast(pl.Int64))
    hundredths = (numerator.cast(pl.Int64) * 20_000 + n) // (2 * n)
    return hundredths / 100


def percent_of_share(share: pl.Expr) -> pl.Expr:
    """Return a share as a percentage with two decimals, half up."""
    return (share * 10_000 + 0.5).floor() / 100
