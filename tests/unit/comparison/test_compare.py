"""Whole comparisons: gaps, manifests, editions, thresholds, files, who moved."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from support.run_folders import Counts, Stated, write_stated_run
from vbpmeasure.comparison.compare import compare
from vbpmeasure.comparison.files import comparison_csv, comparison_json
from vbpmeasure.comparison.manifests import Kind, differences
from vbpmeasure.comparison.persons import moved_persons
from vbpmeasure.comparison.screen import comparison_text
from vbpmeasure.comparison.write import write_comparison
from vbpmeasure.diagnostics import Failure
from vbpmeasure.disk.folder import MANIFEST
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.runs.manifest import digest
from vbpmeasure.runs.reading import read_run
from vbpmeasure.runs.writer import PERSON_LEVEL

OLD = {"White": (612, 900), "Black": (330, 600)}
NEW = {"White": (630, 900), "Black": (390, 600)}


def stated(folder: Path, race: Counts, year: int = 2025, measure: str = "wcv", **more: Any) -> Path:
    write_stated_run(folder, [Stated(measure, {"race": race})], year=year, **more)
    return folder


def changed_manifest(folder: Path, **parts: Any) -> Path:
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **parts}), encoding="utf-8")
    return folder


def test_gaps_are_followed_from_year_to_year(tmp_path: Path) -> None:
    found = compare(stated(tmp_path / "a", OLD, 2024), stated(tmp_path / "b", NEW))
    row = found.gaps.row(0, named=True)
    assert (row["stratum"], row["reference"]) == ("Black", "White")
    # 68 and 55 before, 70 and 65 now: 13 points became 5.
    assert row["previous_gap"] == pytest.approx(-0.13)
    assert row["gap"] == pytest.approx(-0.05)
    assert row["gap_change"] == pytest.approx(0.08)
    assert row["direction"] == "narrowed"
    text = comparison_text(found)
    assert "race: Black" in text
    assert "narrowed" in text


def test_a_rerun_is_called_one(tmp_path: Path) -> None:
    found = compare(stated(tmp_path / "a", OLD), stated(tmp_path / "b", NEW))
    assert found.same_period
    assert found.gaps.is_empty()
    assert "a re-run" in comparison_text(found)
    assert json.loads(comparison_json(found))["same_period"] is True


def test_editions_are_remarked(tmp_path: Path) -> None:
    found = compare(stated(tmp_path / "a", OLD, 2024), stated(tmp_path / "b", NEW))
    (edition,) = [d for d in found.findings if d.code == "VBM559"]
    assert "wcv (2024, then 2025)" in edition.message
    assert found.redefined == {"wcv"}
    assert "defined otherwise than before" in comparison_text(found)


def test_the_wrong_order_is_remarked(tmp_path: Path) -> None:
    found = compare(stated(tmp_path / "b", NEW), stated(tmp_path / "a", OLD, 2024))
    assert "VBM558" in {d.code for d in found.findings}


def test_nothing_in_common(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        compare(stated(tmp_path / "a", OLD), stated(tmp_path / "b", NEW, measure="w30"))
    assert ([d.code for d in caught.value.diagnostics], caught.value.exit_code) == (["VBM497"], 2)


def test_measures_of_one_run_only_are_listed(tmp_path: Path) -> None:
    rates = [Stated("wcv", {"race": OLD}), Stated("w30", {"race": NEW})]
    write_stated_run(tmp_path / "a", [rates[0]], year=2024)
    write_stated_run(tmp_path / "b", rates)
    found = compare(tmp_path / "a", tmp_path / "b")
    assert [(d.kind, d.name, d.old, d.new) for d in found.differences if d.measure == "w30"] == [
        (Kind.MEASURE, "w30", "-", "run")
    ]
    assert "not in the old run" in comparison_text(found)


def test_manifests_name_what_is_different(tmp_path: Path) -> None:
    one = {"id": "wcv", "edition": "2025", "digest": "a" * 64, "parameters": {"telehealth": True, "x": 1},
           "value_sets": ["visits"], "status": "written"}  # fmt: skip
    two = {**one, "digest": "b" * 64, "parameters": {"telehealth": False, "x": 1}}
    table = {"table": "eligibility", "name": "e.parquet", "rows": 87624}
    a = changed_manifest(
        stated(tmp_path / "a", OLD),
        measures=[one],
        value_sets=[{"name": "visits", "digest": "1" * 64}],
        inputs=[{**table, "sha256": "3" * 64}],
        enrollment_key=["payer"],
    )
    b = changed_manifest(
        stated(tmp_path / "b", OLD),
        measures=[two],
        value_sets=[{"name": "visits", "digest": "2" * 64}],
        inputs=[{**table, "sha256": "4" * 64, "rows": None}],
        enrollment_key=["payer", "product_line"],
        by=["race", "sex"],
        version="9.9.9",
        suppression={**PUBLIC.as_record(), "min_denominator": 20},
    )
    found = {(d.kind, d.name): (d.old, d.new) for d in differences(read_run(a), read_run(b))}
    assert found == {
        (Kind.DATA, "eligibility"): ("87,624 rows (333333333333)", "rows hidden (444444444444)"),
        (Kind.ENROLLMENT_KEY, "enrollment_key"): ("payer", "payer, product_line"),
        (Kind.STRATA, "by"): ("race", "race, sex"),
        (Kind.SUPPRESSION, "min_denominator"): ("30", "20"),
        (Kind.PROGRAM, "vbpmeasure"): (json.loads((a / MANIFEST).read_text())["version"], "9.9.9"),
        (Kind.DEFINITION, "digest"): ("a" * 12, "b" * 12),
        (Kind.PARAMETER, "telehealth"): ("true", "false"),
        (Kind.VALUE_SET, "visits"): ("1" * 12, "2" * 12),
    }


def test_equal_runs_have_no_differences(tmp_path: Path) -> None:
    found = compare(stated(tmp_path / "a", OLD), stated(tmp_path / "b", OLD), 0.0)
    assert found.differences == ()
    assert found.failed == ()
    assert "name no difference" in comparison_text(found)


@pytest.mark.parametrize(("most", "fails"), [(4.0, True), (5.1, True), (5.3, False), (0.0, True)])
def test_thresholds_are_in_points(tmp_path: Path, most: float, *, fails: bool) -> None:
    # 942 of 1,500 are 62.8, 1,020 of 1,500 are 68.0 per cent.
    found = compare(stated(tmp_path / "a", OLD, 2024), stated(tmp_path / "b", NEW), most)
    assert bool(found.failed) is fails
    assert {d.code for d in found.failed} <= {"VBM499"}


def test_a_rate_that_is_not_shown_any_more_fails(tmp_path: Path) -> None:
    small = stated(tmp_path / "b", {"White": (11, 24), "Black": (0, 0)})
    (failed,) = compare(stated(tmp_path / "a", OLD, 2024), small, 100.0).failed
    assert "not shown any more (NA_SMALL_DENOM)" in failed.message


def test_csv_has_a_row_for_every_cell(tmp_path: Path) -> None:
    found = compare(stated(tmp_path / "a", OLD, 2024), stated(tmp_path / "b", NEW))
    rows = {row["stratum"]: row for row in csv.DictReader(io.StringIO(comparison_csv(found).decode()))}
    assert set(rows) == {"total", "White", "Black"}
    black = rows["Black"]
    assert (black["old_value"], black["new_value"], black["change"]) == ("55", "65", "10")
    assert (black["moved_numerator"], black["moved_denominator"]) == ("60", "0")
    assert (black["interval"], black["direction"], black["redefined"]) == ("newcombe", "better", "true")
    assert "Unaudited" in black["notice"]


def test_unsuppressed_runs_are_written_for_their_owner_alone(tmp_path: Path) -> None:
    one, two = (stated(tmp_path / name, OLD, policy=INTERNAL) for name in "ab")
    found = compare(one, two)
    assert [d.code for d in found.findings] == ["VBM556", "VBM556"]
    write_comparison(found, tmp_path / "out", lambda _: None)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    written = tmp_path / "out" / "compare.unsuppressed.txt"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert "INTERNAL" in written.read_text()


def test_a_comparison_is_not_put_into_a_run_folder(tmp_path: Path) -> None:
    found = compare(stated(tmp_path / "a", OLD), stated(tmp_path / "b", OLD))
    with pytest.raises(Failure, match="VBM554"):
        write_comparison(found, tmp_path / "b" / "compare", lambda _: None)


def with_persons(folder: Path, rows: list[tuple[str, bool, str | None, bool]]) -> Path:
    """Add person-level rows of the rate `wcv`: person, in the population, exclusion, in the numerator."""
    frame = pl.DataFrame(
        [("wcv", "wcv", who, who, None, inside, out, met, None) for who, inside, out, met in rows],
        schema={
            **dict.fromkeys(("measure", "rate", "person_id", "unit_id"), pl.String),
            "index_date": pl.Date,
            "population": pl.Boolean,
            "exclusion": pl.String,
            "numerator": pl.Boolean,
            "evidence_date": pl.Date,
        },
        orient="row",
    )
    place = folder / PERSON_LEVEL
    place.parent.mkdir(mode=0o700)
    frame.write_parquet(place)
    said = json.loads((folder / MANIFEST).read_text())["outputs"]
    return changed_manifest(folder, outputs={**said, PERSON_LEVEL: digest(place.read_bytes())})


BEFORE = [("a", True, None, True), ("b", True, None, False), ("c", True, "hospice", False), ("d", False, None, False),
          ("e", True, None, True)]  # fmt: skip
AFTER = [("a", True, None, True), ("b", True, None, True), ("c", True, None, False), ("d", True, None, True),
         ("f", False, None, False)]  # fmt: skip


def test_who_moved(tmp_path: Path) -> None:
    one = with_persons(stated(tmp_path / "x", OLD), BEFORE)
    two = with_persons(stated(tmp_path / "y", OLD), AFTER)
    moved = moved_persons(read_run(one), read_run(two))
    assert moved.select("person_id", "before", "after", "moved").rows() == [
        ("b", "open", "met", "entered the numerator"),
        ("c", "excluded", "open", "entered the denominator"),
        ("d", "not_in_population", "met", "entered the denominator"),
        ("e", "met", "not_in_population", "left the denominator"),
    ]
    assert moved.filter(pl.col("person_id") == "c")["exclusion_before"].to_list() == ["hospice"]
    write_comparison(compare(one, two), tmp_path / "out", lambda _: None, person_level=True)
    place = tmp_path / "out" / "person_level"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE((place / "moved.csv").stat().st_mode) == 0o600
    assert len((place / "moved.csv").read_text().splitlines()) == 5


def test_runs_without_person_level_rows(tmp_path: Path) -> None:
    found = compare(stated(tmp_path / "a", OLD), stated(tmp_path / "b", OLD))
    with pytest.raises(Failure, match="VBM550"):
        write_comparison(found, tmp_path / "out", lambda _: None, person_level=True)
    assert not (tmp_path / "out").exists()


def test_person_level_rows_that_were_changed(tmp_path: Path) -> None:
    one = with_persons(stated(tmp_path / "a", OLD), BEFORE)
    (one / PERSON_LEVEL).write_bytes(b"PAR1")
    with pytest.raises(Failure, match="VBM542"):
        moved_persons(read_run(one), read_run(one))
