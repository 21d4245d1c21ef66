"""Who was enrolled in which month of the period."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import or_

import polars as pl

from vbpmeasure.plan.measures import Period

_BITS = 31


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
    months = months_of(period)
    # One integer a row, or few, cost a third of one flag a month.
    words = [months[first : first + _BITS] for first in range(0, len(months), _BITS)]
    bits = [
        reduce(
            or_,
            (
                ((start <= last) & (end.is_null() | (end >= first))).cast(pl.UInt32) * (1 << bit)
                for bit, (first, last) in enumerate(word)
            ),
        ).alias(f"word{number}")
        for number, word in enumerate(words)
    ]
    found = (
        eligibility.filter(
            pl.col("person_id").is_not_null(), start <= period.end, end.is_null() | (end >= period.start)
        )
        .select("person_id", *bits)
        .group_by("person_id")
        .agg(pl.exclude("person_id").bitwise_or())
        .collect()
    )
    people = person_ids.alias("person_id").to_frame()
    joined = people.join(found, on="person_id", how="left", maintain_order="left")
    return [
        (joined[f"word{number}"].fill_null(0) & (1 << bit)) != 0
        for number, word in enumerate(words)
        for bit in range(len(word))
    ]
