"""The published rows of a run as cells: what is shown of every group, and why the rest is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from vbpmeasure.equity.statistics.estimate import Count
from vbpmeasure.results.categories.stratum_text import names_of

TOTAL = "total"
VALUE, NA_SMALL, NO_DATA = "value", "NA_SMALL_DENOM", "NO_DATA"

HIDDEN_REASON = "hidden by the suppression policy"
NA_REASON = "the denominator is below the least one for a rate"

RateName = tuple[str, str]  # measure, rate


@dataclass(frozen=True, slots=True)
class Cell:
    """One stratum of one rate; ``count`` is None unless denominator and numerator are both shown.

    ``names`` are those of its components, one for each: other than that only in texts of versions up to 0.7.3, of which
    nobody knows which names belong together (`stratum_text.names_of`).
    """

    stratum: str
    names: tuple[str, ...]
    status: str
    denominator: int | None
    count: Count | None

    @property
    def has_rate(self) -> bool:
        """Whether a rate is shown."""
        return self.status == VALUE and self.count is not None

    @property
    def is_hidden(self) -> bool:
        """Whether the policy hides the group."""
        return self.status not in (VALUE, NA_SMALL, NO_DATA)


@dataclass(slots=True)
class RateCells:
    """One rate: its total, and the cells of each dimension in the order of the results."""

    measure: str
    rate: str
    lower_is_better: bool = False
    total: Cell | None = None
    by: dict[str, list[Cell]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """``measure.rate``."""
        return f"{self.measure}.{self.rate}"


def rate_cells(results: pl.DataFrame, lower_is_better: Collection[RateName] = ()) -> list[RateCells]:
    """Return the cells of a frame of ``RESULT_SCHEMA`` by rate, in its order."""
    found: dict[RateName, RateCells] = {}
    names = ("measure", "rate", "dimension", "stratum", "status", "denominator", "numerator")
    for measure, rate, dimension, stratum, status, denominator, numerator in results.select(names).iter_rows():
        key = (measure, rate)
        cells = found.setdefault(key, RateCells(measure, rate, key in lower_is_better))
        shown = None if denominator is None or numerator is None else Count(numerator, denominator)
        cell = Cell(stratum, names_of(stratum, _components(dimension)), status, denominator, shown)
        if dimension == TOTAL:
            cells.total = cell
        else:
            cells.by.setdefault(dimension, []).append(cell)
    return list(found.values())


def with_known_names(rates: Iterable[RateCells]) -> tuple[list[RateCells], tuple[str, ...]]:
    """Return the rates without the crossings in which the names of some row are not known, and those crossings."""
    rates = list(rates)
    lost = {
        name for rate in rates for name, own in rate.by.items() for cell in own if len(cell.names) != _components(name)
    }
    known = [replace(rate, by={name: own for name, own in rate.by.items() if name not in lost}) for rate in rates]
    return known, tuple(sorted(lost))


def parted(cell: Cell, crossing: str, component: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of one component of a crossing, and those of the others; its cells have `with_known_names`."""
    at = crossing.split("*").index(component)
    return cell.names[at], (*cell.names[:at], *cell.names[at + 1 :])


def _components(dimension: str) -> int:
    return dimension.count("*") + 1


def shown_counts(cells: list[Cell], is_group: Mapping[str, bool]) -> dict[str, Count]:
    """Return the counts of the groups whose rate is shown, in order."""
    return {c.stratum: c.count for c in cells if c.has_rate and c.count is not None and is_group[c.stratum]}
