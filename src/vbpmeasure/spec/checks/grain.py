"""VBM221: `index` needs index events, and the units of a measure are persons."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import error, parts
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.uses import dates


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for every date that is counted from an index event."""
    for model in parts(names):
        for date in dates(model):
            if date.anchor == "index":
                hint = "count from `birth`, a birthday, the period, or a date of `define`"
                yield error("VBM221", "`index` is no date of a person, and persons are counted here", date.span, hint)
