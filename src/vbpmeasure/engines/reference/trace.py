"""The trace behind `explain --person`: every criterion with its verdict, its dates, the rows that decided it.

A trace is drawn from the same outcomes that the verdict follows from, so it cannot tell another story.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vbpmeasure.engines.reference.cells import Rows
from vbpmeasure.engines.reference.composites import Component
from vbpmeasure.engines.reference.dates import inside
from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.engines.reference.index_events import IndexEvent
from vbpmeasure.engines.reference.member_months import counted_days, covers
from vbpmeasure.engines.reference.near_miss import near_miss
from vbpmeasure.engines.reference.people import timelines
from vbpmeasure.engines.reference.rates import Judged, ReferenceRow
from vbpmeasure.engines.reference.seen_rows import SeenRow
from vbpmeasure.engines.reference.trace_nodes import NodeTrace, Tracer
from vbpmeasure.engines.reference.trace_units import NOT_COUNTED, indicator_lines, month_lines, rows_of_event
from vbpmeasure.engines.reference.units import find_units
from vbpmeasure.engines.reference.verdicts import Verdicts, judge_case
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.measures import (
    Composite,
    EventRate,
    Exclusion,
    Indicator,
    MeasurePlan,
    Program,
    Proportion,
    Rate,
    Step,
    TotalOf,
)
from vbpmeasure.plan.uses import index_of


@dataclass(frozen=True, slots=True)
class NamedTrace:
    """A population step or an exclusion: its id (or number), its words for people, its criterion."""

    name: str
    title: str
    node: NodeTrace


@dataclass(frozen=True, slots=True)
class CandidateTrace:
    """One candidate for an index event: why it is none (empty when it is one), its rows, and what it was judged by.

    A candidate outside the window is judged by nothing, and its rows are left out.
    """

    event: IndexEvent
    dropped: str
    when: tuple[NodeTrace, ...] = ()
    rows: tuple[SeenRow, ...] = ()


@dataclass(frozen=True, slots=True)
class RateTrace:
    """One rate for one unit.

    ``row`` is the verdict, also when the unit fails the first step and is not in the result frame; None when there is
    no unit: a total of which no member holds the person, a rate of index events of which the person has none.
    ``near_miss`` is one sentence when the numerator is not met. ``members`` names the rates of a total, which has no
    criteria of its own. ``index`` is the unit of a rate of index events; ``candidates`` are all candidates of the
    person, told with the first unit. ``components`` are those of a composite, ``months`` tells the member-months of a
    rate of events, ``external`` the rows of an indicator.
    """

    measure: str
    rate: str
    title: str
    birth: dt.date | None
    death: dt.date | None
    row: ReferenceRow | None
    steps: tuple[NamedTrace, ...] = ()
    exclusions: tuple[NamedTrace, ...] = ()
    numerator: NodeTrace | None = None
    near_miss: str | None = None
    members: tuple[str, ...] = ()
    index: IndexEvent | None = None
    candidates: tuple[CandidateTrace, ...] = ()
    components: tuple[Component, ...] = ()
    months: tuple[str, ...] = ()
    external: tuple[str, ...] = ()


class RateTracer:
    """Draws the traces of the rates of one measure for one person from the verdicts on them."""

    def __init__(self, case: Case, measure: MeasurePlan, verdicts: Verdicts) -> None:
        """Remember whom and what the traces are about."""
        self.case = case
        self.measure = measure
        self.verdicts = verdicts

    def rate(self, rate: Rate) -> Iterator[RateTrace]:
        """Yield the traces of one rate, one per unit."""
        key = (self.measure.id, rate.id)
        match rate:
            case Proportion():
                yield from self._proportion(rate)
            case TotalOf():
                rows: list[ReferenceRow | None] = [*self.verdicts.rows.get(key, ())]
                for row in rows or [None]:
                    yield self._trace(rate, row, members=tuple(rate.members))
            case EventRate() | Indicator() if key in self.verdicts.all_rows:
                yield self._own(rate, self.verdicts.all_rows[key])
            case Composite() if key in self.verdicts.composites:
                judged = self.verdicts.composites[key]
                yield self._own(rate, judged.row, judged.components)
            case Composite():
                yield self._trace(rate, None, members=tuple(f"{measure}.{member}" for measure, member in rate.members))

    def _proportion(self, rate: Proportion) -> Iterator[RateTrace]:
        judged = self.verdicts.judged[self.measure.id, rate.id]
        candidates = self._candidates(rate)
        if not judged:
            yield self._trace(rate, None, candidates=candidates, near_miss=_no_unit(candidates))
        for number, one in enumerate(judged):
            case = self.case.at(one.index)
            tracer = Tracer(case)
            yield self._trace(
                rate,
                one.row,
                steps=_steps(tracer, rate.population, one.steps),
                exclusions=_exclusions(tracer, rate.exclusions, one.exclusions),
                numerator=tracer.node(one.numerator),
                near_miss=_why_not(case, one),
                index=one.index,
                candidates=candidates if number == 0 else (),
            )

    def _own(
        self, rate: EventRate | Indicator | Composite, row: ReferenceRow, components: tuple[Component, ...] = ()
    ) -> RateTrace:
        """Return the trace of a rate of persons that has no numerator of its own."""
        tracer = Tracer(self.case)
        steps = tuple(self.case.judge(step.flag) for step in rate.population)
        exclusions = tuple(self.case.judge(exclusion.flag) for exclusion in rate.exclusions)
        missed = None
        if row.failed_step is not None and row.failed_step < len(steps):
            missed = near_miss(self.case, steps[row.failed_step])
        elif row.failed_step is not None:
            missed = "no component applies" if isinstance(rate, Composite) else "no row of the indicator counts"
        elif row.exclusion is not None:
            missed = _excluded(rate, row)
        elif unmet := [f"{one.measure}.{one.rate}" for one in components if one.eligible and not one.met]:
            missed = f"not met: {', '.join(unmet)}"
        return self._trace(
            rate,
            row,
            steps=_steps(tracer, rate.population, steps),
            exclusions=_exclusions(tracer, rate.exclusions, exclusions),
            near_miss=missed,
            candidates=self._candidates(rate),
            components=components,
            months=tuple(month_lines(self.case, rate)) if isinstance(rate, EventRate) else (),
            external=tuple(indicator_lines(self.case, rate)) if isinstance(rate, Indicator) else (),
        )

    def _candidates(self, rate: Rate) -> tuple[CandidateTrace, ...]:
        index: IndexEvents | None = index_of(rate)
        if index is None:
            return ()
        window = self.case.window(index.source.window)
        days = counted_days(self.case, rate.months) if isinstance(rate, EventRate) else None
        return tuple(
            CandidateTrace(
                found.event,
                found.dropped or ("" if days is None or covers(days, found.event.day) else NOT_COUNTED),
                tuple(Tracer(self.case.at(found.event)).node(outcome) for outcome in found.when),
                rows_of_event(self.case, index, found.event) if inside(found.event.day, window) else (),
            )
            for found in find_units(self.case, index).candidates
        )

    def _trace(
        self,
        rate: Rate,
        row: ReferenceRow | None,
        *,
        steps: tuple[NamedTrace, ...] = (),
        exclusions: tuple[NamedTrace, ...] = (),
        numerator: NodeTrace | None = None,
        near_miss: str | None = None,
        members: tuple[str, ...] = (),
        index: IndexEvent | None = None,
        candidates: tuple[CandidateTrace, ...] = (),
        components: tuple[Component, ...] = (),
        months: tuple[str, ...] = (),
        external: tuple[str, ...] = (),
    ) -> RateTrace:
        return RateTrace(
            measure=self.measure.id,
            rate=rate.id,
            title=rate.title,
            birth=self.case.person.birth,
            death=self.case.person.death,
            row=row,
            steps=steps,
            exclusions=exclusions,
            numerator=numerator,
            near_miss=near_miss,
            members=members,
            index=index,
            candidates=candidates,
            components=components,
            months=months,
            external=external,
        )


def _steps(tracer: Tracer, declared: Sequence[Step], outcomes: Sequence[Outcome]) -> tuple[NamedTrace, ...]:
    pairs = enumerate(zip(declared, outcomes, strict=True), start=1)
    return tuple(NamedTrace(str(number), step.label, tracer.node(outcome)) for number, (step, outcome) in pairs)


def _exclusions(tracer: Tracer, declared: Sequence[Exclusion], outcomes: Sequence[Outcome]) -> tuple[NamedTrace, ...]:
    pairs = zip(declared, outcomes, strict=True)
    return tuple(NamedTrace(one.id, one.title, tracer.node(outcome)) for one, outcome in pairs)


def _no_unit(candidates: Sequence[CandidateTrace]) -> str:
    if not candidates:
        return "there is no index event"
    last = candidates[-1]
    return f"no candidate is an index event; the last one, {last.event.day}: {last.dropped}"


def _why_not(case: Case, judged: Judged) -> str | None:
    """Return in one sentence what kept the unit from the numerator; None when it is met."""
    row = judged.row
    if row.numerator:
        return None
    if row.failed_step is not None:
        return near_miss(case, judged.steps[row.failed_step])
    if row.exclusion is not None:
        return _excluded(judged.rate, row)
    return near_miss(case, judged.numerator)


def _excluded(rate: Proportion | EventRate | Indicator | Composite, row: ReferenceRow) -> str:
    excluded = next(e for e in rate.exclusions if e.id == row.exclusion)
    return f"excluded because of {excluded.title or excluded.id}"


class JudgedPerson:
    """One person before a program, judged once: the rows of the result, and the traces behind them."""

    def __init__(self, program: Program, person_rows: Rows) -> None:
        """Judge the one person of these tables (their rows, and the practitioner table).

        Raises ``ValueError`` when the eligibility table is not about exactly one person.
        """
        people = timelines(person_rows)
        if len(people) != 1:
            raise ValueError(f"expected the rows of one person, found {len(people)}")
        self._program = program
        self._case = Case(program, people[0])
        self._verdicts = judge_case(self._case)

    @property
    def rows(self) -> list[ReferenceRow]:
        """The person's result rows, one per rate and unit, in the order of measures, rates and index dates."""
        return self._verdicts.in_order(self._program)

    def traces(self, rates: Sequence[str] = ()) -> list[RateTrace]:
        """Return the traces of every rate, or of these rate ids only, in the program's order.

        A rate of index events has a trace per unit.
        """
        return [
            trace
            for measure in self._program.measures
            for rate in measure.rates
            if not rates or rate.id in rates
            for trace in RateTracer(self._case, measure, self._verdicts).rate(rate)
        ]
