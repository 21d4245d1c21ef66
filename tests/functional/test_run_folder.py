"""The run folder from outside: what is in it, who may read it, and that no accident leaves half of one."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import stat
import subprocess
import time
from pathlib import Path

import polars as pl
import pytest

from support.commands import PLANTED, Cli, DataFolder, bytes_below, command, environment, files_below

AGGREGATE = [
    "_SUCCESS",
    "completeness.csv",
    "completeness.parquet",
    "manifest.json",
    "results.csv",
    "results.json",
    "results.parquet",
    "suppression_audit.json",
    "waterfall.csv",
]


def args(data: DataFolder, out: Path, *more: str) -> list[str]:
    return ["run", "wcv", "--data", str(data.path), "--year", "2025", "--by", "race", "--out", str(out), *more]


def test_a_run_folder_is_complete_and_says_how_it_was_made(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    ran = cli(*args(small_data, out, "--as-of", "2026-01-31", "--param", "wcv.telehealth_allowed=yes"))
    assert ran.code == 0, ran.stderr
    assert files_below(out) == AGGREGATE
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["as_of"] == "2026-01-31"
    assert manifest["by"] == ["race"]
    assert [(m["id"], m["status"]) for m in manifest["measures"]] == [("wcv", "written")]
    assert manifest["measures"][0]["parameters"]["telehealth_allowed"] in (True, "yes")
    assert {i["table"] for i in manifest["inputs"]} == {"eligibility", "medical_claim"}
    assert all(v["digest"] and v["source"] and v["confidence"] for v in manifest["value_sets"])
    assert manifest["suppression"]["profile"] == "public"
    assert any("death_date" in text for text in manifest["evidence_lost"])
    assert str(tmp_path) not in json.dumps(manifest)


def test_no_identifier_is_in_an_aggregate_file(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert cli(*args(small_data, out)).code == 0
    for name, whole in bytes_below(out).items():
        assert not [p for p in PLANTED if p.encode() in whole], name


def test_small_cells_are_hidden_everywhere_unless_asked_for(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    hidden = cli(*args(small_data, tmp_path / "public", "--format", "json")).json()["results"]
    shown = cli(*args(small_data, tmp_path / "internal", "--format", "json", "--no-suppression")).json()["results"]
    key = ("measure", "rate", "dimension", "stratum")
    public = {tuple(row[k] for k in key): row for row in hidden}
    small = [row for row in shown if 0 < row["numerator"] <= 10]
    assert small
    for row in small:
        assert public[tuple(row[k] for k in key)]["numerator"] is None
    assert "results.unsuppressed.csv" in files_below(tmp_path / "internal")
    assert json.loads((tmp_path / "internal" / "manifest.json").read_text())["suppression"]["profile"] == "internal"


def test_two_runs_give_the_same_bytes(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    more = ("--person-level", "--as-of", "2026-01-31")
    first = cli(*args(small_data, tmp_path / "one", *more))
    second = cli(*args(small_data, tmp_path / "two", *more), env={"POLARS_MAX_THREADS": "4"})
    assert first.stdout == second.stdout
    assert bytes_below(tmp_path / "one") == bytes_below(tmp_path / "two")


def test_person_level_rows_are_for_their_owner_alone(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = cli(*args(small_data, out, "--person-level"))
    assert ran.code == 0, ran.stderr
    file = out / "person_level" / "person_level.parquet"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    rows = pl.read_parquet(file)
    assert set(rows["person_id"]) <= set(small_data.table("eligibility")["person_id"])
    met = rows.filter(pl.col("numerator"), pl.col("rate") == "wcv_total")
    assert met.height == 30
    assert set(met["evidence_sources"]) == {"medical_claim"}


def test_a_second_run_replaces_the_first_whole(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert cli(*args(small_data, out, "--person-level")).code == 0
    assert cli(*args(small_data, out)).code == 0
    assert files_below(out) == AGGREGATE
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".out")]


def test_a_folder_with_other_files_is_not_replaced(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    ran = cli(*args(small_data, out))
    assert ran.code == 5
    assert "VBM503" in ran.stderr
    assert bytes_below(out) == {"thesis.txt": b"years of work"}


def test_a_place_that_cannot_be_written(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = cli(*args(small_data, tmp_path / "file" / "out"))
    assert ran.code == 5
    assert re.search(r"VBM5\d\d", ran.stderr)
    assert ran.stdout == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not stop root")
def test_a_folder_without_permission(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o500)
    ran = cli(*args(small_data, tmp_path / "mine" / "out"))
    assert ran.code == 5
    assert "VBM502" in ran.stderr


def test_a_file_where_the_run_folder_should_be(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("keep me")
    ran = cli(*args(small_data, tmp_path / "out"))
    assert ran.code == 5
    assert "VBM505" in ran.stderr
    assert (tmp_path / "out").read_text() == "keep me"


def test_another_run_holds_the_lock(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    """The lock of a living process on this machine: ours."""
    import fcntl

    out = tmp_path / "out"
    assert cli(*args(small_data, out)).code == 0
    before = bytes_below(out)
    lock = tmp_path / ".out.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ran = cli(*args(small_data, out))
    assert ran.code == 5
    assert "VBM501" in ran.stderr
    assert ran.stdout == ""
    assert bytes_below(out) == before
    assert lock.exists()


def test_a_full_disk_leaves_the_old_results_whole(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: the write fails in the middle of a file."""
    out = tmp_path / "out"
    assert cli(*args(small_data, out)).code == 0
    before = bytes_below(out)

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    ran = cli(*args(small_data, out, "--no-suppression"), preexec_fn=limit)
    assert ran.code == 5, ran.stderr
    assert "VBM506" in ran.stderr
    assert ran.stdout == ""
    assert bytes_below(out) == before
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".out")]


# A run that waits inside the engine, so that the signal surely comes in the middle of it.
WAITING = """
import sys, time
import vbpmeasure.runs.measuring as measuring
whole = measuring.evaluate
def slow(*args, **kwargs):
    frame = whole(*args, **kwargs)
    print("ENGINE", file=sys.stderr, flush=True)
    time.sleep(60)
    return frame
measuring.evaluate = slow
from vbpmeasure.cli.entry import main
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle(
    cli: Cli, small_data: DataFolder, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    out = tmp_path / "out"
    assert cli(*args(small_data, out)).code == 0
    before = bytes_below(out)
    python = command()[0]
    with subprocess.Popen(
        [python, "-c", WAITING, *args(small_data, out, "--person-level")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        cwd=tmp_path,
    ) as process:
        assert process.stderr is not None
        while (line := process.stderr.readline()) and "ENGINE" not in line:
            pass
        assert (tmp_path / ".out.lock").exists()
        time.sleep(0.1)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == code, stderr
    assert stdout == ""
    assert "Traceback" not in stderr
    assert [line for line in stderr.splitlines() if line.endswith("ed")] == [
        {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}[number]
    ]
    assert bytes_below(out) == before
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".out")]


FAILING = """
import vbpmeasure.runs.measuring as measuring
whole = measuring.evaluate
def broken(program, *args, **kwargs):
    if any(m.id == "w30" for m in program.measures):
        raise ZeroDivisionError("PLANTEDMEMBER001")
    return whole(program, *args, **kwargs)
measuring.evaluate = broken
from vbpmeasure.cli.entry import main
main()
"""


def test_one_failing_measure_does_not_take_the_others_along(small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ["run", "wcv", "w30", "dev", "--data", str(small_data.path), "--year", "2025", "--out", str(out)]
    done = subprocess.run(
        [command()[0], "-c", FAILING, *asked],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        timeout=120,
    )
    assert done.returncode == 4, done.stderr
    assert "VBM903" in done.stderr
    assert "PLANTED" not in done.stderr + done.stdout
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert {m["id"]: m["status"] for m in manifest["measures"]} == {"dev": "written", "w30": "failed", "wcv": "written"}
    assert set(pl.read_parquet(out / "results.parquet")["measure"]) == {"dev", "wcv"}

    alone = subprocess.run(
        [command()[0], "-c", FAILING, "run", "w30", *asked[4:]],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        timeout=120,
    )
    assert alone.returncode == 70
    assert "VBM901" in alone.stderr
    assert "ZeroDivisionError" in alone.stderr
    assert "PLANTED" not in alone.stderr
    assert set(pl.read_parquet(out / "results.parquet")["measure"]) == {"dev", "wcv"}
