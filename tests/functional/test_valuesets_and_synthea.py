"""`valuesets` and `convert synthea` as commands: outputs, exit codes, and that runs use what they were given."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from support.commands import Cli
from support.synthea import write_export

DIRECTORY = """\
Value Set Name,Value Set OID,Value Set Version,Code,Definition,Code System
Well-Care,2.999.1004.1262,2025-03-31,99392,licensed words,CPT
Well-Care,2.999.1004.1262,2025-03-31,99393,licensed words,CPT
Well-Care Diagnosis,2.999.1004.9999,2025-03-31,Z00.129,licensed words,ICD10CM
"""


@pytest.fixture
def mine(tmp_path: Path, cli: Cli) -> Path:
    source = tmp_path / "directory.csv"
    source.write_text(DIRECTORY)
    ran = cli("valuesets", "import", source, "--into", tmp_path / "mine")
    assert ran.code == 0, ran.stderr
    assert "2 value sets" in ran.stdout
    return tmp_path / "mine"


def test_list_tells_what_stands_in_for_what(mine: Path, cli: Cli) -> None:
    (mine / "mapping.yaml").write_text("well_care_visit: Well-Care\n")
    ran = cli("valuesets", "list", "--value-sets", mine, "--format", "json")
    assert ran.code == 0
    found = {one["address"]: one for one in ran.json()}
    assert found["well_care@2025-03-31"]["origin"] == "user"
    assert found["well_care@2025-03-31"]["codes"] == {"CPT": 2}
    assert found["well_care_visit"]["overridden_by"] == "well_care@2025-03-31"
    assert found["lead_test"]["overridden_by"] is None
    table = cli("valuesets", "list", "--value-sets", mine).stdout.splitlines()
    assert table[0].split() == ["set", "codes", "source", "overridden", "by", "oid", "version", "confidence"]
    rows = list(csv.DictReader(io.StringIO(cli("valuesets", "list", "--value-sets", mine, "-f", "csv").stdout)))
    assert {row["set"]: row["version"] for row in rows}["well_care@2025-03-31"] == "2025-03-31"


def test_diff_shows_codes_and_the_rates_they_touch(mine: Path, cli: Cli) -> None:
    (mine / "mapping.yaml").write_text("well_care_visit: Well-Care\n")
    ran = cli("valuesets", "diff", "well_care_visit", "--value-sets", mine, "--format", "json")
    assert ran.code == 0
    (one,) = ran.json()
    assert one["added"] == {}
    assert "99381" in one["removed"]["CPT"]
    assert not {"99392", "99393"} & set(one["removed"]["CPT"])
    assert {"w30", "wcv", "kr_well_child"} <= set(one["touches"])
    assert not {"cis", "ima", "lsc", "fuh"} & set(one["touches"])
    assert one["touches"]["w30"] == ["w30_2", "w30_6"]
    assert cli("valuesets", "diff", "well_care_visit", "shipped:well_care_visit").stdout == "no difference\n"
    assert cli("valuesets", "diff", "well_care_vist").code == 2
    assert "VBM266" in cli("valuesets", "diff", "well_care_vist").stderr


def test_the_configuration_names_sets_and_what_they_stand_in_for(mine: Path, cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "vbpmeasure.toml"
    file.write_text('[run]\nvalue_set_folders = ["mine"]\n\n[value_sets]\nwell_care_visit = "Well-Care"\n')
    ran = cli("valuesets", "list", "--config", file, "--format", "json")
    assert ran.code == 0, ran.stderr
    assert {one["address"]: one for one in ran.json()}["well_care_visit"]["overridden_by"] == "well_care@2025-03-31"
    assert "2.999.1004.1262" in cli("show", "wcv", "--config", file, "--format", "json").stdout
    assert "2.999.1004.1262" not in cli("show", "wcv", "--config", "none", "--format", "json").stdout
    file.write_text('[run]\nvalue_set_folders = ["mine"]\n\n[value_sets]\nwell_care_vist = "Well-Care"\n')
    wrong = cli("check", "--config", file)
    assert wrong.code == 2
    assert "VBM263" in wrong.stderr


def test_diff_of_two_files(tmp_path: Path, cli: Cli) -> None:
    for name, codes in (("old", ("20", "106")), ("new", ("20", "107"))):
        (tmp_path / f"{name}.csv").write_text("name,code,system\n" + "".join(f"a,{c},CVX\n" for c in codes))
    ran = cli("valuesets", "diff", tmp_path / "old.csv", tmp_path / "new.csv", "--format", "csv")
    assert list(csv.reader(io.StringIO(ran.stdout)))[1:] == [
        ["a", "added", "CVX", "107", ""],
        ["a", "removed", "CVX", "106", ""],
    ]


def test_a_run_uses_and_names_the_sets_it_was_given(mine: Path, cli: Cli, tmp_path: Path) -> None:
    (mine / "mapping.yaml").write_text("well_care_visit: Well-Care\n")
    asked = ("run", "wcv", "--data", "sample", "--year", "2025")
    plain, replaced = tmp_path / "plain", tmp_path / "replaced"
    assert cli(*asked, "--out", plain).code == 0
    assert cli(*asked, "--out", replaced, "--value-sets", mine).code == 0

    def manifest_entry(folder: Path) -> dict[str, str]:
        sets = json.loads((folder / "manifest.json").read_text())["value_sets"]
        return next(one for one in sets if one["name"] == "well_care_visit")

    before, after = manifest_entry(plain), manifest_entry(replaced)
    assert (before["taken_from"], before["version"]) == ("", "")
    assert (after["taken_from"], after["version"]) == ("well_care@2025-03-31", "2025-03-31")
    assert after["oid"] == "2.999.1004.1262"
    assert before["digest"] != after["digest"]
    assert (plain / "results.csv").read_bytes() != (replaced / "results.csv").read_bytes()


def test_a_set_beside_own_measures_counts_without_an_option(mine: Path, cli: Cli, tmp_path: Path) -> None:
    root = tmp_path / "measures"
    root.mkdir()
    mine.rename(root / "value_sets")
    (root / "value_sets" / "mapping.yaml").write_text("well_care_visit: Well-Care\n")
    shown = cli("show", "wcv", "--measures", root, "--format", "json").json()
    assert {s["name"]: s["taken_from"] for s in shown["value_sets"]}["well_care_visit"] == "well_care@2025-03-31"
    assert cli("check", "--measures", root).code == 0


@pytest.mark.parametrize(
    "command", [("check",), ("run", "wcv", "--data", "sample", "--year", "2025"), ("explain", "wcv")]
)
def test_a_wrong_mapping_stops_every_command(mine: Path, cli: Cli, command: tuple[str, ...]) -> None:
    (mine / "mapping.yaml").write_text("well_care_vist: Well-Care\nlead_test: Nothing\n")
    ran = cli(*command, "--value-sets", mine)
    assert ran.code == 2
    assert "VBM263" in ran.stderr
    assert "did you mean `well_care_visit`" in ran.stderr
    assert "VBM264" in ran.stderr


def test_decks_run_with_the_sets_given(mine: Path, cli: Cli) -> None:
    (mine / "mapping.yaml").write_text("well_care_visit: Well-Care Diagnosis\n")
    # A set of diagnoses in the place of visit codes: the deck must see it.
    assert cli("test", "wcv").code == 0
    assert cli("test", "wcv", "--value-sets", mine).code != 0


def test_synthea_to_rates_in_two_commands(cli: Cli, tmp_path: Path) -> None:
    source = write_export(tmp_path / "csv")
    ran = cli("convert", "synthea", source, tmp_path / "data", "--crosswalk", "synthea")
    assert ran.code == 0, ran.stderr
    rates = cli("run", "wcv", "--data", tmp_path / "data", "--year", "2025", "--no-suppression", "-f", "json")
    assert rates.code == 0, rates.stderr
    # At the end of 2025 Ana is 5 with a well-care visit, Ben is 10 and has none; Cleo is not covered, Dan has died.
    (child,) = [row for row in rates.json()["results"] if row["rate"] == "wcv_3_11" and not row.get("dimension_value")][
        :1
    ]
    assert (child["denominator"], child["numerator"]) == (2, 1)


def test_strict_leaves_with_3_and_keeps_the_outcome(cli: Cli, tmp_path: Path) -> None:
    source = write_export(tmp_path / "csv")
    with (source / "immunizations.csv").open("a") as file:
        file.write('2025-01-01,"broken\n')
    plain = cli("convert", "synthea", source, tmp_path / "plain")
    strict = cli("convert", "synthea", source, tmp_path / "strict", "--strict")
    assert (plain.code, strict.code) == (0, 3)
    assert "warning[VBM383]" in plain.stderr
    assert "error[VBM383]" in strict.stderr
    assert "immunizations.csv:4" in strict.stderr
    assert (tmp_path / "strict" / "conversion_report.json").is_file()
    assert "Traceback" not in plain.stderr + strict.stderr
