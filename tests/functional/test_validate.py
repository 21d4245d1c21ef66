"""`vbpmeasure validate`: the shipped sample is green, ten planted faults are each found by the check that should."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from support.commands import Cli, DataFolder
from vbpmeasure.catalog.shipped import sample_root

c = pl.col
YEAR = ("--year", "2025", "--as-of", "2026-01-31")


def first(n: int, change: pl.Expr, column: str) -> pl.Expr:
    """Return the column with a change in its first n rows."""
    return pl.when(pl.int_range(pl.len()) < n).then(change).otherwise(c(column)).alias(column)


def every(n: int, change: pl.Expr, column: str) -> pl.Expr:
    """Return the column with a change in every n-th row."""
    return pl.when(pl.int_range(pl.len()) % n == 0).then(change).otherwise(c(column)).alias(column)


JULY = c("claim_start_date").is_between(dt.date(2025, 7, 1), dt.date(2025, 7, 31))
JANUARY = c("claim_start_date").is_between(dt.date(2025, 1, 1), dt.date(2025, 1, 31))
Plant = Callable[[pl.DataFrame], pl.DataFrame]

# What is planted -> table, planting, and every check that must go from green to warn or fail because of it.
PLANTED_FAULTS: dict[str, tuple[str, Plant, set[str]]] = {
    "a month of claims is missing": ("medical_claim", lambda t: t.filter(~JULY), {"month_missing"}),
    "a file was loaded twice": (
        "medical_claim",
        lambda t: pl.concat([t, t.filter(JANUARY)]),
        {"key_duplicate", "month_doubled"},
    ),
    "CVX lost its zeros": (
        "immunization",
        lambda t: t.with_columns(c("source_code").str.strip_chars_start("0")),
        {"code_format"},
    ),
    "spans end before they start": (
        "eligibility",
        lambda t: t.with_columns(first(30, c("enrollment_start_date") - pl.duration(days=5), "enrollment_end_date")),
        {"end_before_start"},
    ),
    "the claims carry other person ids": (
        "medical_claim",
        lambda t: t.with_columns(every(3, pl.concat_str(pl.lit("X"), "person_id"), "person_id")),
        {"person_unknown"},
    ),
    "a local word for reversed claims": (
        "medical_claim",
        lambda t: t.with_columns(every(20, pl.lit("adjusted away"), "claim_status")),
        {"claim_status_unknown"},
    ),
    "race in a house code": (
        "eligibility",
        lambda t: t.with_columns(c("race").replace("2054-5", "HOUSE-B")),
        {"category_unmapped"},
    ),
    "the provider columns were dropped": (
        "medical_claim",
        lambda t: t.with_columns(
            every(1, pl.lit(None, pl.String), "rendering_taxonomy"), every(1, pl.lit(None, pl.String), "rendering_npi"),
            every(1, pl.lit(None, pl.String), "billing_npi"),
        ),
        {"provider_taxonomy", "null_share"},
    ),
    "doses before the birth": (
        "immunization",
        lambda t: t.with_columns(every(50, pl.date(2001, 1, 1), "occurrence_date")),
        {"service_before_birth"},
    ),
    "claims after the extract was made": (
        "medical_claim",
        lambda t: t.with_columns(
            *(every(500, pl.date(2030, 1, 1), f"claim_{d}") for d in ("line_start_date", "start_date", "end_date"))
        ),
        {"date_future"},
    ),
}  # fmt: skip


def sample_copy(folder: Path) -> Path:
    """Return a copy of the shipped sample."""
    return Path(shutil.copytree(sample_root(), folder))


def attention(document: dict) -> set[str]:
    return {r["name"] for r in document["results"] if r["status"] in ("warn", "fail", "error")}


def test_the_shipped_sample_is_green(cli: Cli) -> None:
    ran = cli("validate", "--data", "sample", *YEAR, "--fail-on", "warn")
    assert ran.code == 0
    assert "FAIL" not in ran.stdout
    assert "warn" not in ran.stdout.replace("warned", "")
    assert ran.stdout.splitlines()[-1].endswith("not applicable")


@pytest.mark.parametrize("fault", PLANTED_FAULTS)
def test_a_planted_fault_is_found_by_its_check_and_no_other(cli: Cli, tmp_path: Path, fault: str) -> None:
    table, plant, expected = PLANTED_FAULTS[fault]
    root = sample_copy(tmp_path / "faulty")
    frame = pl.read_parquet(root / f"{table}.parquet")
    plant(frame).write_parquet(root / f"{table}.parquet")
    ran = cli("validate", "--data", root, *YEAR, "--format", "json", "--fail-on", "warn")
    assert ran.code == 1
    assert attention(ran.json()) == expected


def test_ten_faults_are_planted() -> None:
    assert len(PLANTED_FAULTS) == 10


def faulty(small_data: DataFolder) -> Path:
    """Return the small population with a claim before a birth, unknown statuses and two repeated lines."""
    file = small_data.path / "medical_claim.parquet"
    claims = pl.read_parquet(file).with_columns(
        first(1, pl.date(2001, 1, 1), "claim_start_date"), first(9, pl.lit("PLANTEDMEMBERSTATUS"), "claim_status")
    )
    pl.concat([claims, claims.head(2)]).write_parquet(file)
    return small_data.path


@pytest.mark.parametrize("form", ["table", "json", "junit", "github"])
def test_no_format_holds_an_identifier_or_a_value(cli: Cli, small_data: DataFolder, form: str, tmp_path: Path) -> None:
    root = faulty(small_data)
    out = tmp_path / "report"
    ran = cli("validate", "--data", root, *YEAR, "--format", form)  # the fixture looks for planted ids on both streams
    assert ran.code == 1
    assert cli("validate", "--data", root, *YEAR, "--format", form, "--out", out).stdout == ""
    assert out.read_text() == ran.stdout
    assert "PLANTED" not in out.read_text()
    assert "2001-01-01" not in out.read_text()


def test_junit_counts_what_it_lists(cli: Cli, small_data: DataFolder) -> None:
    root = ET.fromstring(cli("validate", "--data", faulty(small_data), "--format", "junit").stdout)
    assert root.tag == "testsuites"
    for suite in root.iter("testsuite"):
        for kind, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped"), ("errors", "error")):
            assert int(suite.get(kind, "-1")) == len(list(suite.iter(tag))), (suite.get("name"), kind)
    assert {suite.get("name") for suite in root.iter("testsuite")} >= {"eligibility", "medical_claim"}
    assert any(
        "key_duplicate" in case.get("name", "") for case in root.iter("testcase") if case.find("failure") is not None
    )


def test_github_annotates_failures_first(cli: Cli, small_data: DataFolder) -> None:
    lines = cli("validate", "--data", faulty(small_data), "--format", "github").stdout.splitlines()
    kinds = [line.split(" ")[0] for line in lines]
    assert kinds == sorted(kinds, key=["::error", "::warning", "::notice"].index)
    assert kinds[-1] == "::notice"


def test_rows_are_shown_only_in_a_private_file(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    root, file = faulty(small_data), tmp_path / "rows.csv"
    ran = cli("validate", "--data", root, "--person-level", file, "--select", "key_duplicate", "--select", "VBC306")
    assert ran.code == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = pl.read_csv(file)
    assert set(rows["check"]) == {"VBC202", "VBC306"}
    assert rows.filter(c("check") == "VBC202").height == 4
    assert rows["row"].str.contains("PLANTEDCLAIM").all()


def test_a_baseline_of_the_same_data_is_quiet_and_a_lost_month_is_not(cli: Cli, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    cli("validate", "--data", "sample", *YEAR, "--format", "json", "--out", report)
    again = cli("validate", "--data", "sample", *YEAR, "--baseline", report, "--format", "json")
    assert again.code == 0
    root = sample_copy(tmp_path / "later")
    claims = root / "medical_claim.parquet"
    early = c("claim_start_date").is_between(dt.date(2023, 3, 1), dt.date(2023, 8, 31))
    pl.read_parquet(claims).filter(~early).write_parquet(claims)
    ran = cli("validate", "--data", root, *YEAR, "--baseline", report, "--format", "json")
    assert ran.code == 1
    failed = {r["name"] for r in ran.json()["results"] if r["status"] == "fail"}
    assert failed == {"drift_months"}


def test_the_same_data_gives_the_same_bytes(cli: Cli) -> None:
    args = ("validate", "--data", "sample", *YEAR, "--format", "json")
    assert cli(*args).stdout == cli(*args).stdout


def test_exit_codes(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    assert cli("validate").code == 2
    assert cli("validate", "--data", tmp_path / "nowhere").code == 3
    assert cli("validate", "--data", small_data.path, "--select", "nothing").code == 2
    assert cli("validate", "--data", small_data.path, "--baseline", tmp_path / "no.json").code == 2
    assert cli("validate", "--data", small_data.path, "--out", tmp_path).code == 5
    (small_data.path / "medical_claim.parquet").unlink()
    ran = cli("validate", "--data", small_data.path)
    assert ran.code == 3
    assert "VBM305" not in ran.stderr
    assert "required table is missing" in ran.stdout


def test_settings_move_thresholds(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    root, file = faulty(small_data), tmp_path / "vbpmeasure.toml"
    args = ("validate", "--data", root, "--config", file, "--select", "key_duplicate")
    file.write_text("[validate.checks.key_duplicate]\nfail = 0.5\n")
    assert cli(*args).code == 0
    file.write_text("[validate.checks.key_duplicate]\nfial = 0.5\n")
    ran = cli(*args)
    assert ran.code == 2
    assert "vbpmeasure.toml:2" in ran.stderr
    assert "fial = 0.5" in ran.stderr
    assert "did you mean `fail`" in ran.stderr


def test_a_check_has_a_page(cli: Cli) -> None:
    assert "claim_line_number" in cli("rule", "VBC202").stdout
    assert cli("rule", "key_duplicate").stdout == cli("rule", "VBC202").stdout
    assert "VBC804" in cli("rule").stdout
