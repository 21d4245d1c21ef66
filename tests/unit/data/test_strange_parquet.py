"""Parquet files that are damaged or strange are refused by a code, or read as they are meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vbpmeasure.data.binding import bind
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.year_check import check_period
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.plan.measures import calendar_year

SECRET = "member-4711"
YEAR_2025 = (20_089, 20_453)  # the days 2025-01-01 and 2025-12-31 as Parquet counts them, since 1970
FAR = 2_000_000_000  # a day of the year 5,477,811


def days(*numbers: int) -> pa.Array:
    return pa.array(numbers, pa.int32()).cast(pa.date32())


def people(**other: pa.Array) -> dict[str, pa.Array]:
    start, end = YEAR_2025
    return {
        "person_id": pa.array([SECRET, "b"]),
        "birth_date": days(17_000, 17_000),
        "enrollment_start_date": days(start, start),
        "enrollment_end_date": days(end, end),
        "gender": pa.array(["female", "male"]),
        **other,
    }


def written(folder: Path, names: Sequence[str], columns: Sequence[pa.Array], **options: object) -> Path:
    path = folder / "eligibility.parquet"
    pq.write_table(pa.table(columns, names=names), path, **options)
    return path


def file(folder: Path, columns: dict[str, pa.Array] | None = None, **options: object) -> Path:
    columns = people() if columns is None else columns
    return written(folder, list(columns), list(columns.values()), **options)


def bound(folder: Path) -> BoundData:
    return bind(folder, tables=["eligibility"])


def refused(folder: Path) -> Diagnostic:
    with pytest.raises(Failure) as caught:
        bound(folder)
    [found] = caught.value.diagnostics
    assert SECRET not in repr(found)
    return found


@pytest.mark.parametrize("name", ["person_id", "something", ""])
def test_two_columns_of_one_name_are_told(name: str, tmp_path: Path) -> None:
    columns = {**people(), name: people()["person_id"]}
    written(tmp_path, [*columns, name], [*columns.values(), columns["person_id"]])
    found = refused(tmp_path)
    assert found.code == "VBM354"
    assert "more than one column of the same name" in found.message


def test_numbers_of_more_digits_than_can_be_read_are_told(tmp_path: Path) -> None:
    large = pa.array([Decimal("9" * 70), Decimal(1)], pa.decimal256(76, 0))
    file(tmp_path, people(person_id=large))
    found = refused(tmp_path)
    assert found.code == "VBM307"
    assert "whole decimal numbers of up to 76 digits" in found.message


def test_strange_columns_that_nobody_asks_for_are_left_alone(tmp_path: Path) -> None:
    strange = {
        "large": pa.array([Decimal("9" * 70)] * 2, pa.decimal256(76, 0)),
        "nested": pa.array([[{"a": [1]}]] * 2),
        "far": days(FAR, -FAR),
        "half": pa.array([1.5, 2.5]).cast(pa.float16()),
        "a\n\x1b[2J": pa.array([SECRET] * 2),
        "n" * 70_000: pa.nulls(2),
    }
    file(tmp_path, {**people(), **strange})
    rows = bound(tmp_path).tables["eligibility"].frame.collect()
    assert rows["person_id"].to_list() == [SECRET, "b"]


@pytest.mark.parametrize(
    "kind", [pa.dictionary(pa.int8(), pa.string()), pa.large_string(), pa.string_view()], ids=["few", "large", "view"]
)
def test_texts_of_other_makes_are_texts(kind: pa.DataType, tmp_path: Path) -> None:
    file(tmp_path, people(gender=pa.array(["female", "male"]).cast(kind)), row_group_size=1)
    assert bound(tmp_path).tables["eligibility"].frame.collect()["gender"].to_list() == ["female", "male"]


def test_a_name_of_a_column_that_is_no_text_is_a_damage(tmp_path: Path) -> None:
    path = file(tmp_path, {**people(), "something": pa.array([1, 2])})
    content = path.read_bytes()
    assert content.count(b"something") > 1
    path.write_bytes(content.replace(b"something", b"some\x80hing"))
    assert refused(tmp_path).code == "VBM303"


def test_a_file_that_was_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = file(tmp_path)
    whole = path.read_bytes()
    for size in (*range(16), *range(16, len(whole), 97), *range(len(whole) - 12, len(whole))):
        path.write_bytes(whole[:size])
        assert refused(tmp_path).code == "VBM303", size


@pytest.mark.parametrize("length", [0, 1, 7, 2**31 - 1, 2**32 - 1])
def test_a_footer_of_another_length_is_refused(length: int, tmp_path: Path) -> None:
    path = file(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-8] + length.to_bytes(4, "little") + whole[-4:])
    assert refused(tmp_path).code == "VBM303"


def test_a_file_without_columns_lacks_them(tmp_path: Path) -> None:
    file(tmp_path, {})
    assert refused(tmp_path).code == "VBM306"


@pytest.mark.parametrize("statistics", [True, False])
def test_days_of_years_that_no_calendar_has_are_later_than_all_others(statistics: bool, tmp_path: Path) -> None:
    start, _ = YEAR_2025
    claims = {
        "claim_id": pa.array(["1", "2"]),
        "person_id": pa.array([SECRET] * 2),
        "claim_start_date": days(FAR, start),
    }
    pq.write_table(pa.table(claims), tmp_path / "medical_claim.parquet", write_statistics=statistics)
    file(tmp_path, people(enrollment_end_date=days(FAR, start)), write_statistics=statistics)
    data = bind(tmp_path)
    # Both people are enrolled from 2025-01-01, one of them without end; the year 2024 has no day of theirs.
    assert check_period(data, calendar_year(2025)) == ()
    with pytest.raises(Failure) as caught:
        check_period(data, calendar_year(2024))
    [found] = caught.value.diagnostics
    assert found.code == "VBM321"
    assert "2025-01" in found.message


@pytest.mark.parametrize("statistics", [True, False])
def test_claims_of_no_calendar_alone_are_no_claims_of_the_year(statistics: bool, tmp_path: Path) -> None:
    claims = {"claim_id": pa.array(["1"]), "person_id": pa.array([SECRET]), "claim_start_date": days(-FAR)}
    pq.write_table(pa.table(claims), tmp_path / "medical_claim.parquet", write_statistics=statistics)
    file(tmp_path)
    with pytest.raises(Failure) as caught:
        check_period(bind(tmp_path), calendar_year(2025))
    [found] = caught.value.diagnostics
    assert found.code == "VBM322"
    assert "0001-01" in found.message


def test_what_was_far_is_read_as_it_is(tmp_path: Path) -> None:
    file(tmp_path, people(enrollment_end_date=days(FAR, YEAR_2025[1])))
    rows = bound(tmp_path).tables["eligibility"].frame
    assert rows.select(pl.col("enrollment_end_date") > dt.date(9999, 12, 31)).collect().to_series().to_list() == [
        True,
        False,
    ]
