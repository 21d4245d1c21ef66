"""A small cell that nobody can overlook: no file, no format and no stream of a published run has it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from support.commands import Cli, DataFolder, files_below


def run(data: DataFolder, out: Path, *more: str) -> list[str]:
    return ["run", "wcv", "--data", str(data.path), "--year", "2025", "--out", str(out), *more]


def numbers(path: Path) -> set[int]:
    """Every whole number in the results."""
    frame = pl.read_parquet(path)
    columns = ("population", "excluded", "denominator", "numerator")
    return {v for c in columns for v in frame[c].drop_nulls().to_list()}


def test_the_audit_stands_in_the_run_folder(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    ran = cli(*run(small_data, tmp_path / "out", "--by", "race,sex"))
    assert ran.code == 0, ran.stderr
    audit = json.loads((tmp_path / "out" / "suppression_audit.json").read_text())
    assert audit["policy"]["profile"] == "public"
    assert audit["proof"]["method"] == "linear program"
    assert audit["proof"]["checked_counts"] == audit["proof"]["protected_counts"]
    results = pl.read_csv(tmp_path / "out" / "results.csv")
    hidden = results.filter(pl.col("status").str.starts_with("SUPPRESSED"))
    listed = {(h["rate"], h["dimension"], h["stratum"]) for h in audit["hidden"] if h["hidden"] == "rate"}
    assert listed == set(hidden.select("rate", "dimension", "stratum").rows())


@pytest.mark.parametrize("format", ["table", "csv", "json", "parquet"])
def test_no_format_shows_a_number_from_one_to_ten(
    cli: Cli, small_data: DataFolder, tmp_path: Path, format: str
) -> None:
    ran = cli(*run(small_data, tmp_path / "out", "--by", "race,sex,race*sex", "--format", format))
    assert ran.code == 0, ran.stderr
    assert not numbers(tmp_path / "out" / "results.parquet") & set(range(1, 11))
    internal = cli(*run(small_data, tmp_path / "internal", "--by", "race,sex,race*sex", "--profile", "internal"))
    assert internal.code == 0, internal.stderr
    true = pl.read_parquet(tmp_path / "internal" / "results.unsuppressed.parquet")
    shown = pl.read_parquet(tmp_path / "out" / "results.parquet")
    small = true.filter((pl.col("numerator").is_between(1, 10)) & (pl.col("denominator") > 10))
    assert small.height
    # The rate of a hidden cell, to two decimals, would give its counts away: it is in no file and on no stream.
    told = (
        ran.stdout
        + ran.stderr
        + "".join(
            (tmp_path / "out" / name).read_text()
            for name in files_below(tmp_path / "out")
            if not name.endswith("parquet")
        )
    )
    elsewhere = set(shown["percent"].drop_nulls().to_list())
    for row in small.iter_rows(named=True):
        if row["percent"] not in elsewhere and row["percent"] not in (0.0, 100.0):
            assert f"{row['percent']:.2f}" not in told.replace(",", " ").split()
    assert "suppression_audit.json" not in files_below(tmp_path / "internal")


def test_profiles_that_cannot_be(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    for more, code in (
        (("--min-cell", "5"), "VBM475"),
        (("--profile", "entity"), "VBM476"),
        (("--profile", "entity", "--entity", "nobody", "--by", "race"), "VBM477"),
    ):
        ran = cli(*run(small_data, tmp_path / "out", *more))
        assert (ran.code, code in ran.stderr) == (2, True), ran.stderr
        assert not (tmp_path / "out").exists()


def test_an_entity_is_shown_its_own_rows(cli: Cli, tmp_path: Path) -> None:
    every = cli("run", "wcv", "--data", "sample", "--year", "2025", "--by", "provider", "--format", "json")
    mine = next(r["stratum"] for r in every.json()["results"] if r["dimension"] == "provider" and r["denominator"])
    more = ["--by", "provider,sex", "--profile", "entity", "--entity", mine, "--format", "json"]
    rows = cli("run", "wcv", "--data", "sample", "--year", "2025", *more).json()["results"]
    assert {r["stratum"] for r in rows if r["dimension"] == "provider"} == {mine}
    assert {r["dimension"] for r in rows} == {"total", "provider", "sex"}


def test_rounding_holds_in_every_file(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    ran = cli(*run(small_data, tmp_path / "out", "--by", "race", "--round-to", "5"))
    assert ran.code == 0, ran.stderr
    assert all(n % 5 == 0 for n in numbers(tmp_path / "out" / "results.parquet"))
    waterfall = pl.read_csv(tmp_path / "out" / "waterfall.csv")
    assert all(n % 5 == 0 for c in ("removed", "remaining", "persons") for n in waterfall[c].drop_nulls().to_list())
    shutil.rmtree(tmp_path / "out")
