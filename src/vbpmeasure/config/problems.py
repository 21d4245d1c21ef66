"""What pydantic finds in a configuration, as diagnostics that point at the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vbpmeasure.config.document import TomlDocument
from vbpmeasure.config.models import ConfigFile
from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.days import DAY_FORM
from vbpmeasure.spec.suggest import suggestion_or_list

# Keys that people bring from the command line or from other tools, with what they are called here.
_FOREIGN_KEYS = {
    "select": "measures",
    "selection": "measures",
    "measures_dir": "measure_folders",
    "measure_roots": "measure_folders",
    "param": "params",
    "parameters": "params",
    "folder": "path",
    "file": "path",
    "uri": "path",
    "type": "format",
    "source": "label",
    "data_source": "label",
    "rename": "columns",
    "mapping": "columns",
    "codes": "values",
    "valuesets": "value_sets",
    "value-sets": "value_sets",
}
_FLAGS_ALONE = {
    "no_suppression": "small cells are shown only by `--no-suppression` on the command line, never by a file",
    "suppression": "small cells are shown only by `--no-suppression` on the command line, never by a file",
}
_NUMBER = "number_type"  # of our own: whole or not, where pydantic says what is wrong with either
_NEEDED = {
    _NUMBER: "a number is needed",
    "string_type": "a text between quotes is needed",
    "int_type": "a whole number is needed",
    "bool_type": "`true` or `false` is needed",
    "dict_type": "a table is needed",
    "model_type": "a table is needed",
    "model_attributes_type": "a table is needed",
    "list_type": "a list is needed",
    "string_too_short": "this text is empty",
    "float_type": "a number with a decimal point is needed",
    "date_type": DAY_FORM,
}
# What a number has to be, by the name of the bound that it does not keep.
_BOUNDS = {
    "greater_than": ("gt", "over {}"),
    "greater_than_equal": ("ge", "of {} or more"),
    "less_than": ("lt", "under {}"),
    "less_than_equal": ("le", "of {} or less"),
}


def problems(error: ValidationError, document: TomlDocument) -> Iterator[Diagnostic]:
    """Yield one diagnostic per place that the models refuse: VBM121 unknown key, VBM122 wrong value."""
    found: dict[tuple[int | str, ...], ErrorDetails] = {}
    words: dict[tuple[int | str, ...], str] = {}  # that may stand in the place of a number
    for detail in error.errors(include_url=False, include_input=False):
        path = _path_in(document, detail["loc"])
        before = found.setdefault(path, detail)
        if {before["type"], detail["type"]} == {"int_type", "float_type"}:
            before["type"] = _NUMBER
        if before is not detail and detail["type"] == "literal_error":
            words[path] = f", or {_expected(detail)}"
    for path, detail in found.items():
        # A union gives one finding a branch; the one that got deepest is the branch that was meant.
        if not any(len(other) > len(path) and other[: len(path)] == path for other in found):
            yield _hidden(_diagnostic(detail, path, document, words.get(path, "")), path)


def _diagnostic(
    detail: ErrorDetails, path: tuple[int | str, ...], document: TomlDocument, word: str = ""
) -> Diagnostic:
    kind = detail["type"]
    if kind == "extra_forbidden":
        key = str(path[-1])
        known = _keys_at(path[:-1])
        foreign = _FOREIGN_KEYS.get(key)
        hint = _FLAGS_ALONE.get(key) or (f"did you mean `{foreign}`?" if foreign in known else "")
        hint = hint or suggestion_or_list(key, known, "keys")
        return Diagnostic("VBM121", f"the key `{key}` is not known here", span=document.key(*path), hint=hint or None)
    span = document.value(*path)
    if len(path) < len(detail["loc"]) and kind not in (*_NEEDED, *_BOUNDS, "literal_error"):
        return Diagnostic("VBM122", f"`{path[-1]}` has a value of the wrong kind", span=span)
    if kind == "literal_error":
        return Diagnostic("VBM122", f"`{path[-1]}` takes {_expected(detail)}", span=span)
    if kind in _BOUNDS:
        bound, text = _BOUNDS[kind]
        number = f"{detail['ctx'][bound]:,}".removesuffix(".0")
        what = f"a number {text.format(number)} is needed"
    else:
        what = _NEEDED.get(kind, "a value of another kind is needed")
    return Diagnostic("VBM122", f"`{path[-1]}`: {what}{word}", span=span)


def _expected(detail: ErrorDetails) -> str:
    return str(detail.get("ctx", {}).get("expected", "")).replace("'", "`")


def _hidden(found: Diagnostic, path: Sequence[int | str]) -> Diagnostic:
    """Take the source line away from a finding where secrets may stand in it by mistake."""
    if path[:1] not in (("storage",), ("catalogs",)) or found.span is None:
        return found
    return Diagnostic(found.code, found.message, where=f"{found.span.path}:{found.span.line}", hint=found.hint)


def _path_in(document: TomlDocument, loc: Sequence[int | str]) -> tuple[int | str, ...]:
    """Return the part of a location that the file has: pydantic adds the branches of unions to it."""
    path: tuple[int | str, ...] = ()
    for item in loc:
        if (*path, item) in document.places:
            path = (*path, item)
    return path or tuple(loc)


def _keys_at(path: Sequence[int | str]) -> tuple[str, ...]:
    """Return the keys that are allowed in the table at this path."""
    model: type[BaseModel] = ConfigFile
    for item in path:
        if not isinstance(item, str):
            continue
        field = next((f for name, f in model.model_fields.items() if (f.alias or name) == item), None)
        if field is not None and (inner := _model_in(field.annotation)) is not None:
            model = inner
    return tuple(f.alias or name for name, f in model.model_fields.items())


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
