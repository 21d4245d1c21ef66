"""Measures that lend rates to composites of other measures."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from vbpmeasure.plan.measures import Composite, MeasurePlan, TotalOf
from vbpmeasure.plan.uses import value_sets_of


def members_of(plan: MeasurePlan) -> list[tuple[str, str]]:
    """Return the (measure, rate) of every member of the composites of a measure, each once, in order."""
    return list(dict.fromkeys(member for rate in plan.rates if isinstance(rate, Composite) for member in rate.members))


def lending(plan: MeasurePlan, rates: Collection[str]) -> MeasurePlan:
    """Return the measure cut to the rates that it lends (and the members of totals among them), marked as support."""
    needed = set(rates)
    for rate in plan.rates:
        if isinstance(rate, TotalOf) and rate.id in needed:
            needed.update(rate.members)
    kept = tuple(rate for rate in plan.rates if rate.id in needed)
    return replace(plan, rates=kept, value_sets=value_sets_of(kept), support=True)


def with_members_digest(plan: MeasurePlan, plans: Sequence[MeasurePlan]) -> MeasurePlan:
    """Return the measure with a digest that also changes when a measure changes that its composites take rates from."""
    others = sorted({measure for measure, _ in members_of(plan)} - {plan.id})
    if not others:
        return plan
    digests = {other.id: other.digest for other in plans}
    text = "\n".join([plan.digest, *(f"{id} {digests.get(id, '')}" for id in others)])
    return replace(plan, digest=hashlib.sha256(text.encode()).hexdigest())
