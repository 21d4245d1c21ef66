"""Rows that are left behind by their day and person, before codes are looked at, are rows that nobody asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

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


def test_it_is_not_asked_where_it_does_not_pay() -> None:
    inside, outside = dt.date(2025, 6, 1), dt.date(2021, 6, 1)
    year = Reach(((*YEAR, 0b01),))
    assert _asked([("a", inside), ("a", inside), ("a", outside)], year, {"a": 0b01}) is None  # most rows matter
    assert _asked([("a", outside)] * 3, year, {"a": 0b10, "b": 0b01, "c": 0b10}) is None  # most people matter
    assert _asked([("a", outside)] * 3, Reach(), {"a": 0b01}) is None  # nobody's days are known
