"""What workers do, without an engine (`--executor local`): the same bytes from every kind of place that data has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.commands import DataFolder, write_small_data
from support.inside import run_inside
from support.stores import SECRETS, Bucket
from vbpmeasure.runs.spread import driver


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return write_small_data(tmp_path_factory.mktemp("spread") / "data")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def both_ways(data: object, out: Path, *more: object) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return every file of a run of this process, and of one whose buckets go through the hands of workers."""
    words = ["run", "wcv", "--year", "2025", "--by", "race", *map(str, more)]
    words += [] if data is None else ["--data", str(data)]
    for name, way in (("alone", ()), ("workers", ("--executor", "local", "--buckets", "3"))):
        ran = run_inside(*words, "--out", out / name, *way, env=SECRETS)
        assert ran.code == 0, ran.stderr
    return contents(out / "alone"), contents(out / "workers")


def test_folders_and_tables_that_the_configuration_maps(small: DataFolder, tmp_path: Path) -> None:
    alone, workers = both_ways(small.path, tmp_path / "plain", "--person-level")
    assert workers == alone
    shutil.copytree(small.path, tmp_path / "data")
    claims = small.table("medical_claim").rename({"hcpcs_code": "CPT"})
    for number, part in enumerate((claims.head(20), claims.tail(10))):
        part.write_parquet(tmp_path / f"claims-{number}.parquet")
    (tmp_path / "v.toml").write_text(
        '[tables.medical_claim]\npath = "claims-*.parquet"\n[tables.medical_claim.columns]\nhcpcs_code = "CPT"\n'
    )
    (tmp_path / "data" / "medical_claim.parquet").unlink()
    (tmp_path / "v.toml").write_text((tmp_path / "v.toml").read_text() + '[run]\ndata = "data"\n')
    mapped, by_workers = both_ways(None, tmp_path / "mapped", "--config", tmp_path / "v.toml")
    assert by_workers == mapped
    assert mapped["results.csv"] == alone["results.csv"]


def test_objects_and_layouts_of_objects(bucket: Bucket, small: DataFolder, tmp_path: Path) -> None:
    config = bucket.config(tmp_path)
    for place in ("files", "layout"):
        folder = small.path
        if place == "layout":
            folder = tmp_path / "layout"
            # The three that are judged hold people of several of the four that lie there.
            assert run_inside("bucket", small.path, folder, "--buckets", "4").code == 0
        alone, workers = both_ways(bucket.put(folder, f"spread-{place}"), tmp_path / place, "--config", config)
        assert workers == alone


def test_a_version_that_comes_while_workers_read_is_not_read(
    small: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("deltalake", reason="the extra delta is not installed")
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(small.file("eligibility"), data)
    claims = small.table("medical_claim")
    claims.write_delta(data / "medical_claim")
    real = driver.sealed

    def sealed(job: object) -> bytes:
        claims.head(3).write_delta(data / "medical_claim", mode="overwrite")
        return real(job)

    monkeypatch.setattr(driver, "sealed", sealed)
    alone, workers = both_ways(data, tmp_path / "runs")
    assert workers == alone


def test_options_that_do_not_go_together(small: DataFolder) -> None:
    for words in (("--executor", "flink"), ("--master", "yarn"), ("--executor", "local", "--master", "local[2]")):
        ran = run_inside("run", "wcv", "--year", "2025", "--data", small.path, *words)
        assert (ran.code, "VBM466" in ran.stderr) == (2, True), ran.stderr
