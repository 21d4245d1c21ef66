"""Rows by month: of events by source, and of enrollment as months covered. Asked once, for volume and for drift."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from vbpmeasure.validation.ground import Ground, Questions

# No living child and no electronic claim is older; later than this is a placeholder such as 9999-12-31, or a typing
# error. One such row would make thousands of months of the few that are to be judged.
FIRST, LAST = dt.date(1905, 1, 1), dt.date(2200, 1, 1)

_DAYS, _ENDS = "days", "ends"
NO_SOURCE = ""


def ask_days(table: str, questions: Questions) -> None:
    """Ask for the number of rows by day, and by data source where the table names one."""
    day = questions.ground.day(table)
    assert day is not None
    by = questions.ground.present(table, ("data_source",))
    questions.frame(
        table,
        _DAYS,
        lambda rows: rows.group_by(day.alias("day"), *by).agg(pl.len().alias("n")),
    )


def month_counts(table: str, questions: Questions) -> dict[str, dict[int, int]]:
    """Return, by source (one empty name without sources), the number of rows by month (year * 12 + month - 1).

    Days that are none (before 1905, after 2200) are left out.
    """
    days = questions.counted(table, _DAYS).filter(pl.col("day").is_between(FIRST, LAST))
    if "data_source" not in days.columns:
        days = days.with_columns(data_source=pl.lit(NO_SOURCE))
    month = pl.col("day").dt.year().cast(pl.Int64) * 12 + pl.col("day").dt.month().cast(pl.Int64) - 1
    counted = days.group_by(pl.col("data_source").fill_null(NO_SOURCE), month.alias("month")).agg(pl.col("n").sum())
    found: dict[str, dict[int, int]] = {}
    for source, number, n in counted.sort("data_source", "month").iter_rows():
        found.setdefault(source, {})[number] = n
    return found


def total_by_month(by_source: Mapping[str, Mapping[int, int]]) -> dict[int, int]:
    """Return the number of rows by month over all sources, months in order."""
    total: dict[int, int] = {}
    for counts in by_source.values():
        for month, n in counts.items():
            total[month] = total.get(month, 0) + n
    return dict(sorted(total.items()))


def ask_spans(questions: Questions) -> None:
    """Ask for the number of spans by first and last day."""
    start, end = "enrollment_start_date", "enrollment_end_date"
    questions.frame("eligibility", _DAYS, lambda rows: rows.group_by(day=start).agg(pl.len().alias("n")))
    questions.frame("eligibility", _ENDS, lambda rows: rows.group_by(day=end).agg(pl.len().alias("n")))


def member_months(questions: Questions, months: range) -> dict[int, int]:
    """Return how many spans touch each month.

    Spans are counted, not persons: overlapping spans count twice, which is close enough to see a hole in the claims,
    and needs no pass of its own over persons.
    """
    starts = _by_month(questions.counted("eligibility", _DAYS))
    ends = _by_month(questions.counted("eligibility", _ENDS))
    return {m: sum(n for s, n in starts.items() if s <= m) - sum(n for e, n in ends.items() if e < m) for m in months}


def _by_month(days: pl.DataFrame) -> dict[int, int]:
    day = pl.col("day").clip(FIRST, LAST)
    month = day.dt.year().cast(pl.Int64) * 12 + day.dt.month().cast(pl.Int64) - 1
    counted = days.filter(pl.col("day").is_not_null()).group_by(month.alias("month")).agg(pl.col("n").sum())
    return dict(counted.iter_rows())


def number(day: dt.date) -> int:
    """Return the number of a day's month."""
    return day.year * 12 + day.month - 1


def name(month: int) -> str:
    """Return ``2025-03`` for the number of a month."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def window(ground: Ground, months: Mapping[int, int]) -> range:
    """Return the months to be judged: those of the named year up to the as-of date, else from first to last row."""
    if ground.period is not None:
        last = ground.period.end if ground.as_of is None else min(ground.period.end, ground.as_of)
        return range(number(ground.period.start), number(last) + 1)
    return range(min(months), max(months) + 1) if months else range(0)
