"""Which span speaks for a person: the latest that has begun by the end of the period (semantics, section 1)."""

from __future__ import annotations

import datetime as dt

import polars as pl

from vbpmeasure.engines.polars.people import SEX, load_people
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.measures import calendar_year


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_a_span_after_the_period_says_nothing_of_the_payer_and_all_of_the_sex() -> None:
    spans = pl.DataFrame(
        [
            ("p", "2024-01-01", "2024-12-31", "old", "male"),
            ("p", "2025-03-01", "2025-06-30", "now", "male"),
            ("p", "2026-01-01", "2026-12-31", "later", "female"),
            ("q", "2024-01-01", "2024-12-31", "old", None),
            ("q", "2025-01-01", "2025-12-31", None, "male"),
        ],
        schema=["person_id", "enrollment_start_date", "enrollment_end_date", "payer", "gender"],
        orient="row",
    ).with_columns(
        pl.col("enrollment_start_date", "enrollment_end_date").str.to_date(), birth_date=pl.lit(day("2020-02-29"))
    )
    found = load_people(spans.lazy(), calendar_year(2025), (), (), ("payer",), Queries(), sex=True)
    rows = found.table.sort("person_id").select("person_id", "payer", SEX).rows()
    # Of q the span of 2024 is the latest that names a payer.
    assert [(row[0], row[1]) for row in rows] == [("p", "now"), ("q", "old")]
    assert [str(row[2]) for row in rows] == ["female", "male"]
