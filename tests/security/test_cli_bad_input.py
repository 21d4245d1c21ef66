"""Bad input at the command line: a coded message, the documented exit code, nothing half-written, nothing leaked.

The `cli` fixture itself fails on a traceback and on a planted identifier in stdout or stderr.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from support.commands import Cli, DataFolder, files_below

CODE = re.compile(r"VBM3\d\d")


def refused(cli: Cli, data: DataFolder | Path, tmp_path: Path, *more: str) -> str:
    """Run W30 and WCV over the data, require the refusal of section 7 of the design, and return stderr."""
    out = tmp_path / "out"
    folder = data.path if isinstance(data, DataFolder) else data
    ran = cli("run", "wcv", "w30", "--data", folder, "--year", "2025", "--by", "race", "--out", out, *more)
    assert ran.code == 3, ran.stderr
    assert CODE.search(ran.stderr), ran.stderr
    assert ran.stdout == ""
    assert files_below(out) == []
    return ran.stderr


def test_the_small_data_is_sound_before_it_is_broken(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = cli("run", "wcv", "w30", "--data", small_data.path, "--year", "2025", "--by", "race", "--out", out)
    assert ran.code == 0, ran.stderr
    assert (out / "_SUCCESS").is_file()


def test_no_data_folder(cli: Cli, tmp_path: Path) -> None:
    stderr = refused(cli, tmp_path / "nowhere", tmp_path)
    assert "nowhere" in stderr


def test_a_file_where_the_data_folder_should_be(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello")
    refused(cli, tmp_path / "file", tmp_path)


def test_empty_folder(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    stderr = refused(cli, tmp_path / "empty", tmp_path)
    assert "eligibility" in stderr
    assert "medical_claim" in stderr


def text_file(data: DataFolder) -> None:
    data.file("medical_claim").write_text("PLANTEDMEMBER001,99393\n")


def truncated(data: DataFolder) -> None:
    whole = data.file("medical_claim").read_bytes()
    data.file("medical_claim").write_bytes(whole[: len(whole) // 2])


def empty_file(data: DataFolder) -> None:
    data.file("medical_claim").write_bytes(b"")


def damaged_pages(data: DataFolder) -> None:
    """Keep the footer whole and overwrite the pages before it, so that only reading the rows can fail."""
    whole = bytearray(data.file("medical_claim").read_bytes())
    column = pq.read_metadata(data.file("medical_claim")).row_group(0).column(2)
    assert column.path_in_schema == "person_id"
    start, size = column.dictionary_page_offset, column.total_compressed_size
    whole[start : start + size] = b"\xff" * size
    data.file("medical_claim").write_bytes(bytes(whole))


def zero_rows(data: DataFolder) -> None:
    data.write("eligibility", data.table("eligibility").clear())


def zero_claims(data: DataFolder) -> None:
    data.write("medical_claim", data.table("medical_claim").clear())


def no_person_id(data: DataFolder) -> None:
    data.write("medical_claim", data.table("medical_claim").drop("person_id"))


def dates_as_text(data: DataFolder) -> None:
    data.write("eligibility", data.table("eligibility").with_columns(pl.col("birth_date").cast(pl.String)))


def codes_as_numbers(data: DataFolder) -> None:
    data.write("medical_claim", data.table("medical_claim").with_columns(pl.lit(99393).alias("hcpcs_code")))


def ids_as_floats(data: DataFolder) -> None:
    data.write("eligibility", data.table("eligibility").with_columns(pl.lit(1.5).alias("person_id")))


def no_birth_date(data: DataFolder) -> None:
    first = pl.int_range(pl.len()) == 0
    data.write(
        "eligibility",
        data.table("eligibility").with_columns(pl.when(first).then(None).otherwise("birth_date").alias("birth_date")),
    )


def end_before_start(data: DataFolder) -> None:
    first = pl.int_range(pl.len()) == 0
    data.write(
        "eligibility",
        data.table("eligibility").with_columns(
            pl.when(first).then(dt.date(2020, 1, 1)).otherwise("enrollment_end_date").alias("enrollment_end_date")
        ),
    )


def null_person_id(data: DataFolder) -> None:
    first = pl.int_range(pl.len()) == 0
    data.write(
        "eligibility",
        data.table("eligibility").with_columns(pl.when(first).then(None).otherwise("person_id").alias("person_id")),
    )


Break = Callable[[DataFolder], None]


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (text_file, ["medical_claim"]),
        (truncated, ["medical_claim"]),
        (empty_file, ["medical_claim"]),
        (damaged_pages, ["medical_claim"]),
        (zero_rows, ["eligibility"]),
        (zero_claims, ["medical_claim"]),
        (no_person_id, ["medical_claim", "person_id"]),
        (dates_as_text, ["eligibility", "birth_date"]),
        (codes_as_numbers, ["medical_claim", "hcpcs_code"]),
        (ids_as_floats, ["eligibility", "person_id"]),
        (no_birth_date, ["eligibility", "birth"]),
        (end_before_start, ["eligibility", "end"]),
        (null_person_id, ["eligibility", "person_id"]),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_broken_tables_are_refused(
    cli: Cli, small_data: DataFolder, tmp_path: Path, spoil: Break, named: list[str]
) -> None:
    spoil(small_data)
    stderr = refused(cli, small_data, tmp_path)
    for name in named:
        assert name in stderr


@pytest.mark.parametrize("spoil", [no_birth_date, end_before_start, null_person_id], ids=lambda f: f.__name__)
def test_bad_rows_are_dropped_and_counted_on_request(
    cli: Cli, small_data: DataFolder, tmp_path: Path, spoil: Break
) -> None:
    spoil(small_data)
    out = tmp_path / "out"
    ran = cli("run", "wcv", "--data", small_data.path, "--year", "2025", "--out", out, "--bad-rows", "drop")
    assert ran.code == 0, ran.stderr
    assert (out / "_SUCCESS").is_file()
    assert re.search(r"\b1\b", ran.stderr), "the number of dropped rows is told"


def test_a_year_without_data(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = cli("run", "wcv", "--data", small_data.path, "--year", "2018", "--out", out)
    assert ran.code == 3, ran.stderr
    assert CODE.search(ran.stderr)
    assert "2018" in ran.stderr
    assert ran.stdout == ""
    assert files_below(out) == []


def test_a_table_twice(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    """A file and a folder of one name: which one is meant must not be guessed."""
    folder = small_data.path / "eligibility"
    folder.mkdir()
    small_data.table("eligibility").write_parquet(folder / "part.parquet")
    refused(cli, small_data, tmp_path)


def test_findings_of_all_tables_come_at_once(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    dates_as_text(small_data)
    no_person_id(small_data)
    stderr = refused(cli, small_data, tmp_path)
    assert "birth_date" in stderr
    assert "person_id" in stderr


@pytest.mark.parametrize("form", ["concise", "json", "github"])
def test_every_form_of_diagnostics_keeps_the_promise(
    cli: Cli, small_data: DataFolder, tmp_path: Path, form: str
) -> None:
    no_person_id(small_data)
    stderr = refused(cli, small_data, tmp_path, "--diagnostics", form)
    assert "VBM3" in stderr
