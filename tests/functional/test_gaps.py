"""`vbpmeasure gaps` from outside: what is written, who may read it, what is said on the streams."""

from __future__ import annotations

import datetime as dt
import json
import stat
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from support.commands import PLANTED, Cli, DataFolder, bytes_below, command, environment, files_below

D = dt.date


def args(data: DataFolder, *more: str | Path) -> list[str]:
    return ["gaps", "wcv", "--data", str(data.path), "--year", "2025", *map(str, more)]


def listed(cli: Cli, data: DataFolder, out: Path, *more: str) -> list[dict[str, Any]]:
    """The rows of the JSON file of one list."""
    ran = cli(*args(data, *more, "--out", out, "--format", "json"))
    assert ran.code == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads((out / "gaps.json").read_text(encoding="utf-8"))["gaps"]
    return found


def said(*texts: str) -> list[str]:
    return [planted for planted in PLANTED for text in texts if planted in text]


def test_without_a_folder_only_counts_are_printed(cli: Cli, small_data: DataFolder) -> None:
    ran = cli(*args(small_data))
    assert ran.code == 0, ran.stderr
    # 60 children of three to eleven, every other one with a visit
    (line,) = (line for line in ran.stdout.splitlines() if line.startswith("wcv.wcv_3_11"))
    assert line.split() == ["wcv.wcv_3_11", "30", "0", "30", "0", "0"]
    assert said(ran.stdout, ran.stderr) == []


def test_files_are_for_their_owner_alone_and_nothing_is_said(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "gaps"
    ran = cli(*args(small_data, "--as-of", "2025-06-30", "--out", out, "--format", "csv,parquet,json,html"))
    assert ran.code == 0, ran.stderr
    assert said(ran.stdout, ran.stderr) == []
    names = files_below(out)
    assert [name for name in names if not name.startswith("work_lists/")] == [
        "_SUCCESS",
        "gaps.csv",
        "gaps.json",
        "gaps.parquet",
        "gaps_manifest.json",
    ]
    assert "work_lists/index.html" in names
    for path in [out, *out.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    manifest = (out / "gaps_manifest.json").read_text(encoding="utf-8")
    assert said(manifest) == []
    assert json.loads(manifest)["attribution"]["rule"] == "primary_care_visits"
    assert json.loads(manifest)["as_of"] == "2025-06-30"


def test_all_formats_have_the_same_rows(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    assert cli(*args(small_data, "--out", tmp_path / "g", "--format", "csv,parquet,json")).code == 0
    parquet = pl.read_parquet(tmp_path / "g" / "gaps.parquet")
    assert parquet.height == 60
    csv = pl.read_csv(tmp_path / "g" / "gaps.csv", infer_schema=False)
    listed = json.loads((tmp_path / "g" / "gaps.json").read_text(encoding="utf-8"))["gaps"]
    assert csv["person_id"].to_list() == parquet["person_id"].to_list() == [row["person_id"] for row in listed]
    assert csv["due_by"].to_list() == [row["due_by"] for row in listed]
    assert list(listed[0]) == csv.columns == parquet.columns


@pytest.mark.parametrize(
    ("as_of", "possible", "left"),
    [("2025-12-30", True, 1), ("2025-12-31", True, 0), ("2026-01-01", False, -1)],
)
def test_due_today_counts_and_due_yesterday_does_not(
    cli: Cli, small_data: DataFolder, tmp_path: Path, as_of: str, possible: bool, left: int
) -> None:
    rows = listed(cli, small_data, tmp_path / "g", "--as-of", as_of, "--status", "open")
    assert len(rows) == 30
    assert {(row["can_still_pass"], row["due_by"], row["days_left"]) for row in rows} == {
        (possible, "2025-12-31", left)
    }


def statuses(rows: list[dict[str, Any]]) -> set[str]:
    return {row["gap_status"] for row in rows}


def test_services_after_the_day_are_not_known_yet(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    # The first visits are of 10 January.
    assert statuses(listed(cli, small_data, tmp_path / "before", "--as-of", "2025-01-09")) == {"open"}
    assert statuses(listed(cli, small_data, tmp_path / "on", "--as-of", "2025-01-10")) == {"open", "closed"}


def test_coverage_can_be_taken_to_go_on(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    spans = small_data.table("eligibility").with_columns(pl.lit(D(2025, 6, 30)).alias("enrollment_end_date"))
    small_data.write("eligibility", spans)
    assert statuses(listed(cli, small_data, tmp_path / "is", "--as-of", "2025-06-30")) == {"not_eligible"}
    going_on = listed(cli, small_data, tmp_path / "goes", "--as-of", "2025-06-30", "--assume-enrolled")
    assert statuses(going_on) == {"open", "closed"}
    ended = listed(cli, small_data, tmp_path / "ended", "--as-of", "2025-07-01", "--assume-enrolled")
    assert statuses(ended) == {"not_eligible"}


def test_rows_are_printed_when_that_is_asked_for(small_data: DataFolder) -> None:
    line = command(*args(small_data, "--out", "-", "--format", "csv", "--status", "closed"))
    done = subprocess.run(line, capture_output=True, text=True, env=environment(), check=True)
    rows = pl.read_csv(done.stdout.encode(), infer_schema=False)
    assert rows.columns[:6] == ["person_id", "birth_date", "provider", "practice", "measure", "rate"]
    assert rows.height == 30
    assert rows["gap_status"].unique().to_list() == ["closed"]
    assert rows["person_id"].str.starts_with("PLANTEDMEMBER").all()
    assert said(done.stderr) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--format", "xls"), "VBM450"),
        (("--status", "late"), "VBM450"),
        (("--out", "-"), "VBM451"),
        (("--out", "-", "--format", "html"), "VBM451"),
        (("--as-of", "30.6.2025"), "VBM410"),
    ],
)
def test_mistakes_are_refused(cli: Cli, small_data: DataFolder, more: tuple[str, ...], code: str) -> None:
    ran = cli(*args(small_data, *more))
    assert ran.code == 2
    assert code in ran.stderr
    assert ran.stdout == ""


def test_a_run_folder_is_not_replaced(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert cli("run", "wcv", "--data", small_data.path, "--year", "2025", "--out", out).code == 0
    before = bytes_below(out)
    ran = cli(*args(small_data, "--out", out))
    assert ran.code == 5
    assert "VBM503" in ran.stderr
    assert bytes_below(out) == before


def test_the_same_input_gives_the_same_bytes(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    more = ("--as-of", "2025-06-30", "--format", "csv,parquet,json,html")
    assert cli(*args(small_data, *more, "--out", tmp_path / "one")).code == 0
    assert cli(*args(small_data, *more, "--out", tmp_path / "two"), env={"POLARS_MAX_THREADS": "4"}).code == 0
    one, two = (bytes_below(tmp_path / f) for f in ("one", "two"))
    assert one == two


def attribution(data: DataFolder) -> None:
    people = data.table("eligibility")["person_id"]
    data.write(
        "provider_attribution",
        pl.DataFrame(
            {
                "person_id": people,
                "year_month": ["202503"] * people.len(),
                "payer_attributed_provider": ["1" if number < 40 else None for number in range(people.len())],
                "payer_attributed_provider_practice": ["North"] * people.len(),
            }
        ),
    )


def test_providers_are_strata_of_every_measure(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    attribution(small_data)
    run = ["run", "wcv", "--data", str(small_data.path), "--year", "2025", "--no-suppression"]
    out = tmp_path / "out"
    ran = cli(*run, "--by", "provider", "--format", "json", "--out", out)
    assert ran.code == 0, ran.stderr
    rows = [row for row in ran.json()["results"] if (row["rate"], row["dimension"]) == ("wcv_3_11", "provider")]
    assert [(row["stratum"], row["denominator"]) for row in rows] == [("1", 40), ("Unattributed", 20)]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["attribution"] == {
        "rule": "provider_attribution",
        "first_month": "2025-01",
        "last_month": "2025-12",
    }


def test_a_run_without_providers_does_not_open_the_table(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    small_data.file("provider_attribution").write_bytes(b"no Parquet at all")
    run = ["run", "wcv", "--data", str(small_data.path), "--year", "2025"]
    assert cli(*run).code == 0
    broken = cli(*run, "--by", "provider")
    assert broken.code == 3
    assert "provider_attribution" in broken.stderr


def test_small_providers_are_hidden_like_other_strata(cli: Cli, small_data: DataFolder) -> None:
    attribution(small_data)
    table = small_data.table("provider_attribution")
    provider = pl.Series(["1" if number < 55 else "2" for number in range(table.height)])
    small_data.write("provider_attribution", table.with_columns(provider.alias("payer_attributed_provider")))
    ran = cli("run", "wcv", "--data", small_data.path, "--year", "2025", "--by", "provider", "--format", "json")
    rows = [row for row in ran.json()["results"] if (row["rate"], row["dimension"]) == ("wcv_3_11", "provider")]
    # 55 and 5 children: the five are hidden, and so is what they follow from
    assert [(row["stratum"], row["denominator"]) for row in rows if row["stratum"] != "Unattributed"] == [
        ("1", None),
        ("2", None),
    ]


def test_index_events_have_a_row_each(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    """Two emergency visits of one child: the first was followed up on day 9, the second has until day 7 and day 30."""
    child = "PLANTEDMEMBER000"  # born 2014-01-01
    days = [D(2025, 5, 1), D(2025, 5, 10), D(2025, 6, 20)]
    small_data.write(
        "medical_claim",
        pl.DataFrame(
            {
                "claim_id": ["PLANTEDCLAIM1", "PLANTEDCLAIM2", "PLANTEDCLAIM3"],
                "claim_line_number": [1, 1, 1],
                "person_id": [child] * 3,
                "claim_start_date": days,
                "hcpcs_code": ["99283", "90834", "99283"],
                "diagnosis_code_1": ["F33.1"] * 3,
                "place_of_service_code": ["23", "11", "23"],
                "claim_status": ["paid"] * 3,
            }
        ),
    )
    out = tmp_path / "gaps"
    asked = ["gaps", "fum", "--data", str(small_data.path), "--year", "2025", "--as-of", "2025-06-25"]
    ran = cli(*asked, "--assume-enrolled", "--out", str(out), "--format", "json,html")
    assert ran.code == 0, ran.stderr
    rows = json.loads((out / "gaps.json").read_text(encoding="utf-8"))["gaps"]
    told = ("rate", "index_date", "gap_status", "closed_on", "missing", "due_by", "days_left", "can_still_pass")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("fum_7", "2025-06-20", "open", None, "follow up", "2025-06-27", 2, True),
        ("fum_30", "2025-06-20", "open", None, "follow up", "2025-07-20", 25, True),
        ("fum_7", "2025-05-01", "open", None, "follow up", "2025-05-08", -48, False),
        ("fum_30", "2025-05-01", "closed", "2025-05-10", None, None, None, None),
    ]
    (page,) = (path for path in (out / "work_lists").iterdir() if path.name != "index.html")
    text = page.read_text(encoding="utf-8")
    assert "Mental Illness, Ages 6 to 17</b>, after 2025-06-20<ul" in text
    assert "Mental Illness, Ages 6 to 17</b>, after 2025-05-01<ul" in text
