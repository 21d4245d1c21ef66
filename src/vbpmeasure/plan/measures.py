"""Measures as the engines see them: resolved, typed, without names left to look up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from vbpmeasure.plan.dates import Windowed
from vbpmeasure.plan.flags import Flag
from vbpmeasure.plan.grain import Grain, GrainError


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
class IndexEvents:
    """The units of a rate are index events: each date of the source, or the first per person."""

    source: Windowed
    first_only: bool = False

    grain = Grain.INDEX

    def __post_init__(self) -> None:
        """Refuse a source that itself depends on an index event."""
        if self.source.grain is not Grain.PERSON:
            raise GrainError("index events must come from person-level windows")


@dataclass(frozen=True, slots=True)
class Proportion:
    """A rate: the share of units in the denominator that meet the numerator."""

    id: str
    title: str
    population: tuple[Step, ...]
    exclusions: tuple[Exclusion, ...]
    numerator: Flag
    units: Persons | IndexEvents = field(default_factory=Persons)
    lower_is_better: bool = False

    def __post_init__(self) -> None:
        """Refuse an empty population and criteria of a wider grain than the units."""
        if not self.population:
            raise GrainError("a rate needs at least one population step")
        for flag in (*(s.flag for s in self.population), *(e.flag for e in self.exclusions), self.numerator):
            if flag.grain > self.units.grain:
                raise GrainError(f"rate {self.id}: an index-level criterion in a person-level rate")


@dataclass(frozen=True, slots=True)
class TotalOf:
    """A rate over the union of the populations of other rates of the measure; each unit counts once."""

    id: str
    title: str
    members: tuple[str, ...]
    lower_is_better: bool = False


@dataclass(frozen=True, slots=True)
class EventRate:
    """Events per 1,000 member-months; no engine runs it yet (they refuse it by name)."""

    id: str
    title: str
    population: tuple[Step, ...]
    exclusions: tuple[Exclusion, ...]
    events: Windowed
    lower_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Composite:
    """A summary of other rates (``pooled``, ``equal_weight``, ``all_or_none``, ``opportunity``); not run yet."""

    id: str
    title: str
    kind: str
    members: tuple[tuple[str, str], ...]


Rate = Proportion | TotalOf | EventRate | Composite


@dataclass(frozen=True, slots=True)
class MeasurePlan:
    """One measure, resolved for one measurement period.

    ``parameters`` holds the values in force; ``value_sets`` the names that the plan uses; ``digest`` is the
    SHA-256 of the definition text with its fragments.
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
