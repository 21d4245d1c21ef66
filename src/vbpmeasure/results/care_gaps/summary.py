"""How many gaps there are by rate: what may be shown without naming a child."""

from __future__ import annotations

import polars as pl

from vbpmeasure.results.disclosure.policy import SuppressionPolicy
from vbpmeasure.results.gaps import GapStatus

COUNTS = ("still_time", "too_late", "closed", "excluded", "not_eligible")


def gap_counts(rows: pl.DataFrame, policy: SuppressionPolicy) -> pl.DataFrame:
    """Return one row per rate in the order of the measures: ``measure``, ``rate``, and the numbers of ``COUNTS``.

    ``rows`` are those of `care_gaps`. A rate with a small count loses all its numbers, so that none follows from the
    others; a number that is hidden is null.
    """
    status, able = pl.col("gap_status"), pl.col("can_still_pass").fill_null(False)
    opened = status == GapStatus.OPEN.value
    counted = rows.group_by("measure", "rate").agg(
        (opened & able).sum().alias("still_time"),
        (opened & ~able).sum().alias("too_late"),
        *((status == name).sum().alias(name) for name in COUNTS[2:]),
    )
    small = pl.any_horizontal(
        pl.col(name).is_between(1, policy.suppress_below - 1) if policy.is_public else pl.lit(False) for name in COUNTS
    )
    return counted.sort("measure", "rate").with_columns(
        pl.when(~small).then(pl.col(name).cast(pl.Int64)).alias(name) for name in COUNTS
    )
