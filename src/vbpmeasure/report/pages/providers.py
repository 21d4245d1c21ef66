"""The page of providers, practices or organizations: each rate by who gave the care."""

from __future__ import annotations

from dataclasses import dataclass

from vbpmeasure.report.charts.rates import against_benchmarks
from vbpmeasure.report.figures import PER_1000, Cell, Rate
from vbpmeasure.report.numbers import interval, one, value_words, whole
from vbpmeasure.report.pages.common import Figure, Material, Table, TableRow, anchor, dimension_words, rate_words

# A chart of more rows is longer than anybody reads; the table has them all.
_MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class ProviderBlock:
    """One rate by one dimension of providers."""

    anchor: str
    title: str
    value: str
    figure: Figure
    hidden: str
    open: bool


@dataclass(frozen=True, slots=True)
class ProviderSection:
    """One dimension of providers."""

    anchor: str
    title: str
    blocks: tuple[ProviderBlock, ...]
    none: str
    nothing_shown: str


def provider_sections(material: Material) -> tuple[ProviderSection, ...]:
    """Return the sections of the provider page, none when the run has no such dimension."""
    return tuple(_section(material, name) for name in material.now.provider_dimensions)


def _section(material: Material, dimension: str) -> ProviderSection:
    with_any = [
        rate
        for rate in material.now.rates
        if sum(cell.value is not None for cell in rate.strata.get(dimension, ())) >= 2
    ]
    blocks = tuple(_block(material, rate, dimension, opened=number == 0) for number, rate in enumerate(with_any))
    without = len(material.now.rates) - len(with_any)
    none = f"{without} of {len(material.now.rates)} rates are shown for fewer than two of them." if without else ""
    hidden = material.nothing_shown(cell for rate in material.now.rates for cell in rate.strata.get(dimension, ()))
    return ProviderSection(anchor("p", dimension), dimension_words(dimension), blocks, none, hidden)


def _block(material: Material, rate: Rate, dimension: str, *, opened: bool) -> ProviderBlock:
    cells = rate.strata[dimension]
    shown = sorted(
        (cell for cell in cells if cell.value is not None),
        key=lambda cell: ((cell.value or 0.0) * (1 if rate.info.lower_is_better else -1), cell.stratum),
    )
    mark = material.benchmark(rate)
    label = f"{rate.info.rate_title} by {dimension}, best first, with 95% intervals; the table has the numbers."
    drawn = shown[:_MOST_ROWS]
    chart = against_benchmarks(
        [Rate(rate.info, rate.unit, cell, {}) for cell in drawn],
        [cell.stratum for cell in drawn],
        [mark] * len(drawn),
        label,
    )
    heads = (
        dimension_words(dimension),
        *(("Member-months", "Events") if rate.unit == PER_1000 else ("Denominator", "Numerator")),
    )
    table = Table(
        f"{rate_words(rate)} by {dimension}",
        (*heads, "Value", "95% interval"),
        tuple(_row(rate, cell) for cell in shown),
        sortable=True,
    )
    left = len(cells) - len(shown)
    hidden = f"{left} of {len(cells)} are hidden or have too few children." if left else ""
    note = f"The chart has the first {_MOST_ROWS}." if len(shown) > _MOST_ROWS else ""
    return ProviderBlock(
        anchor("p", dimension, *rate.key),
        rate_words(rate),
        value_words(rate, rate.total, material.minimum),
        Figure(f"By {dimension}", chart, table, note),
        hidden,
        opened,
    )


def _row(rate: Rate, cell: Cell) -> TableRow:
    base = cell.months if rate.unit == PER_1000 else cell.denominator
    return (cell.stratum, whole(base), whole(cell.numerator), one(cell.value), interval(cell.low, cell.high))
