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


def enrolled(spans: pl.DataFrame, people: int, period: Period) -> list[pl.Series]:
    """Return, for every month of the period, who has a day of enrollment in it: one flag per person, by position.

    ``spans`` follows ``SPAN_SCHEMA``; ``people`` is how many there are.
    """
    start, end = pl.col("start"), pl.col("end")
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
        spans.lazy()
        .filter(start <= period.end, end.is_null() | (end >= period.start))
        .select("person", *bits)
        .group_by("person")
        .agg(pl.exclude("person").bitwise_or())
        .collect()
    )
    held = [
        pl.zeros(people, pl.UInt32, eager=True).scatter(found["person"], found[f"word{number}"])
        for number in range(len(words))
    ]
    return [(held[number] & (1 << bit)) != 0 for number, word in enumerate(words) for bit in range(len(word))]
