"""Gap status: what a row of the result frame means for the people who close care gaps."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import polars as pl

from vbpmeasure.results.frame import RateKey


class GapStatus(StrEnum):
    """Open: in the denominator and the care is still missing. Closed: in the denominator and done."""

    OPEN = "open"
    CLOSED = "closed"
    EXCLUDED = "excluded"
    NOT_ELIGIBLE = "not_eligible"


def gap_status(rates: Sequence[RateKey]) -> pl.Expr:
    """Return the gap status of the rows of a result frame, as text.

    A row of a rate with amounts is open until its part reaches its whole (its numerator says so).
    For a rate where lower is better the numerator is the bad outcome: meeting it leaves the gap open.
    """
    lower = pl.Series([r.lower_is_better for r in rates], dtype=pl.Boolean)
    bad_numerator = pl.col("rate").is_in(lower.arg_true().cast(pl.UInt16).implode())
    return (
        pl.when(pl.col("failed_step").is_not_null())
        .then(pl.lit(GapStatus.NOT_ELIGIBLE.value))
        .when(pl.col("exclusion").is_not_null())
        .then(pl.lit(GapStatus.EXCLUDED.value))
        .when(pl.col("numerator") != bad_numerator)
        .then(pl.lit(GapStatus.CLOSED.value))
        .otherwise(pl.lit(GapStatus.OPEN.value))
    )
