"""Claim and ExplanationOfBenefit to claim lines.

One service is counted once: when an ExplanationOfBenefit names a Claim, the Claim is left out, because the answer has
what was paid and denied; the lines keep the id of the Claim, and what only the Claim says is filled in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

from vbpmeasure.adapters.fhir import reasons
from vbpmeasure.adapters.fhir.asked import filled
from vbpmeasure.adapters.fhir.claim_parts import (
    days_supply,
    diagnoses,
    diagnosis_columns,
    line_days,
    payer_name,
    procedure_columns,
    rendering,
    span_of,
    stay_of,
    supporting,
)
from vbpmeasure.adapters.fhir.claim_status import claim_status, is_claim, line_status, paid_amount
from vbpmeasure.adapters.fhir.codings import Coding, code_in, codings, first_code
from vbpmeasure.adapters.fhir.index import Stay
from vbpmeasure.adapters.fhir.json_values import Json, day, integer, items, mapping, number
from vbpmeasure.adapters.fhir.providers import named
from vbpmeasure.adapters.fhir.references import target
from vbpmeasure.adapters.fhir.shared import Work
from vbpmeasure.adapters.fhir.source import Resource
from vbpmeasure.data.contract import MODIFIER_COLUMNS

_PROCEDURE_SYSTEMS = ("CPT", "HCPCS", "CDT")
# FHIR's list of claim types, in the words of claims data.
_TYPES = {"oral": "dental"}


def claim(work: Work, resource: Resource) -> None:
    """Write the lines of a Claim or an ExplanationOfBenefit."""
    answered = answered_claim(work, resource)
    resource = filled(work.index, resource, answered)
    body, id_ = resource.body, work.id_of(resource)
    if not is_claim(body):
        work.tell(reasons.NOT_A_CLAIM, resource)
        return
    if resource.type == "Claim" and id_ is not None and work.index.is_answered(id_):
        work.tell(reasons.ANSWERED, resource)
        return
    person = work.person_of(body.get("patient"), resource)
    if person is None:
        return
    lines = list(_lines(body))
    stays = [stay_of(work, resource, line) for line in lines]
    first, last = span_of(resource, stays)
    if first is None:
        work.tell(reasons.NO_DATE, resource)
        return
    work.served(first)
    claim_type = first_code(body.get("type"))
    head: dict[str, Any] = {
        "claim_id": answered or id_ or _made_up_id(body),
        "person_id": person,
        "data_source": work.data_source,
    }
    if claim_type == "pharmacy":
        _write_pharmacy(work, resource, head, first, lines)
        return
    billing = named(body.get("provider"), resource, work.index)
    facility = named(body.get("facility"), resource, work.index)
    head |= {
        "claim_type": _TYPES.get(claim_type or "", claim_type),
        "claim_start_date": first,
        "claim_end_date": last,
        "paid_date": day(mapping(body.get("payment")).get("date")),
        "payer": payer_name(work, resource),
        "billing_npi": billing.npi if billing else None,
        "billing_taxonomy": billing.taxonomy if billing else None,
        "facility_npi": facility.npi if facility else None,
        **supporting(body),
        **procedure_columns(work, resource),
    }
    _write_lines(work, resource, head, list(zip(lines, stays, strict=True)))


def _write_lines(work: Work, resource: Resource, head: dict[str, Any], lines: list[tuple[Json, Stay | None]]) -> None:
    birth = work.index.birth_date(head["person_id"])
    whole = claim_status(resource.body)
    found = diagnoses(work, resource)
    coded: list[tuple[dict[str, Any], list[str | None]]] = []
    for position, (line, stay) in enumerate(lines, start=1):
        row = {**head, **_line_columns(work, resource, line, stay, position), "claim_status": line_status(whole, line)}
        on = row["claim_line_start_date"] or row["claim_start_date"]
        codes: list[str | None] = []
        foreign = False
        for code in codings(line.get("productOrService")):
            if code.system in _PROCEDURE_SYSTEMS:
                codes.append(code.code)
            elif (mapped := work.crosswalk.map("medical_claim", code.system, code.code, birth, on)) is not None:
                codes.append(mapped.code)
                if mapped.diagnosis and all(c.code.replace(".", "") != mapped.diagnosis for c in found):
                    # A claim carries diagnoses of one code system.
                    found = [c for c in found if c.system == "ICD10CM"]
                    found.append(Coding("ICD10CM", "icd-10-cm", mapped.diagnosis))
            else:
                foreign = True
        if foreign and not codes:
            work.tell(reasons.FOREIGN_CODE, resource)
        coded.append((row, list(dict.fromkeys(codes)) or [None]))
    columns = diagnosis_columns(work, resource, found)
    for row, codes in coded:
        for hcpcs in codes:
            work.folder.add("medical_claim", {**row, **columns, "hcpcs_code": hcpcs})


def _line_columns(work: Work, resource: Resource, line: Json, stay: Stay | None, position: int) -> dict[str, Any]:
    first, last = line_days(line)
    performer = rendering(work, resource, line, stay)
    modifiers = [c.code for c in codings(line.get("modifier"))]
    if len(modifiers) > len(MODIFIER_COLUMNS):
        work.tell(reasons.TOO_MANY_CODES, resource)
    return {
        "claim_line_number": integer(line.get("sequence")) or position,
        "claim_line_start_date": first or (stay.first if stay else None),
        "claim_line_end_date": last,
        "place_of_service_code": code_in(line.get("locationCodeableConcept"), "POS")
        or work.crosswalk.place(stay.class_code if stay else None),
        "revenue_center_code": first_code(line.get("revenue")),
        "rendering_npi": performer.npi,
        "rendering_taxonomy": performer.taxonomy,
        "paid_amount": paid_amount(line),
        **dict(zip(MODIFIER_COLUMNS, modifiers, strict=False)),
    }


def _lines(body: Json) -> Iterator[Json]:
    """Yield items, items that the payer added, and the details of items that only hold details."""
    empty = True
    for line in (*items(body.get("item")), *items(body.get("addItem"))):
        empty = False
        yield line
        for detail in items(line.get("detail")):
            yield {**{k: v for k, v in line.items() if k not in {"adjudication", "detail", "modifier"}}, **detail}
    if empty:
        yield {}


def _write_pharmacy(work: Work, resource: Resource, head: dict[str, Any], on: dt.date, lines: list[Json]) -> None:
    if claim_status(resource.body) == "reversed":  # the table has no status: a reversed fill did not happen
        work.tell(reasons.REVERSED_FILL, resource)
        return
    for line in lines:
        row = {
            **head,
            "dispensing_date": line_days(line)[0] or on,
            "quantity": number(mapping(line.get("quantity")).get("value")),
            "days_supply": days_supply(resource.body),
            "paid_amount": paid_amount(line),
        }
        codes: list[str | None] = [c.code for c in codings(line.get("productOrService")) if c.system == "NDC"]
        if not codes:
            work.tell(reasons.FOREIGN_CODE, resource)
        for code in codes or [None]:
            work.folder.add("pharmacy_claim", {**row, "ndc_code": code})


def answered_claim(work: Work, resource: Resource) -> str | None:
    """Return the id of the Claim that an ExplanationOfBenefit answers."""
    if resource.type != "ExplanationOfBenefit":
        return None
    found = target(resource.body.get("claim"), resource, work.index, "Claim")
    return found.id if found else None


def _made_up_id(body: Json) -> str:
    """Return an id for a claim without one: lines must hang together."""
    return "made-" + hashlib.blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=10).hexdigest()
