"""Result frames of disjoint people put together: for outputs with one row per person."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from vbpmeasure.results.frame import ResultFrame


def together(one: ResultFrame | None, two: ResultFrame | None) -> ResultFrame | None:
    """Return the frame of the people of both, as if they had been judged together; None when there is none.

    Both have the same rates and no person in common. ``people`` is sorted by person id and ``rows`` by rate, person and
    index date, as `ResultFrame` asks for. Counters are left as they are: those of partial results are added elsewhere.
    """
    if one is None or two is None:
        return one if two is None else two
    tagged = [frame.people.with_row_index("old").with_columns(part=pl.lit(i)) for i, frame in enumerate((one, two))]
    people = pl.concat(tagged, how="diagonal").sort("person_id").with_row_index("new")
    rows = [
        frame.rows.with_columns(
            person=people.filter(pl.col("part") == i).sort("old")["new"].gather(frame.rows["person"]).cast(pl.UInt32)
        )
        for i, frame in enumerate((one, two))
    ]
    columns = [*one.people.columns, *(c for c in two.people.columns if c not in one.people.columns)]
    return replace(
        one,
        rows=pl.concat(rows, how="diagonal").sort("rate", "person", "index_date", nulls_last=False),
        people=people.select(columns),
        external=pl.concat([one.external, two.external]),
    )
