"""What a worker is told: a file is the one that was seen only when its size and its footer are, and nothing sooner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.data.fingerprint import footer_digest
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.runs.spread import job
from vbpmeasure.runs.spread.job import InputFile, OtherProgramError, opened, same_file, sealed
from vbpmeasure.runs.spread.replies import answered, content_of, is_content


@pytest.fixture
def seen(tmp_path: Path) -> InputFile:
    file = tmp_path / "claims.parquet"
    pl.DataFrame({"a": [1, 2, 3]}).write_parquet(file)
    size = file.stat().st_size
    return InputFile(str(file), size, footer_digest(file, size))


def test_a_file_is_the_one_that_was_seen_when_size_and_footer_are(seen: InputFile, tmp_path: Path) -> None:
    file = Path(seen.path)
    assert same_file(file, seen)
    assert not same_file(file, replace(seen, bytes=seen.bytes + 1))
    assert not same_file(file, replace(seen, footer_sha256="0" * 64))
    assert not same_file(tmp_path / "nowhere.parquet", seen)
    file.write_bytes(file.read_bytes() + b"\0")
    assert not same_file(file, seen)


def test_a_job_is_opened_by_the_program_that_sealed_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    content = sealed({"buckets": 3})
    assert opened(content) == {"buckets": 3}
    with pytest.raises(OtherProgramError):
        opened(b"0.0.0 " + content)
    monkeypatch.setattr(job, "program_digest", lambda: "f" * 64)
    with pytest.raises(OtherProgramError):
        opened(content)


def test_answers_bring_contents_failures_and_nothing_that_quotes_a_cell() -> None:
    def failing(error: BaseException) -> bytes:
        def make() -> bytes:
            raise error

        return answered(make)

    assert content_of(answered(lambda: b"counts")) == b"counts"
    told = Diagnostic("VBM303", "cannot be read", where="medical_claim")
    for error, code in (
        (Failure(told), "VBM303"),
        (OtherProgramError(), "VBM467"),
        (ValueError("PLANTED"), "VBM901"),
        (BaseException("PLANTED"), "VBM901"),
    ):
        answer = failing(error)
        assert not is_content(answer)
        assert b"PLANTED" not in answer
        with pytest.raises(Failure) as failure:
            content_of(answer)
        assert [one.code for one in failure.value.diagnostics] == [code]
    for end in (MemoryError(), KeyboardInterrupt(), SystemExit()):
        with pytest.raises(type(end)):
            failing(end)
