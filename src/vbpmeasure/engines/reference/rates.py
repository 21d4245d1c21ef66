"""From criteria to rows: population, exclusions, numerator, evidence, totals (semantics page, section 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.engines.reference.index_events import IndexEvent
from vbpmeasure.engines.reference.units import find_units
from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.flags import Flag
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.measures import Exclusion, MeasurePlan, Proportion, TotalOf
from vbpmeasure.plan.uses import sources_of


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One row of the result: one unit (person or index event) of one rate.

    ``failed_step`` counts from 0 and is None in the population. ``evidence_date`` and ``evidence_sources`` belong
    to a numerator that is met; the sources are None when there is no evidence date. ``part`` and ``whole`` are the
    amounts of rates that are no share of units, None outside the denominator.
    """

    measure: str
    rate: str
    person_id: object
    index_date: dt.date | None
    failed_step: int | None
    exclusion: str | None
    numerator: bool
    evidence_date: dt.date | None
    evidence_sources: frozenset[str] | None
    part: int | None = None
    whole: int | None = None

    @property
    def in_denominator(self) -> bool:
        """Whether the unit is in the population and not excluded."""
        return self.failed_step is None and self.exclusion is None

    @property
    def in_population(self) -> bool:
        """Whether the unit met every population step."""
        return self.failed_step is None


@dataclass(frozen=True, slots=True)
class Judged:
    """A proportion judged for one unit: the outcome of every criterion, and the row that follows from them.

    ``index`` is the index event, None when the unit is the person.
    """

    rate: Proportion
    index: IndexEvent | None
    steps: tuple[Outcome, ...]
    exclusions: tuple[Outcome, ...]
    numerator: Outcome
    row: ReferenceRow


def numerator_event_sets(flag: Flag) -> Iterator[EventSet]:
    """Yield the event sets that a numerator names: those it looks at, not the ones that only anchor a date."""
    for part in flag.walk():
        for source in sources_of(part):
            yield source.events


def evidence_sources(case: Case, numerator: Flag, day: dt.date) -> frozenset[str]:
    """Return the tables that hold, on that day, an event of any event set that the numerator names."""
    return frozenset(
        found.table for events in numerator_event_sets(numerator) for found in case.events(events) if found.day == day
    )


def first_false(steps: Sequence[Outcome]) -> int | None:
    """Return the number of the first step that does not hold, counted from 0; None when all hold."""
    return next((number for number, step in enumerate(steps) if not step.value), None)


def first_reason(declared: Sequence[Exclusion], outcomes: Sequence[Outcome]) -> str | None:
    """Return the id of the first exclusion that holds, in declared order."""
    reasons = [exclusion.id for exclusion, outcome in zip(declared, outcomes, strict=True) if outcome.value]
    return reasons[0] if reasons else None


def judge_proportion(case: Case, measure: MeasurePlan, rate: Proportion) -> list[Judged]:
    """Judge the rate for the person, or for each of the person's index events, in the order of their dates."""
    if isinstance(rate.units, IndexEvents):
        return [_judge_unit(case.at(event), measure, rate) for event in find_units(case, rate.units).units]
    return [_judge_unit(case, measure, rate)]


def _judge_unit(case: Case, measure: MeasurePlan, rate: Proportion) -> Judged:
    """Judge every criterion of the rate for the unit and draw the row from the outcomes."""
    steps = tuple(case.judge(step.flag) for step in rate.population)
    exclusions = tuple(case.judge(exclusion.flag) for exclusion in rate.exclusions)
    numerator = case.judge(rate.numerator)

    failed_step = first_false(steps)
    in_population = failed_step is None
    exclusion = first_reason(rate.exclusions, exclusions) if in_population else None
    met = in_population and exclusion is None and numerator.value
    day = numerator.date if met else None
    row = ReferenceRow(
        measure=measure.id,
        rate=rate.id,
        person_id=case.person.person_id,
        index_date=case.index.day if case.index is not None else None,
        failed_step=failed_step,
        exclusion=exclusion,
        numerator=met,
        evidence_date=day,
        evidence_sources=evidence_sources(case, rate.numerator, day) if day is not None else None,
    )
    return Judged(rate, case.index, steps, exclusions, numerator, row)


def merge_total(total: TotalOf, members: Sequence[ReferenceRow]) -> ReferenceRow:
    """Merge the rows that the members of a total have for one unit, in the order of the members."""
    inside = [row for row in members if row.in_population]
    merged = replace(
        members[0],
        rate=total.id,
        failed_step=None if inside else max(row.failed_step for row in members if row.failed_step is not None),
        exclusion=None,
        numerator=False,
        evidence_date=None,
        evidence_sources=None,
    )
    if inside and all(row.exclusion is not None for row in inside):
        return replace(merged, exclusion=inside[0].exclusion)
    met = [row for row in inside if row.numerator]
    if not met:
        return merged
    merged = replace(merged, numerator=True)
    dated = [row for row in met if row.evidence_date is not None]
    if not dated:
        return merged
    # min returns the first of equals, which is the first member in order.
    first = min(dated, key=lambda row: row.evidence_date or dt.date.max)
    return replace(merged, evidence_date=first.evidence_date, evidence_sources=first.evidence_sources)


def in_frame(row: ReferenceRow) -> bool:
    """Tell whether the unit is in the result frame: it met at least the first population step."""
    return row.failed_step != 0
