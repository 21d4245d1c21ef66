"""What pydantic found, as diagnostics with a place: every error of a file in one go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from vbpmeasure.diagnostics.model import Diagnostic, Span
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.tree import Entry, ListNode, MapNode, Node

# Keys that people bring from other languages, with what they are called here.
_FOREIGN_KEYS = {
    "denominator": "population",
    "exclude": "exclusions",
    "min_count": "at_least",
    "min": "at_least",
    "spacing": "apart",
    "gap": "gaps",
    "and": "all",
    "or": "any",
    "value_set": "code",
    "unless_parameter": "unless",
}


def problems(error: ValidationError, root: Node, model: type[BaseModel]) -> Iterator[Diagnostic]:
    """Yield one diagnostic per finding of pydantic, at the place in the tree that the finding is about."""
    for detail in error.errors(include_url=False, include_input=False):
        yield _diagnostic(detail, root, model)


def _diagnostic(detail: ErrorDetails, root: Node, model: type[BaseModel]) -> Diagnostic:
    kind, loc, ctx = detail["type"], detail["loc"], detail.get("ctx", {})
    entry, node = _locate(root, loc)
    if kind == "extra_forbidden":
        key = str(loc[-1])
        known = _keys_of(model, loc[:-1])
        hint = f"did you mean `{_FOREIGN_KEYS[key]}`?" if _FOREIGN_KEYS.get(key) in known else ""
        hint = hint or suggestion_or_list(key, known, "keys")
        span = entry.key.span if entry is not None and entry.key.text == key else node.span
        return Diagnostic("VBM201", f"the key `{key}` is not known here", span=span, hint=hint or None)
    if kind == "missing":
        return Diagnostic("VBM202", f"the key `{loc[-1]}` is missing", span=_head(entry, node))
    if kind.startswith("VBM"):
        return Diagnostic(kind, str(ctx["message"]), span=_head(entry, node), hint=str(ctx.get("hint", "")) or None)
    if kind == "literal_error":
        expected = str(ctx["expected"]).replace("'", "`")
        text = getattr(node, "text", "")
        words = [word.strip("'") for word in str(ctx["expected"]).replace(" or ", ", ").split(", ")]
        return Diagnostic(
            "VBM203",
            f"`{text}` is not allowed here: {expected} is needed" if text else f"{expected} is needed here",
            span=_head(entry, node),
            hint=suggestion_or_list(text, words, "values") or None,
        )
    return Diagnostic("VBM203", _plain_words(detail), span=_head(entry, node))


def _plain_words(detail: ErrorDetails) -> str:
    message = detail["msg"]
    return message[0].lower() + message[1:]


def _locate(root: Node, loc: Sequence[int | str]) -> tuple[Entry | None, Node]:
    """Follow the location through the tree: the last entry passed, and the node reached.

    Tags of unions stand in angle brackets in the location and are no part of the tree.
    """
    entry: Entry | None = None
    node = root
    for item in loc:
        if isinstance(item, int):
            if isinstance(node, ListNode) and item < len(node.items):
                entry, node = None, node.items[item]
        elif not item.startswith("<") and isinstance(node, MapNode):
            found = node.entry(item)
            if found is not None:
                entry, node = found, found.value
    return entry, node


def _head(entry: Entry | None, node: Node) -> Span:
    """Return where to put the caret: on a value that is short, else on the key or the first key of it."""
    if isinstance(node, MapNode) and node.span.line != node.span.end_line:
        if entry is not None:
            return entry.key.span
        return node.entries[0].key.span if node.entries else node.span
    if isinstance(node, ListNode) and node.span.line != node.span.end_line and entry is not None:
        return entry.key.span
    if node.span.line == node.span.end_line and node.span.column == node.span.end_column and entry is not None:
        return entry.key.span
    return node.span


def _keys_of(model: type[BaseModel], loc: Sequence[int | str]) -> tuple[str, ...]:
    """Return the keys that are allowed at a location of the model, as the author writes them."""
    current = _models_in(model)
    for item in loc:
        if isinstance(item, int):
            continue
        if item.startswith("<"):
            tag = item.strip("<>")
            tagged = [m for m in current if tag in _tags(m)]
            current = tagged or current
            continue
        for candidate in current:
            field = next((f for n, f in candidate.model_fields.items() if (f.alias or n) == item), None)
            if field is not None:
                current = _models_in(field.annotation)
                break
    return tuple(f.alias or n for m in current for n, f in m.model_fields.items())


def _tags(model: type[BaseModel]) -> set[str]:
    keys = {f.alias or n for n, f in model.model_fields.items()}
    own = {"Rate": {"rate"}, "Total": {"total"}, "StepBody": {"step"}, "ExclusionBody": {"exclusion"}}
    own |= {"PerThousand": {"per_thousand"}, "CompositeRate": {"composite"}, "IndicatorRate": {"indicator"}}
    own["IndexPiece"] = own["IndexBody"] = {"index"}
    own["FirstPiece"] = {"first"}
    own["Event"] = {"event"}
    if model.__name__ in own:
        return own[model.__name__]
    return keys


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return every model that an annotation can hold, through unions, tuples and mappings."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if isinstance(annotation, TypeAdapter):
        return []
    found: list[type[BaseModel]] = []
    for part in get_args(annotation):
        found += [m for m in _models_in(part) if m not in found]
    return found
