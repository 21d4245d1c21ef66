"""The trace behind `explain --person`: every criterion with its verdict, its dates, the rows that decided it.

A trace is drawn from the same outcomes that the verdict follows from, so it cannot tell another story.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from vbpmeasure.engines.reference.cells import Rows
from vbpmeasure.engines.reference.dates import Interval
from vbpmeasure.engines.reference.enrollment import GroupVerdict
from vbpmeasure.engines.reference.evaluate import refuse_unknown_rates
from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.engines.reference.near_miss import near_miss
from vbpmeasure.engines.reference.people import Span, timelines
from vbpmeasure.engines.reference.rates import Judged, ReferenceRow, judge_measure
from vbpmeasure.engines.reference.seen_rows import SeenRow, seen_rows
from vbpmeasure.plan.dates import Anchor, DateExpr
from vbpmeasure.plan.flags import (
    AgeBetween,
    AllOf,
    AnyOf,
    AtLeastOf,
    CountAtLeast,
    DateWithin,
    Enrolled,
    Flag,
    Not,
    SpanFlagged,
)
from vbpmeasure.plan.measures import MeasurePlan, Program, Proportion, TotalOf
from vbpmeasure.plan.words import Words, phrase


@dataclass(frozen=True, slots=True)
class ResolvedDate:
    """A date expression in words with the day that it means for the person; None when its anchor is missing."""

    words: str
    day: dt.date | None


@dataclass(frozen=True, slots=True)
class ResolvedWindow:
    """A window in words with its two days; None when an end is missing, empty when the first lies after the last."""

    words: str
    days: Interval | None


@dataclass(frozen=True, slots=True)
class NodeTrace:
    """One criterion: what it asks for, what came out, and why.

    ``rows`` are the rows with a code of a count, the kept ones and those passed over with the reason; ``groups`` is the
    enrollment of each key (the values of ``key_columns``) with its gaps; ``spans`` are those with the flag that a
    flagged span asks for.
    """

    flag: Flag
    words: str
    label: str
    value: bool
    date: dt.date | None
    dates: tuple[ResolvedDate, ...] = ()
    windows: tuple[ResolvedWindow, ...] = ()
    rows: tuple[SeenRow, ...] = ()
    groups: tuple[GroupVerdict, ...] = ()
    key_columns: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    parts: tuple[NodeTrace, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedTrace:
    """A population step or an exclusion: its id (or number), its words for people, its criterion."""

    name: str
    title: str
    node: NodeTrace


@dataclass(frozen=True, slots=True)
class RateTrace:
    """One rate for one person.

    ``row`` is the verdict, also when the person fails the first step and is not in the result frame; None for a total
    of which no member holds the person. ``near_miss`` is one sentence when the numerator is not met. ``members`` names
    the rates of a total, which has no criteria of its own.
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


_HEADS = {AllOf: "all of", AnyOf: "any of", Not: "not"}


def node_words(flag: Flag, words: Words) -> str:
    """Return what a criterion asks for, in one line; its parts have lines of their own."""
    if isinstance(flag, AtLeastOf):
        return f"at least {flag.n} of"
    return _HEADS.get(type(flag)) or words.flag(flag)


class Tracer:
    """Draws the traces of one person for one program."""

    def __init__(self, case: Case) -> None:
        """Remember the person and the program."""
        self.case = case
        self.words = Words(case.program.period)

    def node(self, outcome: Outcome) -> NodeTrace:
        """Return the trace of a criterion and everything below it."""
        flag = outcome.flag
        words = node_words(flag, self.words)
        return NodeTrace(
            flag=flag,
            words=words,
            label="" if flag.label in self._made_labels(flag) else flag.label,
            value=outcome.value,
            date=outcome.date,
            dates=self._dates(flag),
            windows=self._windows(flag),
            rows=seen_rows(self.case, flag, outcome) if isinstance(flag, CountAtLeast) else (),
            groups=outcome.groups,
            key_columns=self.case.program.enrollment_key,
            spans=self._spans(flag),
            parts=tuple(self.node(part) for part in outcome.parts),
        )

    def _made_labels(self, flag: Flag) -> tuple[str, ...]:
        """Return the labels that say no more than the words: those that were made from the criterion."""
        return (phrase(flag), self.words.flag(flag), node_words(flag, self.words))

    def _date(self, date: DateExpr) -> ResolvedDate:
        return ResolvedDate(self.words.date(date), self.case.date(date))

    def _dates(self, flag: Flag) -> tuple[ResolvedDate, ...]:
        """Return the dates that stand alone in a criterion: what is asked about, and the anchor day."""
        if isinstance(flag, DateWithin):
            return (self._date(flag.date),)
        if isinstance(flag, AgeBetween):
            birthdays = (DateExpr(Anchor.BIRTHDAY, flag.youngest), DateExpr(Anchor.BIRTHDAY, flag.oldest + 1))
            return tuple(self._date(date) for date in (flag.on, *birthdays))
        if isinstance(flag, Enrolled) and flag.on is not None:
            return (self._date(flag.on),)
        return ()

    def _windows(self, flag: Flag) -> tuple[ResolvedWindow, ...]:
        if isinstance(flag, DateWithin | Enrolled | SpanFlagged):
            return (ResolvedWindow(self.words.window(flag.window), self.case.window(flag.window)),)
        if isinstance(flag, CountAtLeast):
            windows = dict.fromkeys(source.window for source in flag.sources)
            return tuple(ResolvedWindow(self.words.window(window), self.case.window(window)) for window in windows)
        return ()

    def _spans(self, flag: Flag) -> tuple[Span, ...]:
        if isinstance(flag, SpanFlagged):
            return tuple(span for span in self.case.person.spans if span.row.get(flag.column) is True)
        return ()

    def proportion(self, measure: MeasurePlan, rate: Proportion, judged: Judged) -> RateTrace:
        """Return the trace of one proportion."""
        steps = zip(rate.population, judged.steps, strict=True)
        exclusions = zip(rate.exclusions, judged.exclusions, strict=True)
        return RateTrace(
            measure=measure.id,
            rate=rate.id,
            title=rate.title,
            birth=self.case.person.birth,
            death=self.case.person.death,
            row=judged.row,
            steps=tuple(
                NamedTrace(str(number), step.label, self.node(outcome))
                for number, (step, outcome) in enumerate(steps, start=1)
            ),
            exclusions=tuple(
                NamedTrace(declared.id, declared.title, self.node(outcome)) for declared, outcome in exclusions
            ),
            numerator=self.node(judged.numerator),
            near_miss=self._why_not(judged),
        )

    def total(self, measure: MeasurePlan, rate: TotalOf, row: ReferenceRow | None) -> RateTrace:
        """Return the trace of a total: its verdict and the names of its members."""
        person = self.case.person
        return RateTrace(measure.id, rate.id, rate.title, person.birth, person.death, row, members=tuple(rate.members))

    def _why_not(self, judged: Judged) -> str | None:
        """Return in one sentence what kept the person from the numerator; None when it is met."""
        row = judged.row
        if row.numerator:
            return None
        if row.failed_step is not None:
            return near_miss(self.case, judged.steps[row.failed_step])
        if row.exclusion is not None:
            excluded = next(e for e in judged.rate.exclusions if e.id == row.exclusion)
            return f"excluded because of {excluded.title or excluded.id}"
        return near_miss(self.case, judged.numerator)


def trace_person(program: Program, person_rows: Rows, rates: Sequence[str] = ()) -> list[RateTrace]:
    """Return the trace of every rate of the program for the one person of these tables, in the program's order.

    ``rates`` limits the answer to these rate ids. Raises ``ValueError`` when the eligibility table is not about exactly
    one person and :class:`~vbpmeasure.diagnostics.Failure` (VBM490) for rates that no engine runs yet.
    """
    refuse_unknown_rates(program)
    people = timelines(person_rows)
    if len(people) != 1:
        raise ValueError(f"expected the rows of one person, found {len(people)}")
    case = Case(program, people[0])
    tracer = Tracer(case)
    traces: list[RateTrace] = []
    for measure in program.measures:
        judged, rows = judge_measure(case, measure)
        for rate in measure.rates:
            if rates and rate.id not in rates:
                continue
            if isinstance(rate, Proportion):
                traces.append(tracer.proportion(measure, rate, judged[rate.id]))
            elif isinstance(rate, TotalOf):
                traces.append(tracer.total(measure, rate, rows.get(rate.id)))
    return traces
