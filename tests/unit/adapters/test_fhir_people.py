from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from support.fhir import US_CORE, concept, convert, coverage, event, patient, ref


def extension(name: str, *parts: tuple[str, str]) -> dict[str, Any]:
    inner = [
        {"url": kind, **({"valueString": value} if kind == "text" else {"valueCoding": {"code": value}})}
        for kind, value in parts
    ]
    return {"url": f"{US_CORE}us-core-{name}", "extension": inner}


def test_a_person_with_a_span(tmp_path: Path) -> None:
    person = patient(
        extension=[
            extension(
                "race", ("ombCategory", "2106-3"), ("ombCategory", "2028-9"), ("detailed", "2039-6"), ("text", "x")
            ),
            extension("ethnicity", ("ombCategory", "ASKU"), ("text", "declined")),
        ],
        communication=[
            {"language": concept(("urn:ietf:bcp:47", "en-US"))},
            {"language": concept(("urn:ietf:bcp:47", "es")), "preferred": True},
        ],
        deceasedDateTime="2024-11-30T23:59:00-05:00",
        address=[{"state": "New York", "postalCode": "10001"}],
    )
    cover = coverage(
        subscriberId="S1",
        **{
            "class": [
                {"type": concept(("", "group")), "value": "G"},
                {"type": concept(("", "plan")), "value": "7", "name": "Kids"},
            ]
        },
        identifier=[{"type": concept(("", "MB")), "value": "M1"}],
    )
    assert convert(tmp_path, person, cover).row("eligibility") == {
        "person_id": "p1",
        "birth_date": dt.date(2018, 5, 15),
        "enrollment_start_date": dt.date(2024, 1, 1),
        "enrollment_end_date": dt.date(2024, 12, 31),
        "death_date": dt.date(2024, 11, 30),
        "gender": "female",
        "payer": "State Medicaid",
        "payer_type": "medicaid",
        "plan": "Kids",
        "subscriber_id": "S1",
        "member_id": "M1",
        "race": "2106-3;2028-9;2039-6",
        "ethnicity": "ASKU",
        "language": "es",
        "race_source": "direct",
        "ethnicity_source": "direct",
        "language_source": "direct",
        "zip_code": "10001",
        "state": "NY",
        "data_source": "fhir",
    }


@pytest.mark.parametrize(
    ("gender", "sex", "wanted"),
    [("male", "F", "male"), (None, "F", "female"), ("unknown", "M", "male"), ("other", "M", "other")],
)
def test_birth_sex_stands_in_for_an_unknown_gender(tmp_path: Path, gender: str | None, sex: str, wanted: str) -> None:
    person = patient(gender=gender, extension=[{"url": f"{US_CORE}us-core-birthsex", "valueCode": sex}])
    assert convert(tmp_path, person, coverage()).row("eligibility")["gender"] == wanted


def test_race_in_words_when_there_is_no_code(tmp_path: Path) -> None:
    person = patient(extension=[extension("race", ("text", "Unknown"))])
    assert convert(tmp_path, person, coverage()).row("eligibility")["race"] == "Unknown"


def test_an_open_span_runs_to_the_end_of_the_last_month_with_a_service(tmp_path: Path) -> None:
    visit = event("Encounter", status="finished", period={"start": "2024-02-10T23:30:00-05:00"})
    done = convert(tmp_path, patient(), coverage(end=None), visit)
    assert done.row("eligibility")["enrollment_end_date"] == dt.date(2024, 2, 29)
    assert done.row("encounter")["encounter_start_date"] == dt.date(2024, 2, 10)


def test_an_open_span_runs_to_the_day_that_is_named(tmp_path: Path) -> None:
    done = convert(tmp_path, patient(), coverage(end=None), open_end=dt.date(2024, 6, 30))
    assert done.row("eligibility")["enrollment_end_date"] == dt.date(2024, 6, 30)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"period": {"start": "2024-03-02", "end": "2024-03-01"}}, "ends_before_start"),
        ({"status": "cancelled", "period": {"start": "2024-03-02"}}, "cancelled_open"),
        ({"status": "entered-in-error"}, "void_coverage"),
        ({"status": "draft"}, "void_coverage"),
        ({"period": {"end": "2024-03-01"}}, "no_start"),
        ({"beneficiary": {"display": "somebody"}}, "no_subject"),
        ({"beneficiary": ref("Patient/other")}, "unknown_beneficiary"),
        ({"payor": [{"display": "NO_INSURANCE"}]}, "self_pay"),
        ({"type": concept(("http://terminology.hl7.org/CodeSystem/coverage-selfpay", "pay"))}, "self_pay"),
        ({"type": concept(("https://nahdo.org/sopt", "81"))}, "self_pay"),
    ],
)
def test_a_coverage_that_is_no_span_is_counted(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    done = convert(tmp_path, patient(), coverage(), {**coverage("c2"), **change})
    assert [row["member_id"] for row in done.rows("eligibility")] == ["c1"]
    assert done.counts() == {reason: 1}


def test_a_coverage_of_one_day_is_a_span(tmp_path: Path) -> None:
    done = convert(tmp_path, patient(), coverage(start="2024-03-01", end="2024-03-01"))
    assert done.row("eligibility")["enrollment_end_date"] == dt.date(2024, 3, 1)


def test_a_cancelled_coverage_with_an_end_is_a_span(tmp_path: Path) -> None:
    assert len(convert(tmp_path, patient(), coverage(status="cancelled")).rows("eligibility")) == 1


@pytest.mark.parametrize(
    ("system", "code", "payer", "wanted"),
    [
        ("https://nahdo.org/sopt", "2111", "Plan X", "medicaid"),
        ("https://nahdo.org/sopt", "512", "Plan X", "commercial"),
        ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "HIP", "Plan X", "commercial"),
        ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "PUBLICPOL", "Plan X", None),
        ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "PUBLICPOL", "Medicare", "medicare"),
    ],
)
def test_the_kind_of_payer(tmp_path: Path, system: str, code: str, payer: str, wanted: str | None) -> None:
    cover = coverage(type=concept((system, code)), payor=[{"display": payer}])
    row = convert(tmp_path, patient(), cover).row("eligibility")
    assert (row["payer"], row.get("payer_type")) == (payer, wanted)


def test_a_patient_who_cannot_be_placed_in_time_is_told(tmp_path: Path) -> None:
    done = convert(tmp_path, patient(birthDate="2018-05"), coverage())
    assert done.rows("eligibility") == []
    assert done.counts() == {"no_birth_date": 1, "no_spans": 1}


def test_a_death_without_a_day_is_told(tmp_path: Path) -> None:
    done = convert(tmp_path, patient(deceasedBoolean=True), coverage())
    assert "death_date" not in done.row("eligibility")
    assert done.counts() == {"death_without_date": 1}


def test_the_payer_of_a_bulk_export_is_the_name_of_its_organization(tmp_path: Path) -> None:
    organization = {"resourceType": "Organization", "id": "o1", "name": "Plan of the Organization"}
    done = convert(tmp_path, coverage(payor=[ref("Organization/o1")]), patient(), organization)
    assert done.row("eligibility")["payer"] == "Plan of the Organization"
