"""The schemas of decks (docs/decks.md) and value sets, which have no pydantic models."""

from __future__ import annotations

from typing import Any

from vbpmeasure.data.contract import ELIGIBILITY, EVENT_TABLES
from vbpmeasure.spec.models.base import NAME_PATTERN

_NAME: dict[str, Any] = {"type": "string", "pattern": NAME_PATTERN}
_TEXT: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_CODE: dict[str, Any] = {"type": ["string", "number"]}
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATE: dict[str, Any] = {"type": "string", "pattern": f"^{_DAY}$"}
_YEAR: dict[str, Any] = {"type": ["integer", "string"], "pattern": "^[0-9]{4}$"}


def _or_list(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_SPAN = {
    "anyOf": [
        {"type": "string", "pattern": f"^\\s*{_DAY}\\s*\\.\\.(\\s*{_DAY})?\\s*$"},
        _object(
            {
                "from": _DATE,
                "to": _DATE,
                **{
                    column.name: _TEXT
                    for column in ELIGIBILITY.columns
                    if column.name not in ("person_id", "enrollment_start_date", "enrollment_end_date")
                },
            },
            ["from"],
        ),
    ]
}
EVENT_KEYS = (
    "code",
    "diagnosis",
    "procedure",
    "revenue",
    "bill_type",
    "disposition",
    "place",
    "modifier",
    "provider",
    "billing_provider",
    "claim",
    "cvx",
    "cpt",
    "loinc",
    "snomed",
    "icd10",
    "ndc",
    "rxnorm",
    "ingredient",
    "status",
    "tooth",
    "result",
    "unit",
    "days_supply",
)
_EVENT = _object(
    {
        "on": _or_list(_DATE),
        **{key: _or_list(_CODE) for key in EVENT_KEYS},
        "until": _DATE,
        "encounter_class": _TEXT,
        "encounter_type": _TEXT,
        **dict.fromkeys(("admitted", "discharged", "ended"), _DATE),
        "table": {"enum": list(EVENT_TABLES)},
    },
    ["on"],
)
_RESULT = {"enum": ["met", "open", "excluded", "not_eligible", "no_event"]}
_DETAILED = _object(
    {
        "result": _RESULT,
        "on": _DATE,
        "from": {"type": "array", "items": {"enum": list(EVENT_TABLES)}},
        "reason": _NAME,
        "step": {"type": ["integer", "string"], "pattern": "^[0-9]+$"},
        "index": _DATE,
        "part": {"type": ["integer", "string"], "pattern": "^[0-9]+$"},
        "whole": {"type": ["number", "string"], "pattern": "^[0-9]+([.][0-9]+)?$"},
    },
    ["result"],
)
_EXPECTATION = {"anyOf": [_RESULT, _DETAILED, {"type": "array", "items": _DETAILED, "minItems": 1}]}
_NUMBER: dict[str, Any] = {"type": ["number", "string"], "pattern": "^-?[0-9]+([.][0-9]+)?$"}
_NUMBERS = dict.fromkeys(("numerator", "denominator", "value"), _NUMBER)
_INDICATOR = _object(
    {
        "indicator": _TEXT,
        "entity": _TEXT,
        "id": _TEXT,
        **dict.fromkeys(("period_start", "period_end"), _DATE),
        **_NUMBERS,
        "source": _TEXT,
    },
    ["indicator", "period_end"],
)
_INDICATORS = {"type": "array", "items": {"$ref": "#/definitions/Indicator"}}
_LINES = {"type": "array", "items": _object({"id": _TEXT, **_NUMBERS, "source": _TEXT}, ["id"])}
_PERSON = {
    "born": _DATE,
    "sex": _TEXT,
    "died": _DATE,
    "enrolled": {"type": "array", "items": _SPAN, "minItems": 1},
    "events": {"type": "array", "items": {"$ref": "#/definitions/Event"}},
    "expect": {"type": "object", "additionalProperties": _EXPECTATION, "minProperties": 1},
    "indicators": _INDICATORS,
}
_CASE = _object(
    {
        "name": _NAME,
        "about": _TEXT,
        "year": _YEAR,
        "parameters": {"type": "object", "additionalProperties": _TEXT},
        "enrollment_key": {"type": "array", "items": _NAME},
        "people": {"type": "array", "items": {"$ref": "#/definitions/Person"}, "minItems": 1},
        **_PERSON,
        "lines": {"type": "object", "additionalProperties": _LINES, "minProperties": 1},
    },
    ["name"],
)

CASES_SCHEMA: dict[str, Any] = {
    "title": "A test deck of vbpmeasure: measures/NAME/cases.yaml",
    **_object(
        {
            "measure": _NAME,
            "year": _YEAR,
            "about": _TEXT,
            "cases": {"type": "array", "items": {"$ref": "#/definitions/Case"}, "minItems": 1},
        },
        ["measure", "cases"],
    ),
    "definitions": {
        "Case": _CASE,
        "Event": _EVENT,
        "Indicator": _INDICATOR,
        "Person": _object(_PERSON, ["born", "expect"]),
    },
}

VALUE_SET_SCHEMA: dict[str, Any] = {
    "title": "A value set of vbpmeasure: measures/value_sets/NAME.yaml",
    **_object(
        {
            "name": _NAME,
            "title": _TEXT,
            "source": _TEXT,
            "licence": _TEXT,
            "confidence": {"enum": ["high", "medium", "low"]},
            "used_by": {"type": "array", "items": _NAME},
            "notes": _TEXT,
            "codes": {
                "type": "object",
                "additionalProperties": {"anyOf": [_CODE, {"type": "array", "items": _CODE}]},
                "minProperties": 1,
            },
        },
        ["name", "source", "licence", "confidence", "codes"],
    ),
}
