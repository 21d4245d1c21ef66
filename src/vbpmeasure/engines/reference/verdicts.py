"""All rates of a program for one person: proportions, totals, event rates, indicators, composites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vbpmeasure.engines.reference.composites import JudgedComposite, judge_composite
from vbpmeasure.engines.reference.flags import Case
from vbpmeasure.engines.reference.indicators import PERSON, judge_indicator
from vbpmeasure.engines.reference.member_months import judge_event_rate
from vbpmeasure.engines.reference.rates import Judged, ReferenceRow, in_frame, judge_proportion, merge_total
from vbpmeasure.plan.measures import Composite, EventRate, Indicator, MeasurePlan, Program, Proportion, TotalOf

Key = tuple[str, str]


@dataclass(slots=True)
class Verdicts:
    """What came out for one person, by (measure id, rate id).

    ``rows`` holds the rows of the result frame; ``judged`` the proportions with their outcomes, one per unit, and
    ``all_rows`` the rows of event rates and indicators, those included that fail the first step.
    """

    rows: dict[Key, list[ReferenceRow]] = field(default_factory=dict)
    judged: dict[Key, list[Judged]] = field(default_factory=dict)
    composites: dict[Key, JudgedComposite] = field(default_factory=dict)
    all_rows: dict[Key, ReferenceRow] = field(default_factory=dict)

    def take(self, key: Key, rows: list[ReferenceRow]) -> None:
        """Add the rows that belong into the frame."""
        self.rows[key] = [row for row in rows if in_frame(row)]

    def in_order(self, program: Program) -> list[ReferenceRow]:
        """Return the rows of the result frame in the order of measures, rates and index dates."""
        return [row for m in program.measures for rate in m.rates for row in self.rows.get((m.id, rate.id), ())]


def judge_case(case: Case) -> Verdicts:
    """Judge every rate of the program for the person."""
    verdicts = Verdicts()
    for measure in case.program.measures:
        for rate in measure.rates:
            key = (measure.id, rate.id)
            match rate:
                case Proportion():
                    verdicts.judged[key] = judge_proportion(case, measure, rate)
                    verdicts.take(key, [judged.row for judged in verdicts.judged[key]])
                case EventRate():
                    verdicts.all_rows[key] = judge_event_rate(case, measure, rate)
                    verdicts.take(key, [verdicts.all_rows[key]])
                case Indicator() if rate.entity == PERSON:
                    verdicts.all_rows[key] = judge_indicator(case, measure, rate)
                    verdicts.take(key, [verdicts.all_rows[key]])
        for rate in measure.rates:
            if isinstance(rate, TotalOf):
                verdicts.take((measure.id, rate.id), total_rows(measure, rate, verdicts.rows))
    # Composites last: their members may be rates of any measure.
    for measure in case.program.measures:
        for rate in measure.rates:
            if isinstance(rate, Composite) and rate.kind.per_person:
                judged = judge_composite(case, measure, rate, verdicts.rows)
                verdicts.composites[measure.id, rate.id] = judged
                verdicts.take((measure.id, rate.id), [judged.row])
    return verdicts


def total_rows(measure: MeasurePlan, total: TotalOf, rows: Mapping[Key, list[ReferenceRow]]) -> list[ReferenceRow]:
    """Return the rows of a total: the rows of its members merged by unit, in the order of the index dates."""
    of_unit: dict[object, list[ReferenceRow]] = {}
    for member in total.members:
        for row in rows.get((measure.id, member), ()):
            of_unit.setdefault(row.index_date, []).append(row)
    merged = [merge_total(total, members) for members in of_unit.values()]
    return sorted(merged, key=lambda row: str(row.index_date))
