"""Parts of Claim and ExplanationOfBenefit: diagnoses, procedures, supporting information, providers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from vbpmeasure.adapters.fhir import reasons
from vbpmeasure.adapters.fhir.codings import Coding, codings, first_code
from vbpmeasure.adapters.fhir.index import Stay
from vbpmeasure.adapters.fhir.json_values import Json, day, integer, items, mapping, number, text
from vbpmeasure.adapters.fhir.providers import Named, named, taxonomies
from vbpmeasure.adapters.fhir.records import stored_codes
from vbpmeasure.adapters.fhir.references import contained, target
from vbpmeasure.adapters.fhir.shared import Work
from vbpmeasure.adapters.fhir.source import Resource
from vbpmeasure.data.contract import DIAGNOSIS_COLUMNS, PROCEDURE_COLUMNS

_PERFORMING = ("performing", "rendering", "attending", "primary", "supervising")
_LAST = 1 << 30


def diagnoses(work: Work, resource: Resource) -> list[Coding]:
    """Return the diagnoses in the order of their sequence, a principal one first.

    ICD-10-CM where there is any, else SNOMED CT; no code twice.
    """
    ordered = sorted(items(resource.body.get("diagnosis")), key=_principal_first)
    found = dict.fromkeys(code for one in ordered for code in _diagnosis(work, resource, one))
    for system in ("ICD10CM", "SNOMEDCT"):
        if chosen := [c for c in found if c.system == system]:
            return chosen
    return []


def _principal_first(one: Json) -> tuple[bool, int]:
    principal = any(c.code == "principal" for c in codings(one.get("type")))
    sequence = integer(one.get("sequence"))
    return not principal, _LAST if sequence is None else sequence


def _diagnosis(work: Work, resource: Resource, one: Json) -> Iterator[Coding]:
    reference = one.get("diagnosisReference")
    if reference is None:
        yield from codings(one.get("diagnosisCodeableConcept"))
    elif (inside := contained(reference, resource)) is not None:
        yield from codings(inside.get("code"))
    elif (found := target(reference, resource, work.index, "Condition")) is not None:
        yield from stored_codes(work.index.codes_of(f"Condition/{found.id}"))


def diagnosis_columns(work: Work, resource: Resource, found: list[Coding]) -> dict[str, Any]:
    """Return the diagnosis columns of a row."""
    if len(found) > len(DIAGNOSIS_COLUMNS):
        work.tell(reasons.TOO_MANY_CODES, resource)
    columns: dict[str, Any] = dict(zip(DIAGNOSIS_COLUMNS, (c.code for c in found), strict=False))
    if found:
        columns["diagnosis_code_type"] = found[0].label
    return columns


def procedure_columns(work: Work, resource: Resource) -> dict[str, Any]:
    """Return the columns of the inpatient procedures (ICD-10-PCS) with their days."""
    columns: dict[str, Any] = {}
    found = [
        (c.code, day(one.get("date")))
        for one in sorted(items(resource.body.get("procedure")), key=_principal_first)
        for c in codings(one.get("procedureCodeableConcept"))
        if c.system == "ICD10PCS"
    ]
    if len(found) > len(PROCEDURE_COLUMNS):
        work.tell(reasons.TOO_MANY_CODES, resource)
    for position, (code, on) in enumerate(found[: len(PROCEDURE_COLUMNS)], start=1):
        columns[f"procedure_code_{position}"] = code
        columns[f"procedure_date_{position}"] = on
        columns["procedure_code_type"] = "icd-10-pcs"
    return columns


def supporting(body: Json) -> dict[str, Any]:
    """Return what CARIN Blue Button puts into supporting information: bill type, admission, discharge."""
    columns: dict[str, Any] = {}
    for one in items(body.get("supportingInfo")):
        category = first_code(one.get("category"))
        if category == "typeofbill":
            columns["bill_type_code"] = first_code(one.get("code"))
        elif category == "discharge-status":
            columns["discharge_disposition_code"] = first_code(one.get("code"))
        elif category == "admissionperiod":
            period = mapping(one.get("timingPeriod"))
            columns["admission_date"], columns["discharge_date"] = day(period.get("start")), day(period.get("end"))
    return columns


def days_supply(body: Json) -> float | None:
    """Return the days of supply of a pharmacy claim (CARIN Blue Button)."""
    for one in items(body.get("supportingInfo")):
        if first_code(one.get("category")) == "dayssupply":
            return number(mapping(one.get("valueQuantity")).get("value"))
    return None


def rendering(work: Work, resource: Resource, line: Json, stay: Stay | None) -> Named:
    """Return who rendered a line: its care team, else that of the claim, else the encounter's, else the provider."""
    body = resource.body
    wanted = line.get("careTeamSequence")
    team = list(items(body.get("careTeam")))
    own = [one for one in team if isinstance(wanted, list) and one.get("sequence") in wanted]
    for one in sorted(own or team, key=_performing_first):
        found = named(one.get("provider"), resource, work.index)
        if found is not None:
            said = taxonomies(one.get("qualification"), work.crosswalk)
            return Named(found.npi, said[0] if said else found.taxonomy, found.practitioner_id)
    if stay is not None and stay.practitioner is not None:
        known = work.index.provider("Practitioner", stay.practitioner)
        if known is not None:
            only = known.taxonomies[0] if len(known.taxonomies) == 1 else None
            return Named(known.npi, only, stay.practitioner)
    found = named(body.get("provider"), resource, work.index)
    return found if found is not None and found.practitioner_id is not None else Named()


def _performing_first(one: Json) -> int:
    role = first_code(one.get("role"))
    return _PERFORMING.index(role) if role in _PERFORMING else len(_PERFORMING)


def stay_of(work: Work, resource: Resource, line: Json) -> Stay | None:
    """Return the encounter that a line names, when the input has it."""
    for reference in items(line.get("encounter")):
        found = target(reference, resource, work.index, "Encounter")
        if found is not None:
            return work.index.stay(found.id)
    return None


def payer_name(work: Work, resource: Resource) -> str | None:
    """Return the name of the payer: the insurer, else that of the coverage in focus."""
    body = resource.body
    if (name := organization_name(work, resource, body.get("insurer"))) is not None:
        return name
    for one in sorted(items(body.get("insurance")), key=lambda i: i.get("focal") is not True):
        found = target(one.get("coverage"), resource, work.index, "Coverage")
        if found is not None:
            return work.index.payer_of(found.id)
    return None


def organization_name(work: Work, resource: Resource, reference: object) -> str | None:
    """Return the name of an organization that a reference names, as far as known."""
    if (inside := contained(reference, resource)) is not None:
        return text(inside.get("name"))
    found = target(reference, resource, work.index, "Organization")
    known = work.index.provider("Organization", found.id) if found is not None else None
    return (known.name if known else None) or text(mapping(reference).get("display"))


def span_of(resource: Resource, stays: list[Stay | None]) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and last day of a claim: its period, else its lines, else its encounters, else when created."""
    body = resource.body
    period = mapping(body.get("billablePeriod"))
    first, last = day(period.get("start")), day(period.get("end"))
    if first is None:
        lines = [line_days(line) for line in items(body.get("item"))]
        first = min((start for start, _ in lines if start), default=None)
        last = max((end or start for start, end in lines if start), default=last)
    if first is None:
        first = min((s.first for s in stays if s and s.first), default=None)
        last = max((s.last or s.first for s in stays if s and s.first), default=last)
    return first or day(body.get("created")), last


def line_days(line: Json) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and last day of a line."""
    period = mapping(line.get("servicedPeriod"))
    return day(line.get("servicedDate")) or day(period.get("start")), day(period.get("end"))
