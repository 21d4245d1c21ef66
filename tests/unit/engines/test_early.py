"""Rows that are left behind by their day and person, before codes are looked at, are rows that nobody asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.binding import bind
from vbpmeasure.engines.polars import early
from vbpmeasure.engines.polars.days import day_number
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.reach import Reach
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.frame import ResultFrame
from vbpmeasure.sample import write_sample

PERIOD = calendar_year(2025)
YEAR = (day_number(PERIOD.start), day_number(PERIOD.end))


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, pl.LazyFrame]:
    folder = tmp_path_factory.mktemp("early") / "sample"
    write_sample(folder, people=800, seed=5, year=2025)
    return {name: table.frame for name, table in bind(folder).tables.items()}


def _judged(
    ids: tuple[str, ...], tables: Mapping[str, pl.LazyFrame], monkeypatch: pytest.MonkeyPatch, *, ask: bool
) -> tuple[ResultFrame, set[str]]:
    monkeypatch.setattr(early, "_MOST_ROWS", 2.0 if ask else -1.0)
    monkeypatch.setattr(early, "_MOST_PEOPLE", 2.0 if ask else -1.0)
    queries = Queries(keep=True)
    found = evaluate(Catalog.open().program(ids, PERIOD), tables, queries=queries)
    return found, {name for name, _ in queries.kept}


@pytest.mark.parametrize("ids", [("wcv",), ("w30", "wcv", "cis", "ima", "lsc", "dev"), ("amb", "fuh", "wcc")])
def test_the_judgement_is_the_same_with_and_without(
    ids: tuple[str, ...], tables: Mapping[str, pl.LazyFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_it, asked = _judged(ids, tables, monkeypatch, ask=True)
    without, other = _judged(ids, tables, monkeypatch, ask=False)
    assert ("glance" in asked, "glance" in other) == (True, False)
    keys = ["rate", "person", "index_date"]
    assert with_it.rows.sort(keys).equals(without.rows.sort(keys))
    assert with_it.counters == without.counters


def _asked(rows: list[tuple[str, dt.date | None]], reach: Reach, cohorts: dict[str, int]) -> list[bool] | None:
    """Ask about claims (person, day) with four code columns, of people in cohorts."""
    frame = pl.LazyFrame(rows, schema={"person_id": pl.String, "claim_start_date": pl.Date}, orient="row")
    codes = {f"diagnosis_code_{i}": pl.lit(None, dtype=pl.String) for i in range(1, 5)}
    frame = frame.with_columns(**codes)
    program = Catalog.open().program(("w30", "wcv"), PERIOD)
    found = Plans().of(program).asked({"medical_claim": frame}).readings["medical_claim"]
    needed = pl.DataFrame({"person_id": list(cohorts), "cohorts": list(cohorts.values())}).cast({"cohorts": pl.UInt64})
    asked = early.asked_early("medical_claim", frame, found, needed, reach, Queries())
    return None if asked is None else frame.select(asked.alias("x")).collect()["x"].to_list()


def test_a_row_matters_in_the_year_or_when_its_person_is_asked_for_on_any_day() -> None:
    inside, outside = dt.date(2025, 6, 1), dt.date(2021, 6, 1)
    year = Reach(((*YEAR, 0b01),))
    people = {"a": 0b01, "b": 0b01, "c": 0b10}
    rows = [("a", inside), ("a", outside), ("b", outside), ("c", outside), ("x", outside), ("a", None)]
    # The day of the last row is not known, so nobody asks for it who asks for days.
    assert _asked(rows, year, people) == [True, False, False, True, False, None]
    # A cohort that looks at rows without a day.
    assert _asked(rows, Reach(((*YEAR, 0b01),), 0b100), people) == [True, False, False, True, False, True]


def test_long_ranges_of_few_people_keep_their_rows_and_not_those_of_everybody() -> None:
    of_three_years = (day_number(dt.date(2023, 1, 1)), YEAR[1])
    before, within, inside = dt.date(2021, 6, 1), dt.date(2023, 6, 1), dt.date(2025, 6, 1)
    rows = [("a", within), ("b", within), ("c", within), ("a", before), ("c", before), ("b", inside)]
    people = {"a": 0b01, "b": 0b01, "c": 0b10}
    # Three years of everybody are four rows of six; the year of everybody and all days of one person are three.
    few = Reach(((*YEAR, 0b01), (*of_three_years, 0b10)))
    assert _asked(rows, few, people) == [False, False, True, False, True, True]
    # Where most people have the long range it is asked of everybody.
    most = Reach(((*YEAR, 0b10), (*of_three_years, 0b01)))
    assert _asked(rows, most, people) == [True, True, True, False, False, True]


@pytest.mark.parametrize("way", range(3))
def test_every_way_gives_the_same_judgement(
    way: int, tables: Mapping[str, pl.LazyFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ("wcv", "dev_fu", "cdf", "lsc")
    without, _ = _judged(ids, tables, monkeypatch, ask=False)
    offered = early._ways
    numbers: list[int] = []

    def one(*asked: Any) -> list[pl.Expr]:
        ways = list(offered(*asked))
        numbers.append(len(ways))
        return ways[way : way + 1]

    monkeypatch.setattr(early, "_ways", one)
    with_it, names = _judged(ids, tables, monkeypatch, ask=True)
    assert "glance" in names
    assert max(numbers) > way
    keys = ["rate", "person", "index_date"]
    assert with_it.rows.sort(keys).equals(without.rows.sort(keys))
    assert with_it.counters == without.counters


def _asked_of_vaccines(rows: int, people: int) -> bool:
    """Ask about immunizations, which have one code column: so many rows of years ago, of people asked for one year."""
    frame = pl.LazyFrame(
        {"person_id": ["x"] * rows, "occurrence_date": [dt.date(2021, 6, 1)] * rows, "source_code": "10"}
    )
    found = Plans().of(Catalog.open().program(("cis",), PERIOD)).asked({"immunization": frame}).readings["immunization"]
    needed = pl.DataFrame({"person_id": [f"p{i}" for i in range(people)], "cohorts": 1}).cast({"cohorts": pl.UInt64})
    reach = Reach(((*YEAR, 0b01),))
    return early.asked_early("immunization", frame, found, needed, reach, Queries()) is not None


def test_of_a_table_with_one_code_column_it_is_asked_when_people_have_many_rows() -> None:
    assert _asked_of_vaccines(rows=17, people=2)  # more than 8 rows a person
    assert not _asked_of_vaccines(rows=16, people=2)


def test_it_is_not_asked_where_it_does_not_pay() -> None:
    inside, outside = dt.date(2025, 6, 1), dt.date(2021, 6, 1)
    year = Reach(((*YEAR, 0b01),))
    three_of_four = [("a", inside), ("a", inside), ("a", inside), ("a", outside)]
    assert _asked(three_of_four, year, {"a": 0b01}) is None  # most rows matter
    assert _asked([("a", outside)] * 3, year, {"a": 0b10, "b": 0b01, "c": 0b10}) is None  # most people matter
    assert _asked([("a", outside)] * 3, Reach(), {"a": 0b01}) is None  # nobody's days are known
