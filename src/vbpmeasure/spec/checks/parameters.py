"""VBM227, VBM231, VBM218: parameters have a value for the year, each of the right type, one per starting year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic_core import PydanticCustomError

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.plan.builder.parameters import parameter_values, read_value
from vbpmeasure.spec.checks.found import error, parts
from vbpmeasure.spec.namespace import Namespace


def check(names: Namespace, year: int | None, overrides: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Yield an error for values of a wrong type, two values from one year on, and years without a value."""
    found: list[Diagnostic] = []
    for model in parts(names):
        for name, parameter in model.parameters.items():
            starts: set[int] = set()
            for value in parameter.values:
                if value.from_ in starts:
                    message = f"`{name}` has two values from {value.from_} on"
                    found.append(error("VBM218", message, value.value.span, "keep one of them"))
                starts.add(value.from_)
                try:
                    read_value(parameter, value.value)
                except PydanticCustomError as problem:
                    ctx = problem.context or {}
                    found.append(error("VBM231", str(ctx["message"]), value.value.span, str(ctx["hint"])))
    if year is not None:
        try:
            parameter_values(names, year, overrides)
        except Failure as failure:
            found += [d for d in failure.diagnostics if d not in found]
    yield from found


def years_of_change(names: Namespace) -> list[int]:
    """Return the years in which some parameter of the measure changes and all have a value."""
    starts = [{v.from_ for v in declared.model.values} for declared in names.parameters.values()]
    if not starts:
        return []
    first = max(min(years) for years in starts)
    return sorted({first, *(year for years in starts for year in years if year >= first)})
