"""The data as it was on a day: what had happened by then, and who was enrolled."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl

from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.contract import TABLES

_FOREVER = dt.date(9999, 12, 31)


def known_on(bound: BoundData, day: dt.date) -> BoundData:
    """Return the data without the rows of later days; rows without a date stay, as the engines pass them over.

    A stay is known once it has ended. Enrollment is as the table has it: spans say what is expected, too.
    """
    return replace(bound, tables={name: _known(table, day) for name, table in bound.tables.items()})


def still_enrolled(bound: BoundData, day: dt.date) -> BoundData:
    """Return the data with the coverage of the day going on without end: spans that hold the day stay open."""
    table = bound.tables["eligibility"]
    start, end = pl.col("enrollment_start_date"), pl.col("enrollment_end_date")
    goes_on = (start <= day) & (end >= day)
    frame = table.frame.with_columns(
        pl.when(goes_on).then(pl.lit(_FOREVER)).otherwise(end).alias("enrollment_end_date")
    )
    return replace(bound, tables={**bound.tables, "eligibility": replace(table, frame=frame)})


def _known(table: BoundTable, day: dt.date) -> BoundTable:
    dates = [name for name in TABLES[table.name].date_columns if name in table.columns]
    if not dates:
        return table
    known = (pl.coalesce(dates) <= day).fill_null(True)
    if "discharge_date" in table.columns:
        known &= (pl.col("discharge_date") <= day).fill_null(True)
    return replace(table, frame=table.frame.filter(known))
