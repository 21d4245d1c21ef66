from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from support.fhir import CPT, ICD, NPI, NUCC, SNOMED, concept, convert, event, patient, ref

POS = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
REVENUE = "https://www.nubc.org/CodeSystem/RevenueCodes"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
PEDIATRICS, CLINIC = "208000000X", "261QF0400X"
DOCTOR = {"resourceType": "Practitioner", "id": "d1", "identifier": [{"system": NPI, "value": "1234567893"}]}
ROLE = {
    "resourceType": "PractitionerRole",
    "id": "r1",
    "practitioner": ref("Practitioner/d1"),
    "specialty": [concept((NUCC, PEDIATRICS))],
}
SITE = {
    "resourceType": "Organization", "id": "s1", "name": "Clinic",
    "identifier": [{"system": NPI, "value": "1679576722"}],
    "type": [concept((NUCC, CLINIC))],
}  # fmt: skip


def answer(id_: str = "x1", **more: Any) -> dict[str, Any]:
    return event(
        "ExplanationOfBenefit", id_,
        **{
            "status": "active", "use": "claim", "outcome": "complete", "created": "2024-04-01",
            "type": concept(("http://terminology.hl7.org/CodeSystem/claim-type", "professional")),
            "item": [{"sequence": 1, "productOrService": concept((CPT, "99393"))}], **more,
        },
    )  # fmt: skip


def test_a_claim_line_in_full(tmp_path: Path) -> None:
    claim = answer(
        billablePeriod={"start": "2024-03-01", "end": "2024-03-02"},
        provider=ref("Organization/s1"),
        insurer={"display": "State Medicaid"},
        payment={"date": "2024-05-05"},
        careTeam=[
            {"sequence": 1, "role": concept(("", "referring")), "provider": ref("Practitioner/d9")},
            {"sequence": 2, "role": concept(("", "rendering")), "provider": ref("PractitionerRole/r1")},
        ],
        diagnosis=[
            {"sequence": 2, "diagnosisCodeableConcept": concept((ICD, "Z23"))},
            {"sequence": 3, "diagnosisCodeableConcept": concept((ICD, "J45.40")), "type": [concept(("", "principal"))]},
            {"sequence": 1, "diagnosisCodeableConcept": concept((ICD, "Z00.129"), (SNOMED, "268565007"))},
        ],
        procedure=[{"sequence": 1, "procedureCodeableConcept": concept((PCS, "3E0234Z")), "date": "2024-03-01"}],
        supportingInfo=[
            {"category": concept(("", "typeofbill")), "code": concept(("", "0131"))},
            {"category": concept(("", "discharge-status")), "code": concept(("", "01"))},
            {
                "category": concept(("", "admissionperiod")),
                "timingPeriod": {"start": "2024-03-01", "end": "2024-03-02"},
            },
        ],
        item=[
            {
                "sequence": 7,
                "careTeamSequence": [2],
                "servicedDate": "2024-03-02",
                "productOrService": concept((CPT, "99393")),
                "modifier": [concept(("", "25")), concept(("", "EP"))],
                "revenue": concept((REVENUE, "0510")),
                "locationCodeableConcept": concept((POS, "11")),
                "adjudication": [
                    {"category": concept(("", "submitted")), "amount": {"value": 125}},
                    {"category": concept(("", "benefit")), "amount": {"value": 87.5}},
                ],
            }
        ],
    )
    row = convert(tmp_path, claim, patient(), DOCTOR, ROLE, SITE).row("medical_claim")
    assert row == {
        "claim_id": "x1", "person_id": "p1", "claim_line_number": 7, "claim_type": "professional",
        "claim_start_date": dt.date(2024, 3, 1), "claim_end_date": dt.date(2024, 3, 2),
        "claim_line_start_date": dt.date(2024, 3, 2),
        "admission_date": dt.date(2024, 3, 1), "discharge_date": dt.date(2024, 3, 2), "paid_date": dt.date(2024, 5, 5),
        "payer": "State Medicaid", "place_of_service_code": "11", "bill_type_code": "0131",
        "revenue_center_code": "0510", "hcpcs_code": "99393", "hcpcs_modifier_1": "25", "hcpcs_modifier_2": "EP",
        "discharge_disposition_code": "01", "diagnosis_code_type": "icd-10-cm", "diagnosis_code_1": "J45.40",
        "diagnosis_code_2": "Z00.129", "diagnosis_code_3": "Z23", "procedure_code_type": "icd-10-pcs",
        "procedure_code_1": "3E0234Z", "procedure_date_1": dt.date(2024, 3, 1), "rendering_npi": "1234567893",
        "billing_npi": "1679576722", "rendering_taxonomy": PEDIATRICS, "billing_taxonomy": CLINIC,
        "claim_status": "paid", "data_source": "fhir", "paid_amount": 87.5,
    }  # fmt: skip


def test_a_claim_and_its_answer_are_one_claim(tmp_path: Path) -> None:
    asked = event(
        "Claim", "k1", status="active", use="claim", created="2024-04-01",
        diagnosis=[{"sequence": 1, "diagnosisCodeableConcept": concept((ICD, "Z00.129"))}],
        item=[{"sequence": 1, "productOrService": concept((CPT, "99393")), "encounter": [ref("Encounter/v1")]}],
    )  # fmt: skip
    visit = event("Encounter", "v1", period={"start": "2024-03-30", "end": "2024-03-30"})
    done = convert(tmp_path, asked, answer(claim=ref("Claim/k1")), visit, patient())
    row = done.row("medical_claim")
    assert (row["claim_id"], row["claim_status"], row["diagnosis_code_1"]) == ("k1", "paid", "Z00.129")
    assert (row["claim_start_date"], row["claim_line_start_date"]) == (dt.date(2024, 3, 30), dt.date(2024, 3, 30))
    assert done.counts()["answered"] == 1


def test_a_claim_that_nothing_answers_is_pending(tmp_path: Path) -> None:
    asked = {**answer(), "resourceType": "Claim"}
    assert convert(tmp_path, asked, patient()).row("medical_claim")["claim_status"] == "pending"


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, "paid"),
        ({"status": "cancelled"}, "reversed"),
        ({"status": "entered-in-error"}, "reversed"),
        ({"outcome": "queued"}, "pending"),
        ({"outcome": "error"}, "denied"),
        ({"outcome": "partial"}, "paid"),
        ({"adjudication": [{"category": concept(("", "denialreason"))}]}, "denied"),
    ],
)
def test_the_status_of_a_claim(tmp_path: Path, change: dict[str, Any], wanted: str) -> None:
    assert convert(tmp_path, answer(**change), patient()).row("medical_claim")["claim_status"] == wanted


def test_a_denied_line_of_a_paid_claim(tmp_path: Path) -> None:
    lines = [
        {"sequence": 1, "productOrService": concept((CPT, "99393"))},
        {
            "sequence": 2,
            "productOrService": concept((CPT, "96110")),
            "adjudication": [{"category": concept(("", "denialreason"))}],
        },
    ]
    rows = convert(tmp_path, answer(item=lines), patient()).rows("medical_claim")
    assert [(r["hcpcs_code"], r["claim_status"]) for r in rows] == [("99393", "paid"), ("96110", "denied")]


@pytest.mark.parametrize("change", [{"status": "draft"}, {"use": "preauthorization"}, {"use": "predetermination"}])
def test_what_is_no_claim_is_counted(tmp_path: Path, change: dict[str, Any]) -> None:
    done = convert(tmp_path, answer(**change), patient())
    assert done.rows("medical_claim") == []
    assert done.counts()["not_a_claim"] == 1


def test_an_estimate_does_not_hide_the_claim_that_it_names(tmp_path: Path) -> None:
    asked = {**answer("k1"), "resourceType": "Claim"}
    done = convert(tmp_path, asked, answer(use="predetermination", claim=ref("Claim/k1")), patient())
    assert done.row("medical_claim")["claim_id"] == "k1"


def test_two_codes_of_a_line_are_two_rows_of_the_line(tmp_path: Path) -> None:
    line = {"sequence": 1, "productOrService": concept((CPT, "99393"), ("https://hcpcs.codes", "S0302"))}
    rows = convert(tmp_path, answer(item=[line]), patient()).rows("medical_claim")
    assert [(r["claim_line_number"], r["hcpcs_code"]) for r in rows] == [(1, "99393"), (1, "S0302")]


def test_a_claim_without_lines_keeps_its_diagnoses(tmp_path: Path) -> None:
    claim = answer(item=[], diagnosis=[{"diagnosisReference": ref("Condition/j")}])
    asthma = event("Condition", "j", code=concept((ICD, "J45.40")))
    row = convert(tmp_path, claim, asthma, patient()).row("medical_claim")
    assert (row["diagnosis_code_1"], row["claim_start_date"]) == ("J45.40", dt.date(2024, 4, 1))


def test_a_conditional_reference_to_a_practitioner(tmp_path: Path) -> None:
    claim = answer(careTeam=[{"sequence": 1, "provider": ref(f"Practitioner?identifier={NPI}|1234567893")}])
    rows = convert(tmp_path, claim, patient(), DOCTOR, ROLE).rows("medical_claim")
    assert [(r["rendering_npi"], r["rendering_taxonomy"]) for r in rows] == [("1234567893", PEDIATRICS)]


def test_the_npi_of_a_reference_is_enough(tmp_path: Path) -> None:
    claim = answer(careTeam=[{"sequence": 1, "provider": {"identifier": {"system": NPI, "value": "1234567893"}}}])
    assert convert(tmp_path, claim, patient()).row("medical_claim")["rendering_npi"] == "1234567893"


def test_a_practitioner_of_two_specialties_has_two_rows_and_no_taxonomy_on_the_line(tmp_path: Path) -> None:
    doctor = {**DOCTOR, "qualification": [{"code": concept((NUCC, "207Q00000X"))}]}
    claim = answer(careTeam=[{"sequence": 1, "provider": ref("Practitioner/d1")}])
    done = convert(tmp_path, claim, patient(), doctor, ROLE)
    assert [r["taxonomy_code"] for r in done.rows("practitioner")] == ["207Q00000X", PEDIATRICS]
    assert done.row("medical_claim")["rendering_npi"] == "1234567893"
    assert "rendering_taxonomy" not in done.row("medical_claim")


def test_a_pharmacy_claim(tmp_path: Path) -> None:
    fill = answer(
        type=concept(("", "pharmacy")),
        supportingInfo=[{"category": concept(("", "dayssupply")), "valueQuantity": {"value": 30}}],
        item=[
            {
                "sequence": 1, "servicedDate": "2024-03-09", "quantity": {"value": 60},
                "productOrService": concept(("http://hl7.org/fhir/sid/ndc", "00093415573")),
                "adjudication": [{"category": concept(("", "paidtoprovider")), "amount": {"value": 4.5}}],
            }
        ],
    )  # fmt: skip
    done = convert(tmp_path, fill, patient())
    assert done.row("pharmacy_claim") == {
        "claim_id": "x1", "person_id": "p1", "dispensing_date": dt.date(2024, 3, 9), "ndc_code": "00093415573",
        "data_source": "fhir", "quantity": 60.0, "days_supply": 30.0, "paid_amount": 4.5,
    }  # fmt: skip
    assert done.rows("medical_claim") == []


# The visit is on the day before, and on, the 1st, 5th and 12th birthday; then at the last age that has a code.
@pytest.mark.parametrize(
    ("birth", "code", "diagnosis"),
    [
        ("2023-04-03", "99391", "Z00129"),
        ("2023-04-02", "99392", "Z00129"),
        ("2019-04-03", "99392", "Z00129"),
        ("2019-04-02", "99393", "Z00129"),
        ("2012-04-03", "99393", "Z00129"),
        ("2012-04-02", "99394", "Z00129"),
        ("2006-04-02", "99395", "Z0000"),
        ("1984-04-03", "99395", "Z0000"),
        ("1984-04-02", None, None),
    ],
)
def test_the_crosswalk_gives_the_code_of_the_age(
    tmp_path: Path, birth: str, code: str | None, diagnosis: str | None
) -> None:
    line = {"sequence": 1, "servicedDate": "2024-04-02", "productOrService": concept((SNOMED, "410620009"))}
    done = convert(tmp_path, answer(item=[line]), patient(birthDate=birth), crosswalk="synthea")
    row = done.row("medical_claim")
    assert (row.get("hcpcs_code"), row.get("diagnosis_code_1")) == (code, diagnosis)
    assert done.report.crosswalk is not None
    assert done.report.crosswalk["id"] == "synthea"
    named = "codes.well_child" if code else "codes.well_child (no code for the age)"
    assert done.report.crosswalk["used"] == {named: 1}


def test_the_crosswalk_leaves_source_and_mapped_code_on_a_record(tmp_path: Path) -> None:
    visit = event("Encounter", period={"start": "2024-04-02"}, type=[concept((SNOMED, "162673000"))])
    row = convert(tmp_path, visit, patient(), crosswalk="synthea").row("encounter")
    assert (row["source_code_type"], row["source_code"]) == ("snomed-ct", "162673000")
    assert (row["normalized_code_type"], row["normalized_code"]) == ("CPT", "99393")


def test_without_a_crosswalk_a_foreign_code_is_told(tmp_path: Path) -> None:
    line = {"sequence": 1, "productOrService": concept((SNOMED, "410620009"))}
    done = convert(tmp_path, answer(item=[line]), patient())
    assert "hcpcs_code" not in done.row("medical_claim")
    assert done.counts()["foreign_code"] == 1
