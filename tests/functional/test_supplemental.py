"""`run --supplemental`: numerators with and without evidence that is neither claims nor registry."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

from support.commands import Cli, DataFolder, files_below


def rows(text: str) -> dict[str, dict[str, str]]:
    return {row["rate"]: row for row in csv.DictReader(io.StringIO(text)) if row["dimension"] == "total"}


def test_both_side_by_side(cli: Cli, tmp_path: Path) -> None:
    asked = ("run", "lsc", "--data", "sample", "--year", "2025", "--no-suppression")
    out = tmp_path / "out"
    ran = cli(*asked, "--supplemental", "both", "--out", out)
    assert ran.code == 0, ran.stderr
    assert "Numerators with and without supplemental evidence" in ran.stdout
    with_all = rows(cli(*asked, "--format", "csv").stdout)["lsc"]
    without = rows(cli(*asked, "--supplemental", "without", "--format", "csv").stdout)["lsc"]
    assert "supplemental.unsuppressed.csv" in files_below(out)
    found = rows((out / "supplemental.unsuppressed.csv").read_text())["lsc"]
    assert int(without["numerator"]) < int(with_all["numerator"])
    assert without["denominator"] == with_all["denominator"]
    assert (found["numerator_with"], found["numerator_without"]) == (with_all["numerator"], without["numerator"])
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["supplemental"]["shown"] == "both"
    assert "lab_result" in manifest["supplemental"]["tables"]
    assert any(name.startswith("supplemental") for name in manifest["outputs"])


def test_data_sources_of_the_configuration(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    """The claims of every second visit come from charts: they make no numerator, and everyone stays in."""
    claims = small_data.table("medical_claim").with_row_index()
    chart = pl.when(pl.col("index") % 2 == 0).then(pl.lit(" chart ")).otherwise(pl.lit("payer"))
    small_data.write("medical_claim", claims.with_columns(data_source=chart).drop("index"))
    config = tmp_path / "vbpmeasure.toml"
    config.write_text('[supplemental]\ndata_sources = ["chart"]\ntables = []\n')
    asked = ("run", "wcv", "--data", small_data.path, "--year", "2025", "--no-suppression", "--config", config)
    ran = cli(*asked, "--supplemental", "both", "--format", "csv")
    assert ran.code == 0, ran.stderr
    found = rows(ran.stdout)
    assert sum(int(row["numerator_with"]) for row in found.values()) > 0
    assert all(int(row["numerator_without"]) <= int(row["numerator_with"]) for row in found.values())
    assert any(int(row["numerator_without"]) < int(row["numerator_with"]) for row in found.values())
    plain = rows(cli(*asked, "--format", "csv").stdout)
    assert {r: int(float(row["denominator"])) for r, row in found.items()} == {
        r: int(row["denominator"]) for r, row in plain.items()
    }


def test_data_sources_without_the_column_are_told(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    config = tmp_path / "vbpmeasure.toml"
    config.write_text('[supplemental]\ndata_sources = ["chart"]\n')
    asked = ("run", "wcv", "--data", small_data.path, "--year", "2025", "--config", config)
    ran = cli(*asked, "--supplemental", "without")
    assert ran.code == 0
    assert "VBM460" in ran.stderr
    assert "VBM460" not in cli(*asked).stderr


@pytest.mark.parametrize("text", ['tables = ["claims"]', 'data_sources = "chart"', 'sources = ["chart"]'])
def test_a_wrong_section_is_an_error_with_its_line(cli: Cli, tmp_path: Path, text: str) -> None:
    config = tmp_path / "vbpmeasure.toml"
    config.write_text(f"[supplemental]\n{text}\n")
    ran = cli("run", "wcv", "--data", "sample", "--year", "2025", "--config", config)
    assert ran.code == 2
    assert "vbpmeasure.toml:2:" in ran.stderr
