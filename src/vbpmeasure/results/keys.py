"""The keys of the rates of a program: what a rate number of the result frame stands for, read off the plan."""

from __future__ import annotations

from vbpmeasure.plan.grain import Grain
from vbpmeasure.plan.measures import Composite, EventRate, Indicator, MeasurePlan, Program, Proportion, Rate, TotalOf
from vbpmeasure.results.frame import RateKey, RateKind

# The step that composites and indicators have after their own (semantics page, sections 8 and 10).
HAS_COMPONENT = "eligible for at least one component"
HAS_ROW = "has a row of the indicator"


def rate_keys(program: Program) -> tuple[RateKey, ...]:
    """Return one key per rate, in the order of measures and rates: the positions that ``rate`` of the rows names."""
    return tuple(rate_key(measure, rate) for measure in program.measures for rate in measure.rates)


def kind_of(rate: Rate) -> RateKind:
    """Return what the rate is in the result frame."""
    match rate:
        case Proportion() | TotalOf():
            return RateKind.PROPORTION
        case EventRate():
            return RateKind.EVENTS_PER_1000
        case Composite():
            return RateKind(rate.kind.value)
        case Indicator():
            return RateKind.INDICATOR if rate.entity == "person" else RateKind.EXTERNAL


def rate_key(measure: MeasurePlan, rate: Rate) -> RateKey:
    """Return the key of one rate of the measure.

    Members of a total share their exclusions, and their steps count the same way: the first speaks for the words.
    """
    rates = {each.id: each for each in measure.rates}
    shown = rates[rate.members[0]] if isinstance(rate, TotalOf) else rate
    assert not isinstance(shown, TotalOf)  # a total has no totals among its members
    steps = [step.label for step in shown.population]
    if isinstance(rate, Composite) and rate.kind.per_person:
        steps.append(HAS_COMPONENT)
    if isinstance(rate, Indicator) and rate.entity == "person":
        steps.append(HAS_ROW)
    return RateKey(
        measure=measure.id,
        rate=rate.id,
        measure_title=measure.title,
        rate_title=rate.title,
        steps=tuple(steps),
        exclusions=tuple((exclusion.id, exclusion.title) for exclusion in shown.exclusions),
        lower_is_better=rate.lower_is_better,
        members=rate.members if isinstance(rate, TotalOf) else (),
        kind=kind_of(rate),
        components=rate.members if isinstance(rate, Composite) else (),
        per_event=isinstance(shown, Proportion) and shown.units.grain is Grain.INDEX,
        support=measure.support,
    )
