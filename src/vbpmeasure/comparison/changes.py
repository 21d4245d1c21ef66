"""The change of every rate in every stratum, from what both runs show.

Two runs over one period judge the same children, so what one of them hides must not follow from the other: there a cell
that either hides is hidden in both, and where counts differ by few children the earlier numbers are not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt

from vbpmeasure.equity.statistics.differences import newcombe
from vbpmeasure.equity.statistics.estimate import Count
from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.rates import TOTAL
from vbpmeasure.runs.cells import Cell, Rate, Unit, cells, is_hidden
from vbpmeasure.runs.reading import RunResults


class Outcome(StrEnum):
    """What came of comparing a cell."""

    COMPARED = "compared"
    HIDDEN = "hidden"  # by disclosure control, in one of the runs or both
    FEW_MOVED = "few_moved"  # one period, and the counts differ by few children: the earlier numbers are not shown
    NO_RATE = "no_rate"  # a small denominator, or nobody in it, in one of the runs or both
    ONLY_OLD = "only_old"
    ONLY_NEW = "only_new"
    OTHER_KIND = "other_kind"  # the rate counts something else now


class Direction(StrEnum):
    """Where a rate went; between years only as far as its interval leaves out that nothing changed."""

    BETTER = "better"
    WORSE = "worse"
    NO_CLEAR_CHANGE = "no_clear_change"
    UNCHANGED = "unchanged"
    NO_INTERVAL = "no_interval"  # between periods, of a rate for which there is no interval


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one run in a cell; None where they are hidden or not there."""

    population: int | None = None
    excluded: int | None = None
    denominator: float | None = None
    numerator: int | None = None
    score: float | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One rate in one stratum in both runs.

    ``change`` is new minus old in the unit of the rate (percentage points for shares), with its interval where the
    periods differ and the rate has one. ``moved`` are the differences of the counts, in whole numbers, where both runs
    show them. ``edition`` says that the measure was run in two editions, ``definition`` that its definition, parameters
    or value sets differ.
    """

    rate: Rate
    dimension: str
    stratum: str
    old: Numbers
    new: Numbers
    outcome: Outcome
    change: float | None = None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    direction: Direction | None = None

    @property
    def name(self) -> str:
        """Measure and rate, as other commands name them."""
        return f"{self.rate.info.measure}.{self.rate.info.rate}"

    @property
    def is_total(self) -> bool:
        """Whether this is the rate as a whole."""
        return self.dimension == TOTAL

    @property
    def moved(self) -> Numbers:
        """The differences of the counts, new minus old."""
        return Numbers(
            population=_minus(self.new.population, self.old.population),
            excluded=_minus(self.new.excluded, self.old.excluded),
            denominator=_less(self.new.denominator, self.old.denominator),
            numerator=_minus(self.new.numerator, self.old.numerator),
        )


_Key = tuple[str, str, str, str]
_UNITS_OF_PERSONS = (Unit.PERSONS,)


def changes(old: RunResults, new: RunResults) -> tuple[Change, ...]:
    """Return the change of every cell that either run has, in the order of the new run, then what it no longer has."""
    before, after = (_by_name(cells(run)) for run in (old, new))
    found = [_pair(before.get(key), after.get(key)) for key in dict.fromkeys((*after, *before))]
    if old.period != new.period:
        return tuple(_with_change(change, before, after, same_period=False) for change in found)
    if old.is_public or new.is_public:
        found = list(_one_period(found, _few(old, new)))
    return tuple(_with_change(change, before, after, same_period=True) for change in found)


def _by_name(found: Sequence[Cell]) -> dict[_Key, Cell]:
    return {(*cell.rate.name, cell.dimension, cell.stratum): cell for cell in found}


def _pair(old: Cell | None, new: Cell | None) -> Change:
    cell = new or old
    assert cell is not None
    change = Change(cell.rate, cell.dimension, cell.stratum, _numbers(old), _numbers(new), Outcome.COMPARED)
    if old is None or new is None:
        return replace(change, outcome=Outcome.ONLY_NEW if old is None else Outcome.ONLY_OLD)
    if (old.rate.kind, old.rate.score_unit) != (new.rate.kind, new.rate.score_unit):
        return replace(change, outcome=Outcome.OTHER_KIND)
    if is_hidden(old.status) or is_hidden(new.status):
        return replace(change, outcome=Outcome.HIDDEN)
    if old.score is None or new.score is None:
        return replace(change, outcome=Outcome.NO_RATE)
    return change


def _numbers(cell: Cell | None) -> Numbers:
    if cell is None:
        return Numbers()
    return Numbers(cell.population, cell.excluded, cell.denominator, cell.numerator, cell.score, cell.status.value)


def _few(old: RunResults, new: RunResults) -> int:
    """Return the smallest number of children that may be told of: the stricter of both policies."""
    return max(int(run.suppression.get("suppress_below", 0)) for run in (old, new))


def _one_period(found: Sequence[Change], few: int) -> Iterator[Change]:
    """Hide what would follow from two runs over the same children.

    Where counts differ by few children, the earlier numbers are not shown for any stratum of that dimension in any rate
    of the measure (strata and bands add up to totals), and for none at all when it is so in total.
    """
    small = {
        (change.rate.info.measure, change.dimension)
        for change in found
        if change.outcome in (Outcome.COMPARED, Outcome.NO_RATE) and _differ_by_few(change, few)
    }
    for change in found:
        measure = change.rate.info.measure
        if change.outcome is Outcome.HIDDEN:
            old, new = (replace(Numbers(), status=side.status) for side in (change.old, change.new))
            yield replace(change, old=old, new=new)
        elif change.outcome is Outcome.ONLY_OLD or (measure, change.dimension) in small or (measure, TOTAL) in small:
            outcome = change.outcome if change.outcome is Outcome.ONLY_OLD else Outcome.FEW_MOVED
            lone = change.outcome in (Outcome.ONLY_OLD, Outcome.ONLY_NEW)
            yield change if lone else replace(change, old=Numbers(status=change.old.status), outcome=outcome)
        elif None in (change.old.population, change.new.population):
            yield replace(change, old=_without_population(change.old), new=_without_population(change.new))
        else:
            yield change


def _without_population(side: Numbers) -> Numbers:
    return replace(side, population=None, excluded=None)


def _differ_by_few(change: Change, few: int) -> bool:
    moved = change.moved
    counts = [moved.population, moved.excluded, moved.denominator, moved.numerator]
    if moved.denominator is not None and moved.numerator is not None:
        counts.append(moved.denominator - moved.numerator)
    known = [abs(count) for count in counts if count is not None]
    if change.rate.denominator_unit not in _UNITS_OF_PERSONS:
        # Twelve events can be those of one child: how many children are behind a difference is not known.
        return any(known) or change.old.score != change.new.score
    return any(0 < count < few for count in known)


def _with_change(
    change: Change, before: Mapping[_Key, Cell], after: Mapping[_Key, Cell], *, same_period: bool
) -> Change:
    if change.outcome is not Outcome.COMPARED:
        return change
    key = (*change.rate.name, change.dimension, change.stratum)
    old, new = before[key], after[key]
    value, low, high, method = _difference(old, new)
    if same_period:
        # The same children judged twice are no two samples.
        low = high = method = None
    return replace(
        change,
        change=value,
        low=low,
        high=high,
        method=method,
        direction=_direction(change.rate, value, low, high, same_period=same_period),
    )


def _difference(old: Cell, new: Cell) -> tuple[float, float | None, float | None, str | None]:
    """Return new minus old in the unit of the rate, its interval and the name of that.

    Newcombe's interval for shares; for events per 1,000 the same combination of the two exact Poisson intervals.
    """
    assert old.score is not None
    assert new.score is not None
    one, two = _count(old), _count(new)
    if one is not None and two is not None and one.denominator and two.denominator:
        found = newcombe(two, one)
        if found.value is not None and found.low is not None and found.high is not None:
            if not new.rate.is_share:
                return found.value * 100, None, None, None
            return found.value * 100, found.low * 100, found.high * 100, "newcombe"
    value = new.score - old.score
    if None in (old.low, old.high, new.low, new.high) or not new.rate.has_interval:
        return value, None, None, None
    assert old.low is not None
    assert old.high is not None
    assert new.low is not None
    assert new.high is not None
    low = value - sqrt((new.score - new.low) ** 2 + (old.high - old.score) ** 2)
    high = value + sqrt((new.high - new.score) ** 2 + (old.score - old.low) ** 2)
    return value, low, high, "hybrid"


def _count(cell: Cell) -> Count | None:
    """Return the counts behind a percentage; None where the rate has none, or none that are one of the other."""
    if cell.rate.score_unit is not Unit.PERCENT or cell.numerator is None or cell.denominator is None:
        return None
    bottom = int(cell.denominator)
    return Count(cell.numerator, bottom) if 0 <= cell.numerator <= bottom else None


def _direction(rate: Rate, value: float, low: float | None, high: float | None, *, same_period: bool) -> Direction:
    if value == 0:
        return Direction.UNCHANGED
    if not same_period and (low is None or high is None):
        return Direction.NO_INTERVAL
    if low is not None and high is not None and low <= 0 <= high:
        return Direction.NO_CLEAR_CHANGE
    return Direction.BETTER if (value < 0) is rate.info.lower_is_better else Direction.WORSE


def _minus(new: int | None, old: int | None) -> int | None:
    return None if new is None or old is None else new - old


def _less(new: float | None, old: float | None) -> float | None:
    return None if new is None or old is None else new - old


def shown_in_one_only(found: Sequence[Change]) -> int:
    """Return how many cells one run hides and the other shows: published together, the one tells of the other."""
    return sum(
        change.outcome is Outcome.HIDDEN
        and is_hidden(Status(change.old.status)) is not is_hidden(Status(change.new.status))
        for change in found
    )
