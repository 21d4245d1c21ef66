"""Engines whose workers read an object store, and a Delta table that moves on while they read it."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from tests.executors.test_executors import Kept, contents

from support.inside import run_inside
from support.stores import SECRETS, Bucket
from vbpmeasure.executors.model import Executor
from vbpmeasure.runs.spread import driver
from vbpmeasure.runs.steps import counting


@pytest.fixture
def kept(engine: Executor, monkeypatch: pytest.MonkeyPatch) -> Kept:
    found = Kept(engine)
    monkeypatch.setattr(counting, "executor", lambda name, master: found)
    return found


def both_ways(data: object, out: Path, *more: object) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return every file of a run of this process, and of one by the workers of an engine."""
    words = ["run", "wcv", "--data", str(data), "--year", "2025", "--by", "race,ethnicity", *map(str, more)]
    for name, way in (("alone", ()), ("workers", ("--executor", "spark", "--buckets", "2"))):
        ran = run_inside(*words, "--out", out / name, *way, env=SECRETS)
        assert ran.code == 0, ran.stderr
    return contents(out / "alone"), contents(out / "workers")


def test_workers_read_objects(kept: Kept, bucket: Bucket, data: Path, tmp_path: Path) -> None:
    place = bucket.put(data, "by-engines")
    alone, workers = both_ways(place, tmp_path / "runs", "--config", bucket.config(tmp_path), "--person-level")
    assert kept.parcels == 2
    assert workers == alone


def test_workers_read_the_version_that_the_driver_read(
    kept: Kept, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("deltalake", reason="the extra delta is not installed")
    mine = Path(shutil.copytree(data, tmp_path / "data"))
    claims = pl.read_parquet(mine / "medical_claim.parquet")
    (mine / "medical_claim.parquet").unlink()
    claims.write_delta(mine / "medical_claim")
    real = driver.sealed

    def sealed(job: object) -> bytes:
        claims.head(3).write_delta(mine / "medical_claim", mode="overwrite")
        return real(job)

    monkeypatch.setattr(driver, "sealed", sealed)
    alone, workers = both_ways(mine, tmp_path / "runs")
    assert kept.parcels == 2
    assert workers == alone
