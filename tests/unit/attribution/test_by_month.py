"""What the payer's table says, from rows written by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from spec.engines import lazy_tables
from vbpmeasure.results.attribution.months import ByMonth, by_month

D = dt.date
FIRST, LAST = D(2025, 1, 1), D(2025, 12, 31)


def said(month: object, provider: str | None, person: str = "a", **more: Any) -> dict[str, Any]:
    return {"person_id": person, "year_month": month, "payer_attributed_provider": provider, **more}


def span(start: dt.date, end: dt.date | None, person: str = "a") -> dict[str, Any]:
    return {
        "person_id": person,
        "birth_date": D(2020, 1, 1),
        "gender": "f",
        "enrollment_start_date": start,
        "enrollment_end_date": end,
    }


def found(*rows: dict[str, Any], spans: list | None = None, last: dt.date = LAST) -> ByMonth:
    whole = [span(D(2020, 1, 1), None, person) for person in sorted({row["person_id"] for row in rows})]
    tables = lazy_tables({"provider_attribution": list(rows), "eligibility": whole if spans is None else spans})
    return by_month(tables["provider_attribution"], tables["eligibility"], FIRST, last)


def people(*rows: dict[str, Any], **more: Any) -> list[tuple]:
    return found(*rows, **more).people.select("person_id", "provider", "practice").sort("person_id").rows()


def test_the_latest_month_of_the_period_decides() -> None:
    rows = [said("202503", "1"), said("202511", "2"), said("202601", "3"), said("202412", "4")]
    assert people(*rows) == [("a", "2", None)]
    assert found(*rows).not_enrolled == 0


def test_the_first_and_the_last_month_count_and_those_beside_them_do_not() -> None:
    assert people(said("202501", "1")) == [("a", "1", None)]
    assert people(said("202512", "1")) == [("a", "1", None)]
    assert people(said("202412", "1")) == []
    assert people(said("202601", "1")) == []


def test_before_the_end_of_the_period_later_months_are_unknown() -> None:
    assert people(said("202506", "1"), said("202507", "2"), last=D(2025, 6, 1)) == [("a", "1", None)]


def test_months_without_enrollment_are_counted_and_not_used() -> None:
    rows = [said("202503", "1"), said("202504", "2"), said("202505", "3"), said("202404", "9")]
    answer = found(*rows, spans=[span(D(2025, 1, 1), D(2025, 4, 1))])
    assert answer.people["provider"].to_list() == ["2"]
    assert answer.not_enrolled == 1


def test_one_day_of_enrollment_makes_the_month() -> None:
    spans = [span(D(2025, 3, 31), D(2025, 3, 31))]
    assert people(said("202503", "1"), spans=spans) == [("a", "1", None)]
    assert people(said("202502", "1"), said("202504", "1"), spans=spans) == []


def test_a_month_without_a_provider_leaves_nobody() -> None:
    assert people(said("202503", "1"), said("202504", None)) == [("a", None, None)]


def test_of_several_rows_of_the_month_the_lowest_id_is_taken_and_counted() -> None:
    rows = [said("202504", "2"), said("202504", None), said("202504", "1"), said("202504", "5", "b")]
    answer = found(*rows)
    assert answer.people.sort("person_id")["provider"].to_list() == ["1", "5"]
    assert answer.ambiguous == 1


def test_equal_rows_are_not_several_providers() -> None:
    assert found(said("202504", "2"), said("202504", "2", payer="x")).ambiguous == 0


def test_the_practice_comes_from_the_same_side_as_the_provider() -> None:
    row = said(
        "202504",
        None,
        payer_attributed_provider_practice="P",
        custom_attributed_provider="7",
        custom_attributed_provider_practice="C",
    )
    assert people(row) == [("a", "7", "C")]
    both = {**row, "payer_attributed_provider": "8"}
    assert people(both) == [("a", "8", "P")]


@pytest.mark.parametrize(
    ("text", "read"),
    [("202504", True), ("2025-04", True), ("2025/04", True), ("20250430", True), ("2025-04-30", True),
     ("202513", False), ("2025", False), ("04/2025", False), ("", False), (None, False)],
)  # fmt: skip
def test_months_are_read_as_they_are_written(text: str | None, read: bool) -> None:
    answer = found(said(text, "1"))
    assert answer.people.height == int(read)
    assert answer.unreadable == int(not read)


def test_months_can_be_numbers() -> None:
    answer = by_month(
        lazy_tables({"provider_attribution": [said(202504, "1")]})["provider_attribution"],
        lazy_tables({"eligibility": [span(D(2025, 1, 1), None)]})["eligibility"],
        FIRST,
        LAST,
    )
    assert answer.people["provider"].to_list() == ["1"]
