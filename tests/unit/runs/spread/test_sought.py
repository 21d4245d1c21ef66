"""Conditions in SQL on tables that only Spark reads: every row that the program would use meets them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pytest

from vbpmeasure.data.bad_rows import faults_of
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.monitoring.journal import Journal
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.spread import sought
from vbpmeasure.runs.spread.needed import needed_rows
from vbpmeasure.runs.spread.needed import sought as sought_of
from vbpmeasure.runs.spread.sought import Sought, condition, doubtful
from vbpmeasure.runs.spread.thinning import bound_rows
from vbpmeasure.runs.steps.counting import work_of
from vbpmeasure.runs.steps.preparing import prepare
from vbpmeasure.sample import write_sample

ROW = "row"


def kept(rows: pl.DataFrame, where: str) -> list[int]:
    """Return the numbers of the rows that meet a condition of SQL."""
    with duckdb.connect() as session:
        session.register("given", rows.to_arrow())
        asked = where.replace("`", '"')
        return [n for (n,) in session.execute(f"SELECT {ROW} FROM given WHERE {asked} ORDER BY 1").fetchall()]


def spelled(text: str) -> list[str]:
    """Return a text as data may hold it: as it is, and in ways of which most mean nothing."""
    bare = text.replace(".", "")
    return [
        *(text, bare, f"{bare[:3]}.{bare[3:]}", text.lower(), text.upper(), f" {text}", f"{text} ", f"{text}\u00a0"),
        *(f"{text}X", text[:-1], text[1:], f"0{text}", text.lstrip("0"), f"{text}é", f"é{text}", f"{text}\u200b"),
        *(text.replace("0", "O"), f"{text}'", f"'{text}", f"{text}\\", text[::-1]),
    ]


@pytest.mark.parametrize("literals", [20_000, 12])
def test_no_row_that_any_measure_uses_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, literals: int
) -> None:
    """Every code column holds texts of all shipped measures, and what looks like them; one column a row, or all."""
    monkeypatch.setattr(sought, "_MOST_LITERALS", literals)
    write_sample(tmp_path / "data", people=20, seed=3, year=2025)
    asked = RunRequest(data=tmp_path / "data", year=2025, by=("provider",))
    found = prepare(asked, Journal())
    work, plans = work_of(asked, found), Plans()
    schemas = {name: table.frame.collect_schema() for name, table in found.bound.tables.items()}
    schemas.pop("provider_attribution", None)
    looked_for = sought_of(work, schemas, plans)
    assert {"medical_claim", "immunization", "condition"} <= set(looked_for)
    for name, conditions in needed_rows(work, schemas, plans).items():
        each = looked_for[name]
        columns = sorted({one.column for one in each})
        texts = sorted(
            {way for one in each for text in one.texts[:: len(one.texts) // 15 + 1] for way in spelled(text)}
        )
        held: list[str | None] = [*texts, "", " ", "Ω", "none", None]
        alone = [{column: text} for column in columns for text in held]
        together = [dict.fromkeys(columns, text) for text in held]
        given = pl.DataFrame([*alone, *together], schema=dict.fromkeys(columns, pl.String)).with_row_index(ROW)
        used = given.filter(pl.any_horizontal(conditions))[ROW].to_list()
        where = condition(each, {column: f"`{column}`" for column in columns})
        assert where is not None
        left = kept(given, where)
        assert len(used) > len(each)
        assert set(used) <= set(left)
        if literals == 20_000 and all(not one.length for one in each):
            assert left == used
        assert len(left) < given.height


def rows_with(texts: Sequence[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"code": texts}, schema={"code": pl.String}).with_row_index(ROW)


def test_leading_characters_are_those_that_a_reading_compares() -> None:
    rows = rows_with(["D1206", "D12", "D1", "E1206", "D", "", None, "d1206", "Ω1206"])
    assert kept(rows, condition([Sought("code", 2, ("D1",))], {"code": "`code`"}) or "") == [0, 1, 2]
    assert kept(rows, condition([Sought("code", 0, ("D12", ""))], {"code": "`code`"}) or "") == [1, 5]


def test_many_texts_are_told_by_their_leading_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = tuple(f"{letter}{number:02d}" for letter in "AB" for number in range(50))
    rows = rows_with(["A07", "A7", "B49", "B4X", "C07", None])
    for most, expected in ((100, [0, 2]), (10, [0, 2, 3]), (1, [0, 1, 2, 3])):
        monkeypatch.setattr(sought, "_MOST_LITERALS", most)
        found = condition([Sought("code", 0, texts)], {"code": "`code`"})
        assert found is not None
        assert kept(rows, found) == expected


def test_a_code_list_with_a_quote_in_it_leaves_no_row_behind() -> None:
    assert condition([Sought("code", 0, ("A1", "it's"))], {"code": "`code`"}) is None
    assert condition([Sought("code", 0, ("A1", "a\\"))], {"code": "`code`"}) is None
    assert condition([Sought("code", 0, ("é",))], {"code": "`code`"}) is None


def test_nothing_looked_for_is_no_row() -> None:
    assert kept(rows_with(["A1", None]), condition([], {"code": "`code`"}) or "") == []


SPAN = {
    "person_id": "p1",
    "birth_date": dt.date(2015, 1, 1),
    "enrollment_start_date": dt.date(2025, 1, 1),
    "enrollment_end_date": dt.date(2025, 12, 31),
    "gender": "female",
    "hospice_flag": "no",
}


@pytest.mark.parametrize(
    "fault",
    [
        {"person_id": None},
        {"birth_date": None},
        {"enrollment_start_date": None},
        {"enrollment_end_date": dt.date(2024, 12, 31)},
        {"hospice_flag": "maybe"},
        {"hospice_flag": "2"},
        {"hospice_flag": "ye s"},
    ],
)
def test_every_faulty_row_of_eligibility_is_doubted(fault: dict[str, object]) -> None:
    good = pl.DataFrame(
        [SPAN | {"hospice_flag": flag} for flag in ("yes", "YES", "Y", "n", "False", "1", "0", "", None)]
        + [SPAN | {"enrollment_end_date": None}, SPAN | {"enrollment_end_date": SPAN["enrollment_start_date"]}],
        schema_overrides={"hospice_flag": pl.String},
    )
    rows = pl.concat([good, pl.DataFrame([SPAN | fault], schema=good.schema)]).with_row_index(ROW)
    where = doubtful({name: f"`{name}`" for name in SPAN}, dict(good.schema))
    assert kept(rows, where) == [good.height]
    faults = faults_of(bound_rows("eligibility", rows.drop(ROW)))
    assert sum(faults.rows.values()) + sum(faults.flags.values()) >= 1 or fault == {"birth_date": None}
    clean = faults_of(bound_rows("eligibility", good))
    assert not any((*clean.rows.values(), *clean.flags.values()))


def test_a_flag_of_numbers_is_doubted_and_one_of_booleans_cannot_be_wrong() -> None:
    names = {name: f"`{name}`" for name in SPAN}
    numbers = pl.DataFrame([SPAN | {"hospice_flag": n} for n in (0, 1, None, 2)]).with_row_index(ROW)
    assert kept(numbers, doubtful(names, dict(numbers.schema))) == [3]
    booleans = pl.DataFrame([SPAN | {"hospice_flag": n} for n in (True, False, None)]).with_row_index(ROW)
    assert "hospice_flag" not in doubtful(names, dict(booleans.schema))
    assert kept(booleans, doubtful(names, dict(booleans.schema))) == []
