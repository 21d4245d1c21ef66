"""Fingerprints of input files."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.data.binding import bind, bind_tables
from vbpmeasure.data.fingerprint import fingerprints
from vbpmeasure.diagnostics.model import Failure


def claims(code: str = "99391") -> pl.DataFrame:
    return pl.DataFrame(
        {"claim_id": ["c1"], "person_id": ["a"], "claim_start_date": [dt.date(2024, 1, 1)], "hcpcs_code": [code]}
    )


def data(root: Path) -> Path:
    pl.DataFrame(
        {
            "person_id": ["a"],
            "birth_date": [dt.date(2020, 1, 1)],
            "gender": ["F"],
            "enrollment_start_date": [dt.date(2024, 1, 1)],
            "enrollment_end_date": [dt.date(2024, 12, 31)],
        }
    ).write_parquet(root / "eligibility.parquet")
    for month in ("01", "02"):
        folder = root / "medical_claim" / f"month={month}"
        folder.mkdir(parents=True)
        claims().write_parquet(folder / "x.parquet")
    return root


def test_every_file_has_one_with_a_name_below_the_root(tmp_path: Path) -> None:
    found = fingerprints(bind(data(tmp_path)))
    assert [f.name for f in found] == [
        "eligibility.parquet",
        "medical_claim/month=01/x.parquet",
        "medical_claim/month=02/x.parquet",
    ]
    assert [f.rows for f in found] == [1, 1, 1]
    assert found[0].bytes == (tmp_path / "eligibility.parquet").stat().st_size
    assert all(f.sha256 is None for f in found)
    assert str(tmp_path) not in repr(found)


def test_equal_files_have_equal_digests_and_a_changed_value_another(tmp_path: Path) -> None:
    before = fingerprints(bind(data(tmp_path)))
    assert before[1].footer_sha256 == before[2].footer_sha256
    claims("99392").write_parquet(tmp_path / "medical_claim" / "month=02" / "x.parquet")
    after = fingerprints(bind(tmp_path))
    assert after[1] == before[1]
    assert after[2].footer_sha256 != before[2].footer_sha256


def test_the_whole_file_is_digested_when_asked_for(tmp_path: Path) -> None:
    (first, *_) = fingerprints(bind(data(tmp_path)), content=True)
    assert first.sha256 == hashlib.sha256((tmp_path / "eligibility.parquet").read_bytes()).hexdigest()


def test_tables_named_one_by_one_give_short_names(tmp_path: Path) -> None:
    root = data(tmp_path)
    bound = bind_tables({"eligibility": root / "eligibility.parquet", "medical_claim": root / "medical_claim"})
    assert [f.name for f in fingerprints(bound)] == ["eligibility.parquet", "month=01/x.parquet", "month=02/x.parquet"]


def test_a_file_that_went_away_is_a_finding(tmp_path: Path) -> None:
    bound = bind(data(tmp_path))
    (tmp_path / "eligibility.parquet").unlink()
    with pytest.raises(Failure) as caught:
        fingerprints(bound)
    assert caught.value.diagnostics[0].code == "VBM303"
