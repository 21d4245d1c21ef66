"""JSON Schema (draft 7, which YAML language servers read) for the files that people write.

The schemas of measures and fragments come from the models, those of decks and value sets from short tables. A schema
sees shape only; `vbpmeasure check` sees meaning.
"""

from __future__ import annotations

import json
import warnings
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import PydanticJsonSchemaWarning

from vbpmeasure.spec.json_schema_tables import CASES_SCHEMA, VALUE_SET_SCHEMA
from vbpmeasure.spec.models.criteria import VERBS
from vbpmeasure.spec.models.measure import Fragment, Measure

DRAFT = "http://json-schema.org/draft-07/schema#"
MEASURE_SCHEMA_FILE = "measure.schema.json"

# Choices that many places share get a name, which keeps the file small and the messages of editors short.
_SHARED = (("Criterion", "#/definitions/Choose"), ("EventRef", "#/definitions/Event"))


# The model of `unless` is unfolded from what is written, so its schema is not that of its fields.
_UNLESS: dict[str, Any] = {
    "description": "Filters that apply unless a parameter has a given value.",
    "type": "object",
    "properties": {"filters": {"$ref": "#/definitions/Filters"}},
    "required": ["filters"],
    "additionalProperties": {"type": ["string", "boolean"]},
    "minProperties": 2,
    "maxProperties": 2,
}


def schema_files() -> dict[str, str]:
    """Return the texts of all schema files by file name; the same text every time."""
    schemas = {
        MEASURE_SCHEMA_FILE: _of_model(Measure, "A measure of vbpmeasure: measures/NAME/measure.yaml"),
        "fragment.schema.json": _of_model(Fragment, "A fragment of vbpmeasure: measures/shared/NAME.yaml"),
        "cases.schema.json": CASES_SCHEMA,
        "value_set.schema.json": VALUE_SET_SCHEMA,
    }
    return {name: _text(schema) for name, schema in schemas.items()}


def _text(schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": DRAFT, **schema}, indent=2, ensure_ascii=False) + "\n"


def _of_model(model: type[BaseModel], title: str) -> dict[str, Any]:
    with warnings.catch_warnings():
        # Our defaults are objects of ours; the schema leaves defaults out anyway.
        warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
        schema = model.model_json_schema(ref_template="#/definitions/{model}")
    definitions = {name: _plain(part) for name, part in schema.pop("$defs").items()}
    definitions["Unless"] = _UNLESS
    shared: dict[str, Any] = {}
    definitions = {name: _share(part, shared) for name, part in definitions.items()}
    body = _share(_plain(schema), shared)
    body.pop("description", None)
    return {"title": title, **body, "definitions": dict(sorted({**definitions, **shared}.items()))}


def _plain(part: Any) -> Any:
    """Return a schema without what pydantic adds for Python: titles, defaults, and null for what may be absent."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    plain: dict[str, Any] = {}
    for key, value in part.items():
        if key == "properties":
            plain[key] = {name: _plain(item) for name, item in value.items()}
        elif key == "oneOf":
            plain["anyOf"] = _plain(value)
        elif key not in ("default", "title"):
            plain[key] = _plain(value)
    options = plain.get("anyOf", [])
    if {"type": "null"} in options:
        options = [option for option in options if option != {"type": "null"}]
        if len(options) == 1:
            del plain["anyOf"]
            return {**options[0], **plain}
        plain["anyOf"] = options
    return plain


def _share(part: Any, shared: dict[str, Any]) -> Any:
    """Return the schema with every shared choice replaced by a reference, and collect the choices."""
    if isinstance(part, list):
        return [_share(item, shared) for item in part]
    if not isinstance(part, dict):
        return part
    options = part.get("anyOf", [])
    refs = [option.get("$ref") for option in options if isinstance(option, dict)]
    for name, mark in _SHARED:
        if mark in refs and options and options[0].get("type") == "string" and len(refs) == _length(name):
            shared[name] = {"anyOf": [_share(option, shared) for option in options]}
            return {"$ref": f"#/definitions/{name}"}
    return {key: _share(value, shared) for key, value in part.items()}


def _length(name: str) -> int:
    """Return how many options a shared choice has: a name and the verbs, or a name and an event."""
    return 1 + len(VERBS) if name == "Criterion" else 2
