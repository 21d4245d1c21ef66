"""The order in which a care coordinator works: who is due soonest, and whom one visit helps most."""

from __future__ import annotations

import polars as pl

from vbpmeasure.results.gaps import GapStatus

WEEK = 7

_RANKS = {
    GapStatus.CLOSED.value: 2,
    GapStatus.EXCLUDED.value: 3,
    GapStatus.NOT_ELIGIBLE.value: 4,
}


def in_working_order(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows sorted: gaps that can still be closed, those that cannot, then closed, excluded, not eligible.

    Among the first, the rows of a child stay together. Children are sorted by whole weeks until their first due date;
    within a week those first for whom one visit closes gaps of most measures, then most gaps; then by the due date,
    then by the person id as text. Within a child: due date, then the order of measures and rates, then index date.
    """
    able = pl.col("can_still_pass").fill_null(False)
    rank = (
        pl.when(able).then(0).otherwise(pl.col("gap_status").replace_strict(_RANKS, default=1, return_dtype=pl.Int32))
    )
    ranked = table.with_columns(rank.alias("rank"))
    soonest = pl.when(able).then("days_left").min().over("person")
    return (
        ranked.with_columns(
            pl.when(able).then(soonest // WEEK).alias("week"),
            pl.when(able)
            .then(pl.when(able).then("visit_measures").max().over("person"))
            .fill_null(0)
            .alias("measures"),
            pl.when(able).then(pl.when(able).then("visit_gaps").max().over("person")).fill_null(0).alias("gaps"),
            pl.when(able).then(soonest).alias("soonest"),
            pl.col("person_id").cast(pl.String).alias("id_text"),
        )
        .sort(
            "rank",
            "week",
            "measures",
            "gaps",
            "soonest",
            "id_text",
            "due_by",
            "rate",
            "index_date",
            descending=[False, False, True, True, False, False, False, False, False],
            nulls_last=True,
            maintain_order=True,
        )
        .drop("rank", "week", "measures", "gaps", "soonest", "id_text")
    )
