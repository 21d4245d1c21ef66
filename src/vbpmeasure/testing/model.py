"""A test deck in memory: small people with the few facts that matter, and what must come out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic, Span

# The last day of the one span that a person has when the deck says nothing about enrollment.
ENROLLED_UNTIL = dt.date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class EnrolledSpan:
    """One row of eligibility; a null ``end`` is an open span. ``columns``: contract columns with Python values."""

    start: dt.date
    end: dt.date | None
    columns: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """The same claim line on each of some dates. ``columns``: contract columns; ``claim``: the claim id, if shared."""

    dates: tuple[dt.date, ...]
    columns: Mapping[str, object]
    claim: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The same coded record on each of some dates; ``code_type`` is what the type column says.

    ``columns``: further contract columns with Python values (the last day, the class of an encounter).
    """

    dates: tuple[dt.date, ...]
    table: str
    code_type: str
    code: str
    status: str
    columns: Mapping[str, object] = field(default_factory=dict)


Event = ClaimLine | Record


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One row of the table `indicator`; ``entity`` (its type) and ``entity_id`` are None when it is about the person.

    ``numbers``: numerator, denominator and value, as far as the deck gives them.
    """

    indicator: str
    period_end: dt.date | None
    span: Span
    entity: str | None = None
    entity_id: str | None = None
    period_start: dt.date | None = None
    numbers: Mapping[str, float | None] = field(default_factory=dict)
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """The line of one entity that is no person. Numbers that the deck does not give must not be there.

    ``source`` None means that the deck does not say.
    """

    entity_id: str
    span: Span
    numerator: int | None = None
    denominator: int | None = None
    value: float | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ExpectedLines:
    """All lines that a case expects of one rate."""

    rate: str
    span: Span
    lines: tuple[ExpectedLine, ...]


class Result(StrEnum):
    """What can come out for a unit and a rate; ``open`` is in the denominator without the numerator.

    ``no_event`` is no unit but a person without an index event.
    """

    MET = "met"
    OPEN = "open"
    EXCLUDED = "excluded"
    NOT_ELIGIBLE = "not_eligible"
    NO_EVENT = "no_event"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must come out for one rate; None means that the deck does not say.

    ``on`` and ``sources`` are the evidence of a met numerator, ``reason`` the exclusion, ``step`` the population step
    that fails first, counted from 1. ``index`` is the index date of the unit, when the rate counts index events;
    ``part`` and ``whole`` are the amounts of rates that are no share (``whole`` in member-months for event rates).
    """

    rate: str
    result: Result
    span: Span
    on: dt.date | None = None
    sources: frozenset[str] | None = None
    reason: str | None = None
    step: int | None = None
    index: dt.date | None = None
    part: int | None = None
    whole: float | None = None


@dataclass(frozen=True, slots=True)
class DeckPerson:
    """One person of a case, with what must come out by rate, and by index event where a rate counts those."""

    born: dt.date
    enrolled: tuple[EnrolledSpan, ...]
    expect: tuple[Expectation, ...]
    events: tuple[Event, ...] = ()
    sex: str | None = None
    died: dt.date | None = None
    indicators: tuple[IndicatorRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DeckCase:
    """One case. ``enrollment_key`` is None where the default holds; ``parameters`` are overrides, as text.

    ``indicators`` are those of entities that are no persons, ``lines`` what must come out for them; a case with
    ``lines`` may have no people.
    """

    name: str
    year: int
    people: tuple[DeckPerson, ...]
    span: Span
    about: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    enrollment_key: tuple[str, ...] | None = None
    indicators: tuple[IndicatorRow, ...] = ()
    lines: tuple[ExpectedLines, ...] = ()


@dataclass(frozen=True, slots=True)
class Deck:
    """The test deck of one measure; at least one case. ``warnings`` do not stop it from being run."""

    measure: str
    path: Path
    cases: tuple[DeckCase, ...]
    span: Span
    warnings: tuple[Diagnostic, ...] = ()
