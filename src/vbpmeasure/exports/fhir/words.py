"""The codes and small pieces that FHIR MeasureReports are made of (HL7 FHIR R4 and its code systems)."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from vbpmeasure.exports.about import About, MeasureFacts
from vbpmeasure.results.disclosure.policy import Status

Json = dict[str, Any]

POPULATION_SYSTEM = "http://terminology.hl7.org/CodeSystem/measure-population"
IMPROVEMENT_SYSTEM = "http://terminology.hl7.org/CodeSystem/measure-improvement-notation"
CONFIDENTIALITY_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
UCUM = "http://unitsofmeasure.org"

# What FHIR has no code for: codes, extensions and default canonical addresses of our own.
OURS = "urn:vbpmeasure"
NET_DENOMINATOR = "denominator-after-exclusions"
RATE_SYSTEM = f"{OURS}:rate"
MEMBER_MONTHS = f"{OURS}:member-months"

_POPULATION_WORDS = {
    "initial-population": "Initial Population",
    "denominator": "Denominator",
    "denominator-exclusion": "Denominator Exclusion",
    "numerator": "Numerator",
    NET_DENOMINATOR: "Denominator after exclusions",
}
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9\-.]+")
_LONGEST_ID = 64


def absent(status: Status) -> Json:
    """Return what stands for a number that is not shown: the reason as an extension, never the number.

    Hidden counts are `masked`; what a small denominator withholds is `not-applicable`, as the status NA says; the rate
    of nobody is `not-a-number`.
    """
    reasons = {Status.NA_SMALL_DENOM: "not-applicable", Status.NO_DATA: "not-a-number", Status.VALUE: "not-applicable"}
    return {"extension": [{"url": DATA_ABSENT, "valueCode": reasons.get(status, "masked")}]}


def population(code: str, count: float | None, status: Status) -> Json:
    """Return one population of a group or stratum; ``status`` says why when there is no count."""
    system = f"{OURS}:population" if code == NET_DENOMINATOR else POPULATION_SYSTEM
    words: Json = {"code": {"coding": [{"system": system, "code": code, "display": _POPULATION_WORDS[code]}]}}
    return {**words, "count": int(count)} if count is not None else {**words, "_count": absent(status)}


def improvement(*, lower_is_better: bool) -> Json:
    """Return the improvement notation of a measure or group."""
    code = "decrease" if lower_is_better else "increase"
    words = "Decreased score indicates improvement" if lower_is_better else "Increased score indicates improvement"
    return {"coding": [{"system": IMPROVEMENT_SYSTEM, "code": code, "display": words}]}


def canonical(base: str, measure: str, facts: MeasureFacts | None) -> str:
    """Return the reference to the definition: the base, the measure, and its edition as the business version."""
    joined = f"{base}{measure}" if base.endswith((":", "/")) else f"{base}/{measure}"
    return f"{joined}|{facts.edition}" if facts is not None and facts.edition else joined


def resource_id(*parts: str) -> str:
    """Return an id that FHIR allows (letters, digits, dash, dot; at most 64) from texts that hold no person's id."""
    return _NOT_IN_AN_ID.sub("-", ".".join(parts))[:_LONGEST_ID].strip("-.")


def narrative(said: About, title: str) -> Json:
    """Return the text of a resource: what people must know who read it."""
    words = f"{title}. Measurement period {said.period_start} to {said.period_end}. {said.words}"
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(words)}</p></div>'}


def meta(said: About, *, identifies_persons: bool = False) -> Json:
    """Return the metadata: who made it; the label `R` (restricted) when it shows small cells or persons."""
    found: Json = {"source": f"{OURS}:{said.version}"}
    if identifies_persons or said.banner is not None:
        found["security"] = [{"system": CONFIDENTIALITY_SYSTEM, "code": "R", "display": "restricted"}]
    return found


def report_frame(said: About, report: str, measure: str, identifier: str, reporter: str | None) -> Json:
    """Return the elements that all reports have, in the order of the specification.

    ``report`` is its type (summary, individual), ``measure`` the canonical reference, ``reporter`` the name of the
    organization when given. There is no date without `--as-of`: nothing here knows a clock.
    """
    frame: Json = {"status": "complete", "type": report, "measure": measure}
    if said.as_of is not None:
        frame["date"] = said.as_of
    if reporter is not None:
        frame["reporter"] = {"display": reporter}
    return {
        "identifier": [{"system": f"{OURS}:report", "value": identifier}],
        **frame,
        "period": {"start": said.period_start, "end": said.period_end},
    }
