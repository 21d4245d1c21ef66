"""Value-set files: what is read, what is refused, and which folder wins."""

import re

import pytest

from vbpmeasure.diagnostics import Severity
from vbpmeasure.terminology import value_set_files
from vbpmeasure.terminology.value_sets import load_value_sets

GOOD = """\
name: lead_test
title: Blood lead test
source: public tip sheets
licence: CPT (c) AMA
confidence: high
used_by: [lsc]
notes: >
  two
  lines
codes:
  CPT: [83655]
  ICD10CM: |
    Z00.129 B20
    Z77.011
"""


def library(tmp_path, text, name="lead_test"):
    (tmp_path / f"{name}.yaml").write_text(text)
    return load_value_sets([tmp_path])


def findings(tmp_path, old, new, name="lead_test"):
    assert old in GOOD
    return library(tmp_path, GOOD.replace(old, new), name).diagnostics


def test_a_set_is_read(tmp_path):
    found = library(tmp_path, GOOD)
    assert found.names() == ("lead_test",)
    assert "lead_test" in found
    assert found.diagnostics == ()
    lead = found.get("lead_test")
    assert lead.codes == {"CPT": ("83655",), "ICD10CM": ("B20", "Z00129", "Z77011")}
    assert (lead.size, lead.title, lead.notes, lead.used_by) == (4, "Blood lead test", "two lines", ("lsc",))
    assert (lead.source, lead.licence, lead.confidence) == ("public tip sheets", "CPT (c) AMA", "high")


def test_the_codeset_holds_codes_without_dots(tmp_path):
    codes = library(tmp_path, GOOD).get("lead_test").codeset()
    assert codes.name == "lead_test"
    assert codes.codes == {"CPT": frozenset({"83655"}), "ICD10CM": frozenset({"B20", "Z00129", "Z77011"})}
    assert re.fullmatch("[0-9a-f]{64}", codes.digest)


def test_the_digest_is_of_the_codes_alone(tmp_path):
    digest = library(tmp_path, GOOD).get("lead_test").digest
    relaid = GOOD.replace("Z00.129 B20\n    Z77.011", "B20\n    Z77011 Z00129").replace("title: B", "title: A b")
    assert library(tmp_path, relaid).get("lead_test").digest == digest
    assert library(tmp_path, GOOD.replace("83655", "83656")).get("lead_test").digest != digest
    assert library(tmp_path, GOOD.replace("CPT: [83655]", "HCPCS: [S3655]")).get("lead_test").digest != digest


def test_codes_keep_their_zeros(tmp_path):
    text = GOOD.replace("CPT: [83655]", "CVX: [08, 010]\n  UBREV: [0450]")
    assert library(tmp_path, text).get("lead_test").codes["CVX"] == ("010", "08")
    assert library(tmp_path, text).get("lead_test").codes["UBREV"] == ("0450",)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ("source: public tip sheets\n", "", "VBM281", 1, 1),
        ("licence: CPT (c) AMA\n", "", "VBM281", 1, 1),
        ("confidence: high\n", "", "VBM281", 1, 1),
        ("source: public tip sheets", "source:", "VBM281", 3, 1),
        ("licence: CPT", "license: CPT", "VBM282", 4, 1),
        ("confidence: high", "confidence: sure", "VBM283", 5, 13),
        ("source: public tip sheets", "source: [a]", "VBM283", 3, 9),
        ("used_by: [lsc]", "used_by: lsc", "VBM283", 6, 10),
        ("[83655]", "{a: b}", "VBM283", 11, 3),
        ("[83655]", "[[83655]]", "VBM283", 11, 9),
        ("[83655]", "[]", "VBM284", 11, 3),
        ("[83655]", "", "VBM284", 11, 3),
        ("CPT: [83655]", "CTP: [83655]", "VBM285", 11, 3),
        ("[83655]", "[83655, 8365]", "VBM286", 11, 16),
        ("Z77.011", "Z77.011 77.011", "VBM286", 14, 13),
        ("[83655]", "[83655, 83655]", "VBM287", 11, 16),
        ("Z77.011", "Z00129", "VBM287", 14, 5),
        ("name: lead_test", "name: lead", "VBM288", 1, 7),
    ],
)
def test_findings_have_a_place(tmp_path, old, new, code, line, column):
    found = [d for d in findings(tmp_path, old, new) if d.code == code]
    assert [(d.span.line, d.span.column) for d in found] == [(line, column)]
    assert found[0].source_line is not None
    assert (found[0].severity is Severity.WARNING) == (code == "VBM287")


def test_everything_is_found_at_once(tmp_path):
    text = "name: other\nsource: x\nlicense: y\nconfidence: sure\ncodes: {CTP: [1], CPT: [1, 99391, 99391]}\n"
    found = [d.code for d in library(tmp_path, text).diagnostics]
    assert sorted(found) == ["VBM281", "VBM282", "VBM283", "VBM285", "VBM286", "VBM287", "VBM288"]


@pytest.mark.parametrize("codes", ["codes:\n", "codes: {}\n", "codes: ''\n"])
def test_a_set_without_codes(tmp_path, codes):
    text = GOOD[: GOOD.index("codes:")] + codes
    assert [d.code for d in library(tmp_path, text).diagnostics] == ["VBM284"]


def test_sound_codes_of_a_broken_set_are_kept(tmp_path):
    found = library(tmp_path, GOOD.replace("[83655]", "[83655, 1]"))
    assert found.get("lead_test").codes["CPT"] == ("83655",)


def test_suggestions(tmp_path):
    hints = {d.code: d.hint for d in findings(tmp_path, "CPT: [83655]", "ICD10-CM: [B20]")}
    assert hints["VBM285"] == "did you mean `ICD10CM`?"
    hints = {d.code: d.hint for d in findings(tmp_path, "licence: CPT", "license: CPT")}
    assert hints["VBM282"] == "did you mean `licence`?"


@pytest.mark.parametrize("text", ["- a\n", "x\n"])
def test_a_file_that_is_no_mapping(tmp_path, text):
    found = library(tmp_path, text)
    assert found.get("lead_test") is None
    assert [d.code for d in found.diagnostics_of(["lead_test"])] == ["VBM283"]


def test_broken_yaml_is_a_finding_of_the_set(tmp_path):
    found = library(tmp_path, "name: [\n")
    assert "lead_test" in found
    assert found.get("lead_test") is None
    assert [d.code for d in found.diagnostics_of(["lead_test"])] == ["VBM107"]


def test_unknown_names(tmp_path):
    found = library(tmp_path, GOOD)
    assert found.get("nothing") is None
    assert "nothing" not in found
    assert found.diagnostics_of(["nothing"]) == ()


def test_a_bad_file_name(tmp_path):
    text = GOOD.replace("name: lead_test", "name: Lead-Test")
    assert [d.code for d in library(tmp_path, text, "Lead-Test").diagnostics] == ["VBM288"]


def test_later_folders_win_and_the_rest_stays(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
    (first / "lead_test.yaml").write_text(GOOD)
    (first / "other.yaml").write_text(GOOD.replace("name: lead_test", "name: other"))
    (second / "lead_test.yaml").write_text(GOOD.replace("83655", "83656"))
    (second / "README.md").write_text("not a set")
    found = load_value_sets([first, second])
    assert found.names() == ("lead_test", "other")
    assert found.get("lead_test").codes["CPT"] == ("83656",)
    assert found.get("other").codes["CPT"] == ("83655",)
    assert load_value_sets([second, first]).get("lead_test").codes["CPT"] == ("83655",)


def test_a_missing_folder_is_a_finding(tmp_path):
    found = load_value_sets([tmp_path / "nowhere"])
    assert found.names() == ()
    assert [(d.code, d.where) for d in found.diagnostics] == [("VBM280", str(tmp_path / "nowhere"))]


def test_only_what_is_asked_for_is_read(tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_text(GOOD.replace("name: lead_test", f"name: {name}"))
    read = []
    real = value_set_files.read_value_set
    monkeypatch.setattr(value_set_files, "read_value_set", lambda path: (read.append(path.stem), real(path))[1])
    found = load_value_sets([tmp_path])
    assert found.names() == ("a", "b", "c")
    assert read == []
    found.get("b")
    found.get("b")
    found.diagnostics_of(["b", "b"])
    assert read == ["b"]
    assert found.diagnostics == ()
    assert sorted(read) == ["a", "b", "c"]
