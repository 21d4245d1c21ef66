"""Rows that nobody asks for on their day: left behind in the reader, before a code of theirs is looked at.

Most people are asked for one year, and data has many: a comparison of the day then saves that of a dozen texts.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import polars as pl

from vbpmeasure.data.contract import TABLES
from vbpmeasure.engines.polars.columns import Reading
from vbpmeasure.engines.polars.literals import EVERY_BIT, bits_literal
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.reach import Reach
from vbpmeasure.engines.polars.rows import row_day

# It pays when it leaves so many rows behind, of tables with so many code columns; found out by a glance at the first
# rows. With most people asked for on any day there is no need of a glance.
_MOST_ROWS = 0.6
_FEWEST_READINGS = 4
_GLANCE = 250_000
_MOST_PEOPLE = 0.5


def asked_early(
    table: str, frame: pl.LazyFrame, found: list[Reading], needed: pl.DataFrame, reach: Reach, queries: Queries
) -> pl.Expr | None:
    """Return which rows can matter by their day and person alone; None when to ask that does not pay.

    True at least for all rows that anybody asks for. ``needed``: person_id, cohorts of the people that are asked about.
    """
    present = frozenset(frame.collect_schema().names())
    if len(found) < _FEWEST_READINGS or not reach.ranges or not {*TABLES[table].date_columns} & present:
        return None
    bounded = reduce(or_, (bits for _, _, bits in reach.ranges), reach.undated)
    # A code with a day of its own is looked for on other days than its row's, and a mark on any day of its claim.
    free = reduce(or_, (bits for r in found if r.date_column for bits in r.texts.asking.values()), EVERY_BIT & ~bounded)
    free = reduce(or_, {bits for r in found for bits in r.texts.marking.values()}, free)
    people = needed.filter((pl.col("cohorts") & bits_literal(free)) != 0).get_column("person_id")
    if len(people) > needed.height * _MOST_PEOPLE:
        return None
    day = row_day(table, present)
    asked = pl.any_horizontal(
        pl.col("person_id").is_in(pl.lit(people.implode())),
        *(day.is_between(first, last) for first, last, _ in reach.ranges),
        *([day.is_null()] if reach.undated else []),
    )
    seen = queries.run("glance", frame.head(_GLANCE).select(asked.mean()))
    share = seen.item()
    return asked if share is not None and share < _MOST_ROWS else None
