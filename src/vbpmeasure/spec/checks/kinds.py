"""VBM216: a piece stands only where its kind is needed; VBM231: a parameter where its type is."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import all_uses, error
from vbpmeasure.spec.models.measure import Parameter
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.uses import Kind, Use, piece_kind

_ARTICLE = {Kind.CRITERION: "a criterion", Kind.EVENT: "an event", Kind.DATE: "a date", Kind.INDEX: "index events"}
_NEEDED = {**{kind: kind for kind in _ARTICLE}, Kind.EXCLUSION: Kind.CRITERION}


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for every event, criterion or date that stands in the place of another."""
    for use in all_uses(names):
        yield from _fits(use, names)


def _fits(use: Use, names: Namespace) -> Iterator[Diagnostic]:
    needed = _NEEDED.get(use.kind)
    declared = names.pieces.get(str(use.name))
    if use.kind is Kind.EXCLUSION and str(use.name) in names.exclusions:
        return
    if needed is not None and declared is not None:
        kind = piece_kind(declared.model)
        if kind is not needed:
            is_needed = "are needed" if needed is Kind.INDEX else "is needed"
            stands_for = "stands for index events" if kind is Kind.INDEX else f"is {_ARTICLE[kind]}"
            message = f"`{use.name}` {stands_for}, and {_ARTICLE[needed]} {is_needed} here"
            yield error("VBM216", message, use.name.span, _hint(str(use.name), kind, needed))
    parameter = names.parameter(str(use.name))
    if parameter is not None:
        yield from _type_fits(use, parameter)


def _hint(name: str, kind: Kind, needed: Kind) -> str:
    if kind is Kind.EVENT and needed is Kind.CRITERION:
        return f"count it: `{{count: {name}, during: period}}`"
    if kind is Kind.EVENT and needed is Kind.DATE:
        return f"name one of its days: `{{date: {{first: {name}, during: period}}}}`"
    if kind is Kind.EVENT and needed is Kind.INDEX:
        return f"write `{{event: {name}, during: period}}`"
    if kind is Kind.DATE and needed is Kind.CRITERION:
        return f"ask something of it: `{{turns: {name}}}`"
    return "only what is defined with `event:` has dates to count" if needed is Kind.EVENT else ""


def _type_fits(use: Use, parameter: Parameter) -> Iterator[Diagnostic]:
    if use.kind is Kind.NUMBER and parameter.type != "integer":
        yield error("VBM231", f"a number is needed here, and `{use.name}` is a {parameter.type}", use.name.span)
    if use.kind is Kind.VERDICT and set(parameter.options or ()) != {"include", "exclude"}:
        hint = "declare it with `type: choice` and `options: [include, exclude]`"
        yield error("VBM231", f"`{use.name}` does not choose between include and exclude", use.name.span, hint)
    if use.kind is Kind.SWITCH and parameter.type == "integer":
        hint = "only a boolean or a choice can switch something"
        yield error("VBM231", f"`{use.name}` is an integer, which has no cases", use.name.span, hint)
