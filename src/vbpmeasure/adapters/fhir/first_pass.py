"""The first pass: what references need goes to the index, and every id is noted."""

from __future__ import annotations

import re
from collections.abc import Callable

import orjson

from vbpmeasure.adapters.crosswalk import Crosswalk
from vbpmeasure.adapters.fhir.asked import put_asked
from vbpmeasure.adapters.fhir.claim_status import is_claim
from vbpmeasure.adapters.fhir.codings import codings, first_code, identifier_key
from vbpmeasure.adapters.fhir.duplicates import Duplicates
from vbpmeasure.adapters.fhir.index import Index
from vbpmeasure.adapters.fhir.json_values import day, items, mapping, text
from vbpmeasure.adapters.fhir.people import person
from vbpmeasure.adapters.fhir.providers import put_organization, put_practitioner, put_role
from vbpmeasure.adapters.fhir.references import contained, pending, target
from vbpmeasure.adapters.fhir.source import Reader, Resource, SourceFile

# Exports begin each line with type and id: lines of types that are not indexed need no parsing here.
_BEGIN = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"\s*,\s*"id"\s*:\s*"([^"\\]+)"')
_SEARCHED = frozenset({"Patient", "Practitioner", "Organization", "Location", "PractitionerRole"})
_ATTENDING = ("ATND", "PPRF", "SPRF")


def first_pass(
    files: list[SourceFile], reader: Reader, index: Index, doubles: Duplicates, crosswalk: Crosswalk
) -> None:
    """Fill the index and the marks of ids from all files."""
    for file in files:
        for raw in reader.lines(file):
            begin = _BEGIN.match(raw.content)
            if begin is not None and (type_ := begin[1].decode()) not in _PUTTERS and type_ != "Bundle":
                doubles.note(type_, begin[2].decode("utf-8", "replace"))
                continue
            for resource in reader.parse(raw):
                _take(resource, index, doubles, crosswalk)
    index.finish_roles()
    doubles.settle()


def _take(resource: Resource, index: Index, doubles: Duplicates, crosswalk: Crosswalk) -> None:
    type_, id_ = resource.type, text(resource.body.get("id"))
    if id_ is None:
        return
    doubles.note(type_, id_)
    if type_ in _SEARCHED:
        for one in items(resource.body.get("identifier")):
            if (key := identifier_key(one)) is not None:
                index.put("identifier", type_, key, id_)
    put = _PUTTERS.get(type_)
    if put is not None:
        put(index, id_, resource, crosswalk)


def _put_patient(index: Index, id_: str, resource: Resource, _crosswalk: Crosswalk) -> None:
    p = person(resource.body)
    about = (p.race, p.ethnicity, p.language, p.zip_code, p.state)
    index.put("patient", id_, p.birth_date, p.gender, p.death_date, *about)


def _put_place(index: Index, id_: str, resource: Resource, _crosswalk: Crosswalk) -> None:
    put_organization(index, resource.type, id_, resource.body)


def _put_practitioner(index: Index, id_: str, resource: Resource, crosswalk: Crosswalk) -> None:
    put_practitioner(index, id_, resource.body, crosswalk)


def _put_coverage(index: Index, id_: str, resource: Resource, _crosswalk: Crosswalk) -> None:
    payors = list(items(resource.body.get("payor")))
    names = (text(one.get("display")) or text((contained(one, resource) or {}).get("name")) for one in payors)
    organizations = (pending(one, resource, "Organization") for one in payors)
    index.put("coverage", id_, next((n for n in names if n), None), next((o for o in organizations if o), None))


def _put_codes(index: Index, id_: str, resource: Resource, _crosswalk: Crosswalk) -> None:
    codes = [list(c) for c in codings(resource.body.get("code"))]
    index.put("coded", f"{resource.type}/{id_}", orjson.dumps(codes).decode())


def _put_claim(index: Index, id_: str, resource: Resource, _crosswalk: Crosswalk) -> None:
    put_asked(index, id_, resource.body)


def _put_answer(index: Index, _id: str, resource: Resource, _crosswalk: Crosswalk) -> None:
    claim = target(resource.body.get("claim"), resource, index, "Claim")
    if claim is not None and is_claim(resource.body):
        index.put("answered", claim.id)


def _put_encounter(index: Index, id_: str, resource: Resource, _crosswalk: Crosswalk) -> None:
    body = resource.body
    period = mapping(body.get("period"))
    people = sorted(items(body.get("participant")), key=_attending_first)
    pointed = (pending(one.get("individual"), resource, "Practitioner", "PractitionerRole") for one in people)
    practitioner = next((p for p in pointed if p is not None), None)
    class_code = text(mapping(body.get("class")).get("code"))
    index.put("encounter", id_, day(period.get("start")), day(period.get("end")), class_code, practitioner)


def _attending_first(participant: dict[str, object]) -> int:
    role = first_code(participant.get("type"))
    return _ATTENDING.index(role) if role in _ATTENDING else len(_ATTENDING)


# Each takes the index, the id, the resource and the crosswalk.
_PUTTERS: dict[str, Callable[[Index, str, Resource, Crosswalk], None]] = {
    "Patient": _put_patient,
    "Practitioner": _put_practitioner,
    "PractitionerRole": put_role,
    "Organization": _put_place,
    "Location": _put_place,
    "Encounter": _put_encounter,
    "Coverage": _put_coverage,
    "Medication": _put_codes,
    "Condition": _put_codes,
    "Claim": _put_claim,
    "ExplanationOfBenefit": _put_answer,
}
