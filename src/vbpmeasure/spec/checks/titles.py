"""VBM237: the rates of a measure have titles that tell them apart (a warning)."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import warning
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.words import Word


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield a warning for every rate whose title is that of a rate before it, capitals and spaces aside."""
    seen: dict[str, Word] = {}
    for rate in names.measure.model.rates:
        first = seen.setdefault(" ".join(rate.title.split()).casefold(), rate.id)
        if first != rate.id:  # an id that is given twice is an error of its own
            message = f"the rates `{first}` and `{rate.id}` have the same title"
            yield warning("VBM237", message, rate.title.span, "say in each what the other is not: ages, days, whom")
