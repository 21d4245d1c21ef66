"""What a page tells about a measure, gathered from its definition, its plan, its value sets and its deck."""

from __future__ import annotations

from dataclasses import dataclass

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.catalog.info import MeasureInfo
from vbpmeasure.plan.measures import MeasurePlan, Period, calendar_year
from vbpmeasure.terminology.value_set import ValueSet
from vbpmeasure.testing.deck import read_deck

# Of editions that are no year.
_YEAR = 2025


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """One measure for its page; the plan is that of its edition's year. ``people`` are those of the deck's cases."""

    info: MeasureInfo
    plan: MeasurePlan
    period: Period
    value_sets: tuple[ValueSet, ...]
    cases: int
    people: int


def facts_of(catalog: Catalog, measure: str) -> MeasureFacts:
    """Gather the facts of one measure; raises ``Failure`` when its definition or its deck cannot be read."""
    info = catalog.info(measure)
    period = calendar_year(int(info.edition) if info.edition.isdecimal() else _YEAR)
    program = catalog.program([measure], period)
    plan = next(one for one in program.measures if one.id == measure)
    sets = tuple(found for name in plan.value_sets if (found := catalog.value_sets.get(name)) is not None)
    cases = read_deck(info.deck, measure).cases if info.deck is not None else ()
    return MeasureFacts(info, plan, period, sets, len(cases), sum(len(case.people) for case in cases))
