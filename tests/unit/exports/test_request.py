"""Options of `export` that do not go together are refused before anything is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.exports.export import ExportRequest, Target

OUT = Path("out")


@pytest.mark.parametrize(
    ("target", "more"),
    [
        (Target.LONG_CSV, {"person_level": True, "out": OUT}),
        (Target.FHIR, {"person_level": True}),
        (Target.FHIR, {"patient_references": True}),
        (Target.LONG_PARQUET, {}),
        (Target.FHIR, {"core_set": Path("x.yaml")}),
    ],
)
def test_refused(target: Target, more: dict[str, Any]) -> None:
    with pytest.raises(Failure) as caught:
        ExportRequest(Path("run"), target, **more)
    assert ([d.code for d in caught.value.diagnostics], caught.value.exit_code) == (["VBM496"], 2)


@pytest.mark.parametrize(
    ("target", "more"),
    [
        (Target.FHIR, {"person_level": True, "patient_references": True, "out": OUT}),
        (Target.LONG_PARQUET, {"out": OUT}),
        (Target.CORE_SET_JSON, {"core_set": Path("x.yaml")}),
    ],
)
def test_taken(target: Target, more: dict[str, Any]) -> None:
    assert ExportRequest(Path("run"), target, **more).target is target
