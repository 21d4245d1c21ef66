"""From criteria to rows: population, exclusions, numerator, evidence, totals (semantics page, section 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.flags import CountAtLeast, Flag
from vbpmeasure.plan.measures import MeasurePlan, Proportion, Rate, TotalOf


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One row of the result: one unit (person) of one rate.

    ``failed_step`` counts from 0 and is None in the population. ``evidence_date`` and ``evidence_sources`` belong
    to a numerator that is met; the sources are None when there is no evidence date.
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

    @property
    def in_population(self) -> bool:
        """Whether the unit met every population step."""
        return self.failed_step is None


@dataclass(frozen=True, slots=True)
class Judged:
    """A proportion judged for one person: the outcome of every criterion, and the row that follows from them."""

    rate: Proportion
    steps: tuple[Outcome, ...]
    exclusions: tuple[Outcome, ...]
    numerator: Outcome
    row: ReferenceRow


def numerator_event_sets(flag: Flag) -> Iterator[EventSet]:
    """Yield the event sets that a numerator names: those it counts, not the ones that only anchor a date."""
    for part in flag.walk():
        if isinstance(part, CountAtLeast):
            for source in part.sources:
                yield source.events


def evidence_sources(case: Case, numerator: Flag, day: dt.date) -> frozenset[str]:
    """Return the tables that hold, on that day, an event of any event set that the numerator names."""
    return frozenset(
        found.table for events in numerator_event_sets(numerator) for found in case.events(events) if found.day == day
    )


def judge_proportion(case: Case, measure: MeasurePlan, rate: Proportion) -> Judged:
    """Judge every criterion of the rate for the person and draw the row from the outcomes."""
    steps = tuple(case.judge(step.flag) for step in rate.population)
    exclusions = tuple(case.judge(exclusion.flag) for exclusion in rate.exclusions)
    numerator = case.judge(rate.numerator)

    failed_step = next((number for number, step in enumerate(steps) if not step.value), None)
    in_population = failed_step is None
    reasons = [declared.id for declared, outcome in zip(rate.exclusions, exclusions, strict=True) if outcome.value]
    exclusion = reasons[0] if in_population and reasons else None
    met = in_population and exclusion is None and numerator.value
    day = numerator.date if met else None
    row = ReferenceRow(
        measure=measure.id,
        rate=rate.id,
        person_id=case.person.person_id,
        index_date=None,
        failed_step=failed_step,
        exclusion=exclusion,
        numerator=met,
        evidence_date=day,
        evidence_sources=evidence_sources(case, rate.numerator, day) if day is not None else None,
    )
    return Judged(rate, steps, exclusions, numerator, row)


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


def judge_measure(case: Case, measure: MeasurePlan) -> tuple[dict[str, Judged], dict[str, ReferenceRow]]:
    """Judge all rates of a measure for one person.

    Returns what was judged by proportion id, and the rows of the result frame by rate id, totals included.
    """
    judged = {rate.id: judge_proportion(case, measure, rate) for rate in measure.rates if isinstance(rate, Proportion)}
    rows = {rate_id: found.row for rate_id, found in judged.items() if in_frame(found.row)}
    rates: dict[str, Rate] = {rate.id: rate for rate in measure.rates}

    def row_of(rate_id: str) -> ReferenceRow | None:
        rate = rates[rate_id]
        if isinstance(rate, TotalOf) and rate_id not in rows:
            members = [row for row in map(row_of, rate.members) if row is not None]
            if members:
                rows[rate_id] = merge_total(rate, members)
        return rows.get(rate_id)

    for rate_id in rates:
        row_of(rate_id)
    return judged, rows
