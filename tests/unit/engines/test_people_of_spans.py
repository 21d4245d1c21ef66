"""Which span speaks for a person: the latest that has begun by the end of the period (semantics, section 1)."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from vbpmeasure.engines.polars.days import day_number
from vbpmeasure.engines.polars.people import SEX, load_people
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.measures import calendar_year


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def spans() -> pl.DataFrame:
    """Return a few spans; made when asked for, since a mutant is a fork and Polars must not run before it."""
    return pl.DataFrame(
        [
            ("p", "2024-01-01", "2024-12-31", "old", "male"),
            ("p", "2025-03-01", "2025-06-30", "now", "male"),
            ("p", "2026-01-01", "2026-12-31", "later", "female"),
            ("q", "2024-01-01", "2024-12-31", "old", None),
            ("q", "2025-01-01", "2025-12-31", None, "male"),
            ("r", "2026-01-01", "2026-12-31", "later", "female"),
            ("s", "2023-01-01", "2025-12-31", "only", None),
        ],
        schema=["person_id", "enrollment_start_date", "enrollment_end_date", "payer", "gender"],
        orient="row",
    ).with_columns(
        pl.col("enrollment_start_date", "enrollment_end_date").str.to_date(), birth_date=pl.lit(day("2020-02-29"))
    )


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5, 6], [6, 4, 2, 0, 5, 3, 1], [3, 4, 0, 1, 2, 6, 5]])
def test_people_and_spans_may_lie_in_any_order(order: list[int]) -> None:
    found = load_people(spans()[order].lazy(), calendar_year(2025), (), (), ("payer",), Queries(), sex=True)
    assert found.table.select("person", "person_id", "payer").rows() == [
        (0, "p", "now"),
        (1, "q", "old"),
        (2, "r", None),  # its one span begins after the period
        (3, "s", "only"),
    ]
    # Whatever the period, of a person's spans the latest that has one tells the sex.
    assert found.table[SEX].cast(pl.String).to_list() == ["female", "male", "female", None]
    # Of p two payers in or before the period, and two sexes; the sex is not told of as a conflict.
    assert found.conflicts == {"birth_date": 0, "payer": 1}
    starts = found.runs.select("person", pl.col("start") - day_number(day("2023-01-01"))).sort("person", "start").rows()
    assert starts == [(0, 365), (0, 790), (0, 1096), (1, 365), (1, 731), (2, 1096), (3, 0)]


def test_a_span_after_the_period_says_nothing_of_the_payer_and_all_of_the_sex() -> None:
    found = load_people(spans().lazy(), calendar_year(2025), (), (), ("payer",), Queries(), sex=True)
    rows = (
        found.table.filter(pl.col("person_id").is_in(["p", "q"]))
        .sort("person_id")
        .select("person_id", "payer", SEX)
        .rows()
    )
    # Of q the span of 2024 is the latest that names a payer.
    assert [(row[0], row[1]) for row in rows] == [("p", "now"), ("q", "old")]
    assert [str(row[2]) for row in rows] == ["female", "male"]


def test_an_attribute_that_is_a_number_is_told_as_text() -> None:
    numbers = {"old": 9, "now": 10, "later": 11, "only": 12}
    numbered = spans().with_columns(pl.col("payer").replace_strict(numbers))
    found = load_people(numbered.lazy(), calendar_year(2025), (), (), ("payer",), Queries())
    assert found.table["payer"].cast(pl.String).to_list() == ["10", "9", None, "12"]
