"""Canaries in every text column: no command, good or failing, quiet or verbose, lets one out unless asked to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from support.canaries import BORN, MARK, found_in, found_in_files, plant
from support.commands import Ran, command, environment
from vbpmeasure.cli.entry import main

Run = Callable[..., Ran]

MEASURES = ("wcv", "fum", "amb", "kr_composite", "kr_social_emotional")
RUN = ("run", *MEASURES, "--data", "DATA", "--year", "2025", "--bad-rows", "drop")
STRATA = ("--by", "race,ethnicity,language,sex,age_band")

GOOD = {
    "run": (*RUN, *STRATA, "--waterfall", "--supplemental", "both", "-v"),
    "run, csv": (*RUN, "-q", "--format", "csv"),
    "run, folder": (*RUN, *STRATA, "--out", "OUT"),
    "run, unsuppressed": (*RUN, *STRATA, "--no-suppression", "--out", "OUT"),
    "validate": ("validate", "--data", "DATA", "--year", "2025", "-v"),
    "validate, junit": ("validate", "--data", "DATA", "--year", "2025", "--format", "junit"),
    "explain": ("explain", "w30", "--polars"),
    "doctor": ("doctor", "--data", "DATA", "-v"),
}
BAD = {
    "rows refused": ("run", "w30", "--data", "DATA", "--year", "2025", "--bad-rows", "refuse", "-v"),
    "an unknown person": ("explain", "w30", "--data", "DATA", "--year", "2025", "--person", "nobody"),
    "too many strata": (*RUN, "--by", "subscriber_id"),
    "four crossed": (*RUN, "--by", "race*sex*language*ethnicity"),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sample of 400 people with its canaries."""
    folder = tmp_path_factory.mktemp("canaries") / "data"
    made = command("sample", folder, "--people", "400", "--year", "2025")
    subprocess.run(made, env=environment(), check=True, capture_output=True)
    plant(folder)
    # A span that ends before it starts is what `--bad-rows` speaks of.
    spans = pl.read_parquet(folder / "eligibility.parquet")
    spans = pl.concat([spans, spans.head(1).with_columns(enrollment_end_date=pl.lit(BORN))])
    spans.write_parquet(folder / "eligibility.parquet")
    return folder


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command in this process, its streams captured where the system writes them."""

    def run(line: tuple[str, ...], data: Path, place: Path = tmp_path) -> Ran:
        (place / "home").mkdir()
        monkeypatch.chdir(place / "home")
        monkeypatch.setenv("HOME", str(place / "home"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(place / "home" / "cache"))
        places = {"DATA": str(data), "OUT": str(place / "out")}
        monkeypatch.setattr(sys, "argv", ["vbpmeasure", *(places.get(word, word) for word in line)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        return Ran(int(left.value.code or 0), out, err)

    return run


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_no_canary_comes_out(name: str, planted: Path, tmp_path: Path, run: Run) -> None:
    done = run({**GOOD, **BAD}[name], planted)
    assert found_in(done.stdout + done.stderr) == []
    assert found_in_files(path for path in tmp_path.rglob("*") if path.is_file()) == {}
    # A crash would let nothing out either.
    assert "Traceback" not in done.stderr
    expected = {0, 1} if name in GOOD else {1, 2, 3}
    assert done.code in expected, done.stderr


def test_a_broken_table_lets_nothing_out(planted: Path, tmp_path: Path, run: Run) -> None:
    """Types off contract and a page that cannot be read: the texts of the libraries below quote cells."""
    for table, change in (
        ("eligibility", lambda frame: frame.with_columns(birth_date=pl.col("person_id"))),
        ("medical_claim", lambda frame: frame.with_columns(claim_start_date=pl.col("claim_id"))),
    ):
        folder = tmp_path / table
        folder.mkdir()
        for path in planted.glob("*.parquet"):
            (folder / path.name).symlink_to(path)
        (folder / f"{table}.parquet").unlink()
        change(pl.read_parquet(planted / f"{table}.parquet")).write_parquet(folder / f"{table}.parquet")
        (tmp_path / table / "place").mkdir()
        done = run((*RUN, "-v"), folder, tmp_path / table / "place")
        assert done.code == 3, done.stderr
        assert found_in(done.stdout + done.stderr) == []


def test_the_search_finds_a_canary(planted: Path, tmp_path: Path, run: Run) -> None:
    """The same search over a person-level run: there they are."""
    done = run((*RUN, "--person-level", "--out", "OUT"), planted)
    assert done.code == 0, done.stderr
    holding = found_in_files(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert list(holding) == ["person_level.parquet"]
    assert all(MARK in word for word in holding["person_level.parquet"][:1])
    private = tmp_path / "out" / "person_level"
    assert private.stat().st_mode & 0o777 == 0o700
    assert (private / "person_level.parquet").stat().st_mode & 0o777 == 0o600
