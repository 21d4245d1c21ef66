"""Enrollment that is kept has the days of the table that it came from, whatever period or columns were asked for."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from support.keepers import InMemory
from vbpmeasure.engines.polars.days import to_date
from vbpmeasure.engines.polars.kept_rows.keeper import SPANS as SPANS_KEPT
from vbpmeasure.engines.polars.people import load_people
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.measures import calendar_year


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


SPANS = pl.DataFrame(
    {
        "person_id": ["b", "a", "a", "a"],
        "enrollment_start_date": [day("2025-02-01"), day("2024-01-01"), day("2024-07-01"), day("2025-09-01")],
        "enrollment_end_date": [day("2025-02-28"), day("2024-06-30"), day("2024-12-31"), day("2025-12-31")],
        "birth_date": [day("2020-02-29")] * 4,
        "payer": ["x", "x", "x", "y"],
    }
)


@pytest.mark.parametrize("kept", [True, False])
def test_the_days_are_those_of_the_table(kept: bool) -> None:
    keeper = InMemory() if kept else None
    people = load_people(SPANS.lazy(), calendar_year(2025), (), (), ("payer",), Queries(), keeper=keeper)
    assert people.table["person_id"].to_list() == ["a", "b"]
    spans = people.runs.select("person", to_date(pl.col("start")), to_date(pl.col("end")))
    days = {
        ("ab"[person], start + dt.timedelta(days=n))
        for person, start, end in spans.iter_rows()
        for n in range((end - start).days + 1)
    }
    # February of b; of a the leap year 2024 and the last four months of 2025.
    assert {p: sum(person == p for person, _ in days) for p in "ab"} == {"a": 366 + 122, "b": 28}
    assert {("a", day("2024-06-30")), ("a", day("2024-07-01")), ("b", day("2025-02-28"))} <= days
    assert ("a", day("2025-08-31")) not in days
    assert keeper is None or list(keeper.kept) == [SPANS_KEPT]
