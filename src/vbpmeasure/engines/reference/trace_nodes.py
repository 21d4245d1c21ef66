"""The trace of one criterion: its verdict, its dates, the rows that decided it, and everything below it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from vbpmeasure.engines.reference.dates import Interval
from vbpmeasure.engines.reference.enrollment import GroupVerdict
from vbpmeasure.engines.reference.facts import facts
from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.engines.reference.people import Span
from vbpmeasure.engines.reference.seen_rows import SeenRow, seen_rows
from vbpmeasure.plan.amounts import EnrolledRun
from vbpmeasure.plan.dates import Anchor, DateExpr
from vbpmeasure.plan.flags import (
    AgeBetween,
    AllOf,
    AnyOf,
    AtLeastOf,
    DateWithin,
    Enrolled,
    Flag,
    Not,
    SpanFlagged,
)
from vbpmeasure.plan.uses import sources_of
from vbpmeasure.plan.words import OLD_ENOUGH_FOR_ANYBODY, Words, phrase


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
    flagged span asks for; ``facts`` are numbers in words (days covered, readings).
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
    facts: tuple[str, ...] = ()
    parts: tuple[NodeTrace, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedTrace:
    """A population step or an exclusion: its id (or number), its words for people, its criterion."""

    name: str
    title: str
    node: NodeTrace


_HEADS = {AllOf: "all of", AnyOf: "any of", Not: "not"}


def node_words(flag: Flag, words: Words) -> str:
    """Return what a criterion asks for, in one line; its parts have lines of their own."""
    if isinstance(flag, AtLeastOf):
        return f"at least {flag.n} of"
    return _HEADS.get(type(flag)) or words.flag(flag)


class Tracer:
    """Draws the traces of criteria for one unit of one program."""

    def __init__(self, case: Case) -> None:
        """Remember the unit and the program."""
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
            rows=seen_rows(self.case, flag, outcome) if sources_of(flag) else (),
            facts=facts(self.case, outcome),
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
            # A bound that everybody keeps decides nothing.
            ages = [flag.youngest] if flag.youngest else []
            ages += [flag.oldest + 1] if flag.oldest < OLD_ENOUGH_FOR_ANYBODY else []
            return self._telling(flag.on, *(DateExpr(Anchor.BIRTHDAY, age) for age in ages))
        if isinstance(flag, Enrolled) and flag.on is not None:
            return self._telling(flag.on)
        return ()

    def _telling(self, *dates: DateExpr) -> tuple[ResolvedDate, ...]:
        """Return the dates but those that the words have as a day already."""
        return tuple(date for date in map(self._date, dates) if date.words != str(date.day))

    def _windows(self, flag: Flag) -> tuple[ResolvedWindow, ...]:
        if isinstance(flag, DateWithin | Enrolled | EnrolledRun | SpanFlagged):
            return (ResolvedWindow(self.words.window(flag.window), self.case.window(flag.window)),)
        windows = dict.fromkeys(source.window for source in sources_of(flag))
        return tuple(ResolvedWindow(self.words.window(window), self.case.window(window)) for window in windows)

    def _spans(self, flag: Flag) -> tuple[Span, ...]:
        if isinstance(flag, SpanFlagged):
            return tuple(span for span in self.case.person.spans if span.row.get(flag.column) is True)
        return ()
