"""`explain MEASURE --person ID`: the reference engine's trace, checked against the Polars engine on the same rows."""

from __future__ import annotations

import subprocess
from pathlib import Path

import polars as pl

from support.commands import DataFolder, Ran, command, environment


def explain(data: Path, person: str, *more: str) -> Ran:
    """Run the command without the `cli` fixture: here the person's own rows are what was asked for."""
    done = subprocess.run(
        command("explain", "wcv", "--data", data, "--year", "2025", "--person", person, *more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(),
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def test_a_met_rate_names_the_evidence(small_data: DataFolder) -> None:
    ran = explain(small_data.path, "PLANTEDMEMBER001", "--rate", "wcv_3_11")
    assert ran.code == 0, ran.stderr
    assert "verdict: met on 2025-01-10 by medical_claim (claims)" in ran.stdout
    (counted,) = [line for line in ran.stdout.splitlines() if "counted: " in line]
    assert "2025-01-10 medical_claim 99393" in counted
    assert "claim PLANTEDCLAIM0" in counted
    assert "wcv_12_17" not in ran.stdout


def test_an_open_rate_says_what_is_missing(small_data: DataFolder) -> None:
    ran = explain(small_data.path, "PLANTEDMEMBER002", "--rate", "wcv_3_11")
    assert ran.code == 0, ran.stderr
    assert "verdict: open: in the denominator, numerator not met" in ran.stdout
    assert "near miss: " in ran.stdout


def test_a_gap_in_enrollment_is_shown(small_data: DataFolder) -> None:
    first = pl.col("person_id") == "PLANTEDMEMBER001"
    eligibility = small_data.table("eligibility")
    late = pl.when(first).then(pl.date(2025, 3, 1)).otherwise("enrollment_start_date").alias("enrollment_start_date")
    small_data.write("eligibility", eligibility.with_columns(late))
    ran = explain(small_data.path, "PLANTEDMEMBER001", "--rate", "wcv_3_11")
    assert "gap 2025-01-01 to 2025-02-28: 59 days" in ran.stdout
    assert "not eligible: population step" in ran.stdout


def test_every_rate_of_the_measure_is_explained(small_data: DataFolder) -> None:
    ran = explain(small_data.path, "PLANTEDMEMBER001")
    for rate in ("wcv_3_11", "wcv_12_17", "wcv_18_21", "wcv_total"):
        assert f"wcv.{rate}: " in ran.stdout


def test_an_unknown_person_is_not_repeated(small_data: DataFolder) -> None:
    ran = explain(small_data.path, "PLANTEDMEMBER999")
    assert ran.code == 3
    assert "VBM320" in ran.stderr
    assert "PLANTED" not in ran.stderr
    assert ran.stdout == ""


def test_an_unknown_rate(small_data: DataFolder) -> None:
    ran = explain(small_data.path, "PLANTEDMEMBER001", "--rate", "wcv_3_12")
    assert ran.code == 2
    assert "did you mean `wcv_3_11`?" in ran.stderr


DISAGREEING = """
import dataclasses
import vbpmeasure.testing.engines as engines
whole = engines.polars_engine
def wrong(program, rows, queries):
    return [dataclasses.replace(row, numerator=not row.numerator) for row in whole(program, rows, queries)]
engines.polars_engine = wrong
from vbpmeasure.cli.entry import main
main()
"""


def test_engines_that_disagree_give_no_answer(small_data: DataFolder) -> None:
    asked = ["explain", "wcv", "--data", str(small_data.path), "--year", "2025", "--person", "PLANTEDMEMBER001"]
    done = subprocess.run(
        [command()[0], "-c", DISAGREEING, *asked],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        timeout=120,
    )
    assert done.returncode == 70
    assert "error[VBM902]" in done.stderr
    assert "wcv_3_11" in done.stderr
    assert done.stdout == ""
    assert "PLANTED" not in done.stderr
