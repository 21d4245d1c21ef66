"""Stays: the days on which a row's stay starts and ends, and stays that follow each other as one chain."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from vbpmeasure.engines.polars.days import DAY_BITS, to_day

_STEP = 1 << DAY_BITS
_ENDS = {
    "medical_claim": (("admission_date", "claim_start_date"), ("discharge_date", "claim_end_date")),
    "encounter": (("encounter_start_date",), ("encounter_end_date",)),
}


def stay_days(table: str, present: Collection[str], day: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the first and last day of a row's stay; rows of tables without stays start and end on their day."""
    if table not in _ENDS:
        return day, day
    first, last = (_first_of(columns, present) for columns in _ENDS[table])
    return first, last


def _first_of(columns: Collection[str], present: Collection[str]) -> pl.Expr:
    dates = [to_day(pl.col(c).cast(pl.Date)) for c in columns if c in present]
    return pl.coalesce(dates) if dates else pl.lit(None, dtype=pl.Int32)


def chained(stays: pl.LazyFrame) -> pl.LazyFrame:
    """Return the chains of stays, one row each: scope, person, start, end.

    ``stays``: scope, person, start, end, chain (the days after the end of a chain on which a stay still belongs to it).
    """
    # Group-major coordinates make one running maximum serve all scopes and persons at once.
    group = pl.col("person").cast(pl.Int64) * (1 << 10) + pl.col("scope").cast(pl.Int64)
    line = (
        stays.select(
            "scope",
            "person",
            "chain",
            group.alias("group"),
            (group * _STEP + pl.col("start")).alias("first"),
            (group * _STEP + pl.col("end")).alias("last"),
        )
        .sort("first", "last")
        .with_columns(pl.col("last").cum_max().shift(1, fill_value=-1).alias("before"))
    )
    begins = (pl.col("before") // _STEP != pl.col("group")) | (pl.col("first") > pl.col("before") + pl.col("chain"))
    return (
        line.with_columns(begins.cum_sum().alias("number"))
        .group_by("number")
        .agg(pl.col("scope", "person").first(), pl.col("first").min(), pl.col("last").max())
        .select(
            "scope",
            "person",
            (pl.col("first") % _STEP).cast(pl.Int32).alias("start"),
            (pl.col("last") % _STEP).cast(pl.Int32).alias("end"),
        )
    )
