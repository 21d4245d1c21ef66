"""Settings: what can be set, and what every mistake is told."""

from __future__ import annotations

import pytest

from vbpmeasure.diagnostics.model import Failure, Span
from vbpmeasure.validation.model import Severity, Thresholds
from vbpmeasure.validation.registry import INFOS, PAGES, named
from vbpmeasure.validation.settings import ValidationSettings

INFO = {info.name: info for info in INFOS}
NULLS = INFO["null_share"]


def test_thresholds_come_from_the_place_then_the_check_then_the_default() -> None:
    settings = ValidationSettings.from_mapping(
        {
            "fail_on": "warn",
            "checks": {
                "VBC505": {"warn": 0.07, "columns": {"medical_claim.hcpcs_code": {"fail": "off", "warn": 0.01}}},
                "key_duplicate": {"enabled": False, "severity": "info"},
                "month_missing": {"limit": 0.8},
            },
        },
        INFOS,
    )
    assert settings.fail_on == "warn"
    assert settings.thresholds(NULLS, "medical_claim", "hcpcs_code") == Thresholds(0.01, None)
    assert settings.thresholds(NULLS, "medical_claim", "diagnosis_code_1") == Thresholds(0.07, 0.9)
    assert settings.thresholds(NULLS, "lab_result", "result") == Thresholds(0.07, None)
    assert not settings.enabled(INFO["key_duplicate"])
    assert settings.severity(INFO["key_duplicate"]) is Severity.INFO
    assert settings.limit(INFO["month_missing"]) == 0.8
    assert settings.limit(INFO["service_after_death"]) == 30


WRONG = {
    "key": ({"fail-on": "warn"}, "VBM430", "validate.fail-on", "fail_on"),
    "check": ({"checks": {"key_dublicate": {}}}, "VBM430", "validate.checks.key_dublicate", "key_duplicate"),
    "step": ({"checks": {"VBC202": {"wran": 0.1}}}, "VBM430", "validate.checks.VBC202.wran", "warn"),
    "percent": ({"checks": {"VBC202": {"warn": 5}}}, "VBM431", "validate.checks.VBC202.warn", "0 to 1"),
    "severity": ({"checks": {"VBC202": {"severity": "bad"}}}, "VBM431", "checks.VBC202.severity", "warning"),
    "place": ({"checks": {"VBC505": {"columns": {"x.y": {"min": 1}}}}}, "VBM430", "VBC505.columns.x.y.min", ""),
    "no_table": ({"checks": {"VBC202": 3}}, "VBM431", "validate.checks.VBC202", "table"),
    "rows": ({"sample_rows": 0}, "VBM431", "validate.sample_rows", "10000"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_names_its_key_path(name: str) -> None:
    mapping, code, path, hint = WRONG[name]
    with pytest.raises(Failure) as caught:
        ValidationSettings.from_mapping(mapping, INFOS)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert path in str(found.where)
    assert hint in str(found.hint)


def test_a_mistake_has_its_line_when_the_places_are_known() -> None:
    span = Span("vbpmeasure.toml", 3, 8, 3, 9)
    with pytest.raises(Failure) as caught:
        ValidationSettings.from_mapping(
            {"checks": {"VBC202": {"warn": 5}}}, INFOS, {("checks", "VBC202", "warn"): span}
        )
    assert [d.span for d in caught.value.diagnostics] == [span]


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(Failure) as caught:
        ValidationSettings.from_mapping({"x": 1, "checks": {"VBC202": {"warn": 7, "fail": 9}, "no": {}}}, INFOS)
    assert len(caught.value.diagnostics) == 4


def test_checks_are_named_by_id_and_by_name() -> None:
    assert named(["vbc202", "Key_Null"], "--select") == {"VBC202", "VBC201"}
    with pytest.raises(Failure) as caught:
        named(["key_nul", "VBC202"], "--ignore")
    assert caught.value.diagnostics[0].code == "VBM432"
    assert "key_null" in str(caught.value.diagnostics[0].hint)


def test_every_check_has_an_id_a_name_and_a_page() -> None:
    assert len({i.id for i in INFOS}) == len({i.name for i in INFOS}) == len(INFOS)
    for info in INFOS:
        page = PAGES[info.id]
        assert page.title.startswith(info.name)
        assert page.explanation.endswith(".")
        assert page.mend.endswith(".")
        assert (info.limit is None) == (info.limit_means == "")
