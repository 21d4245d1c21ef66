"""Measures as the engines see them: resolved, typed, without names left to look up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vbpmeasure.plan.dates import Window
from vbpmeasure.plan.flags import Flag
from vbpmeasure.plan.grain import Grain, GrainError
from vbpmeasure.plan.index import IndexEvents


@dataclass(frozen=True, slots=True)
class Period:
    """The measurement period, both days included."""

    start: dt.date
    end: dt.date

    @property
    def year(self) -> int:
        """The measurement year: the year in which the period starts."""
        return self.start.year


def calendar_year(year: int) -> Period:
    """Return the measurement period of a measurement year: 1 January to 31 December (fact sheet 1.1)."""
    return Period(dt.date(year, 1, 1), dt.date(year, 12, 31))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a population: its words for the waterfall, and the criterion."""

    label: str
    flag: Flag


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One exclusion: the reason as it appears in results, its title, and the criterion."""

    id: str
    title: str
    flag: Flag


@dataclass(frozen=True, slots=True)
class Persons:
    """The units of a rate are persons."""

    grain = Grain.PERSON


@dataclass(frozen=True, slots=True)
class Proportion:
    """A rate: the share of units in the denominator that meet the numerator.

    ``within`` names the rate whose population steps stand before the own ones (a sub-population); the plan holds
    them already, so that no engine needs the name.
    """

    id: str
    title: str
    population: tuple[Step, ...]
    exclusions: tuple[Exclusion, ...]
    numerator: Flag
    units: Persons | IndexEvents = field(default_factory=Persons)
    lower_is_better: bool = False
    within: str | None = None

    def __post_init__(self) -> None:
        """Refuse an empty population and criteria of a wider grain than the units."""
        _check_units(self.id, self.population, self.exclusions, (self.numerator,), self.units.grain)


@dataclass(frozen=True, slots=True)
class TotalOf:
    """A rate over the union of the populations of other rates of the measure; each unit counts once."""

    id: str
    title: str
    members: tuple[str, ...]
    lower_is_better: bool = False


class MonthRule(StrEnum):
    """How enrolled days become member-months (fact sheet 1.5)."""

    DAY_OF_MONTH = "day_of_month"
    ANY_DAY = "any_day"
    PRORATED_DAYS = "prorated_days"


# Member-months are whole numbers of this part of a month: the least common multiple of 28, 29, 30 and 31, so that a
# day of any month is a whole number too, and sums do not depend on their order.
MONTH_UNITS = 377_580


@dataclass(frozen=True, slots=True)
class MemberMonths:
    """The counted days of a person and how they become months (semantics page, section 9).

    Days count inside the window, while covered (with the ``benefit``), from the birthday ``youngest`` to the day before
    the birthday after ``oldest``. ``day`` is the day of the month that DAY_OF_MONTH asks for.
    """

    window: Window
    rule: MonthRule
    day: int = 1
    youngest: int = 0
    oldest: int = 150
    benefit: str | None = None

    def __post_init__(self) -> None:
        """Refuse windows of index events, and days that no month has."""
        if self.window.grain is not Grain.PERSON:
            raise GrainError("member-months are those of persons")
        if not 1 <= self.day <= 31:
            raise GrainError("the day of the month lies between 1 and 31")


@dataclass(frozen=True, slots=True)
class EventRate:
    """Events per 1,000 member-months; the units are persons, population and exclusions are of persons."""

    id: str
    title: str
    population: tuple[Step, ...]
    exclusions: tuple[Exclusion, ...]
    events: IndexEvents
    months: MemberMonths
    lower_is_better: bool = False

    def __post_init__(self) -> None:
        """Refuse an empty population and criteria of index events."""
        _check_units(self.id, self.population, self.exclusions, (), Grain.PERSON)


class CompositeKind(StrEnum):
    """How a composite sums up its members (semantics page, section 8)."""

    POOLED = "pooled"
    EQUAL_WEIGHT = "equal_weight"
    ALL_OR_NONE = "all_or_none"
    OPPORTUNITY = "opportunity"

    @property
    def per_person(self) -> bool:
        """Whether the composite has a row per person; the others are made from the counts of their members."""
        return self in (CompositeKind.ALL_OR_NONE, CompositeKind.OPPORTUNITY)


@dataclass(frozen=True, slots=True)
class Composite:
    """A summary of other rates: ``members`` are (measure id, rate id), proportions or totals of the same program.

    ``population`` and ``exclusions`` narrow the persons of the kinds that have a row per person; the others have none.
    """

    id: str
    title: str
    kind: CompositeKind
    members: tuple[tuple[str, str], ...]
    population: tuple[Step, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    lower_is_better: bool = False

    def __post_init__(self) -> None:
        """Refuse what no composite means."""
        if not self.members:
            raise GrainError("a composite needs members")
        if not self.kind.per_person and (self.population or self.exclusions):
            raise GrainError(f"composite {self.id}: only a composite of persons has a population of its own")
        _check_grain(self.id, self.population, self.exclusions, (), Grain.PERSON)


@dataclass(frozen=True, slots=True)
class Indicator:
    """An aggregate that comes from the `indicator` table (semantics page, section 10).

    With ``entity`` "person" the units are persons that have a row; population and exclusions narrow them. With any
    other entity type the rows are those of the plan, a practice, a county and so on, and there are no persons.
    """

    id: str
    title: str
    indicator: str
    entity: str = "person"
    population: tuple[Step, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    lower_is_better: bool = False

    def __post_init__(self) -> None:
        """Refuse criteria of index events, and persons where there are none."""
        if self.entity != "person" and (self.population or self.exclusions):
            raise GrainError(f"indicator {self.id}: only persons have a population")
        _check_grain(self.id, self.population, self.exclusions, (), Grain.PERSON)


def _check_units(
    rate: str, population: tuple[Step, ...], exclusions: tuple[Exclusion, ...], more: tuple[Flag, ...], grain: Grain
) -> None:
    if not population:
        raise GrainError("a rate needs at least one population step")
    _check_grain(rate, population, exclusions, more, grain)


def _check_grain(
    rate: str, population: tuple[Step, ...], exclusions: tuple[Exclusion, ...], more: tuple[Flag, ...], grain: Grain
) -> None:
    for flag in (*(s.flag for s in population), *(e.flag for e in exclusions), *more):
        if flag.grain > grain:
            raise GrainError(f"rate {rate}: an index-level criterion in a person-level rate")


Rate = Proportion | TotalOf | EventRate | Composite | Indicator


@dataclass(frozen=True, slots=True)
class MeasurePlan:
    """One measure, resolved for one measurement period.

    ``parameters`` holds the values in force; ``value_sets`` the names that the plan uses; ``digest`` is the
    SHA-256 of the definition text with its fragments. ``support`` marks a measure that is run only because a
    composite of another measure has members in it: it is judged like any other, and not reported.
    """

    id: str
    title: str
    edition: str
    status: str
    rates: tuple[Rate, ...]
    parameters: Mapping[str, str | int | bool] = field(default_factory=dict, hash=False)
    value_sets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    digest: str = ""
    support: bool = False


@dataclass(frozen=True, slots=True)
class CodeSet:
    """The codes of one value set by code system, as text; prefix systems hold prefixes."""

    name: str
    codes: Mapping[str, frozenset[str]] = field(hash=False)
    digest: str = ""


DEFAULT_ENROLLMENT_KEY = ("payer", "product_line")


@dataclass(frozen=True, slots=True)
class Program:
    """Everything an engine needs: the selected measures, the period, the codes, the settings.

    ``enrollment_key`` names the eligibility columns whose change breaks continuous enrollment (fact sheet
    1.2, rule 7); an empty tuple counts any coverage.
    """

    measures: tuple[MeasurePlan, ...]
    period: Period
    value_sets: Mapping[str, CodeSet] = field(hash=False)
    enrollment_key: tuple[str, ...] = DEFAULT_ENROLLMENT_KEY
