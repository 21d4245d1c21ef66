from __future__ import annotations

import datetime as dt
import json
import stat
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from vbpmeasure.adapters.folder import REPORT, ConversionFolder
from vbpmeasure.adapters.report import MOST_KINDS, MOST_PLACES, Reason, Report, Weight
from vbpmeasure.adapters.table_file import TableFile
from vbpmeasure.data.contract import TABLES
from vbpmeasure.diagnostics.model import Failure, Severity

SKIPPED = Reason("no_person", "VBM365", "rows name no person: left out")
NOTE = Reason("unused", "VBM367", "rows of kinds that are not used", Weight.NOTE)


def convert(out: Path, *people: str) -> Report:
    report = Report("test")
    with ConversionFolder(out, report) as folder:
        for person in people:
            folder.add("condition", {"person_id": person, "onset_date": dt.date(2024, 2, 29), "source_code": "J45"})
        folder.commit()
    return report


def test_rows_become_tables_of_the_contract(tmp_path: Path) -> None:
    convert(tmp_path / "out", "a", "b")
    frame = pl.read_parquet(tmp_path / "out" / "condition.parquet")
    assert frame.to_dicts() == [
        {"person_id": "a", "onset_date": dt.date(2024, 2, 29), "source_code": "J45"},
        {"person_id": "b", "onset_date": dt.date(2024, 2, 29), "source_code": "J45"},
    ]
    assert pl.read_parquet(tmp_path / "out" / "eligibility.parquet").columns == [
        "person_id", "birth_date", "enrollment_start_date", "enrollment_end_date", "gender",
    ]  # fmt: skip
    assert (tmp_path / "out" / "medical_claim.parquet").exists()


def test_everything_is_for_its_owner_alone(tmp_path: Path) -> None:
    convert(tmp_path / "out", "a")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "out").iterdir()}
    assert modes == {0o600}


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    convert(tmp_path / "one", "a", "b")
    convert(tmp_path / "two", "a", "b")
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_an_error_leaves_the_earlier_conversion_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out"
    convert(out, "a")
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    with pytest.raises(KeyError), ConversionFolder(out, Report("test")) as folder:  # noqa: PT012
        folder.add("condition", {"person_id": "c"})
        folder.add("condition", {"no_such_column": "c"})
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    convert(out, "z")
    assert pl.read_parquet(out / "condition.parquet")["person_id"].to_list() == ["z"]


def test_a_folder_with_other_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "eligibility.parquet").write_bytes(b"mine")
    with pytest.raises(Failure) as failed:
        convert(tmp_path / "out", "a")
    assert failed.value.diagnostics[0].code == "VBM503"
    assert (tmp_path / "out" / "eligibility.parquet").read_bytes() == b"mine"


def test_an_unknown_column_is_a_mistake_of_the_adapter(tmp_path: Path) -> None:
    with pytest.raises(KeyError), ConversionFolder(tmp_path / "out", Report("test")) as folder:
        folder.add("condition", {"person": "a"})


def test_rows_are_written_in_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vbpmeasure.adapters.table_file.CELLS_PER_GROUP", 4 * len(TABLES["condition"].columns))
    table = TableFile(tmp_path / "condition.parquet", TABLES["condition"])
    for number in range(9):
        table.add({"person_id": str(number), "status": "active" if number == 8 else None})
    table.close()
    file = pq.ParquetFile(tmp_path / "condition.parquet")
    assert [file.metadata.row_group(g).num_rows for g in range(file.num_row_groups)] == [4, 4, 1]
    frame = pl.read_parquet(tmp_path / "condition.parquet")
    assert frame.columns == ["person_id", "status"]
    assert frame["person_id"].to_list() == [str(n) for n in range(9)]
    assert frame["status"].to_list() == [None] * 8 + ["active"]


def test_the_report_counts_and_names_places(tmp_path: Path) -> None:
    report = Report("test", options={"data_source": "x"})
    with ConversionFolder(tmp_path / "out", report) as folder:
        for line in range(1, 10):
            report.read("Observation")
            report.skip(SKIPPED, "a.ndjson", line, what="Observation")
        report.skip(NOTE, "a.ndjson", 10)
        folder.commit()
    written = json.loads((tmp_path / "out" / REPORT).read_text())
    assert written["read"] == {"Observation": 9}
    assert written["written"] == {"eligibility": 0, "medical_claim": 0}
    [skipped] = written["skipped"]
    assert (skipped["reason"], skipped["code"], skipped["count"], skipped["what"]) == (
        "no_person", "VBM365", 9, {"Observation": 9},
    )  # fmt: skip
    assert skipped["first"] == [{"file": "a.ndjson", "line": n} for n in range(1, MOST_PLACES + 1)]
    assert [note["reason"] for note in written["note"]] == ["unused"]
    [warning] = report.diagnostics()
    assert warning.severity is Severity.WARNING
    assert warning.message == "Observation: rows name no person: left out (9 cases)"
    assert warning.where == "a.ndjson:1, a.ndjson:2, a.ndjson:3 and 6 more"


def test_a_strict_report_has_errors() -> None:
    report = Report("test", strict=True)
    report.skip(NOTE, "a", 1)
    report.skip(SKIPPED, "a", 1)
    assert [d.severity for d in report.diagnostics()] == [Severity.ERROR]


def test_the_report_does_not_grow_with_hostile_input() -> None:
    report = Report("test")
    for number in range(10_000):
        report.read(f"Kind{number}")
        report.skip(SKIPPED, f"file{number}", number, what=f"Kind{number}")
    record = report.as_record()
    assert isinstance(record["read"], dict)
    assert len(record["read"]) <= MOST_KINDS + 1
    assert sum(record["read"].values()) == 10_000
