from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from support.fhir import CVX, ICD, LOINC, RXNORM, SNOMED, concept, convert, event, patient, ref

NDC = "http://hl7.org/fhir/sid/ndc"


def test_every_coding_is_a_row_with_the_id_shared(tmp_path: Path) -> None:
    shot = event(
        "Immunization", status="completed", occurrenceDateTime="2019-05-15T00:30:00+14:00",
        vaccineCode=concept((CVX, "08"), (NDC, "00006409302"), (CVX, "08")), encounter=ref("Encounter/v1"),
    )  # fmt: skip
    rows = convert(tmp_path, patient(), shot).rows("immunization")
    assert [(r["source_code_type"], r["source_code"]) for r in rows] == [("cvx", "08"), ("ndc", "00006409302")]
    assert {(r["immunization_id"], r["person_id"], r["encounter_id"], r["status"]) for r in rows} == {
        ("e1", "p1", "v1", "completed")
    }
    assert {r["occurrence_date"] for r in rows} == {dt.date(2019, 5, 15)}


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"status": "not-done"}, "not-done"),
        ({"status": "entered-in-error"}, "entered-in-error"),
    ],
)
def test_void_statuses_are_carried(tmp_path: Path, more: dict[str, Any], wanted: str) -> None:
    shot = event("Immunization", occurrenceDateTime="2019-05-15", vaccineCode=concept((CVX, "08")), **more)
    assert convert(tmp_path, patient(), shot).row("immunization")["status"] == wanted


@pytest.mark.parametrize(
    ("clinical", "verification", "wanted"),
    [
        ("active", "confirmed", "active"),
        ("resolved", None, "resolved"),
        ("active", "refuted", "refuted"),
        ("active", "entered-in-error", "entered-in-error"),
        (None, "provisional", "provisional"),
    ],
)
def test_the_status_of_a_condition(tmp_path: Path, clinical: str | None, verification: str | None, wanted: str) -> None:
    found = event(
        "Condition", code=concept((ICD, "J45.40"), (SNOMED, "195967001")), onsetDateTime="2023-02-03",
        abatementDateTime="2023-03-04", recordedDate="2023-02-10",
        clinicalStatus=concept(("", clinical)) if clinical else None,
        verificationStatus=concept(("", verification)) if verification else None,
        category=[concept(("", "problem-list-item"))],
    )  # fmt: skip
    rows = convert(tmp_path, patient(), found).rows("condition")
    assert [(r["source_code_type"], r["source_code"]) for r in rows] == [
        ("icd-10-cm", "J45.40"),
        ("snomed-ct", "195967001"),
    ]
    assert {r["status"] for r in rows} == {wanted}
    first = rows[0]
    assert (first["onset_date"], first["recorded_date"], first["resolved_date"], first["condition_type"]) == (
        dt.date(2023, 2, 3), dt.date(2023, 2, 10), dt.date(2023, 3, 4), "problem-list-item",
    )  # fmt: skip


def test_blood_pressure_has_a_row_for_the_panel_and_one_for_each_part(tmp_path: Path) -> None:
    def part(code: str, value: int) -> dict[str, Any]:
        return {"code": concept((LOINC, code)), "valueQuantity": {"value": value, "unit": "mmHg", "code": "mm[Hg]"}}

    pressure = event(
        "Observation", status="final", effectiveDateTime="2024-01-02T08:00:00Z", code=concept((LOINC, "85354-9")),
        component=[part("8480-6", 101), part("8462-4", 64)],
    )  # fmt: skip
    rows = convert(tmp_path, patient(), pressure).rows("observation")
    assert [(r["observation_id"], r["source_code"], r["result"], r["source_units"]) for r in rows] == [
        ("e1", "85354-9", None, None),
        ("e1", "8480-6", "101", "mm[Hg]"),
        ("e1", "8462-4", "64", "mm[Hg]"),
    ]


@pytest.mark.parametrize(
    ("value", "result", "units"),
    [
        ({"valueQuantity": {"value": 3.5, "unit": "ug/dL"}}, "3.5", "ug/dL"),
        ({"valueQuantity": {"value": 2, "comparator": "<", "code": "ug/dL"}}, "<2", "ug/dL"),
        ({"valueString": "negative"}, "negative", None),
        ({"valueInteger": 4}, "4", None),
        ({"valueBoolean": False}, "false", None),
        ({"valueCodeableConcept": concept((SNOMED, "260385009"))}, "260385009", None),
        ({"valueCodeableConcept": {"text": "Negative"}}, "Negative", None),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1:128", None),
        ({"valueRange": {"low": {"value": 2}, "high": {"value": 4}}}, "2-4", None),
        ({"dataAbsentReason": concept(("", "unknown"))}, None, None),
        ({"valueQuantity": "3"}, None, None),
    ],
)
def test_results(tmp_path: Path, value: dict[str, Any], result: str | None, units: str | None) -> None:
    seen = event("Observation", effectiveDateTime="2024-01-02", code=concept((LOINC, "5671-3")), **value)
    row = convert(tmp_path, patient(), seen).row("observation")
    assert (row.get("result"), row.get("source_units")) == (result, units)


def test_an_encounter_has_its_class_and_main_practitioner(tmp_path: Path) -> None:
    visit = event(
        "Encounter", status="finished", type=[concept((SNOMED, "410620009")), concept((SNOMED, "185349003"))],
        period={"start": "2024-01-31T23:00:00-05:00", "end": "2024-02-01T01:00:00-05:00"},
        participant=[
            {"type": [concept(("", "SPRF"))], "individual": ref("Practitioner/second")},
            {"type": [concept(("", "ATND"))], "individual": ref("Practitioner/first")},
        ],
        **{"class": {"code": "AMB"}},
    )  # fmt: skip
    rows = convert(tmp_path, patient(), visit).rows("encounter")
    assert [r["source_code"] for r in rows] == ["410620009", "185349003"]
    row = rows[0]
    assert (row["encounter_id"], row["encounter_class"], row["attending_provider_id"]) == ("e1", "AMB", "first")
    assert (row["encounter_start_date"], row["encounter_end_date"]) == (dt.date(2024, 1, 31), dt.date(2024, 2, 1))


def test_a_procedure_over_several_days(tmp_path: Path) -> None:
    done = event(
        "Procedure", status="completed", code=concept(("https://www.ada.org/x", "D1206")),
        performedPeriod={"start": "2024-01-31", "end": "2024-02-02"}, performer=[{"actor": ref("Practitioner/d1")}],
    )  # fmt: skip
    practitioner = {"resourceType": "Practitioner", "id": "d1"}
    row = convert(tmp_path, patient(), done, practitioner).row("procedure")
    assert (row["procedure_date"], row["procedure_end_date"]) == (dt.date(2024, 1, 31), dt.date(2024, 2, 2))
    assert (row["source_code_type"], row["practitioner_id"]) == ("https://www.ada.org/x", "d1")


def test_prescribed_and_dispensed(tmp_path: Path) -> None:
    prescribed = event(
        "MedicationRequest", "m1", status="active", authoredOn="2024-01-05", medicationReference=ref("Medication/drug"),
        dispenseRequest={"expectedSupplyDuration": {"value": 2, "code": "wk"}, "quantity": {"value": 28}},
    )  # fmt: skip
    drug = {"resourceType": "Medication", "id": "drug", "code": concept((RXNORM, "308192"))}
    handed = event(
        "MedicationDispense", "m2", status="completed", whenHandedOver="2024-01-06",
        medicationCodeableConcept=concept((NDC, "00093415573")), daysSupply={"value": 14},
    )  # fmt: skip
    rows = convert(tmp_path, prescribed, patient(), handed, drug).rows("medication")
    assert [(r["medication_id"], r["prescribing_date"], r["dispensing_date"]) for r in rows] == [
        ("m1", dt.date(2024, 1, 5), None),
        ("m2", None, dt.date(2024, 1, 6)),
    ]
    assert [(r["rxnorm_code"], r["ndc_code"], r["days_supply"]) for r in rows] == [
        ("308192", None, 14.0),
        (None, "00093415573", 14.0),
    ]


@pytest.mark.parametrize(("more", "wanted"), [({}, "active"), ({"doNotPerform": True}, "not-done")])
def test_an_order(tmp_path: Path, more: dict[str, Any], wanted: str) -> None:
    order = event("ServiceRequest", status="active", authoredOn="2024-01-05", code=concept((LOINC, "5671-3")), **more)
    row = convert(tmp_path, patient(), order).row("service_request")
    assert (row["status"], row["authored_date"], row["source_code"]) == (wanted, dt.date(2024, 1, 5), "5671-3")


def test_a_code_without_a_system_takes_no_default(tmp_path: Path) -> None:
    found = event("Condition", onsetDateTime="2024-01-05", code={"coding": [{"code": "J45"}]})
    assert convert(tmp_path, patient(), found).row("condition")["source_code_type"] == "unspecified"


def test_a_record_without_a_code_or_a_whole_date_is_written_and_told(tmp_path: Path) -> None:
    found = event("Condition", onsetDateTime="2024-02-30", code={"text": "asthma"})
    done = convert(tmp_path, patient(), found)
    assert done.row("condition") == {"person_id": "p1", "condition_id": "e1", "data_source": "fhir"}
    assert done.counts() == {"bad_date": 1, "undated": 1, "no_code": 1, "no_coverage": 1, "no_spans": 1}


@pytest.mark.parametrize(
    "reference",
    [
        ref("Patient/p1"),
        ref("Patient/p1/_history/3"),
        ref("https://example.org/fhir/Patient/p1"),
        ref("urn:uuid:p1"),
        ref("Patient?identifier=http://h.example|77"),
        ref("Patient?identifier=http%3A%2F%2Fh.example%7C77"),
        {"identifier": {"system": "http://h.example", "value": "77"}},
    ],
    ids=["relative", "version", "absolute", "urn", "conditional", "escaped", "identifier"],
)
def test_references_to_a_patient(tmp_path: Path, reference: dict[str, Any]) -> None:
    person = patient(identifier=[{"system": "http://h.example", "value": "77"}])
    found = {**event("Condition", onsetDateTime="2024-01-05", code=concept((ICD, "J45.40"))), "subject": reference}
    done = convert(tmp_path, found, person)
    assert done.row("condition")["person_id"] == "p1"
    assert "unknown_patient" not in done.counts()


@pytest.mark.parametrize(
    ("subject", "reason", "rows"),
    [
        (None, "no_subject", 0),
        (ref("Group/p1"), "no_subject", 0),
        (ref("#p1"), "no_subject", 0),
        ([ref("Patient/p1")], "no_subject", 0),
        (ref("Patient?identifier=x|unknown"), "no_subject", 0),
        (ref("Patient/elsewhere"), "unknown_patient", 1),
    ],
)
def test_a_subject_that_is_not_there(tmp_path: Path, subject: Any, reason: str, rows: int) -> None:
    found = {**event("Condition", onsetDateTime="2024-01-05", code=concept((ICD, "J45.40"))), "subject": subject}
    done = convert(tmp_path, patient(), found)
    assert len(done.rows("condition")) == rows
    assert done.counts()[reason] == 1
