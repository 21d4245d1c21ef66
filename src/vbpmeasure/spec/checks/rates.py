"""VBM230, VBM202: rates have a population, and `met` and `total_of` join only what belongs together."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.plan.measures import MeasurePlan, Proportion
from vbpmeasure.spec.checks.found import error, several
from vbpmeasure.spec.models.criteria import Met
from vbpmeasure.spec.models.measure import Rate, Total
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.uses import PIECE_KINDS, models, piece_uses
from vbpmeasure.spec.words import Word


def check_shape(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for rates without a population, and for totals inside `met` and `total_of`."""
    measure = names.measure.model
    for rate in measure.rates:
        if isinstance(rate, Rate):
            if rate.population is None and measure.population is None:
                hint = "write one here, or at the top for all rates"
                yield error("VBM202", f"the rate `{rate.id}` has no `population`", rate.id.span, hint)
            joined = [(word, "met") for word in met_rates(rate, names)]
        else:
            joined = [(word, "total_of") for word in rate.total_of]
            if len(set(rate.total_of)) < 2:
                yield error("VBM230", "a total needs at least two rates", rate.total_of[0].span)
        for word, verb in joined:
            if isinstance(names.rates.get(str(word)), Total):
                hint = "name its members instead"
                yield error("VBM230", f"`{word}` is a total, which `{verb}` cannot join", word.span, hint)


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
            continue
        own = built[str(rate.id)]
        for word in met_rates(rate, names):
            other = built[str(word)]
            differ = []
            if [step.flag for step in other.population] != [step.flag for step in own.population]:
                differ.append("population")
            if other.exclusions != own.exclusions:
                differ.append("exclusions")
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
