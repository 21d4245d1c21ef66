"""Hostile and mistaken YAML at the command line: exit 2, a code, file and line, no traceback, nothing written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.commands import Cli, DataFolder, files_below

GOOD = """\
id: mine
title: Any claim in the year
edition: "2025"
basis: inspired-by
status: proposed
claims: direct
references:
  - {title: A made-up measure for tests, tag: TEST, confidence: L}
define:
  visit:
    event: {code: well_care_visit}
rates:
  - id: mine_any
    title: One visit or more
    population:
      - age: {from: 3, to: 11, on: period end}
    numerator: {count: visit, during: period}
"""

HOSTILE = {
    "tabs": GOOD.replace("  visit:", "\tvisit:"),
    "aliases": GOOD.replace("[a]", "") + "notes: &note hello\ntags: [*note]\n",
    "duplicate_keys": GOOD + "title: Again\n",
    "two_documents": GOOD + "---\n" + GOOD,
    "nested": "id: " + "[" * 3000 + "]" * 3000 + "\n",
    "python_object": GOOD + "notes: !!python/object/apply:os.system ['touch pwned']\n",
    "merge_key": GOOD + "notes: {<<: {a: b}}\n",
    "unknown_key": GOOD.replace("numerator:", "numeratr:"),
    "wrong_type": GOOD.replace("from: 3", "from: three"),
    "unknown_value_set": GOOD.replace("well_care_visit", "well_care_vist"),
    "empty": "",
    "not_utf8": "",
    "too_large": GOOD + "notes: " + "x" * 1_100_000 + "\n",
    "a_list": "- id: mine\n",
    "end_before_start": GOOD.replace("during: period", "between: [period end, period start]"),
}

# Refused before there is a line to point at.
NO_PLACE = ("empty", "too_large")


def write(root: Path, text: str, name: str = "mine") -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    file = folder / "measure.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_good_definition_passes(cli: Cli, tmp_path: Path, small_data: DataFolder) -> None:
    write(tmp_path / "own", GOOD)
    checked = cli("check", "mine", "--measures", tmp_path / "own")
    assert checked.code == 0, checked.stderr
    ran = cli("run", "mine", "--measures", tmp_path / "own", "--data", small_data.path, "--year", "2025")
    assert ran.code == 0, ran.stderr
    assert "mine_any" in ran.stdout


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_and_mistaken_definitions(cli: Cli, tmp_path: Path, small_data: DataFolder, name: str) -> None:
    file = write(tmp_path / "own", HOSTILE[name])
    if name == "not_utf8":
        file.write_bytes(GOOD.encode() + b"notes: \xff\xfe\n")
    checked = cli("check", file, "--diagnostics", "concise")
    assert checked.code == 2, checked.stderr
    place = "" if name in NO_PLACE else r":\d+:\d+"
    assert re.search(rf"measure\.yaml{place}: .*VBM[12]\d\d", checked.stderr), checked.stderr
    out = tmp_path / "out"
    ran = cli("run", "--measures", tmp_path / "own", "--data", small_data.path, "--year", "2025", "--out", out)
    assert ran.code == 2, ran.stderr
    assert re.search(r"VBM[12]\d\d", ran.stderr)
    assert ran.stdout == ""
    assert files_below(out) == []
    assert not list(tmp_path.rglob("pwned"))


def test_a_misspelled_name_gets_a_suggestion_and_a_caret(cli: Cli, tmp_path: Path) -> None:
    file = write(tmp_path / "own", HOSTILE["unknown_value_set"])
    ran = cli("check", file)
    assert "did you mean `well_care_visit`?" in ran.stderr
    assert "well_care_vist" in ran.stderr
    assert "^" in ran.stderr
    assert f"{file}:11:" in ran.stderr


def test_all_findings_of_a_file_come_at_once(cli: Cli, tmp_path: Path) -> None:
    text = GOOD.replace("well_care_visit", "well_care_vist").replace("count: visit", "count: vist")
    file = write(tmp_path / "own", text)
    ran = cli("check", file, "--diagnostics", "concise")
    assert ran.code == 2
    assert "well_care_vist" in ran.stderr
    assert "`vist`" in ran.stderr


def test_diagnostics_as_json_are_json(cli: Cli, tmp_path: Path) -> None:
    import json

    file = write(tmp_path / "own", HOSTILE["unknown_key"])
    ran = cli("check", file, "--diagnostics", "json")
    found = json.loads(ran.stderr)
    assert found
    assert re.fullmatch(r"VBM\d{3}", (found if isinstance(found, list) else found["diagnostics"])[0]["code"])


def test_github_annotations_name_the_file(cli: Cli, tmp_path: Path) -> None:
    file = write(tmp_path / "own", HOSTILE["unknown_key"])
    ran = cli("check", file, env={"VBPMEASURE_DIAGNOSTICS": "github"})
    assert ran.stderr.startswith("::error file=")


def test_duplicate_measure_ids(cli: Cli, tmp_path: Path, small_data: DataFolder) -> None:
    write(tmp_path / "own", GOOD, "mine")
    write(tmp_path / "other", GOOD, "mine")
    ran = cli(
        "run", "mine", "--measures", tmp_path / "own", "--measures", tmp_path / "other",
        "--data", small_data.path, "--year", "2025",
    )  # fmt: skip
    assert ran.code == 2
    assert re.search(r"VBM2\d\d", ran.stderr)
    assert "mine" in ran.stderr


def test_a_measure_of_ones_own_may_not_shadow_a_shipped_one(cli: Cli, tmp_path: Path, small_data: DataFolder) -> None:
    write(tmp_path / "own", GOOD.replace("id: mine\n", "id: wcv\n"), "wcv")
    ran = cli("run", "wcv", "--measures", tmp_path / "own", "--data", small_data.path, "--year", "2025")
    assert ran.code == 2
    assert re.search(r"VBM2\d\d", ran.stderr)


def test_unknown_measure(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = cli("run", "wvc", "--data", small_data.path, "--year", "2025", "--out", out)
    assert ran.code == 2
    assert re.search(r"VBM\d{3}", ran.stderr)
    assert "did you mean `wcv`?" in ran.stderr
    assert ran.stdout == ""
    assert files_below(out) == []


def test_unknown_tag(cli: Cli, small_data: DataFolder) -> None:
    ran = cli("run", "--select", "tag:nonsense", "--data", small_data.path, "--year", "2025")
    assert ran.code == 2
    assert re.search(r"VBM\d{3}", ran.stderr)


def test_a_file_that_does_not_exist(cli: Cli, tmp_path: Path) -> None:
    ran = cli("check", tmp_path / "nowhere.yaml")
    assert ran.code == 2
    assert re.search(r"VBM\d{3}", ran.stderr)


def test_a_missing_measures_folder(cli: Cli, tmp_path: Path) -> None:
    ran = cli("list", "--measures", tmp_path / "nowhere")
    assert ran.code == 2
    assert re.search(r"VBM\d{3}", ran.stderr)
