"""Who was enrolled in which month of the period."""

from __future__ import annotations

import datetime as dt

import polars as pl

from vbpmeasure.plan.measures import Period


def months_of(period: Period) -> tuple[tuple[dt.date, dt.date], ...]:
    """Return the first and last day of every calendar month of the period, cut to the period."""
    found = []
    start = period.start
    while start <= period.end:
        following = (start.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        found.append((start, min(following - dt.timedelta(days=1), period.end)))
        start = following
    return tuple(found)


def enrolled(eligibility: pl.LazyFrame, person_ids: pl.Series, period: Period) -> list[pl.Series]:
    """Return, for every month of the period, who has a day of enrollment in it: one flag per person, in their order.

    ``eligibility`` is the contract table: person_id, enrollment_start_date, enrollment_end_date (null: still enrolled).
    """
    start, end = pl.col("enrollment_start_date"), pl.col("enrollment_end_date")
    flags = [
        ((start <= last) & (end.is_null() | (end >= first))).any().alias(f"m{number}")
        for number, (first, last) in enumerate(months_of(period))
    ]
    found = eligibility.filter(pl.col("person_id").is_not_null()).group_by("person_id").agg(flags).collect()
    people = person_ids.alias("person_id").to_frame()
    joined = people.join(found, on="person_id", how="left", maintain_order="left")
    return [joined[f"m{number}"].fill_null(value=False) for number in range(len(flags))]
