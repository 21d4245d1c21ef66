"""Composites that have a row per person: eligible and met components (semantics page, section 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.engines.reference.rates import ReferenceRow, first_false, first_reason
from vbpmeasure.plan.measures import Composite, MeasurePlan

RowsByRate = Mapping[tuple[str, str], Sequence[ReferenceRow]]


@dataclass(frozen=True, slots=True)
class Component:
    """One member of a composite for one person: the units in its denominator, and how many of them meet it."""

    measure: str
    rate: str
    units: int
    met_units: int

    @property
    def eligible(self) -> bool:
        """Whether the person has a unit in the member's denominator."""
        return self.units > 0

    @property
    def met(self) -> bool:
        """Whether the person is eligible and every unit meets the numerator."""
        return self.eligible and self.met_units == self.units


@dataclass(frozen=True, slots=True)
class JudgedComposite:
    """A composite judged for one person: its own criteria, its components, its row."""

    rate: Composite
    steps: tuple[Outcome, ...]
    exclusions: tuple[Outcome, ...]
    components: tuple[Component, ...]
    row: ReferenceRow


def components_of(rate: Composite, rows: RowsByRate) -> tuple[Component, ...]:
    """Return what each member of the composite came to for the person whose rows these are."""
    found = []
    for measure_id, rate_id in rate.members:
        units = [row for row in rows.get((measure_id, rate_id), ()) if row.in_denominator]
        found.append(Component(measure_id, rate_id, len(units), sum(row.numerator for row in units)))
    return tuple(found)


def judge_composite(case: Case, measure: MeasurePlan, rate: Composite, rows: RowsByRate) -> JudgedComposite:
    """Judge the person: the composite's own steps, then one eligible member at least, its exclusions, its members."""
    steps = tuple(case.judge(step.flag) for step in rate.population)
    exclusions = tuple(case.judge(exclusion.flag) for exclusion in rate.exclusions)
    components = components_of(rate, rows)
    whole = sum(component.eligible for component in components)
    part = sum(component.met for component in components)

    failed_step = first_false(steps)
    if failed_step is None and whole == 0:
        failed_step = len(steps)
    exclusion = first_reason(rate.exclusions, exclusions) if failed_step is None else None
    judged = failed_step is None and exclusion is None
    row = ReferenceRow(
        measure=measure.id,
        rate=rate.id,
        person_id=case.person.person_id,
        index_date=None,
        failed_step=failed_step,
        exclusion=exclusion,
        numerator=judged and part == whole,
        evidence_date=None,
        evidence_sources=None,
        part=part if judged else None,
        whole=whole if judged else None,
    )
    return JudgedComposite(rate, steps, exclusions, components, row)
