"""What a Claim says and the ExplanationOfBenefit that answers it may leave out: kept in the index, filled in later."""

from __future__ import annotations

from dataclasses import replace

import orjson

from vbpmeasure.adapters.fhir.index import Index
from vbpmeasure.adapters.fhir.json_values import Json, items, mapping
from vbpmeasure.adapters.fhir.source import Resource

_OF_CLAIM = ("billablePeriod", "careTeam", "diagnosis", "facility", "procedure", "supportingInfo")
_OF_LINE = (
    "careTeamSequence",
    "encounter",
    "locationCodeableConcept",
    "modifier",
    "revenue",
    "servicedDate",
    "servicedPeriod",
)


def put_asked(index: Index, id_: str, claim: Json) -> None:
    """First pass: keep the parts of a Claim."""
    parts = {field: claim[field] for field in _OF_CLAIM if field in claim}
    lines = [
        {field: line[field] for field in ("sequence", *_OF_LINE) if field in line} for line in items(claim.get("item"))
    ]
    index.put("asked", id_, orjson.dumps({**parts, "item": lines}).decode())


def filled(index: Index, answer: Resource, claim_id: str | None) -> Resource:
    """Return an ExplanationOfBenefit with what only its Claim says; what it says itself stands.

    Sequence numbers of care teams and diagnoses point into lists: a list and the pointers to it are taken together.
    """
    content = index.asked_of(claim_id) if claim_id is not None else None
    if content is None:
        return answer
    claim = mapping(orjson.loads(content))
    body = {**{f: claim[f] for f in _OF_CLAIM if f in claim}, **answer.body}
    by_sequence = {line["sequence"]: line for line in items(claim.get("item")) if isinstance(line.get("sequence"), int)}
    lines = []
    for line in items(body.get("item")):
        known = by_sequence.get(line["sequence"], {}) if isinstance(line.get("sequence"), int) else {}
        taken = [f for f in _OF_LINE if f in known and not (f == "careTeamSequence" and "careTeam" in answer.body)]
        lines.append({**{f: known[f] for f in taken}, **line})
    return replace(answer, body={**body, "item": lines})
