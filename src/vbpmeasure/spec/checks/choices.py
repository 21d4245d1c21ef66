"""VBM228: `choose` has a case for every value of its parameter, and `unless` names one of them."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic_core import PydanticCustomError

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.plan.builder.parameters import read_value
from vbpmeasure.spec.checks.found import error, parts, several
from vbpmeasure.spec.models.criteria import ChooseBody
from vbpmeasure.spec.models.events import Unless
from vbpmeasure.spec.models.measure import Parameter
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.suggest import suggestion
from vbpmeasure.spec.uses import models


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for every missing case, for cases that cannot occur, and for values that a parameter never has."""
    for model in parts(names):
        for node in models(model):
            if isinstance(node, ChooseBody) and (parameter := names.parameter(str(node.by))) is not None:
                yield from _cases(node, parameter)
            if isinstance(node, Unless) and (parameter := names.parameter(str(node.parameter))) is not None:
                if parameter.type == "integer":
                    continue
                try:
                    read_value(parameter, node.value)
                except PydanticCustomError as problem:
                    ctx = problem.context or {}
                    yield error("VBM228", str(ctx["message"]), node.value.span, str(ctx["hint"]))


def _cases(node: ChooseBody, parameter: Parameter) -> Iterator[Diagnostic]:
    if parameter.type == "integer":
        return
    values = [str(option) for option in parameter.options or ()] or ["yes", "no"]
    same = {"true": "yes", "false": "no"} if parameter.type == "boolean" else {}
    given = [same.get(text, text) for text in node.cases]
    missing = [value for value in values if value not in given]
    if missing:
        yield error("VBM228", f"no case for {several(missing)} of `{node.by}`", node.by.span, "add it under `cases`")
    for text, value in zip(node.cases, given, strict=True):
        if value not in values:
            span = getattr(node.cases[text], "span", None) or node.by.span
            yield error("VBM228", f"`{node.by}` is never `{text}`", span, suggestion(text, values))
