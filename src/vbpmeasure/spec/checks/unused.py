"""VBM222: what is declared is used (a warning)."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import warning
from vbpmeasure.spec.models.rates import PerThousand, Rate
from vbpmeasure.spec.namespace import Namespace, declared_exclusions, declared_population
from vbpmeasure.spec.uses import PARAMETER_KINDS, PIECE_KINDS, Kind, Use, piece_uses, uses


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield a warning for every piece, parameter, fragment and shared list that no rate needs.

    Pieces of fragments may be left unused: a fragment serves several measures.
    """
    used_pieces, used_parameters, used_fragments = _reached(names)
    measure = names.measure.model
    for name in measure.define:
        if name not in used_pieces:
            yield warning("VBM222", f"the piece `{name}` is not used by any rate", name.span, "use it or remove it")
    for name in measure.parameters:
        if name not in used_parameters:
            yield warning("VBM222", f"the parameter `{name}` changes nothing", name.span, "use it or remove it")
    for name in measure.use:
        if name in names.fragments and name not in used_fragments:
            yield warning("VBM222", f"nothing of the fragment `{name}` is used", name.span, "remove it from `use`")
    rates = [rate for rate in measure.rates if isinstance(rate, (Rate, PerThousand))]
    for key in ("population", "exclusions", "index"):
        shared = getattr(measure, key)
        if shared and rates and all(_has_own(rate, key) for rate in rates):
            span = getattr(shared[0] if isinstance(shared, tuple) else shared, "span", None)
            yield warning("VBM222", f"every rate has its own `{key}`, the shared one is not used", span)


def _has_own(rate: Rate | PerThousand, key: str) -> bool:
    """Return whether the shared list has no say in a rate: it has one of its own, or that of the rate it is within."""
    if isinstance(rate, PerThousand):
        return key == "index" or getattr(rate, key) is not None
    return rate.within is not None or getattr(rate, key) is not None


def _reached(names: Namespace) -> tuple[set[str], set[str], set[str]]:
    """Return the pieces, parameters and fragments that the rates need, directly or through others."""
    pieces: set[str] = set()
    parameters: set[str] = set()
    fragments: set[str] = set()
    todo: list[Use] = []
    for rate in names.measure.model.rates:
        todo += uses(rate)
        todo += uses(declared_exclusions(rate, names), Kind.EXCLUSION)
        todo += uses(declared_population(rate, names), Kind.CRITERION)
        if isinstance(rate, Rate) and rate.index is None and rate.within is None:
            todo += uses(names.measure.model.index, Kind.INDEX)
    while todo:
        use = todo.pop()
        name = str(use.name)
        if use.kind is Kind.EXCLUSION and name in names.exclusions:
            declared = names.exclusions[name]
            fragments.add(str(declared.fragment))
            todo += uses(declared.model)
        elif use.kind in (*PIECE_KINDS, Kind.EXCLUSION) and name in names.pieces and name not in pieces:
            pieces.add(name)
            declared = names.pieces[name]
            fragments.add(str(declared.fragment))
            todo += piece_uses(declared.model)
        elif use.kind in PARAMETER_KINDS and name in names.parameters:
            parameters.add(name)
            fragments.add(str(names.parameters[name].fragment))
    return pieces, parameters, fragments
