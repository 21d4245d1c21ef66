"""Parameter values: those in force in a measurement year, and what the user overrides."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic_core import PydanticCustomError

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Span
from vbpmeasure.spec.models.base import FALSE_WORDS, TRUE_WORDS, wrong
from vbpmeasure.spec.models.measure import Parameter, ParameterValue
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.suggest import suggestion_or_list


def read_value(parameter: Parameter, text: str) -> str | int | bool:
    """Return a value of the parameter's type from its text; raises `PydanticCustomError` VBM231 when it is none."""
    text = text.strip()
    if parameter.type == "boolean":
        if text not in (*TRUE_WORDS, *FALSE_WORDS):
            raise wrong(f"`{text}` is neither yes nor no", "write `yes` or `no`", "VBM231")
        return text in TRUE_WORDS
    if parameter.type == "integer":
        if not re.fullmatch("-?[0-9]{1,6}", text):
            raise wrong(f"`{text}` is no whole number", "write digits only", "VBM231")
        number = int(text)
        low, high = parameter.minimum, parameter.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            limits = " and ".join(
                words for limit, words in ((low, f"at least {low}"), (high, f"at most {high}")) if limit is not None
            )
            raise wrong(f"{number} is out of range", f"the value must be {limits}", "VBM231")
        return number
    options = [str(option) for option in parameter.options or ()]
    if text not in options:
        raise wrong(f"`{text}` is none of the options", suggestion_or_list(text, options, "options"), "VBM231")
    return text


def in_force(parameter: Parameter, year: int) -> ParameterValue | None:
    """Return the entry in force in the measurement year: the latest that starts in it or before, or None."""
    started = [value for value in parameter.values if value.from_ <= year]
    return max(started, key=lambda value: value.from_, default=None)


def parameter_values(names: Namespace, year: int, overrides: Mapping[str, str]) -> dict[str, str | int | bool]:
    """Return the value of every parameter of the measure and its fragments in the measurement year.

    Raises `Failure` with every finding: VBM212 an override of an unknown parameter, VBM231 a text that is no value
    of the parameter's type, VBM227 a parameter without a value in that year.
    """
    found: list[Diagnostic] = []
    values: dict[str, str | int | bool] = {}
    for name in sorted(set(overrides) - set(names.parameters)):
        known = suggestion_or_list(name, names.parameters, "parameters")
        where = f"measure {names.measure.model.id}"
        found.append(Diagnostic("VBM212", f"no parameter is called `{name}`", where=where, hint=known or None))
    for name, declared in names.parameters.items():
        text: str
        span: Span | None
        if name in overrides:
            text, span = overrides[name], None
        else:
            entry = in_force(declared.model, year)
            if entry is None:
                first = min(value.from_ for value in declared.model.values)
                message = f"the parameter `{name}` has no value for measurement year {year}"
                hint = f"its first value starts in {first}; add one, or override it"
                found.append(Diagnostic("VBM227", message, span=declared.name.span, hint=hint))
                continue
            text, span = entry.value, entry.value.span
        try:
            values[name] = read_value(declared.model, text)
        except PydanticCustomError as error:
            ctx = error.context or {}
            place = None if span else f"parameter {name} of {names.measure.model.id}"
            problem = Diagnostic("VBM231", str(ctx["message"]), span=span, where=place, hint=str(ctx["hint"]) or None)
            found.append(problem)
    if found:
        raise Failure(found)
    return values
