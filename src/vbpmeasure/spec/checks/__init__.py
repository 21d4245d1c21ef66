"""The checks of a definition: one file a rule, every rule returns all it finds.

What a name stands for is only judged when all names are known, and numbers only when the parameters have values;
so the rules run in three rounds, and a round with errors ends the checking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, MINYEAR

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity
from vbpmeasure.plan.builder.measure import build_measure
from vbpmeasure.plan.builder.parameters import parameter_values
from vbpmeasure.plan.builder.scope import Scope
from vbpmeasure.spec.checks import (
    buildable,
    choices,
    circular,
    composites,
    duplicates,
    grain,
    kinds,
    parameters,
    providers,
    rates,
    record_statuses,
    references,
    size,
    titles,
    unknown_names,
    unused,
    value_sets,
    windows,
)
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.terminology.value_sets import ValueSetLibrary

_SOME_YEAR = 2025


def check_measure(names: Namespace, year: int | None, overrides: Mapping[str, str]) -> list[Diagnostic]:
    """Return every finding about a measure and its fragments, apart from value sets; each finding once.

    With ``year`` None the measure is judged with the parameter values of every year in which one of them changes.
    """
    found = list(_names_and_shape(names))
    if not _has_errors(found):
        found += parameters.check(names, year, overrides)
    if not _has_errors(found):
        for each in [year] if year is not None else parameters.years_of_change(names) or [_SOME_YEAR]:
            found += _meaning(names, min(max(each, MINYEAR), MAXYEAR), overrides)
    return list(dict.fromkeys(found))


def check_value_sets(names: Namespace, library: ValueSetLibrary) -> list[Diagnostic]:
    """Return every finding about the value sets that a measure uses, each once."""
    return list(dict.fromkeys(value_sets.check(names, library)))


def _names_and_shape(names: Namespace) -> Iterator[Diagnostic]:
    yield from duplicates.check(names)
    yield from unknown_names.check(names)
    yield from kinds.check(names)
    yield from circular.check(names)
    yield from size.check(names)
    yield from grain.check(names)
    yield from rates.check_shape(names)
    yield from composites.check(names)
    yield from choices.check(names)
    yield from references.check(names)
    yield from record_statuses.check(names)
    yield from providers.check(names)
    yield from unused.check(names)
    yield from titles.check(names)


def _meaning(names: Namespace, year: int, overrides: Mapping[str, str]) -> Iterator[Diagnostic]:
    scope = Scope(names, parameter_values(names, year, overrides))
    found = [*buildable.check(scope), *windows.check(scope, year)]
    yield from found
    if not _has_errors(found):
        try:
            yield from rates.check_plan(names, build_measure(names, year, overrides))
        except Failure as failure:
            yield from failure.diagnostics


def _has_errors(found: list[Diagnostic]) -> bool:
    return any(diagnostic.severity is Severity.ERROR for diagnostic in found)
