"""From when to when the dates of a table run: out of Parquet footers where they say it, else by one lazy aggregate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from vbpmeasure.data.bound import BoundTable
from vbpmeasure.data.errors import guarded, no_memory, read_errors
from vbpmeasure.data.files import metadata_of
from vbpmeasure.data.remote.store import File
from vbpmeasure.plan.measures import Period

if TYPE_CHECKING:
    import pyarrow.parquet as pq


@dataclass(frozen=True, slots=True)
class DateRange:
    """The dates of one column in one run of rows: earliest, latest (None when all are null), and if some are null."""

    first: dt.date | None
    last: dt.date | None
    nulls: bool


def footer_ranges(table: BoundTable, columns: Sequence[str]) -> list[dict[str, DateRange]] | None:
    """Return the ranges of the columns per row group of the table's files, or None when a footer does not tell.

    Footers tell when no column is mapped and every file holds the columns as Parquet dates with statistics; timestamps
    are not used, because their day depends on the time zone. No data page is read.
    """
    if not table.footers_tell:
        return None
    groups: list[dict[str, DateRange]] = []
    for file in table.files:
        try:
            found = list(_groups(file, columns))
        except read_errors() as error:
            no_memory(error)
            return None
        if any(group is None for group in found):
            return None
        groups.extend(group for group in found if group is not None)
    return groups if table.files else None


def _groups(file: File, columns: Sequence[str]) -> Iterator[dict[str, DateRange] | None]:
    metadata = metadata_of(file)
    positions = {metadata.schema.column(i).path.lower(): i for i in range(metadata.num_columns)}
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if not group.num_rows:
            continue
        ranges: dict[str, DateRange] = {}
        for column in columns:
            position = positions.get(column)
            found = None if position is None else _range(group.column(position).statistics, group.num_rows)
            if found is None:
                yield None
                return
            ranges[column] = found
        yield ranges


def _range(statistics: pq.Statistics | None, rows: int) -> DateRange | None:
    if statistics is None or not statistics.has_null_count:
        return None
    if statistics.null_count == rows:
        return DateRange(None, None, nulls=True)
    if not statistics.has_min_max:
        return None
    try:
        first, last = statistics.min, statistics.max
    except (OverflowError, ValueError):  # a day of a year that Python has none of
        return None
    # A datetime is a date too, for Python; its day depends on the time zone.
    if type(first) is not dt.date or type(last) is not dt.date:
        return None
    return DateRange(first, last, nulls=statistics.null_count > 0)


@dataclass(frozen=True, slots=True)
class Cover:
    """How the dates of a table lie to the period: whether some touch it, and the first and last of all (None: open)."""

    touches: bool
    first: dt.date | None
    last: dt.date | None


def span_cover(eligibility: BoundTable, period: Period) -> Cover:
    """Return how the enrollment spans lie to the period; ``last`` is None when a span is open.

    Out of footers ``touches`` means that a row group has a start up to the period's end and an end from its start on.
    """
    start, end = "enrollment_start_date", "enrollment_end_date"
    groups = footer_ranges(eligibility, (start, end))
    if groups:
        ends_open = any(g[end].nulls for g in groups)
        firsts = [g[start].first for g in groups]
        lasts = [g[end].last for g in groups]
        touches = any(_may_touch(g[start], g[end], period) for g in groups)
        return Cover(touches, _least(firsts), None if ends_open else _greatest(lasts))
    begins, ends = pl.col(start), pl.col(end)
    with guarded({eligibility.name: eligibility}):
        row = (
            eligibility.frame.select(
                touches=((begins <= period.end) & (ends.is_null() | (ends >= period.start))).any(),
                first=_known(begins.min()),
                last=pl.when(ends.is_null().any()).then(None).otherwise(_known(ends.max())),
            )
            .collect()
            .row(0, named=True)
        )
    return Cover(bool(row["touches"]), row["first"], row["last"])


def _may_touch(starts: DateRange, ends: DateRange, period: Period) -> bool:
    begun = starts.first is not None and starts.first <= period.end
    return begun and (ends.nulls or (ends.last is not None and ends.last >= period.start))


def event_cover(table: BoundTable, date_columns: Sequence[str], period: Period) -> Cover:
    """Return how the event dates of a table lie to the period; a row's date is the first non-null of its date columns.

    Out of footers ``touches`` means that a row group's range of one of the columns meets the period.
    """
    columns = [c for c in date_columns if c in table.columns]
    if not columns or not table.rows:
        return Cover(touches=False, first=None, last=None)
    groups = footer_ranges(table, columns)
    if groups is not None:
        ranges = [r for group in groups for r in group.values() if r.first is not None and r.last is not None]
        touches = any(r.first <= period.end and r.last >= period.start for r in ranges if r.first and r.last)
        return Cover(touches, _least([r.first for r in ranges]), _greatest([r.last for r in ranges]))
    day = pl.coalesce(columns)
    with guarded({table.name: table}):
        row = (
            table.frame.select(
                touches=day.is_between(period.start, period.end).any(),
                first=_known(day.min()),
                last=_known(day.max()),
            )
            .collect()
            .row(0, named=True)
        )
    return Cover(bool(row["touches"]), row["first"], row["last"])


def _known(day: pl.Expr) -> pl.Expr:
    """Return the nearest day that Python has: files can hold days of year 20251 and later, and of before year 1."""
    return day.clip(dt.date.min, dt.date.max)


def _least(days: Sequence[dt.date | None]) -> dt.date | None:
    return min((d for d in days if d is not None), default=None)


def _greatest(days: Sequence[dt.date | None]) -> dt.date | None:
    return max((d for d in days if d is not None), default=None)
