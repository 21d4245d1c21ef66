"""VBM230, VBM291, VBM202: rates have a population, and `met` and `total_of` join only what belongs together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.plan.measures import MeasurePlan, Proportion
from vbpmeasure.spec.checks.found import error, several
from vbpmeasure.spec.models.criteria import Met
from vbpmeasure.spec.models.rates import PerThousand, Rate, Total
from vbpmeasure.spec.namespace import Namespace, declared_index, declared_population
from vbpmeasure.spec.uses import PIECE_KINDS, models, piece_uses
from vbpmeasure.spec.words import Word


def check_shape(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for rates without a population, and for totals inside `met` and `total_of`."""
    for rate in names.measure.model.rates:
        joined: list[tuple[Word, str]] = []
        if isinstance(rate, (Rate, PerThousand)) and not declared_population(rate, names):
            hint = "write one here, or at the top for all rates"
            yield error("VBM202", f"the rate `{rate.id}` has no `population`", rate.id.span, hint)
        if isinstance(rate, Rate):
            joined = [(word, "met") for word in met_rates(rate, names)]
            joined += [(rate.within, "within")] if rate.within is not None else []
            if rate.within is not None and rate.index is not None:
                hint = "leave `index` out: the index events are those of the outer rate"
                yield error("VBM291", "`within` and `index` stand together", rate.within.span, hint)
        elif isinstance(rate, Total):
            joined = [(word, "total_of") for word in rate.total_of]
            if len(set(rate.total_of)) < 2:
                yield error("VBM230", "a total needs at least two rates", rate.total_of[0].span)
        for word, verb in joined:
            other = names.rates.get(str(word))
            if isinstance(other, Total):
                hint = "name its members instead"
                yield error("VBM230", f"`{word}` is a total, which `{verb}` cannot join", word.span, hint)
            elif other is not None and not isinstance(other, Rate):
                message = f"`{word}` has no numerator that `{verb}` could join"
                yield error("VBM230", message, word.span, "name rates with a `numerator`")
            elif other is not None and isinstance(rate, (Rate, Total)):
                yield from _same_units(rate, other, word, verb, names)


def _same_units(rate: Rate | Total, other: Rate, word: Word, verb: str, names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error when `met` or `total_of` joins rates whose units are not the same."""
    first = rate if isinstance(rate, Rate) else names.rates.get(str(rate.total_of[0]))
    if verb == "within" or not isinstance(first, Rate):
        return
    ours, theirs = ("persons" if declared_index(each, names) is None else "index events" for each in (first, other))
    if ours != theirs:
        message = f"`{word}` counts {theirs}, `{first.id}` counts {ours}: `{verb}` joins rates of the same units"
        yield error("VBM291", message, word.span, "define the index events once, under `index`")


def check_plan(names: Namespace, plan: MeasurePlan) -> Iterator[Diagnostic]:
    """Yield an error for joined rates whose populations or exclusions differ."""
    built = {rate.id: rate for rate in plan.rates if isinstance(rate, Proportion)}
    for rate in names.measure.model.rates:
        if isinstance(rate, Total):
            first = built[str(rate.total_of[0])]
            for word in rate.total_of[1:]:
                if built[str(word)].exclusions != first.exclusions:
                    message = f"`{word}` and `{first.id}` have different exclusions"
                    yield error("VBM230", message, word.span, "a total needs the same exclusions in all its rates")
                if built[str(word)].units != first.units:
                    message = f"`{word}` and `{first.id}` have different index events"
                    yield error("VBM291", message, word.span, "define the index events once, under `index`")
        if isinstance(rate, Rate):
            yield from _met_alike(rate, names, built)


def _met_alike(rate: Rate, names: Namespace, built: Mapping[str, Proportion]) -> Iterator[Diagnostic]:
    own = built[str(rate.id)]
    for word in met_rates(rate, names):
        other = built[str(word)]
        differ = []
        if [step.flag for step in other.population] != [step.flag for step in own.population]:
            differ.append("population")
        if other.exclusions != own.exclusions:
            differ.append("exclusions")
        if other.units != own.units:
            differ.append("index events")
        if differ:
            message = f"`{word}` does not have the same {several(differ)} as `{rate.id}`"
            yield error("VBM230", message, word.span, "write both once at the top of the measure")


def met_rates(rate: Rate, names: Namespace) -> list[Word]:
    """Return the rates that the numerator joins with `met`, directly or through pieces."""
    found: list[Word] = []
    seen: set[str] = set()
    todo = [rate.numerator]
    while todo:
        value = todo.pop()
        found += [word for node in models(value) if isinstance(node, Met) for word in node.rates]
        for use in piece_uses(value):
            name = str(use.name)
            if use.kind in PIECE_KINDS and name in names.pieces and name not in seen:
                seen.add(name)
                todo.append(names.pieces[name].model)
    return found
