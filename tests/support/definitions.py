"""Small definitions for tests, as text, and what the checks and the builder make of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent, indent

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity
from vbpmeasure.plan.builder.measure import build_measure
from vbpmeasure.plan.flags import Flag
from vbpmeasure.plan.measures import MeasurePlan, Proportion
from vbpmeasure.spec.checks import check_measure
from vbpmeasure.spec.load import FragmentFile, parse_definition
from vbpmeasure.spec.models.measure import Fragment, Measure
from vbpmeasure.spec.namespace import Namespace, namespace

HEAD = """\
id: m
title: A measure
edition: "2025"
basis: inspired-by
references: [{title: A source, tag: SRC}]
"""
RATE = """\
rates:
  - id: r
    title: A rate
    population: [{age: {from: 3, to: 11, on: period end}}]
    numerator: {count: {code: visits}, during: period}
"""


def with_numerator(numerator: str, extra: str = "") -> str:
    """Return a measure whose one rate has this numerator; ``extra`` are more top-level keys."""
    rate = "rates:\n  - id: r\n    title: A rate\n    population: [{age: {from: 3, to: 11, on: period end}}]\n"
    return HEAD + dedent(extra) + rate + "    numerator:\n" + indent(dedent(numerator), "      ") + "\n"


def parameter(name: str, kind: str, value: str, more: str = "") -> str:
    """Return the `parameters` section with one parameter."""
    values = f"values: [{{from: 2020, value: {value}, source: SRC}}]"
    return f"parameters:\n  {name}: {{about: A parameter, type: {kind}, {more}{values}}}\n"


def names_of(text: str, fragments: Mapping[str, str] | None = None) -> Namespace:
    """Parse a measure and its fragments; raises `Failure`."""
    files: dict[str, FragmentFile] = {
        name: parse_definition(dedent(part), Path(f"shared/{name}.yaml"), Fragment)
        for name, part in (fragments or {}).items()
    }
    return namespace(parse_definition(dedent(text), Path("m/measure.yaml"), Measure), files)


def found_in(
    text: str,
    fragments: Mapping[str, str] | None = None,
    year: int | None = 2025,
    overrides: Mapping[str, str] | None = None,
) -> list[Diagnostic]:
    """Return everything that reading and checking a measure finds."""
    try:
        return check_measure(names_of(text, fragments), year, overrides or {})
    except Failure as failure:
        return list(failure.diagnostics)


def brief(found: list[Diagnostic]) -> list[str]:
    """Return `CODE line:column`, with a `w` before warnings."""
    return [
        ("w " if d.severity is Severity.WARNING else "") + f"{d.code} {d.span.line}:{d.span.column}"
        for d in found
        if d.span is not None
    ]


def errors_of(found: list[Diagnostic]) -> list[str]:
    """Return the codes of the errors."""
    return [d.code for d in found if d.severity is Severity.ERROR]


def plan_of(
    text: str, fragments: Mapping[str, str] | None = None, year: int = 2025, overrides: Mapping[str, str] | None = None
) -> MeasurePlan:
    """Check and build a measure; fails the test when the checks find an error."""
    names = names_of(text, fragments)
    found = check_measure(names, year, overrides or {})
    assert errors_of(found) == [], found
    return build_measure(names, year, overrides)


def numerator_of(numerator: str, extra: str = "", overrides: Mapping[str, str] | None = None) -> Flag:
    """Return the plan of a numerator."""
    rate = plan_of(with_numerator(numerator, extra), overrides=overrides).rates[0]
    assert isinstance(rate, Proportion)
    return rate.numerator
