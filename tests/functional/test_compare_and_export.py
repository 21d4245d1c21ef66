"""`compare` and `export` as commands: streams, exit codes, rights of files."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path

import pytest

from support.commands import PLANTED, Cli, DataFolder


@pytest.fixture
def small_run(cli: Cli, small_data: DataFolder, tmp_path: Path) -> Path:
    out = tmp_path / "run"
    ran = cli("run", "wcv", "--data", small_data.path, "--year", "2025", "--by", "sex", "--out", out, "--person-level")
    assert ran.code == 0, ran.stderr
    return out


def test_a_run_compared_with_itself(cli: Cli, small_run: Path, tmp_path: Path) -> None:
    ran = cli("compare", small_run, small_run, "--fail-on-change", "0", "--format", "csv")
    assert ran.code == 0, ran.stderr
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    assert rows
    assert not any(float(row["change"] or 0) for row in rows)
    out = tmp_path / "compared"
    assert cli("compare", small_run, small_run, "--out", out, "--person-level", "-q").code == 0
    assert stat.S_IMODE((out / "person_level").stat().st_mode) == 0o700
    assert stat.S_IMODE((out / "person_level" / "moved.csv").stat().st_mode) == 0o600
    for name in ("compare.csv", "compare.json", "compare.txt"):
        assert not [word for word in PLANTED if word in (out / name).read_text()]


def test_a_change_fails(cli: Cli, small_data: DataFolder, small_run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    asked = ("run", "wcv", "--data", small_data.path, "--year", "2025", "--enrollment-key", "none", "--out", other)
    assert cli(*asked, "--no-suppression").code == 0
    assert cli("compare", small_run, other, "--fail-on-change", "0").code in (0, 1)
    gone = tmp_path / "gone"
    assert cli("run", "w30", "wcv", "--data", small_data.path, "--year", "2025", "--out", gone).code == 0
    only = tmp_path / "only"
    assert cli("run", "w30", "--data", small_data.path, "--year", "2025", "--out", only).code == 0
    ran = cli("compare", gone, only, "--fail-on-change", "100")
    assert ran.code == 1
    assert "error[VBM499]" in ran.stderr
    assert "the rate is gone" in ran.stderr
    assert "w30" in ran.stdout  # what was found is printed all the same


@pytest.mark.parametrize(
    ("code", "exits", "args"),
    [
        ("VBM540", 5, ["compare", "RUN", "nowhere"]),
        ("VBM498", 2, ["compare", "RUN", "RUN", "--person-level"]),
        ("VBM540", 5, ["export", "nowhere", "--to", "fhir"]),
        ("VBM496", 2, ["export", "RUN", "--to", "long-parquet"]),
        ("VBM496", 2, ["export", "RUN", "--to", "fhir", "--person-level"]),
        ("VBM496", 2, ["export", "RUN", "--to", "long-csv", "--person-level", "--out", "x"]),
        ("VBM496", 2, ["export", "RUN", "--to", "fhir", "--patient-references"]),
        ("VBM496", 2, ["export", "RUN", "--to", "fhir", "--core-set", "x.yaml"]),
        ("VBM554", 5, ["export", "RUN", "--to", "fhir", "--out", "RUN/report.json"]),
        ("VBM555", 5, ["export", "RUN", "--to", "fhir", "--out", "."]),
    ],
)
def test_what_is_refused(cli: Cli, small_run: Path, code: str, exits: int, args: list[str]) -> None:
    ran = cli(*(str(arg).replace("RUN", str(small_run)) for arg in args))
    assert f"error[{code}]" in ran.stderr
    assert ran.code == exits
    assert ran.stdout == ""


def test_a_run_without_its_mark_is_refused(cli: Cli, small_run: Path) -> None:
    (small_run / "_SUCCESS").unlink()
    assert "error[VBM540]" in cli("export", small_run, "--to", "fhir").stderr
    assert "error[VBM540]" in cli("compare", small_run, small_run).stderr


def test_exports_go_to_stdout_or_to_a_file(cli: Cli, small_run: Path, tmp_path: Path) -> None:
    printed = cli("export", small_run, "--to", "long-csv")
    assert printed.code == 0, printed.stderr
    out = tmp_path / "deep" / "bi.csv"
    written = cli("export", small_run, "--to", "long-csv", "--out", out)
    assert (written.code, written.stdout) == (0, "")
    assert out.read_text() == printed.stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o644
    bundle = cli("export", small_run, "--to", "fhir", "--reporter", "A plan").json()
    assert bundle["entry"][0]["resource"]["reporter"] == {"display": "A plan"}


def test_the_core_set_with_a_mapping_of_the_users(cli: Cli, small_run: Path, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "measures" / "exports" / "child_core_set.yaml"
    mine = tmp_path / "mine.yaml"
    mine.write_text(shipped.read_text(encoding="utf-8").replace("title: Child and adolescent", "title: My"))
    ran = cli("export", small_run, "--to", "core-set-json", "--core-set", mine)
    assert ran.code == 0, ran.stderr
    assert "My well-care visits" in ran.stdout
    mine.write_text("id: x\n")
    ran = cli("export", small_run, "--to", "core-set-json", "--core-set", mine)
    assert (ran.code, ran.stdout) == (2, "")
    assert "error[VBM495]" in ran.stderr


def test_reports_on_persons_are_for_their_owner_alone(cli: Cli, small_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "individual"
    ran = cli("export", small_run, "--to", "fhir", "--person-level", "--out", out)
    assert ran.code == 0, ran.stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    files = [path for path in out.iterdir() if path.suffix == ".ndjson"]
    assert files
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert all(json.loads(line)["type"] == "individual" for line in path.read_text().splitlines())
    # A second export replaces the first; a folder with anything else in it is left alone.
    assert cli("export", small_run, "--to", "fhir", "--person-level", "--out", out).code == 0
    (out / "mine.txt").write_text("mine")
    assert "error[VBM503]" in cli("export", small_run, "--to", "fhir", "--person-level", "--out", out).stderr


def test_exports_of_an_unsuppressed_run_are_private(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "bi.csv"
    asked = ("run", "wcv", "--data", small_data.path, "--year", "2025", "--no-suppression", "--out", run)
    assert cli(*asked).code == 0
    ran = cli("export", run, "--to", "long-csv", "--out", out)
    assert ran.code == 0
    assert "warning[VBM556]" in ran.stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "INTERNAL" in out.read_text()


def test_csv_names_the_rates_that_it_lacks(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    asked = ("run", "wcv", "amb", "--data", small_data.path, "--year", "2025", "--format", "csv")
    ran = cli(*asked, "-q")
    assert ran.code == 0
    assert "warning[VBM494]" in ran.stderr
    assert "amb.amb_0_19" in ran.stderr
    assert {row["measure"] for row in csv.DictReader(io.StringIO(ran.stdout))} == {"wcv"}
    # In a run folder they are in amounts.csv.
    assert "VBM494" not in cli(*asked, "--out", tmp_path / "out").stderr
    assert "VBM494" not in cli(*asked[:-1], "json").stderr
