"""Rows that nobody asks for on their day: left behind in the reader, before a code of theirs is looked at.

Most people are asked for one year, and data has many: a comparison of the day then saves that of a dozen texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_

import polars as pl

from vbpmeasure.data.contract import TABLES
from vbpmeasure.engines.polars.columns import Reading
from vbpmeasure.engines.polars.literals import EVERY_BIT, bits_literal
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.reach import Range, Reach
from vbpmeasure.engines.polars.rows import row_day

# It pays when it leaves so many rows behind, of tables with so many code columns or so many rows a person; found out by
# a glance at the first rows. With most people asked for on any day there is no need of a glance.
_MOST_ROWS = 0.7
_FEWEST_READINGS = 4
_MANY_ROWS = 8
_GLANCE = 250_000
_MOST_PEOPLE = 0.5


def asked_early(
    table: str, frame: pl.LazyFrame, found: list[Reading], needed: pl.DataFrame, reach: Reach, queries: Queries
) -> pl.Expr | None:
    """Return which rows can matter by their day and person alone; None when to ask that does not pay.

    True at least for all rows that anybody asks for. ``needed``: person_id, cohorts of the people that are asked about.
    """
    present = frozenset(frame.collect_schema().names())
    if not reach.ranges or not {*TABLES[table].date_columns} & present:
        return None
    if len(found) < _FEWEST_READINGS and not _has_more(frame, needed.height * _MANY_ROWS, queries):
        return None
    bounded = reduce(or_, (bits for _, _, bits in reach.ranges), reach.undated)
    # A code with a day of its own is looked for on other days than its row's, and a mark on any day of its claim.
    free = reduce(or_, (bits for r in found if r.date_column for bits in r.texts.asking.values()), EVERY_BIT & ~bounded)
    free = reduce(or_, {bits for r in found for bits in r.texts.marking.values()}, free)
    ways = list(_ways(row_day(table, present), needed, reach, free))
    if not ways:
        return None
    seen = queries.run("glance", frame.head(_GLANCE).select(way.mean().alias(f"{n}") for n, way in enumerate(ways)))
    share, best = min((2.0 if share is None else share, n) for n, share in enumerate(seen.row(0)))
    return ways[best] if share < _MOST_ROWS else None


def _has_more(frame: pl.LazyFrame, rows: int, queries: Queries) -> bool:
    return queries.run("glance at rows", frame.select("person_id").slice(rows, 1)).height > 0


def _ways(day: pl.Expr, needed: pl.DataFrame, reach: Reach, free: int) -> Iterator[pl.Expr]:
    """Yield the conditions to choose from: each keeps all rows of some people, and those on asked days of everybody.

    Long ranges of days are often those of few people. So the first way keeps the rows of people whom ``free`` cohorts
    ask for, on any day; the next those of the longest range, too, and so on, while these are not most people.
    """
    ranges = sorted(reach.ranges, key=lambda one: one[0] - one[1])
    for moved in range(len(ranges) + 1):
        bits = reduce(or_, (bits for *_, bits in ranges[:moved]), free)
        people = needed.filter((pl.col("cohorts") & bits_literal(bits)) != 0).get_column("person_id")
        if len(people) > needed.height * _MOST_PEOPLE:
            return
        days: list[Range] = []
        for first, last, _ in ranges[moved:]:
            if not any(start <= first and last <= end for start, end in days):
                days.append((first, last))
        yield pl.any_horizontal(
            pl.col("person_id").is_in(pl.lit(people.implode())),
            *(day.is_between(first, last) for first, last in days),
            *([day.is_null()] if reach.undated else []),
        )
