"""The cells of a run in one shape, whatever their rate is: the ground of exports, comparisons and limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.frame import RateKind
from vbpmeasure.results.rates import TOTAL
from vbpmeasure.runs.reading import RateInfo, RunResults

# How crossed dimensions are written.
CROSS = "*"


class Unit(StrEnum):
    """What a number counts, or is measured in."""

    PERSONS = "persons"
    EVENTS = "events"
    MEMBER_MONTHS = "member-months"
    COMPONENTS = "components"
    PERCENT = "percent"
    PER_1000 = "per 1,000 member-months"
    AS_REPORTED = "as reported"


def is_hidden(status: Status) -> bool:
    """Return whether disclosure control hid the counts of a cell."""
    return status.value.startswith("SUPPRESSED")


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate: ids and words, what it is (shares of all sorts are ``PROPORTION`` here), and what its numbers count."""

    info: RateInfo
    kind: RateKind
    denominator_unit: Unit
    numerator_unit: Unit
    score_unit: Unit

    @property
    def name(self) -> tuple[str, str]:
        """The ids of measure and rate."""
        return self.info.measure, self.info.rate

    @property
    def is_share(self) -> bool:
        """Whether the rate is a share of persons or events, with a population and exclusions of its own."""
        return self.kind is RateKind.PROPORTION

    @property
    def has_counts(self) -> bool:
        """Whether the rate has a numerator and a denominator."""
        return self.kind is not RateKind.EQUAL_WEIGHT and self.score_unit is not Unit.AS_REPORTED

    @property
    def has_interval(self) -> bool:
        """Whether the rate has an interval: Wilson's for shares, the exact Poisson one for events per 1,000."""
        return self.is_share or self.kind is RateKind.EVENTS_PER_1000


@dataclass(frozen=True, slots=True)
class Cell:
    """One rate in one stratum, as the run published it; what is hidden, or is not there, is None.

    ``order`` is the place of the stratum in its dimension.
    ``population`` and ``excluded`` are those of rates that are a share. ``denominator`` is what the numerator is
    divided by, exclusions already out (member-months for events per 1,000). ``score`` is in the rate's
    ``score_unit``, its interval too.
    """

    rate: Rate
    dimension: str
    stratum: str
    order: int
    population: int | None
    excluded: int | None
    denominator: float | None
    numerator: int | None
    score: float | None
    low: float | None
    high: float | None
    status: Status
    population_status: Status

    @property
    def is_total(self) -> bool:
        """Whether this is the rate as a whole."""
        return self.dimension == TOTAL


def cells(run: RunResults) -> tuple[Cell, ...]:
    """Return all cells of a run, by rate in the order of the definitions, then by dimension and stratum."""
    events = _event_rates(run)
    kinds = {(m, r): RateKind(k) for m, r, k in run.amounts.select("measure", "rate", "kind").unique().iter_rows()}
    shares = _by_rate(run.results.iter_rows(named=True))
    amounts = _by_rate(run.amounts.iter_rows(named=True))
    found: list[Cell] = []
    for info in run.rates:
        name = (info.measure, info.rate)
        if name in shares:
            unit = Unit.EVENTS if name in events else Unit.PERSONS
            rate = Rate(info, RateKind.PROPORTION, unit, unit, Unit.PERCENT)
            found += (_share(rate, row, order) for order, row in _ordered(shares[name]))
        elif name in amounts:
            own = amounts[name]
            rate = _amount_rate(info, kinds[name], has_counts=any(row["whole"] is not None for row in own))
            found += (_amount(rate, row, order) for order, row in _ordered(own))
    return tuple(found)


def _by_rate(rows: Iterator[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["measure"], row["rate"]), []).append(row)
    return found


def _ordered(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a rate with their place in their dimension."""
    places: dict[str, int] = {}
    for row in rows:
        place = places.get(row["dimension"], 0)
        places[row["dimension"]] = place + 1
        yield place, row


def _event_rates(run: RunResults) -> set[tuple[str, str]]:
    """Return the rates whose units are index events: the waterfall says what it counts."""
    counted = run.waterfall.filter(run.waterfall["unit"] == Unit.EVENTS.value)
    return set(counted.select("measure", "rate").unique().iter_rows())


def _amount_rate(info: RateInfo, kind: RateKind, *, has_counts: bool) -> Rate:
    if kind is RateKind.EVENTS_PER_1000:
        return Rate(info, kind, Unit.MEMBER_MONTHS, Unit.EVENTS, Unit.PER_1000)
    if kind is RateKind.EXTERNAL and not has_counts:
        # What comes from outside without counts may be a score and no share.
        return Rate(info, kind, Unit.AS_REPORTED, Unit.AS_REPORTED, Unit.AS_REPORTED)
    counted = Unit.AS_REPORTED if kind in (RateKind.EXTERNAL, RateKind.INDICATOR) else Unit.COMPONENTS
    return Rate(info, kind, counted, counted, Unit.PERCENT)


def _share(rate: Rate, row: Mapping[str, Any], order: int) -> Cell:
    return Cell(
        rate,
        row["dimension"],
        row["stratum"],
        order,
        row["population"],
        row["excluded"],
        row["denominator"],
        row["numerator"],
        row["percent"],
        row["percent_low"],
        row["percent_high"],
        Status(row["status"]),
        Status(row["population_status"]),
    )


def _amount(rate: Rate, row: Mapping[str, Any], order: int) -> Cell:
    percent = rate.score_unit is Unit.PERCENT
    low, high = (None, None) if percent else (row["low"], row["high"])
    status = Status(row["status"])
    return Cell(
        rate,
        row["dimension"],
        row["stratum"],
        order,
        None,
        None,
        row["member_months"] if rate.kind is RateKind.EVENTS_PER_1000 else row["whole"],
        row["part"],
        _percent(row["value"]) if percent else row["value"],
        low,
        high,
        status,
        status,
    )


def _percent(share: float | None) -> float | None:
    # The shares of a run folder have six places; four of a percentage are all that they hold.
    return None if share is None else round(share * 100, 4)
