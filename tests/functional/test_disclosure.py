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


def test_a_small_cell_is_in_no_aggregate_of_gaps_and_not_in_the_report(cli: Cli, tmp_path: Path) -> None:
    gaps = ["gaps", "apm", "--data", "sample", "--year", "2025"]
    public = cli(*gaps, "--out", str(tmp_path / "gaps"))
    internal = cli(*gaps, "--no-suppression")
    assert (public.code, internal.code) == (0, 0), public.stderr + internal.stderr
    true, shown = (
        [line.split()[1:] for line in ran.stdout.splitlines() if line.startswith("apm.")] for ran in (internal, public)
    )
    small = [int(n) for row in true for n in row if n.isdigit() and 0 < int(n) <= 10]
    assert small, "the data has no small count: this test would say nothing"
    assert not [n for row in shown for n in row if n.isdigit() and 0 < int(n) <= 10]
    manifest = json.loads((tmp_path / "gaps" / "gaps_manifest.json").read_text())
    assert not _small_counts(manifest)

    rates = ["run", "apm", "--data", "sample", "--year", "2025", "--by", "race"]
    for name, more in (("out", ()), ("internal", ("--profile", "internal"))):
        assert cli(*rates, *more, "--out", str(tmp_path / name)).code == 0
    page = tmp_path / "report.html"
    made = cli("report", str(tmp_path / "out"), "--out", str(page))
    assert made.code == 0, made.stderr
    words = set(page.read_text().replace(",", " ").replace("<", " ").replace(">", " ").replace("%", " ").split())
    rows = pl.read_parquet(tmp_path / "internal" / "results.unsuppressed.parquet")
    told = set(pl.read_parquet(tmp_path / "out" / "results.parquet")["percent"].drop_nulls().to_list())
    planted = [p for n, p in rows.select("numerator", "percent").iter_rows() if 0 < n <= 10 and p not in told]
    texts = {f"{p:.2f}" for p in planted if p * 10 % 10}  # a share with decimals can only be that of the cell
    assert texts
    assert not texts & words


def _small_counts(value: object, name: str = "") -> list[str]:
    """Names under which the record has a whole number from 1 to 10, beside those that count files or limits."""
    if isinstance(value, dict):
        return [found for key, one in value.items() for found in _small_counts(one, f"{name}.{key}")]
    if isinstance(value, list):
        return [found for one in value for found in _small_counts(one, name)]
    counted = any(word in name for word in ("people", "count", "open", "closed", "excluded", "eligible", "lists"))
    return [name] if type(value) is int and 0 < value <= 10 and counted else []


def test_an_earlier_run_is_known_and_one_of_other_data_is_named(
    cli: Cli, small_data: DataFolder, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    assert cli(*run(small_data, first, "--by", "race")).code == 0
    again = cli(*run(small_data, tmp_path / "second", "--by", "sex*race", "--previous", str(first)))
    assert again.code == 0, again.stderr
    assert "VBM631" not in again.stderr
    manifest = json.loads((tmp_path / "second" / "manifest.json").read_text())
    assert len(manifest["previous"]) == 1
    dimensions = pl.read_csv(tmp_path / "second" / "results.csv")["dimension"].unique().to_list()
    assert sorted(dimensions) == ["sex*race", "total"]
    other = cli("run", "wcv", "--data", "sample", "--year", "2025", "--previous", str(first))
    assert (other.code, "VBM631" in other.stderr, "other input files" in other.stderr) == (0, True, True)
    assert cli(*run(small_data, tmp_path / "open", "--profile", "internal")).code == 0
    refused = cli(*run(small_data, tmp_path / "third", "--previous", str(tmp_path / "open")))
    assert (refused.code != 0, "VBM632" in refused.stderr) == (True, True)
