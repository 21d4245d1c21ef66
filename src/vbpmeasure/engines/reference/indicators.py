"""Rows of `indicator`: those of a person as a rate's row, all others as lines (semantics page, section 10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from vbpmeasure.engines.reference.cells import Row, as_day, as_text
from vbpmeasure.engines.reference.flags import Case
from vbpmeasure.engines.reference.rates import ReferenceRow, first_false, first_reason
from vbpmeasure.plan.measures import Indicator, MeasurePlan, Period

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Counted:
    """An indicator row that counts: a numerator over a denominator, or a value alone."""

    period_end: dt.date
    numerator: int | None
    denominator: int | None
    value: float | None


@dataclass(frozen=True, slots=True)
class ExternalLine:
    """What an indicator says about one entity that is no person."""

    measure: str
    rate: str
    entity_id: str
    numerator: int | None
    denominator: int | None
    value: float | None
    source: str | None


def _whole(value: object) -> int | None:
    """Return a cell as a whole number; None for null and for anything else."""
    if isinstance(value, int | float) and float(value).is_integer():
        return int(value)
    return None


def asked_for(rows: Iterable[Row], rate: Indicator, period: Period) -> list[Row]:
    """Return the rows of the indicator and entity type whose period ends in the measurement period."""
    return [
        row
        for row in rows
        if row.get("indicator_id") == rate.indicator
        and row.get("entity_type") == rate.entity
        and row.get("entity_id") is not None
        and (day := as_day(row.get("period_end"))) is not None
        and period.start <= day <= period.end
    ]


def counted(row: Row, *, of_person: bool) -> Counted | None:
    """Return what the row says, None when it fits no rule and is left out."""
    day = as_day(row.get("period_end"))
    assert day is not None  # asked_for
    value = row.get("value")
    if row.get("numerator") is None and row.get("denominator") is None:
        if not isinstance(value, int | float):
            return None
        if not of_person:
            return Counted(day, None, None, float(value))
        return Counted(day, int(value), 1, None) if value in (0, 1) else None
    numerator, denominator = _whole(row.get("numerator")), _whole(row.get("denominator"))
    if numerator is None or denominator is None or not 0 <= numerator <= denominator or denominator == 0:
        return None
    return Counted(day, numerator, denominator, None)


def judge_indicator(case: Case, measure: MeasurePlan, rate: Indicator) -> ReferenceRow:
    """Judge the person: the rate's steps, then a row that counts, its exclusions, the sums of the rows."""
    steps = tuple(case.judge(step.flag) for step in rate.population)
    exclusions = tuple(case.judge(exclusion.flag) for exclusion in rate.exclusions)
    rows = [counted(row, of_person=True) for row in asked_for(case.person.indicators, rate, case.program.period)]
    found = [row for row in rows if row is not None]
    part, whole = sum(row.numerator or 0 for row in found), sum(row.denominator or 0 for row in found)

    failed_step = first_false(steps)
    if failed_step is None and not found:
        failed_step = len(steps)
    exclusion = first_reason(rate.exclusions, exclusions) if failed_step is None else None
    judged = failed_step is None and exclusion is None
    met = judged and part == whole
    return ReferenceRow(
        measure=measure.id,
        rate=rate.id,
        person_id=case.person.person_id,
        index_date=None,
        failed_step=failed_step,
        exclusion=exclusion,
        numerator=met,
        evidence_date=max(row.period_end for row in found) if met else None,
        evidence_sources=frozenset() if met else None,
        part=part if judged else None,
        whole=whole if judged else None,
    )


def external_lines(measure: MeasurePlan, rate: Indicator, rows: Sequence[Row], period: Period) -> list[ExternalLine]:
    """Return one line per entity, by entity id as text: its rows added up, or its value when it has no counts."""
    by_entity: dict[str, list[Row]] = {}
    for row in asked_for(rows, rate, period):
        if counted(row, of_person=False) is not None:
            by_entity.setdefault(str(row["entity_id"]), []).append(row)
    lines = []
    for entity, of_entity in sorted(by_entity.items()):
        found = [each for row in of_entity if (each := counted(row, of_person=False)) is not None]
        sums = [(each.numerator, each.denominator) for each in found if each.denominator is not None]
        values = [each.value for each in found if each.value is not None]
        sources = sorted({text for row in of_entity if (text := as_text(row.get("source")))})
        lines.append(
            ExternalLine(
                measure=measure.id,
                rate=rate.id,
                entity_id=entity,
                numerator=sum(numerator or 0 for numerator, _ in sums) if sums else None,
                denominator=sum(denominator or 0 for _, denominator in sums) if sums else None,
                value=values[0] if not sums and len(values) == 1 else None,
                source="+".join(sources) or None,
            )
        )
    return lines


def left_out(rate: Indicator, rows: Sequence[Row], period: Period, persons: Collection[str]) -> int:
    """Return how many rows of the indicator fit no rule and are left out; ``persons`` are the ids of known persons."""
    of_person = rate.entity == PERSON
    return sum(
        counted(row, of_person=of_person) is None
        for row in asked_for(rows, rate, period)
        if not of_person or str(row["entity_id"]) in persons
    )
