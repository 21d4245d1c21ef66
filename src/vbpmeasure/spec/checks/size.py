"""VBM235: pieces that double each other cannot grow a plan beyond all bounds."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import error
from vbpmeasure.spec.namespace import Namespace, declared_exclusions, declared_index, declared_population
from vbpmeasure.spec.uses import PIECE_KINDS, Kind, Use, models, piece_uses, uses

# The largest shipped measure has less than a thousandth of this.
MAX_PARTS = 100_000


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for every rate that has too many parts once all names are written out."""
    sizes: dict[str, int] = {}
    for rate in names.measure.model.rates:
        used = [*uses(rate)]
        used += uses(declared_exclusions(rate, names), Kind.EXCLUSION)
        used += uses(declared_population(rate, names), Kind.CRITERION)
        used += uses(declared_index(rate, names), Kind.INDEX)
        parts = sum(_size(use, names, sizes) for use in used)
        if parts > MAX_PARTS:
            message = f"the rate `{rate.id}` has more than {MAX_PARTS:,} parts once all names are written out"
            yield error("VBM235", message, rate.id.span, "look for pieces that name each other twice")


def _size(use: Use, names: Namespace, sizes: dict[str, int]) -> int:
    """Return how many parts a name stands for; ``sizes`` holds what is known (and 0 for what is being looked at)."""
    name = str(use.name)
    if use.kind is Kind.RATE and name in names.rates:
        key, model = f"rate {name}", names.rates[name]
    elif use.kind is Kind.EXCLUSION and name in names.exclusions:
        key, model = f"exclusion {name}", names.exclusions[name].model
    elif use.kind in (*PIECE_KINDS, Kind.EXCLUSION) and name in names.pieces:
        key, model = f"piece {name}", names.pieces[name].model
    else:
        return 1
    if key not in sizes:
        sizes[key] = 0
        own = 1 + sum(1 for _ in models(model))
        sizes[key] = own + sum(_size(inner, names, sizes) for inner in piece_uses(model))
    return sizes[key]
