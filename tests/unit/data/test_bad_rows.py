"""Eligibility rows that cannot be used: counted, refused or left out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.data.binding import bind
from vbpmeasure.diagnostics.model import Failure

BORN, START, END = dt.date(2020, 5, 1), dt.date(2024, 1, 1), dt.date(2024, 12, 31)


def span(person: str | None, **changed: object) -> dict[str, object]:
    return {
        "person_id": person,
        "birth_date": BORN,
        "gender": "F",
        "enrollment_start_date": START,
        "enrollment_end_date": END,
        **changed,
    }


GOOD = [
    span("a"),
    span("a", birth_date=None),  # another span knows the birth date
    span("b", enrollment_end_date=None),  # open
    span("c", enrollment_end_date=START),  # one day
]
BAD = [
    span(None),
    span("d", enrollment_start_date=None),
    span("e", enrollment_end_date=START - dt.timedelta(days=1)),
    span("e", enrollment_start_date=None, birth_date=None),
    span("f", birth_date=None),
    span("f", birth_date=None),
    span("g", birth_date=None),
    # The one span that knows the birth date of g cannot be used, so g has none.
    span("g", enrollment_end_date=START - dt.timedelta(days=9)),
]
COUNTS = {
    "spans_without_person_id": 1,
    "spans_without_start": 2,
    "spans_that_end_before_they_start": 2,
    "persons_without_birth_date": 2,
}


def write(root: Path, rows: list[dict[str, object]], statistics: bool = True) -> Path:
    days = dict.fromkeys(("birth_date", "enrollment_start_date", "enrollment_end_date"), pl.Date())
    pl.DataFrame(rows, schema_overrides=days).write_parquet(root / "eligibility.parquet", statistics=statistics)
    return root


@pytest.mark.parametrize("statistics", [True, False])
def test_nulls_are_counted_whether_footers_tell_them_or_not(tmp_path: Path, statistics: bool) -> None:
    write(tmp_path, GOOD + BAD, statistics=statistics)
    bound = bind(tmp_path, tables={"eligibility"}, bad_rows="drop")
    assert bound.bad_rows == COUNTS
    write(tmp_path, GOOD, statistics=statistics)
    assert bind(tmp_path, tables={"eligibility"}).bad_rows == {}


def test_a_run_refuses_them_with_their_counts_and_columns(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        bind(write(tmp_path, GOOD + BAD), tables={"eligibility"})
    found = caught.value.diagnostics
    assert {d.code for d in found} == {"VBM314"}
    assert caught.value.exit_code == 3
    assert [str(d.where).split(" in ")[0] for d in found] == [
        "eligibility.person_id",
        "eligibility.enrollment_start_date",
        "eligibility.enrollment_end_date",
        "eligibility.birth_date",
    ]
    assert found[0].message.startswith("1 eligibility row without a person_id")
    assert all("--bad-rows drop" in str(d.hint) for d in found)


def test_dropping_leaves_the_usable_rows_and_tells_the_counts(tmp_path: Path) -> None:
    bound = bind(write(tmp_path, GOOD + BAD), tables={"eligibility"}, bad_rows="drop")
    left = bound.tables["eligibility"].frame.collect()
    assert sorted(left["person_id"].to_list()) == ["a", "a", "b", "c"]
    assert bound.bad_rows == COUNTS
    assert bound.tables["eligibility"].rows == len(GOOD + BAD)


def test_clean_data_is_bound_without_a_filter_in_both_modes(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    for mode in ("refuse", "drop"):
        bound = bind(tmp_path, tables={"eligibility"}, bad_rows=mode)  # type: ignore[arg-type]
        assert bound.bad_rows == {}
        assert "FILTER" not in bound.tables["eligibility"].frame.explain()
        assert bound.tables["eligibility"].frame.collect().height == len(GOOD)


def test_the_plan_of_a_drop_shows_no_person(tmp_path: Path) -> None:
    rows = [*GOOD, span("person-7788", birth_date=None)]
    bound = bind(write(tmp_path, rows), tables={"eligibility"}, bad_rows="drop")
    assert "person-7788" not in bound.tables["eligibility"].frame.explain()
    assert "person-7788" not in bound.tables["eligibility"].frame.collect()["person_id"].to_list()


def test_nothing_usable_is_an_error_even_when_dropping(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        bind(write(tmp_path, [span("x", birth_date=None)]), tables={"eligibility"}, bad_rows="drop")
    assert [d.code for d in caught.value.diagnostics] == ["VBM311"]


@pytest.mark.parametrize("mode", ["refuse", "drop"])
def test_unknown_flag_values_are_refused_in_both_modes_without_quoting_them(tmp_path: Path, mode: str) -> None:
    rows = [span("a", hospice_flag="Y"), span("b", hospice_flag="perhaps"), span("c", hospice_flag=None)]
    with pytest.raises(Failure) as caught:
        bind(write(tmp_path, rows), tables={"eligibility"}, bad_rows=mode)  # type: ignore[arg-type]
    (found,) = caught.value.diagnostics
    assert found.code == "VBM315"
    assert "hospice_flag" in found.message
    assert "1 row" in found.message
    assert "perhaps" not in str(found)


def test_known_flag_values_are_bound_as_booleans(tmp_path: Path) -> None:
    rows = [span("a", hospice_flag="Y"), span("b", hospice_flag=" no"), span("c", hospice_flag="")]
    frame = bind(write(tmp_path, rows), tables={"eligibility"}).tables["eligibility"].frame
    assert frame.sort("person_id").collect()["hospice_flag"].to_list() == [True, False, None]
