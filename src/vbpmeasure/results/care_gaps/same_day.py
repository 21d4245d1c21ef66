"""One visit, several gaps: which open gaps of a child a single day could close together."""

from __future__ import annotations

import datetime as dt

import polars as pl

_CHILD = ("person", "elsewhere")


def with_same_day(table: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Add ``visit_gaps`` and ``visit_measures``: the most gaps of the child that a day which closes this one closes.

    ``first`` to ``last`` are the days on each of which one visit closes the gap; days before ``as_of`` are past. Care
    that is given ``elsewhere`` (dental) is counted apart. Null where no single day from ``as_of`` on closes the gap.
    """
    numbered = table.with_row_index("row")
    able = numbered.filter(pl.col("last") >= as_of).select(
        "row", *_CHILD, "measure", "last", pl.max_horizontal("first", pl.lit(as_of)).alias("first")
    )
    # The number of gaps open on a day only grows where one opens, so those days are all that need a look.
    days = able.select(*_CHILD, pl.col("first").alias("day")).unique()
    meeting = days.join(able, on=_CHILD, how="inner").filter(pl.col("day").is_between("first", "last"))
    counted = meeting.group_by(*_CHILD, "day").agg(
        pl.len().alias("visit_gaps"), pl.col("measure").n_unique().alias("visit_measures")
    )
    best = (
        meeting.join(counted, on=[*_CHILD, "day"], how="inner")
        .group_by("row")
        .agg(pl.col("visit_gaps", "visit_measures").max().cast(pl.Int64))
    )
    return numbered.join(best, on="row", how="left", maintain_order="left").drop("row")
