"""`compare` and `export` as commands: streams, exit codes, rights of files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import stat
from pathlib import Path

import polars as pl
import pytest

from support.commands import PLANTED, Cli, DataFolder
from support.run_folders import Stated, write_stated_run
from vbpmeasure.results.disclosure.policy import INTERNAL

SEX = {"Female": (612, 900), "Male": (330, 600)}


@pytest.fixture
def stated_run(tmp_path: Path) -> Path:
    """Return a run folder with one measure, without person-level rows."""
    write_stated_run(tmp_path / "run", [Stated("wcv", {"sex": SEX})])
    return tmp_path / "run"


def test_a_real_run_compared_with_itself_and_exported_by_person(
    cli: Cli, small_data: DataFolder, tmp_path: Path
) -> None:
    run, out = tmp_path / "run", tmp_path / "compared"
    asked = ("run", "wcv", "--data", small_data.path, "--year", "2025", "--by", "sex", "--out", run, "--person-level")
    assert cli(*asked).code == 0
    ran = cli("compare", run, run, "--fail-on-change", "0", "--format", "csv", "--out", out, "--person-level")
    assert ran.code == 0, ran.stderr
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    assert rows
    assert not any(float(row["change"] or 0) for row in rows)
    assert stat.S_IMODE((out / "person_level").stat().st_mode) == 0o700
    assert stat.S_IMODE((out / "person_level" / "moved.csv").stat().st_mode) == 0o600
    for name in ("compare.csv", "compare.json", "compare.txt"):
        assert not [word for word in PLANTED if word in (out / name).read_text()]
    reports = tmp_path / "individual"
    assert cli("export", run, "--to", "fhir", "--person-level", "--out", reports).code == 0
    assert stat.S_IMODE(reports.stat().st_mode) == 0o700
    (file,) = [path for path in reports.iterdir() if path.suffix == ".ndjson"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(json.loads(line)["type"] == "individual" for line in file.read_text().splitlines())
    # A second export would replace the first; a folder with anything else in it is left alone.
    (reports / "mine.txt").write_text("mine")
    assert "error[VBM503]" in cli("export", run, "--to", "fhir", "--person-level", "--out", reports).stderr


def test_steps_of_a_comparison_are_a_file(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    asked = ("run", "wcv", "--data", small_data.path, "--year", "2025")
    assert cli(*asked, "--out", tmp_path / "old").code == 0
    spans, claims = small_data.table("eligibility"), small_data.table("medical_claim")
    # Of the 30 children without a visit 12 are no longer enrolled, and of the 30 with one 12 lose it.
    gone = pl.col("person_id").is_in(sorted(set(spans["person_id"]) - set(claims["person_id"]))[:12])
    ends = pl.when(gone).then(dt.date(2024, 12, 31)).otherwise("enrollment_end_date")
    small_data.write("eligibility", spans.with_columns(enrollment_end_date=ends))
    small_data.write("medical_claim", claims[12:])
    assert cli(*asked, "--out", tmp_path / "new").code == 0
    out = tmp_path / "compared"
    assert cli("compare", tmp_path / "old", tmp_path / "new", "--out", out).code == 0
    with (out / "compare_steps.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["rate"] == "wcv_3_11"]
    assert [(row["kind"], row["in_run"]) for row in rows] == [
        ("start", "both"),
        ("step", "both"),
        ("step", "both"),
        ("exclusion", "both"),
        ("exclusion", "both"),
        ("numerator", "both"),
    ]
    # 30 of 60 became 18 of 48: 50 % less 12.5 points. With 48 in the denominator the 30 would have been 62.5 %, and
    # 12 of 48 are 25 points.
    moved = ("old_kept", "new_kept", "denominator_moved", "numerator_moved", "points")
    numbers = [tuple(row[name] for name in moved) for row in rows]
    assert "enrolled" in rows[2]["label"]
    assert numbers[2] == ("1.0", "0.8", "-12.0", "", "12.5")
    assert numbers[5] == ("0.5", "0.375", "", "-12.0", "-25.0")
    assert {row["points"] for row in rows if row not in (rows[2], rows[5])} == {"0.0"}


def test_a_change_fails(cli: Cli, stated_run: Path, tmp_path: Path) -> None:
    both = [Stated("wcv", {"sex": SEX}), Stated("w30", {"sex": SEX})]
    write_stated_run(tmp_path / "both", both, year=2024)
    ran = cli("compare", tmp_path / "both", stated_run, "--fail-on-change", "100")
    assert ran.code == 1
    assert "error[VBM499]: w30.w30: the rate is gone" in ran.stderr
    assert "wcv" in ran.stdout  # what was found is printed all the same


@pytest.mark.parametrize(
    ("code", "exits", "args"),
    [
        ("VBM540", 3, ["compare", "RUN", "nowhere"]),
        ("VBM498", 2, ["compare", "RUN", "RUN", "--person-level"]),
        ("VBM496", 2, ["export", "RUN", "--to", "long-parquet"]),
        ("VBM550", 3, ["export", "RUN", "--to", "fhir", "--person-level", "--out", "x"]),
        ("VBM554", 5, ["export", "RUN", "--to", "fhir", "--out", "RUN/report.json"]),
        ("VBM555", 5, ["export", "RUN", "--to", "fhir", "--out", "."]),
    ],
)
def test_what_is_refused(cli: Cli, stated_run: Path, code: str, exits: int, args: list[str]) -> None:
    ran = cli(*(arg.replace("RUN", str(stated_run)) for arg in args))
    assert f"error[{code}]" in ran.stderr
    assert ran.code == exits
    assert ran.stdout == ""


def test_exports_go_to_stdout_or_to_a_file(cli: Cli, stated_run: Path, tmp_path: Path) -> None:
    printed = cli("export", stated_run, "--to", "long-csv")
    assert printed.code == 0, printed.stderr
    out = tmp_path / "deep" / "bi.csv"
    written = cli("export", stated_run, "--to", "long-csv", "--out", out)
    assert (written.code, written.stdout) == (0, "")
    assert out.read_text() == printed.stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o644


def test_the_core_set_with_a_mapping_of_the_users(cli: Cli, stated_run: Path, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "measures" / "exports" / "child_core_set.yaml"
    mine = tmp_path / "mine.yaml"
    mine.write_text(shipped.read_text(encoding="utf-8").replace("title: Child and adolescent", "title: My"))
    ran = cli("export", stated_run, "--to", "core-set-json", "--core-set", mine)
    assert ran.code == 0, ran.stderr
    assert "My well-care visits" in ran.stdout


def test_exports_of_an_unsuppressed_run_are_private(cli: Cli, tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "bi.csv"
    write_stated_run(run, [Stated("wcv", {"sex": SEX})], INTERNAL)
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
