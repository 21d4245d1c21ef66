"""Drift against a baseline, and what the profile may say."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from unit.validation.conftest import judged, sound, write
from unit.validation.test_checks import more, put
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.validation.cells import shown
from vbpmeasure.validation.drift import stability
from vbpmeasure.validation.formats.json import read_baseline, report_json


def baseline(tmp_path: Path, rows=None) -> dict:
    file = tmp_path / "baseline.json"
    file.write_text(report_json(judged(write(tmp_path / "before", rows or sound()))))
    return read_baseline(file)


def drifted(tmp_path: Path, rows, before) -> dict[tuple[str, str, str | None], str]:
    report = judged(write(tmp_path / "now", rows), baseline=before)
    return {(r.name, r.table, r.column): r.status for r in report.results if r.name.startswith("drift_")}


def test_the_same_data_does_not_drift(tmp_path: Path) -> None:
    told = drifted(tmp_path, sound(), baseline(tmp_path))
    assert set(told.values()) == {"pass"}
    assert {name for name, _, _ in told} == {"drift_tables", "drift_months", "drift_nulls", "drift_codes"}


def test_each_kind_of_drift_is_found(tmp_path: Path) -> None:
    before, rows = baseline(tmp_path), sound()
    del rows["immunization"]
    claims = rows["medical_claim"]
    keep = [i for i, day in enumerate(claims["claim_start_date"]) if day.month not in (2, 3) or i % 2]
    rows["medical_claim"] = {c: [v[i] for i in keep] for c, v in claims.items()}
    put(rows, "medical_claim", "claim_status", dict.fromkeys(range(200)))
    put(rows, "medical_claim", "hcpcs_code", dict.fromkeys(range(150), "99395"))
    told = drifted(tmp_path, rows, before)
    assert told["drift_tables", "immunization", None] == "fail"
    assert told["drift_tables", "medical_claim", None] == "warn"  # a twelfth of the rows is gone
    assert told["drift_months", "medical_claim", None] == "fail"  # two months of nine
    assert told["drift_nulls", "medical_claim", "claim_status"] == "fail"
    assert told["drift_codes", "medical_claim", "hcpcs_code"] == "fail"
    assert told["drift_codes", "medical_claim", "diagnosis_code"] == "pass"


def test_the_stability_index_is_the_textbook_one() -> None:
    index, moved = stability({"a": 0.5, "b": 0.5}, {"a": 0.6, "b": 0.4})
    assert index == pytest.approx(0.1 * math.log(1.2) - 0.1 * math.log(0.8), abs=1e-6)
    assert set(moved) == {"a", "b"}
    assert stability({"a": 1.0}, {"a": 1.0})[0] == 0.0


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 100, "b": 0}, {"a": 100, "b": 0}),
        ({"a": 100, "b": 10, "c": 50}, {"a": 100, "b": None, "c": None}),
        ({"a": 100, "b": 10, "c": 10}, {"a": 100, "b": None, "c": None}),
        ({"a": 11, "b": 11}, {"a": 11, "b": 11}),
        ({"a": 3}, {"a": None}),
    ],
)
def test_no_count_from_1_to_10_can_be_read_or_worked_out(counts, expected) -> None:
    assert shown(counts) == expected


def test_neither_rare_codes_nor_ids_are_in_the_profile(tmp_path: Path) -> None:
    rows = sound()
    more(rows)
    put(rows, "medical_claim", "hcpcs_code", dict.fromkeys(range(10), "99283"))
    put(rows, "medical_claim", "hcpcs_code", dict.fromkeys(range(20, 60), "MEMBER-4711"))
    codes = baseline(tmp_path, rows)["medical_claim"]["codes"]["hcpcs_code"]
    assert "99213" in codes
    assert "99283" not in codes
    assert "MEMBER-4711" not in codes
    assert "MEMBER" not in json.dumps(codes)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"kind": "other"}', '{"kind": "vbpmeasure-validation", "schema_version": "0", "profile": {}}',
     '{"kind": "vbpmeasure-validation", "schema_version": "1", "profile": {"medical_claim": {"rows": "many"}}}',
     '{"kind": "vbpmeasure-validation", "schema_version": "1", "profile": {"a": {"rows": 1, "months": {"x": "y"}}}}'],
)  # fmt: skip
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "b.json"
    file.write_text(text)
    with pytest.raises(Failure) as caught:
        read_baseline(file)
    assert caught.value.diagnostics[0].code == "VBM433"
