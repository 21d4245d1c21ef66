"""VBM221, VBM290: dates of an index event stand only where index events are judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import error, parts
from vbpmeasure.spec.dates import DateSpec
from vbpmeasure.spec.models.index import IndexBody
from vbpmeasure.spec.models.rates import PerThousand, Rate, RateModel
from vbpmeasure.spec.namespace import Namespace, declared_exclusions, declared_index, declared_population
from vbpmeasure.spec.uses import PIECE_KINDS, Kind, Use, dates, models, piece_uses, uses

_HINT = "count from `birth`, a birthday, the period, or a date of `define`; or give the rate an `index`"


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for every date of an index event in a rate of persons, and in what index events are made of."""
    for rate in names.measure.model.rates:
        for date in _dates_in(_of_persons(rate, names), names):
            message = f"`{date.anchor}` is no date of a person, and `{rate.id}` counts persons"
            yield error("VBM221", message, date.span, _HINT)
        if isinstance(rate, PerThousand):
            for date in _dates_in([(_ends(rate.member_months), None)], names):
                yield error("VBM290", f"member-months cannot be counted from `{date.anchor}`", date.span)
    for model in parts(names):
        for node in models(model):
            if isinstance(node, IndexBody):
                for date in _dates_in([(_ends(node), None)], names):
                    message = f"the window of index events cannot be counted from `{date.anchor}`"
                    yield error("VBM290", message, date.span, "put the criterion under `when`")


def _of_persons(rate: RateModel, names: Namespace) -> list[tuple[Any, Kind | None]]:
    """Return the parts of a rate that are judged for persons."""
    population, exclusions = declared_population(rate, names), declared_exclusions(rate, names)
    found: list[tuple[Any, Kind | None]] = [(tuple(population), Kind.CRITERION), (tuple(exclusions), Kind.EXCLUSION)]
    if isinstance(rate, Rate):
        if declared_index(rate, names) is not None:
            return []
        found.append((rate.numerator, Kind.CRITERION))
    return found


def _ends(window: Any) -> tuple[Any, ...]:
    """Return the dates that make a window."""
    keys = ("between", "from_", "after", "to", "before", "on_window")
    return tuple(value for key in keys if (value := getattr(window, key, None)) is not None)


def _dates_in(values: list[tuple[Any, Kind | None]], names: Namespace) -> Iterator[DateSpec]:
    """Yield the dates of index events that the values write, or that a name stands for which they use."""
    todo: list[Use] = []
    for value, kind in values:
        yield from _index_dates(value)
        todo += uses(value, kind)
    seen: set[tuple[bool, str]] = set()
    while todo:
        use = todo.pop(0)
        name, of_fragment = str(use.name), use.kind is Kind.EXCLUSION and str(use.name) in names.exclusions
        if (of_fragment, name) in seen or use.kind not in (*PIECE_KINDS, Kind.EXCLUSION):
            continue
        seen.add((of_fragment, name))
        declared = names.exclusions.get(name) if of_fragment else names.pieces.get(name)
        if declared is not None and not isinstance(declared.model, IndexBody):
            yield from _index_dates(declared.model)
            todo += piece_uses(declared.model)


def _index_dates(value: Any) -> Iterator[DateSpec]:
    yield from (date for date in dates(value) if date.anchor.startswith("index"))
