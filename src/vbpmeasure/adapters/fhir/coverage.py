"""Coverage to spans of eligibility: kept until the last day of service is known, then written by person."""

from __future__ import annotations

import datetime as dt

from vbpmeasure.adapters.fhir import reasons
from vbpmeasure.adapters.fhir.claim_parts import organization_name
from vbpmeasure.adapters.fhir.json_values import Json, day, items, mapping, text
from vbpmeasure.adapters.fhir.people import coverage_kind, member_number, plan_name
from vbpmeasure.adapters.fhir.references import target
from vbpmeasure.adapters.fhir.shared import Work
from vbpmeasure.adapters.fhir.source import Resource

_VOID = ("draft", "entered-in-error")
_DIRECT = "direct"  # told about the person, not inferred


def coverage(work: Work, resource: Resource) -> None:
    """Keep the span of a Coverage, or tell why it is none."""
    body = resource.body
    if text(body.get("status")) in _VOID:
        work.tell(reasons.VOID_COVERAGE, resource)
        return
    found = target(body.get("beneficiary"), resource, work.index, "Patient")
    if found is None:
        work.tell(reasons.NO_SUBJECT, resource)
        return
    if not work.index.has_patient(found.id):
        work.tell(reasons.UNKNOWN_BENEFICIARY, resource)
        return
    payer = _payer(work, resource)
    kind = coverage_kind(body, payer)
    if kind.self_pay or (payer is None and work.crosswalk.drops_coverage_without_payer):
        work.tell(reasons.SELF_PAY, resource)
        return
    span = _span(work, resource, body)
    if span is None:
        return
    work.index.put(
        "spell", found.id, *span, payer, kind.payer_type, plan_name(body), text(body.get("subscriberId")),
        member_number(body),
    )  # fmt: skip


def _span(work: Work, resource: Resource, body: Json) -> tuple[dt.date, dt.date | None] | None:
    period = mapping(body.get("period"))
    first, last = day(period.get("start")), day(period.get("end"))
    if period.get("end") is not None and last is None:
        work.tell(reasons.BAD_DATE, resource)
    if first is None:
        work.tell(reasons.NO_START, resource)
    elif last is not None and last < first:
        work.tell(reasons.ENDS_BEFORE_START, resource)
    elif last is None and text(body.get("status")) == "cancelled":
        work.tell(reasons.CANCELLED_OPEN, resource)
    else:
        return first, last
    return None


def _payer(work: Work, resource: Resource) -> str | None:
    for one in items(resource.body.get("payor")):
        if (name := organization_name(work, resource, one)) is not None:
            return name
    return None


def write_spans(work: Work, open_end: dt.date | None) -> None:
    """Write eligibility: one row per Coverage, by person and start; coverage without an end runs to ``open_end``."""
    for span in work.index.spans():
        first = dt.date.fromisoformat(span["first"])
        last = dt.date.fromisoformat(span["last"]) if span["last"] else max(first, open_end or first)
        death = dt.date.fromisoformat(span["death"]) if span["death"] else None
        work.folder.add(
            "eligibility",
            {
                "person_id": span["person"],
                "birth_date": dt.date.fromisoformat(span["birth"]),
                "gender": span["gender"],
                "death_date": death,
                "enrollment_start_date": first,
                "enrollment_end_date": last,
                "payer": span["payer"],
                "payer_type": span["payer_type"],
                "plan": span["plan"],
                "subscriber_id": span["subscriber"],
                "member_id": span["member"],
                "race": span["race"],
                "ethnicity": span["ethnicity"],
                "language": span["language"],
                "race_source": _DIRECT if span["race"] else None,
                "ethnicity_source": _DIRECT if span["ethnicity"] else None,
                "language_source": _DIRECT if span["language"] else None,
                "zip_code": span["zip"],
                "state": span["state"],
                "data_source": work.data_source,
            },
        )
