"""Where the files of a table are found below a data folder."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.data.locate import at_pattern, locate
from vbpmeasure.diagnostics.model import Failure


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"person_id": ["a"]}).write_parquet(path)
    return path


def test_a_file_a_folder_and_partition_folders_are_found(tmp_path: Path) -> None:
    one = touch(tmp_path / "eligibility.parquet")
    many = [touch(tmp_path / "medical_claim" / f"part-{i}.parquet") for i in (1, 0)]
    deep = touch(tmp_path / "condition" / "year=2024" / "state=NY" / "x.parquet")
    found = locate(tmp_path, ["eligibility", "medical_claim", "condition", "encounter"])
    assert found["eligibility"].files == (one,)
    assert found["medical_claim"].files == tuple(sorted(many))
    assert found["condition"].files == (deep,)
    assert found["condition"].base == tmp_path / "condition"
    assert "encounter" not in found


def test_names_are_found_in_any_letter_case_and_folders_with_the_ending_too(tmp_path: Path) -> None:
    upper = touch(tmp_path / "ELIGIBILITY.PARQUET")
    spark = touch(tmp_path / "medical_claim.parquet" / "part-0.snappy.parquet")
    found = locate(tmp_path, ["eligibility", "medical_claim"])
    assert found["eligibility"].files == (upper,)
    assert found["medical_claim"].files == (spark,)


def test_bookkeeping_of_writers_is_passed_over(tmp_path: Path) -> None:
    wanted = touch(tmp_path / "eligibility" / "part-0.parquet")
    touch(tmp_path / "eligibility" / "_temporary" / "0" / "part-1.parquet")
    touch(tmp_path / "eligibility" / ".part-2.parquet")
    (tmp_path / "eligibility" / "_SUCCESS").write_text("")
    (tmp_path / "eligibility" / "notes.txt").write_text("not data")
    partition = touch(tmp_path / "eligibility" / "_batch=7" / "part-3.parquet")
    assert set(locate(tmp_path, ["eligibility"])["eligibility"].files) == {wanted, partition}


def test_only_the_tables_asked_for_are_looked_at(tmp_path: Path) -> None:
    touch(tmp_path / "eligibility.parquet")
    (tmp_path / "medical_claim").mkdir()
    assert set(locate(tmp_path, ["eligibility"])) == {"eligibility"}


def test_brackets_in_a_path_are_no_pattern(tmp_path: Path) -> None:
    file = touch(tmp_path / "a[1]" / "eligibility.parquet")
    assert at_pattern("eligibility", str(file)).files == (file,)


def test_a_glob_names_files_in_several_folders(tmp_path: Path) -> None:
    files = [touch(tmp_path / f"month={m}" / "elig.parquet") for m in ("01", "02")]
    found = at_pattern("eligibility", str(tmp_path / "**" / "elig*.parquet"))
    assert found.files == tuple(files)
    assert found.base == tmp_path


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda root: None, "VBM302", "does not exist"),
        (lambda root: root.write_text("x"), "VBM302", "is a file"),
        (lambda root: root.mkdir(), "VBM301", "is empty"),
        (lambda root: touch(root / "claims.parquet"), "VBM301", "no table of the data contract"),
    ],
    ids=["missing", "a file", "empty", "other names"],
)
def test_a_folder_without_tables(tmp_path: Path, make, code: str, words: str) -> None:
    make(tmp_path / "data")
    with pytest.raises(Failure) as caught:
        locate(tmp_path / "data", ["eligibility"])
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert words in found.message
    assert caught.value.exit_code == 3


def test_a_misspelled_table_gets_a_suggestion(tmp_path: Path) -> None:
    touch(tmp_path / "medical_claims.parquet")
    with pytest.raises(Failure) as caught:
        locate(tmp_path, ["medical_claim"])
    assert "did you mean medical_claim?" in (caught.value.diagnostics[0].hint or "")


def test_a_table_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "eligibility.parquet")
    touch(tmp_path / "eligibility" / "part-0.parquet")
    with pytest.raises(Failure) as caught:
        locate(tmp_path, ["eligibility"])
    (found,) = caught.value.diagnostics
    assert found.code == "VBM310"
    assert "eligibility, eligibility.parquet" in found.message


def test_a_table_folder_without_parquet_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "medical_claim.parquet")
    (tmp_path / "eligibility").mkdir()
    (tmp_path / "eligibility" / "part-0.csv").write_text("person_id\n1\n")
    with pytest.raises(Failure) as caught:
        locate(tmp_path, ["eligibility", "medical_claim"])
    assert [d.code for d in caught.value.diagnostics] == ["VBM303"]


@pytest.mark.parametrize("pattern", ["nothing/*.parquet", "s3://bucket/eligibility/*.parquet"])
def test_patterns_that_name_nothing_are_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(Failure) as caught:
        at_pattern("eligibility", pattern if "://" in pattern else str(tmp_path / pattern))
    assert caught.value.diagnostics[0].code == "VBM316"


@pytest.mark.parametrize(
    ("log", "kind"), [("_delta_log/00000000000000000000.json", "delta"), ("metadata/v2.metadata.json", "iceberg")]
)
def test_the_folder_of_a_table_with_a_log_is_read_by_its_log(tmp_path: Path, log: str, kind: str) -> None:
    touch(tmp_path / "eligibility.parquet")
    folder = touch(tmp_path / "medical_claim" / "data" / "part-0.parquet").parents[1]
    entry = folder / log
    entry.parent.mkdir()
    entry.write_text("{}", encoding="utf-8")
    found = locate(tmp_path, ["eligibility", "medical_claim"])["medical_claim"]
    assert (found.format, found.base, found.files) == (kind, folder, ())
    assert at_pattern("medical_claim", str(folder)) == found


def test_a_partition_folder_that_is_called_metadata_is_no_log(tmp_path: Path) -> None:
    plain = touch(tmp_path / "medical_claim" / "metadata" / "part-0.parquet")
    assert locate(tmp_path, ["medical_claim"])["medical_claim"].files == (plain,)
