"""The reference of one rate and dimension, by the rule of the settings, from what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from vbpmeasure.equity.analysis.cells import Cell, RateCells, shown_counts
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.equity.statistics.estimate import Count
from vbpmeasure.equity.statistics.reference import Chosen, ReferenceRule, best_with_min_n, largest
from vbpmeasure.equity.statistics.verdicts import exact


@dataclass(frozen=True, slots=True)
class Reference:
    """With what the groups are compared.

    ``label`` is a stratum, or `overall`, or `benchmark`; None when there is nothing to compare with, and ``note`` then
    says why. ``against`` are its counts, or the number of a benchmark. ``by_rate`` as in `Chosen`. ``missing`` marks a
    named group whose rate is not shown.
    """

    rule: ReferenceRule
    label: str | None = None
    against: Count | Fraction | None = None
    note: str | None = None
    by_rate: bool = False
    missing: bool = False

    @property
    def is_group(self) -> bool:
        """Whether the reference is one of the groups."""
        return self.rule not in (ReferenceRule.OVERALL, ReferenceRule.BENCHMARK)

    @property
    def value(self) -> float | None:
        """The rate of the reference."""
        if isinstance(self.against, Count):
            return self.against.rate if self.against.denominator else None
        return None if self.against is None else float(self.against)


def find_reference(cells: RateCells, dimension: str, settings: EquitySettings) -> Reference:
    """Return the reference of a dimension; groups that are hidden or too small for a rate are no candidates."""
    own = cells.by[dimension]
    named = settings.named.get(dimension)
    if named is not None:
        return _named(own, named)
    if settings.reference is ReferenceRule.OVERALL:
        return _overall(cells)
    if settings.reference is ReferenceRule.BENCHMARK:
        return _benchmark(cells, settings)
    groups = shown_counts(own, {c.stratum: settings.is_group(c.names) for c in own})
    if settings.reference is ReferenceRule.LARGEST:
        chosen = largest(groups)
    else:
        chosen = best_with_min_n(groups, settings.min_n, lower_is_better=cells.lower_is_better)
    return _chosen(settings.reference, chosen, groups, _hidden(own, settings))


def _chosen(rule: ReferenceRule, chosen: Chosen, groups: Mapping[str, Count], hidden: int) -> Reference:
    if chosen.group is None:
        return Reference(rule, note="no group has a rate that is shown")
    more = f"{hidden} hidden group{'s' if hidden > 1 else ''} could not be considered" if hidden else None
    note = "; ".join(text for text in (chosen.note, more) if text)
    return Reference(rule, chosen.group, groups[chosen.group], note or None, chosen.by_rate)


def _hidden(cells: list[Cell], settings: EquitySettings) -> int:
    return sum(cell.is_hidden and settings.is_group(cell.names) for cell in cells)


def _named(cells: list[Cell], named: str) -> Reference:
    found = next((cell for cell in cells if cell.stratum == named), None)
    if found is not None and found.has_rate:
        return Reference(ReferenceRule.NAMED, named, found.count)
    why = "is hidden" if found is not None and found.is_hidden else "has no rate"
    return Reference(ReferenceRule.NAMED, note=f"the named reference {named} {why}", missing=True)


def _overall(cells: RateCells) -> Reference:
    total = cells.total
    if total is None or not total.has_rate or total.count is None:
        return Reference(ReferenceRule.OVERALL, note="the overall rate is not shown")
    return Reference(ReferenceRule.OVERALL, "overall", total.count)


def _benchmark(cells: RateCells, settings: EquitySettings) -> Reference:
    percent = settings.benchmark(cells.measure, cells.rate)
    if percent is None:
        return Reference(ReferenceRule.BENCHMARK, note="there is no benchmark for the rate")
    return Reference(ReferenceRule.BENCHMARK, "benchmark", exact(percent) / 100)
