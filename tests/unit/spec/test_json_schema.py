"""The JSON Schema files: fresh, valid draft 7, and true of what is shipped and of what is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from support.definitions import HEAD, RATE, with_numerator
from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.spec.json_schema import schema_files
from vbpmeasure.spec.tree import parse_yaml, read_yaml
from vbpmeasure.testing.deck_events import _CLAIM_ONLY, _RECORD_KEYS, _RECORD_ONLY
from vbpmeasure.testing.deck_people import PERSON_KEYS

SCHEMAS = {name: json.loads(text) for name, text in schema_files().items()}
SHIPPED = [
    (name, path)
    for name, pattern in (
        ("measure.schema.json", "*/measure.yaml"),
        ("fragment.schema.json", "shared/*.yaml"),
        ("cases.schema.json", "*/cases.yaml"),
        ("value_set.schema.json", "value_sets/*.yaml"),
    )
    for path in sorted(measures_root().glob(pattern))
]


def as_an_editor_reads(value: Any) -> Any:
    """Return the tree with the numbers and booleans that YAML 1.2 sees, as a language server does."""
    if isinstance(value, dict):
        return {key: as_an_editor_reads(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_an_editor_reads(item) for item in value]
    if re.fullmatch("-?(0|[1-9][0-9]*)", value):
        return int(value)
    return {"true": True, "false": False}.get(value, value)


def faults(name: str, value: Any) -> list[str]:
    return [error.message for error in Draft7Validator(SCHEMAS[name]).iter_errors(value)]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_valid_draft_7_without_loose_ends(name: str) -> None:
    schema = SCHEMAS[name]
    Draft7Validator.check_schema(schema)
    text = json.dumps(schema)
    named = set(re.findall('"#/definitions/([A-Za-z]+)"', text))
    assert named <= set(schema.get("definitions", {}))
    assert "$defs" not in text


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_shipped_schema_is_fresh(name: str) -> None:
    shipped = measures_root() / "schema" / name
    assert shipped.read_text(encoding="utf-8") == schema_files()[name], "run `vbpmeasure schema --write`"


@pytest.mark.parametrize(("name", "path"), SHIPPED, ids=lambda value: value.name if isinstance(value, Path) else value)
def test_what_is_shipped_validates(name: str, path: Path) -> None:
    plain = read_yaml(path).to_plain()
    assert faults(name, plain) == []
    assert faults(name, as_an_editor_reads(plain)) == []


def test_something_is_shipped() -> None:
    assert {name for name, _ in SHIPPED} == set(SCHEMAS)


@pytest.mark.parametrize(
    "text",
    [
        (HEAD + RATE).replace("basis: inspired-by", "basis: certified"),
        (HEAD + RATE).replace("title: A measure\n", ""),
        HEAD + RATE + "populaton: []\n",
        HEAD + "rates: []\n",
        with_numerator("{count: {code: x}, appart: 1 day, during: period}"),
        with_numerator("{count: {code: x}, apart: soon, during: period}"),
        with_numerator("{counts: {code: x}, during: period}"),
        with_numerator("{turns: birthday}"),
        with_numerator("{all: []}"),
        with_numerator("{count: {code: x, unless: {p: yes}}, during: period}"),
        with_numerator("{count: {code: x, status: [payed]}, during: period}"),
    ],
)
def test_an_editor_sees_what_is_wrong(text: str) -> None:
    plain = as_an_editor_reads(parse_yaml(text, "m.yaml").to_plain())
    assert faults("measure.schema.json", plain)


@pytest.mark.parametrize(
    "numerator",
    [
        "{count: [a, {code: [x, y]}], at_least: n, apart: n days, after: birth, before: d + 1 month}",
        "{count: {code: x, unless: {p: yes, filters: {place: y}}}, during: period}",
        "{choose: {by: p, cases: {yes: a, no: {met: [r, s]}}}}",
    ],
)
def test_an_editor_accepts_what_we_accept(numerator: str) -> None:
    plain = as_an_editor_reads(parse_yaml(with_numerator(numerator), "m.yaml").to_plain())
    assert faults("measure.schema.json", plain) == []


def test_the_deck_schema_knows_the_keys_of_the_deck_reader() -> None:
    definitions = SCHEMAS["cases.schema.json"]["definitions"]
    assert set(definitions["Person"]["properties"]) == {*PERSON_KEYS, "indicators"}
    events = set(definitions["Event"]["properties"])
    assert events == {"on", "table", "status", *_CLAIM_ONLY, *_RECORD_KEYS, *_RECORD_ONLY}
    assert definitions["Event"]["properties"]["table"]["enum"] == list(EVENT_TABLES)
