"""A measurement period without data is refused; footers decide where they can."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.data.binding import bind
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.ranges import footer_ranges
from vbpmeasure.data.year_check import check_period
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.plan.measures import Period, calendar_year

Write = Callable[[pl.DataFrame, Path], None]


def plain(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


def without_statistics(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, statistics=False)


def as_timestamps(frame: pl.DataFrame, path: Path) -> None:
    frame.with_columns(pl.col(pl.Date).cast(pl.Datetime("us"))).write_parquet(path)


WAYS = pytest.mark.parametrize("write", [plain, without_statistics, as_timestamps])


def data(
    root: Path,
    write: Write = plain,
    spans: tuple[tuple[str, str | None], ...] = (("2023-03-01", "2024-06-30"),),
    claims: tuple[str | None, ...] = ("2023-05-01", "2024-01-01"),
    doses: tuple[str, ...] = (),
) -> BoundData:
    def day(text: str | None) -> dt.date | None:
        return None if text is None else dt.date.fromisoformat(text)

    people = [f"p{i}" for i in range(len(spans))]
    eligibility = pl.DataFrame(
        {
            "person_id": people,
            "birth_date": [dt.date(2020, 1, 1)] * len(spans),
            "gender": ["F"] * len(spans),
            "enrollment_start_date": [day(s) for s, _ in spans],
            "enrollment_end_date": pl.Series([day(e) for _, e in spans], dtype=pl.Date),
        }
    )
    medical = pl.DataFrame(
        {
            "claim_id": [f"c{i}" for i in range(len(claims))],
            "person_id": ["p0"] * len(claims),
            "claim_start_date": pl.Series([day(c) for c in claims], dtype=pl.Date),
        },
        schema_overrides={"claim_id": pl.String, "person_id": pl.String},
    )
    write(eligibility, root / "eligibility.parquet")
    write(medical, root / "medical_claim.parquet")
    if doses:
        write(
            pl.DataFrame({"person_id": ["p0"] * len(doses), "occurrence_date": [day(d) for d in doses]}),
            root / "immunization.parquet",
        )
    return bind(root)


def refusal(bound: BoundData, year: int) -> str:
    with pytest.raises(Failure) as caught:
        check_period(bound, calendar_year(year))
    (found,) = caught.value.diagnostics
    assert caught.value.exit_code == 3
    return f"{found.code} {found.message}"


@WAYS
@pytest.mark.parametrize("year", [2023, 2024])
def test_a_year_with_spans_and_claims_is_fine(tmp_path: Path, write: Write, year: int) -> None:
    assert check_period(data(tmp_path, write), calendar_year(year)) == ()


@WAYS
@pytest.mark.parametrize("year", [2022, 2025])
def test_a_year_without_spans_is_refused_and_the_run_of_months_told(tmp_path: Path, write: Write, year: int) -> None:
    expected = f"VBM321 no eligibility in {year}; the spans run from 2023-03 to 2024-06"
    assert refusal(data(tmp_path, write), year) == expected


@WAYS
@pytest.mark.parametrize("end", [None, "9999-12-31"])
def test_open_spans_reach_every_later_year(tmp_path: Path, write: Write, end: str | None) -> None:
    bound = data(tmp_path, write, spans=(("2023-03-01", end),), claims=("2030-01-01",))
    assert check_period(bound, calendar_year(2030)) == ()
    assert refusal(bound, 2022) == "VBM321 no eligibility in 2022; the spans run from 2023-03 on"


@pytest.mark.parametrize(
    ("start", "end", "fine"),
    [
        ("2023-12-31", "2024-01-01", True),
        ("2024-12-31", "2025-03-01", True),
        ("2025-01-01", "2025-03-01", False),
        ("2023-01-01", "2023-12-31", False),
    ],
)
def test_a_span_touches_the_year_with_a_single_day(tmp_path: Path, start: str, end: str, fine: bool) -> None:
    bound = data(tmp_path, spans=((start, end),), claims=("2024-05-05",))
    if fine:
        assert check_period(bound, calendar_year(2024)) == ()
    else:
        assert refusal(bound, 2024).startswith("VBM321")


@WAYS
def test_a_year_without_any_event_is_refused(tmp_path: Path, write: Write) -> None:
    bound = data(tmp_path, write, spans=(("2020-01-01", None),))
    assert refusal(bound, 2026) == (
        "VBM322 no claim or record is dated in 2026; those of medical_claim run from 2023-05 to 2024-01"
    )


def test_tables_without_rows_or_dates_are_no_events(tmp_path: Path) -> None:
    assert refusal(data(tmp_path, claims=()), 2024).startswith("VBM322")
    assert refusal(data(tmp_path, claims=(None,)), 2024).endswith("the tables have no dated row")


@WAYS
def test_claims_missing_beside_other_events_are_a_warning(tmp_path: Path, write: Write) -> None:
    bound = data(tmp_path, write, spans=(("2020-01-01", None),), doses=("2026-02-02",))
    (warning,) = check_period(bound, calendar_year(2026))
    assert (warning.code, warning.severity.value) == ("VBM323", "warning")


def test_a_period_that_is_no_calendar_year_is_named_by_its_days(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no eligibility in 2021-07-01 to 2022-06-30"):
        check_period(data(tmp_path), Period(dt.date(2021, 7, 1), dt.date(2022, 6, 30)))


def test_footers_decide_only_where_they_hold_dates(tmp_path: Path) -> None:
    columns = ("enrollment_start_date", "enrollment_end_date")
    (group,) = footer_ranges(data(tmp_path).tables["eligibility"], columns) or []
    assert group[columns[0]].first == dt.date(2023, 3, 1)
    assert footer_ranges(data(tmp_path, without_statistics).tables["eligibility"], columns) is None
    assert footer_ranges(data(tmp_path, as_timestamps).tables["eligibility"], columns) is None
