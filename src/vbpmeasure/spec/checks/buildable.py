"""VBM206, VBM220, VBM229, VBM231, VBM232, VBM233: with the parameter values in hand, every criterion can be built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.plan.builder.criteria import build_flag
from vbpmeasure.plan.builder.dates import build_date
from vbpmeasure.plan.builder.events import build_events
from vbpmeasure.plan.builder.index import build_index, build_months
from vbpmeasure.plan.builder.scope import Scope
from vbpmeasure.spec.checks.found import parts
from vbpmeasure.spec.models import criteria as c
from vbpmeasure.spec.models.events import Event
from vbpmeasure.spec.models.index import IndexBody, MemberMonthsBody
from vbpmeasure.spec.uses import dates, models

# Verbs that only combine others say nothing of their own, and `choose` may hold branches for other years.
_COMBINING = (c.All, c.AnyOne, c.Negation, c.Met, c.Choose)
_LEAVES = tuple(model for model in get_args(c.Verb) if model not in _COMBINING)


def check(scope: Scope) -> Iterator[Diagnostic]:
    """Yield what the builder refuses, for every date, event and criterion by itself: all of it shows at once."""
    for model in parts(scope.names):
        for date in dates(model):
            yield from _refused(lambda date=date: build_date(date, scope))
        for node in models(model):
            if isinstance(node, Event):
                yield from _refused(lambda node=node: build_events(node, scope))
            elif isinstance(node, IndexBody):
                yield from _refused(lambda node=node: build_index(node, scope))
            elif isinstance(node, MemberMonthsBody):
                yield from _refused(lambda node=node: build_months(node, scope))
            elif isinstance(node, _LEAVES):
                yield from _refused(lambda node=node: build_flag(node, scope))


def _refused(build: Any) -> Iterator[Diagnostic]:
    try:
        build()
    except Failure as failure:
        yield from failure.diagnostics
