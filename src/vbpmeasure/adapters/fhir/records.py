"""Clinical resources to record tables: one row per coding, the id and the status shared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

from vbpmeasure.adapters.fhir import reasons
from vbpmeasure.adapters.fhir.codings import Coding, codings, first_code
from vbpmeasure.adapters.fhir.json_values import Json, day, items, mapping, number, text
from vbpmeasure.adapters.fhir.measured import result
from vbpmeasure.adapters.fhir.providers import named
from vbpmeasure.adapters.fhir.references import contained, target
from vbpmeasure.adapters.fhir.shared import Work
from vbpmeasure.adapters.fhir.source import Resource

Row = dict[str, Any]
_NOT_DONE = "not-done"
_VOID_VERIFICATIONS = ("entered-in-error", "refuted")
_DAYS = {"d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7}


def immunization(work: Work, resource: Resource) -> None:
    """Immunization: one row per code of the vaccine (CVX, NDC ...)."""
    body = resource.body
    if (row := _start(work, resource, "immunization", body.get("patient"), text(body.get("status")))) is not None:
        row["occurrence_date"] = work.day_of(resource, "occurrenceDateTime")
        _write(work, resource, "immunization", row, row["occurrence_date"], codings(body.get("vaccineCode")))


def procedure(work: Work, resource: Resource) -> None:
    """Procedure: one row per code."""
    body = resource.body
    if (row := _start(work, resource, "procedure", body.get("subject"), text(body.get("status")))) is not None:
        row["procedure_date"] = work.day_of(resource, "performedDateTime", "performedPeriod")
        row["procedure_end_date"] = day(mapping(body.get("performedPeriod")).get("end"))
        performer = next((p.get("actor") for p in items(body.get("performer"))), None)
        row["practitioner_id"] = _practitioner(performer, work, resource)
        _write(work, resource, "procedure", row, row["procedure_date"], codings(body.get("code")))


def condition(work: Work, resource: Resource) -> None:
    """Condition: one row per code; a refuted one, or one entered in error, has that as its status."""
    body = resource.body
    verification = first_code(body.get("verificationStatus"))
    status = verification if verification in _VOID_VERIFICATIONS else first_code(body.get("clinicalStatus"))
    if (row := _start(work, resource, "condition", body.get("subject"), status or verification)) is not None:
        row["onset_date"] = work.day_of(resource, "onsetDateTime", "onsetPeriod")
        row["recorded_date"] = day(body.get("recordedDate"))
        row["resolved_date"] = day(body.get("abatementDateTime")) or day(
            mapping(body.get("abatementPeriod")).get("end")
        )
        row["condition_type"] = first_code(body.get("category"))
        _write(work, resource, "condition", row, row["onset_date"] or row["recorded_date"], codings(body.get("code")))


def encounter(work: Work, resource: Resource) -> None:
    """Encounter: one row per code of its types."""
    body = resource.body
    if (row := _start(work, resource, "encounter", body.get("subject"), text(body.get("status")))) is not None:
        row["encounter_start_date"] = work.day_of(resource, "period")
        row["encounter_end_date"] = day(mapping(body.get("period")).get("end"))
        row["encounter_type"] = row["encounter_class"] = text(mapping(body.get("class")).get("code"))
        stay = work.index.stay(row["encounter_id"] or "")
        row["attending_provider_id"] = stay.practitioner if stay else None
        work.served(row["encounter_start_date"])
        _write(work, resource, "encounter", row, row["encounter_start_date"], codings(body.get("type")))


def observation(work: Work, resource: Resource) -> None:
    """Observation: one row per code, and one per code of each component, all with the id of the Observation."""
    body = resource.body
    if (row := _start(work, resource, "observation", body.get("subject"), text(body.get("status")))) is None:
        return
    on = work.day_of(resource, "effectiveDateTime", "effectivePeriod", "effectiveInstant")
    row["observation_date"] = on
    _write(work, resource, "observation", {**row, **result(body)}, on, codings(body.get("code")))
    for component in items(body.get("component")):
        _write(work, resource, "observation", {**row, **result(component)}, on, codings(component.get("code")))


def service_request(work: Work, resource: Resource) -> None:
    """ServiceRequest: one row per code; an order not to do something is `not-done`."""
    body = resource.body
    if (row := _start(work, resource, "service_request", body.get("subject"), _ordered(body))) is not None:
        row["authored_date"] = work.day_of(resource, "authoredOn")
        row["occurrence_date"] = work.day_of(resource, "occurrenceDateTime", "occurrencePeriod")
        row["practitioner_id"] = _practitioner(body.get("requester"), work, resource)
        on = row["authored_date"] or row["occurrence_date"]
        _write(work, resource, "service_request", row, on, codings(body.get("code")))


def medication_request(work: Work, resource: Resource) -> None:
    """MedicationRequest: a prescription, one row per code of the drug."""
    body = resource.body
    if (row := _start(work, resource, "medication", body.get("subject"), _ordered(body))) is not None:
        row["prescribing_date"] = work.day_of(resource, "authoredOn")
        row["practitioner_id"] = _practitioner(body.get("requester"), work, resource)
        dispense = mapping(body.get("dispenseRequest"))
        row.update(_supply(dispense.get("quantity"), dispense.get("expectedSupplyDuration")))
        _write_drug(work, resource, row, row["prescribing_date"])


def medication_dispense(work: Work, resource: Resource) -> None:
    """MedicationDispense: what was handed out, one row per code of the drug."""
    body = resource.body
    if (row := _start(work, resource, "medication", body.get("subject"), text(body.get("status")))) is not None:
        row["dispensing_date"] = work.day_of(resource, "whenHandedOver", "whenPrepared")
        row["encounter_id"] = work.encounter_of(resource, body.get("context"))
        row.update(_supply(body.get("quantity"), body.get("daysSupply")))
        _write_drug(work, resource, row, row["dispensing_date"])


RECORDS: dict[str, Callable[[Work, Resource], None]] = {
    "Immunization": immunization,
    "Procedure": procedure,
    "Condition": condition,
    "Encounter": encounter,
    "Observation": observation,
    "ServiceRequest": service_request,
    "MedicationRequest": medication_request,
    "MedicationDispense": medication_dispense,
}


def _ordered(body: Json) -> str | None:
    return _NOT_DONE if body.get("doNotPerform") is True else text(body.get("status"))


def _start(work: Work, resource: Resource, table: str, subject: object, status: str | None) -> Row | None:
    """Return the columns that all record tables share, or None, told, when the record is of no patient."""
    person = work.person_of(subject, resource)
    if person is None:
        return None
    row: Row = {"person_id": person, "status": status, "data_source": work.data_source}
    row["encounter_id"] = work.id_of(resource) if table == "encounter" else work.encounter_of(resource)
    row[f"{table}_id"] = work.id_of(resource)
    return row


def _write(work: Work, resource: Resource, table: str, row: Row, on: dt.date | None, codes: Iterable[Coding]) -> None:
    if on is None:
        work.tell(reasons.UNDATED, resource)
    birth = work.index.birth_date(row["person_id"])
    written = False
    for code in codes:
        written = True
        one = {**row, "source_code_type": code.label, "source_code": code.code}
        if (mapped := work.crosswalk.map(table, code.system, code.code, birth, on)) is not None and mapped.code:
            one["normalized_code_type"], one["normalized_code"] = mapped.system, mapped.code
        work.folder.add(table, one)
    if not written:
        work.tell(reasons.NO_CODE, resource)
        work.folder.add(table, row)


def _write_drug(work: Work, resource: Resource, row: Row, on: dt.date | None) -> None:
    if on is None:
        work.tell(reasons.UNDATED, resource)
    codes = list(_drug(work, resource))
    for code in codes:
        one = {**row, "source_code_type": code.label, "source_code": code.code}
        if code.system in {"NDC", "RXNORM"}:
            one[f"{code.system.lower()}_code"] = code.code
        work.folder.add("medication", one)
    if not codes:
        work.tell(reasons.NO_CODE, resource)
        work.folder.add("medication", row)


def _drug(work: Work, resource: Resource) -> Iterator[Coding]:
    """Yield the codes of the drug: in place, in a contained Medication, or in one of the input."""
    body = resource.body
    reference = body.get("medicationReference")
    if reference is None:
        yield from codings(body.get("medicationCodeableConcept"))
    elif (inside := contained(reference, resource)) is not None:
        yield from codings(inside.get("code"))
    elif (found := target(reference, resource, work.index, "Medication")) is not None:
        yield from stored_codes(work.index.codes_of(f"Medication/{found.id}"))


def stored_codes(content: str | None) -> Iterator[Coding]:
    """Yield codes as the index keeps them."""
    for one in orjson.loads(content) if content else ():
        yield Coding(*one)


def _supply(quantity: object, duration: object) -> Row:
    amount, supply = mapping(quantity), mapping(duration)
    days = number(supply.get("value"))
    unit = _DAYS.get((text(supply.get("code")) or text(supply.get("unit")) or "d").lower())
    return {
        "quantity": number(amount.get("value")),
        "quantity_unit": text(amount.get("code")) or text(amount.get("unit")),
        "days_supply": days * unit if days is not None and unit else None,
    }


def _practitioner(reference: object, work: Work, resource: Resource) -> str | None:
    found = named(reference, resource, work.index) if reference is not None else None
    return found.practitioner_id if found else None
