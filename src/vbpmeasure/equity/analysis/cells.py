"""The published rows of a run as cells: what is shown of every group, and why the rest is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from vbpmeasure.equity.statistics.estimate import Count

TOTAL = "total"
# What stands between the labels of a crossed stratum.
CROSS = " * "
VALUE, NA_SMALL, NO_DATA = "value", "NA_SMALL_DENOM", "NO_DATA"

HIDDEN_REASON = "hidden by the suppression policy"
NA_REASON = "the denominator is below the least one for a rate"

RateName = tuple[str, str]  # measure, rate


@dataclass(frozen=True, slots=True)
class Cell:
    """One stratum of one rate; ``count`` is None unless denominator and numerator are both shown."""

    stratum: str
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
        cell = Cell(stratum, status, denominator, shown)
        if dimension == TOTAL:
            cells.total = cell
        else:
            cells.by.setdefault(dimension, []).append(cell)
    return list(found.values())


def shown_counts(cells: list[Cell], is_group: Mapping[str, bool]) -> dict[str, Count]:
    """Return the counts of the groups whose rate is shown, in order."""
    return {c.stratum: c.count for c in cells if c.has_rate and c.count is not None and is_group[c.stratum]}
