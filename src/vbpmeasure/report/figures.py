"""The published numbers of a run in the shape that pages need: each rate with its total and its strata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.frame import RateKind
from vbpmeasure.runs.reading import RateInfo, RunResults

TOTAL = "total"
# Dimensions that name who gave the care and not who received it (results.categories.dimensions.ATTRIBUTED).
PROVIDERS = ("provider", "practice", "organization")

SHARE, PER_1000, NUMBER = "share", "per_1000", "number"


@dataclass(frozen=True, slots=True)
class Cell:
    """One published number: of a stratum, or of all.

    ``value``, ``low`` and ``high`` are in per cent, or per 1,000 member-months (`Rate.unit`); null where the run hides
    them, with the ``status`` that says why. ``months`` are member-months.
    """

    stratum: str
    status: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    numerator: int | None = None
    denominator: int | None = None
    months: float | None = None

    @property
    def hidden(self) -> bool:
        """Whether the run hides the number for the sake of the people behind it."""
        return self.status in (Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY)


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of a run: words, direction, unit, the total, and the strata of each dimension in their order."""

    info: RateInfo
    unit: str
    total: Cell | None
    strata: Mapping[str, tuple[Cell, ...]]

    @property
    def key(self) -> tuple[str, str]:
        """Measure and rate."""
        return (self.info.measure, self.info.rate)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a waterfall; null is hidden."""

    label: str
    kind: str
    unit: str
    removed: int | None
    remaining: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A run as its pages see it; ``year`` is that of the period's last day."""

    run: RunResults
    year: int
    rates: tuple[Rate, ...]
    stages: Mapping[tuple[str, str], tuple[Stage, ...]] = field(default_factory=dict)

    def rate(self, key: tuple[str, str]) -> Rate | None:
        """Return a rate by measure and rate."""
        return next((rate for rate in self.rates if rate.key == key), None)

    @property
    def measures(self) -> tuple[tuple[str, tuple[Rate, ...]], ...]:
        """The measures in their order, with their rates."""
        grouped: dict[str, list[Rate]] = {}
        for rate in self.rates:
            grouped.setdefault(rate.info.measure, []).append(rate)
        return tuple((measure, tuple(rates)) for measure, rates in grouped.items())

    @property
    def people_dimensions(self) -> tuple[str, ...]:
        """The dimensions that describe children: those of the equity page."""
        return tuple(name for name in self.run.dimensions if not is_provider(name))

    @property
    def provider_dimensions(self) -> tuple[str, ...]:
        """The dimensions that describe who gave the care."""
        return tuple(name for name in self.run.dimensions if is_provider(name))


def is_provider(dimension: str) -> bool:
    """Return whether a dimension, or a part of a crossed one, is about providers."""
    return any(part in PROVIDERS for part in dimension.split("*"))


def figures(run: RunResults) -> Figures:
    """Return the numbers of a run by rate, in the order of the definitions."""
    cells: dict[tuple[str, str], dict[str, list[Cell]]] = {}
    units: dict[tuple[str, str], str] = {}
    for row in run.results.iter_rows(named=True):
        key = (row["measure"], row["rate"])
        units[key] = SHARE
        cells.setdefault(key, {}).setdefault(row["dimension"], []).append(_share(row))
    for row in run.amounts.iter_rows(named=True):
        key = (row["measure"], row["rate"])
        units[key] = _unit(row)
        cells.setdefault(key, {}).setdefault(row["dimension"], []).append(_amount(row))
    rates = tuple(
        Rate(
            info,
            units.get((info.measure, info.rate), SHARE),
            _total(cells.get((info.measure, info.rate), {})),
            {name: tuple(own) for name, own in cells.get((info.measure, info.rate), {}).items() if name != TOTAL},
        )
        for info in run.rates
    )
    return Figures(run, run.period.end.year, rates, _stages(run.waterfall.iter_rows(named=True)))


def _total(by: Mapping[str, Sequence[Cell]]) -> Cell | None:
    return by[TOTAL][0] if by.get(TOTAL) else None


def _share(row: Mapping[str, Any]) -> Cell:
    return Cell(
        row["stratum"],
        row["status"],
        row["percent"],
        row["percent_low"],
        row["percent_high"],
        row["numerator"],
        row["denominator"],
    )


def _unit(row: Mapping[str, Any]) -> str:
    if row["kind"] == RateKind.EVENTS_PER_1000.value:
        return PER_1000
    # Aggregates from outside come as they are; they may be a score and no share.
    return NUMBER if row["kind"] == RateKind.EXTERNAL.value else SHARE


def _amount(row: Mapping[str, Any]) -> Cell:
    times = 100.0 if _unit(row) == SHARE else 1.0
    value, low, high = (None if row[name] is None else row[name] * times for name in ("value", "low", "high"))
    return Cell(row["stratum"], row["status"], value, low, high, row["part"], row["whole"], row["member_months"])


def _stages(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[Stage, ...]]:
    found: dict[tuple[str, str], list[Stage]] = {}
    for row in rows:
        stage = Stage(row["label"], row["kind"], row["unit"], row["removed"], row["remaining"])
        found.setdefault((row["measure"], row["rate"]), []).append(stage)
    return {key: tuple(stages) for key, stages in found.items()}
