"""Enrollment that is kept has the days of the table that it came from, whatever period or columns were asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import polars as pl

from vbpmeasure.engines.polars.kept_rows.keeper import Facts, KeptTables
from vbpmeasure.engines.polars.kept_rows.spans import kept_coverage, kept_spans
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.measures import calendar_year


class InMemory:
    """Keeps tables as they are."""

    def __init__(self) -> None:
        self.kept: dict[str, KeptTables] = {}

    def find(self, kind: str, serves: Callable[[Facts], bool]) -> KeptTables | None:
        found = self.kept.get(kind)
        return found if found is not None and serves(found.facts) else None

    def keep(
        self, kind: str, tables: Mapping[str, pl.LazyFrame], facts: Callable[[Mapping[str, pl.LazyFrame]], Facts]
    ) -> KeptTables | None:
        self.kept[kind] = KeptTables({name: one.collect().lazy() for name, one in tables.items()}, facts(tables))
        return self.kept[kind]


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


def test_the_days_are_those_of_the_table() -> None:
    keeper = InMemory()
    assert kept_spans(keeper, SPANS.lazy(), calendar_year(2025), ["birth_date", "payer"], Queries()) is not None
    found = kept_coverage(keeper)
    assert found is not None
    days = {
        (person, start + dt.timedelta(days=n))
        for person, start, end in found.iter_rows()
        for n in range((end - start).days + 1)
    }
    assert found.columns == ["person_id", "enrollment_start_date", "enrollment_end_date"]
    # February of b; of a the leap year 2024 and the last four months of 2025.
    assert {p: sum(person == p for person, _ in days) for p in "ab"} == {"a": 366 + 122, "b": 28}
    assert {("a", day("2024-06-30")), ("a", day("2024-07-01")), ("b", day("2025-02-28"))} <= days
    assert ("a", day("2025-08-31")) not in days


def test_nothing_kept_is_nothing_known() -> None:
    assert kept_coverage(InMemory()) is None
