"""VBM222: what is declared is used (a warning)."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import warning
from vbpmeasure.spec.models.measure import Rate
from vbpmeasure.spec.namespace import Namespace, declared_exclusions
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
    rates = [rate for rate in measure.rates if isinstance(rate, Rate)]
    for key in ("population", "exclusions"):
        shared = getattr(measure, key)
        if shared and rates and all(getattr(rate, key) is not None for rate in rates):
            span = getattr(shared[0], "span", None)
            yield warning("VBM222", f"every rate has its own `{key}`, the shared one is not used", span)


def _reached(names: Namespace) -> tuple[set[str], set[str], set[str]]:
    """Return the pieces, parameters and fragments that the rates need, directly or through others."""
    pieces: set[str] = set()
    parameters: set[str] = set()
    fragments: set[str] = set()
    todo: list[Use] = []
    for rate in names.measure.model.rates:
        todo += uses(rate)
        if isinstance(rate, Rate):
            todo += uses(declared_exclusions(rate, names), Kind.EXCLUSION)
            todo += uses(rate.population or names.measure.model.population, Kind.CRITERION)
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
