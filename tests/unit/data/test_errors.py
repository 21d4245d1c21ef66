"""The gate for library errors: what they say stays behind it, what is wrong comes through."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from polars.exceptions import PanicException

from vbpmeasure.data.bound import BoundTable
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.footers import read_footers
from vbpmeasure.data.found import Findings
from vbpmeasure.diagnostics.model import Diagnostic, Failure

SECRET = "member-4711"


def table(root: Path, frame: pl.DataFrame, name: str = "medical_claim") -> BoundTable:
    file = root / f"{name}.parquet"
    frame.write_parquet(file)
    scan = pl.scan_parquet(file)
    return BoundTable(name, scan, frozenset(frame.columns), (file,), frame.height, 1, tuple(frame.columns))


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    footer = int.from_bytes(content[-8:-4], "little")
    for position in range(4, len(content) - footer - 8):
        content[position] ^= 0x5A
    file.write_bytes(content)


def caught(error: BaseException, **where: object) -> Diagnostic:
    with pytest.raises(Failure) as failure, guarded(**where):  # type: ignore[arg-type]
        raise error
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__
    assert SECRET not in str(failure.value) + repr(failure.value.diagnostics)
    (found,) = failure.value.diagnostics
    return found


@pytest.mark.parametrize(
    "error",
    [pl.exceptions.ComputeError(SECRET), PanicException(SECRET), pa.ArrowInvalid(SECRET)],
    ids=lambda e: type(e).__name__,
)
def test_no_text_of_a_library_gets_through(error: BaseException) -> None:
    found = caught(error, table="medical_claim", file=Path("x.parquet"))
    assert (found.code, found.where) == ("VBM318", "medical_claim in x.parquet")
    assert caught(error, table="medical_claim").where == "medical_claim"


def test_a_value_that_a_real_query_quotes_stays_behind(tmp_path: Path) -> None:
    tables = {"medical_claim": table(tmp_path, pl.DataFrame({"person_id": [SECRET]}))}
    query = tables["medical_claim"].frame.select(pl.col("person_id").cast(pl.Int64))
    with pytest.raises(pl.exceptions.PolarsError, match=SECRET):
        query.collect()
    with pytest.raises(Failure) as failure, guarded(tables):
        query.collect()
    (found,) = failure.value.diagnostics
    assert found.code == "VBM901"
    assert SECRET not in str(found)


def test_a_developer_may_see_a_bug_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {"medical_claim": table(tmp_path, pl.DataFrame({"person_id": ["a"]}))}
    monkeypatch.setenv("VBPMEASURE_TRACEBACK", "1")
    with pytest.raises(pl.exceptions.ComputeError), guarded(tables):
        raise pl.exceptions.ComputeError("shown")


def test_the_damaged_file_is_found_among_several(tmp_path: Path) -> None:
    frame = pl.DataFrame({"person_id": [f"{SECRET}-{i}" for i in range(500)]})
    tables = {name: table(tmp_path, frame, name) for name in ("condition", "encounter", "procedure")}
    damage(tmp_path / "encounter.parquet")
    with pytest.raises(Failure) as failure, guarded(tables):
        tables["encounter"].frame.collect()
    (found,) = failure.value.diagnostics
    assert (found.code, found.where) == ("VBM318", f"encounter in {tmp_path / 'encounter.parquet'}")


def test_a_file_that_went_away_is_found(tmp_path: Path) -> None:
    tables = {"condition": table(tmp_path, pl.DataFrame({"person_id": ["a"]}), "condition")}
    (tmp_path / "condition.parquet").unlink()
    with pytest.raises(Failure) as failure, guarded(tables):
        tables["condition"].frame.collect()
    (found,) = failure.value.diagnostics
    assert found.code == "VBM303"
    assert str(tmp_path / "condition.parquet") in str(found.where)


def test_a_value_that_cannot_become_its_type_is_told_by_column(tmp_path: Path) -> None:
    bound = table(
        tmp_path,
        pl.DataFrame(
            {"claim_id": ["1"], "person_id": [2**64 - 1]}, schema={"claim_id": pl.String, "person_id": pl.UInt64}
        ),
    )
    frame = bound.frame.with_columns(pl.col("person_id").cast(pl.Int64))
    tables = {"medical_claim": BoundTable("medical_claim", frame, bound.columns, bound.files, 1, 1, bound.file_columns)}
    with pytest.raises(Failure) as failure, guarded(tables):
        frame.collect()
    (found,) = failure.value.diagnostics
    assert (found.code, found.where) == ("VBM319", "medical_claim.person_id")
    assert str(2**64 - 1) not in str(found)


def test_errors_of_the_file_system(tmp_path: Path) -> None:
    assert caught(PermissionError(errno.EACCES, "no", "f.parquet")).code == "VBM304"
    assert caught(FileNotFoundError(errno.ENOENT, "no", "f.parquet")).where == "f.parquet"
    assert caught(OSError(errno.EIO, "no"), table="condition").code == "VBM303"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt(), ValueError("ours")])
def test_what_is_not_about_reading_passes(error: BaseException) -> None:
    with pytest.raises(type(error)), guarded():
        raise error


def test_a_failure_passes_unchanged() -> None:
    ours = Failure(Diagnostic("VBM311", "nobody"))
    with pytest.raises(Failure) as failure, guarded():
        raise ours
    assert failure.value is ours


def test_denied_files_are_told_and_the_others_still_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mode bits mean nothing to root, so the refusal is put in the reader's mouth."""
    files = [table(tmp_path, pl.DataFrame({"person_id": ["a"]}), n).files[0] for n in ("condition", "encounter")]
    real = Path.stat

    def stat(self: Path, **options: object) -> object:
        if self == files[0]:
            raise PermissionError(errno.EACCES, "denied", str(self))
        return real(self, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "stat", stat)
    findings = Findings()
    footers = read_footers("condition", files, findings)
    assert [d.code for d in findings.errors] == ["VBM304"]
    assert [f.file for f in footers] == [files[1]]


def test_binding_is_no_burden_on_help() -> None:
    """`--help` must stay fast: what the command line shares with the data package loads neither library."""
    code = "import sys, vbpmeasure.data.contract; print(sorted({'polars', 'pyarrow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
