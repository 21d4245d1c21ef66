"""Words: texts that remember where they stood, so that every later check can point at them."""

from __future__ import annotations

from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from vbpmeasure.diagnostics.model import Span
from vbpmeasure.spec.tree import ListNode, MapNode, Node


class Word(str):
    """A text with the place it was read from; equal to any text with the same characters."""

    __slots__ = ("span",)
    span: Span | None

    def __new__(cls, text: str, span: Span | None = None) -> Word:
        """Return the text with its place (None when it came from nowhere)."""
        word = super().__new__(cls, text)
        word.span = span
        return word

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept texts; plain ones become words without a place."""
        return core_schema.no_info_before_validator_function(
            _to_word, core_schema.is_instance_schema(cls), json_schema_input_schema=core_schema.str_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe words as texts; editors read unquoted numbers and booleans as such, and both are fine."""
        return {"type": ["string", "number", "boolean"]}


def _to_word(value: Any) -> Any:
    return Word(value) if isinstance(value, str) and not isinstance(value, Word) else value


class LocatedMap(dict[str, Any]):
    """A mapping with the place it was read from."""

    span: Span | None = None


def located(node: Node) -> Any:
    """Return the tree as words, lists and mappings that keep their places."""
    if isinstance(node, MapNode):
        mapping = LocatedMap((Word(e.key.text, e.key.span), located(e.value)) for e in node.entries)
        mapping.span = node.span
        return mapping
    if isinstance(node, ListNode):
        return [located(item) for item in node.items]
    return Word(node.text, node.span)
