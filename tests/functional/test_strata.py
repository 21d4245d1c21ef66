"""Race standards, mandates and completeness from the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl

from support.commands import PLANTED, Cli, DataFolder


def args(data: DataFolder, *more: str) -> list[str]:
    return ["run", "wcv", "--data", str(data.path), "--year", "2025", *more]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_overlapping_strata_are_told_on_the_screen_and_in_the_files(
    cli: Cli, small_data: DataFolder, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    asked = ["--by", "race,ethnicity", "--race-standard", "spd15", "--tabulation", "alone_or_in_combination"]
    ran = cli(*args(small_data, *asked, "--out", str(out)))
    assert ran.code == 0, ran.stderr
    assert "race_ethnicity: people are in every stratum that they named" in ran.stdout
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    system = manifest["category_systems"]["race_ethnicity"]
    assert (system["id"], system["standard"], system["tabulation"]) == (
        "race_ethnicity_spd15",
        "spd15",
        "alone_or_in_combination",
    )
    assert manifest["by"] == ["race_ethnicity"]
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["overlapping_strata"] == "race_ethnicity"
    assert pl.read_parquet_metadata(out / "results.parquet")["overlapping_strata"] == "race_ethnicity"
    assert {row["field"] for row in rows((out / "completeness.csv").read_text(encoding="utf-8"))} == {"race_ethnicity"}


def test_a_mandate_chooses_and_completeness_comes_with_it(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = cli("run", "--data", str(small_data.path), "--mandate", "hedis_my2022", "--year", "2025", "--out", str(out))
    assert ran.code == 0, ran.stderr
    assert "VBM474" in ran.stderr
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert [m["id"] for m in manifest["measures"]] == ["wcv"]
    assert manifest["by"] == ["race", "ethnicity"]
    assert manifest["mandate"]["differs_in"] == ["year"]
    assert manifest["period"]["start"] == "2025-01-01"
    assert manifest["completeness"]["descriptor"]["score"] == 0  # no source column: nothing is direct
    text = (out / "completeness.csv").read_text(encoding="utf-8")
    assert not [p for p in PLANTED if p in text]
    found = rows(text)
    assert {row["scope"] for row in found} >= {"people", "measure", "month"}
    assert len([row for row in found if row["scope"] == "month"]) == 24
    for row in found:
        counts = [row[name] for name in ("direct", "indirect", "source_unknown", "declined", "unknown")]
        assert all(not count or not 0 < int(count) < 11 for count in counts), row
        if row["people"] and all(counts):
            assert sum(map(int, counts)) == int(row["people"]), row
    assert pl.read_parquet(out / "completeness.parquet").height == len(found)


def test_a_code_that_nobody_knows_is_counted_and_limits_can_be_moved(
    cli: Cli, small_data: DataFolder, tmp_path: Path
) -> None:
    people = small_data.table("eligibility").with_columns(race=pl.lit("klingon"))
    small_data.write("eligibility", people)
    ran = cli(*args(small_data, "--by", "race"))
    assert ran.code == 0, ran.stderr
    assert "60 people have an unknown race code" in ran.stderr
    assert "VBM621" in ran.stderr
    assert "klingon" not in ran.stderr + ran.stdout
    config = tmp_path / "vbpmeasure.toml"
    config.write_text("[completeness.fields.race]\nunknown = 1.0\n", encoding="utf-8")
    assert "VBM621" not in cli(*args(small_data, "--by", "race", "--config", str(config))).stderr


def test_mandates_are_listed_as_json(cli: Cli) -> None:
    one = cli("list", "--mandate", "child_core_set_2026", "--format", "json").json()
    assert one["by"] == ["race", "ethnicity", "sex", "geography"]
    assert {m["id"] for m in one["measures"] if not m["in_catalog"]} == {"aab", "amr", "ppc2"}
