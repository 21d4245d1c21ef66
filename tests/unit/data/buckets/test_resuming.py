"""What a killed layout left is used when it is whole; whatever else stands there is done again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.data.binding import bind
from vbpmeasure.data.bound import BoundTable
from vbpmeasure.data.buckets import writing
from vbpmeasure.data.buckets.chunks import packed, portions
from vbpmeasure.data.buckets.writing import TableLayout

PEOPLE, BUCKETS = 40, 3
CELLS = 80  # 16 rows of five columns: three chunks
RECORD, CHUNK = "work/eligibility.json", "work/eligibility/000001.chunk"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> BoundTable:
    folder = tmp_path_factory.mktemp("data")
    pl.DataFrame(
        {
            "gender": ["female"] * PEOPLE,
            "person_id": [f"p{number:02d}" for number in range(PEOPLE)],
            "birth_date": [dt.date(2020, 1, 1)] * PEOPLE,
            "enrollment_start_date": [dt.date(2025, 1, 1)] * PEOPLE,
            "enrollment_end_date": [dt.date(2025, 12, 31)] * PEOPLE,
        }
    ).write_parquet(folder / "eligibility.parquet")
    return bind(folder, tables=["eligibility"]).tables["eligibility"]


def laid(table: BoundTable, home: Path) -> TableLayout:
    (home / "work").mkdir(parents=True, exist_ok=True)
    return TableLayout(table, BUCKETS, home, home / "work", CELLS)


def contents(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((home / "eligibility").iterdir())}


def killed(table: BoundTable, home: Path, monkeypatch: pytest.MonkeyPatch, files: int) -> None:
    """Lay out so many files, and no more."""
    real, written = writing.put, 0

    def put(path: Path, content: bytes | memoryview) -> None:
        nonlocal written
        written += 1
        if written > files:
            raise KeyboardInterrupt
        real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "put", put)
        with pytest.raises(KeyboardInterrupt):
            laid(table, home).lay_out()


def test_forty_people_lie_in_three_buckets(table: BoundTable, tmp_path: Path) -> None:
    files = laid(table, tmp_path).lay_out()
    assert sum(file.rows for file in files) == PEOPLE
    assert {file.bucket for file in files} == {0, 1, 2}
    assert laid(table, tmp_path).lay_out() == files, "what is finished is read from its record"


FIRST = '"rows": '  # of the first file in the record
RECORDS: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "cut": lambda text: text[:-20],
    "no list": lambda _: '{"name": "eligibility/x"}',
    "numbers": lambda _: "[1, 2]",
    "another shape": lambda _: '[{"name": "eligibility/x"}]',
    "no files": lambda _: "[]",
    "no number": lambda text: text.replace(FIRST, '"rows": NaN, "x": ', 1),
    "other rows": lambda text: text.replace(FIRST, '"rows": 1', 1),
    "another bucket": lambda text: text.replace('"bucket": 0', '"bucket": 2', 1),
    "outside": lambda text: text.replace('"name": "eligibility/', '"name": "../eligibility/', 1),
    "without end": lambda _: "[" * 3000,
}


@pytest.mark.parametrize("change", RECORDS)
def test_a_record_that_is_not_true_is_not_believed(change: str, table: BoundTable, tmp_path: Path) -> None:
    files = laid(table, tmp_path).lay_out()
    whole = contents(tmp_path)
    record = tmp_path / RECORD
    record.write_text(RECORDS[change](record.read_text()))
    assert laid(table, tmp_path).lay_out() == files
    assert contents(tmp_path) == whole
    assert [one["rows"] for one in json.loads(record.read_text())] == [file.rows for file in files]


def test_a_finished_file_that_was_cut_is_written_again(table: BoundTable, tmp_path: Path) -> None:
    files = laid(table, tmp_path).lay_out()
    whole = contents(tmp_path)
    first = tmp_path / files[0].name
    first.write_bytes(first.read_bytes()[:-1])
    assert laid(table, tmp_path).lay_out() == files
    assert contents(tmp_path) == whole


def _changed(path: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Put other rows into a part, or into every bucket of a chunk."""
    if path.suffix == ".parquet":
        change(pl.read_parquet(path)).write_parquet(path)
        return
    found = [(n, one.rows()) for n in range(BUCKETS) for one, _ in portions([path], n, BUCKETS)]
    rows = pl.concat([change(rows).with_columns(pl.lit(n).alias("bucket")) for n, rows in found])
    path.write_bytes(packed(rows, "bucket", BUCKETS))


def _other_rows(path: Path) -> None:
    _changed(path, lambda rows: rows.head(1))


def _other_columns(path: Path) -> None:
    _changed(path, lambda rows: rows.drop("birth_date"))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "a text": lambda path: path.write_text("PAR1"),
    "overwritten": lambda path: path.write_bytes(b"PAR1" + b"\xff" * 400 + path.read_bytes()[404:]),
    "rows of less people": _other_rows,
    "fewer columns": _other_columns,
}
HIDDEN = ("overwritten", "fewer columns")


# The pages of a finished part are not read again, nor is it asked who made it: a run on damaged ones is refused.
UNFINISHED = [("chunk", name) for name in DAMAGE] + [("part", name) for name in DAMAGE if name not in HIDDEN]


@pytest.mark.parametrize(("where", "damage"), UNFINISHED)
def test_unfinished_work_that_is_damaged_is_done_again(
    where: str, damage: str, table: BoundTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = laid(table, tmp_path / "whole").lay_out()
    home = tmp_path / "again"
    # Three chunks, then the parts.
    killed(table, home, monkeypatch, 2 if where == "chunk" else 6)
    DAMAGE[damage](home / CHUNK if where == "chunk" else next((home / "eligibility").glob("*.parquet")))
    assert laid(table, home).lay_out() == files
    assert contents(home) == contents(tmp_path / "whole")


def test_what_is_no_chunk_is_not_counted(table: BoundTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = laid(table, tmp_path / "whole").lay_out()
    home = tmp_path / "again"
    killed(table, home, monkeypatch, 2)
    chunk = home / CHUNK
    chunk.with_name("another.chunk").write_bytes(chunk.read_bytes())
    assert laid(table, home).lay_out() == files
    assert contents(home) == contents(tmp_path / "whole")
