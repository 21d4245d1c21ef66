"""What the years tell: the totals of a measure, the groups of a rate, and how their gaps changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vbpmeasure.report.charts.years import Line, slopes
from vbpmeasure.report.equity import BETTER, NARROWED, REFERENCE, WIDENED, WORSE, Equity
from vbpmeasure.report.figures import SHARE, Rate
from vbpmeasure.report.numbers import NOTHING, interval, points, signed, value_words
from vbpmeasure.report.pages.common import Figure, Material, Table, apart


def totals_by_year(material: Material, rates: Sequence[Rate]) -> Figure | None:
    """Return the totals over the years, oldest first, where an earlier run has any."""
    runs = [*reversed(material.earlier), material.now]
    if len(runs) < 2:
        return None
    found = [(rate, [(past.rate(rate.key) if past is not material.now else rate) for past in runs]) for rate in rates]
    shares = [rate for rate in rates if rate.unit == SHARE]
    names = dict(zip((rate.key for rate in shares), apart([rate.info.rate_title for rate in shares]), strict=True))
    lines = [
        Line(
            names[rate.key],
            "",
            tuple(None if one_of is None or one_of.total is None else one_of.total.value for one_of in over),
        )
        for rate, over in found
        if rate.unit == SHARE
    ]
    years = [run.year for run in runs]
    chart = slopes(years, lines, f"{rates[0].info.measure_title} over the years; the table has the numbers.")
    rows = tuple(
        (
            rate.info.rate_title,
            *(value_words(rate, of_year.total if of_year else None, material.minimum) for of_year in over),
        )
        for rate, over in found
    )
    heads = ("Rate", *(str(year) for year in years))
    hidden = material.nothing_shown(of_year.total for _, over in found for of_year in over if of_year is not None)
    table = Table(f"{rates[0].info.measure.upper()}: totals by year", heads, rows, warning=hidden)
    return Figure("Over the years", chart, table)


def gap_change(row: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the change of a gap in points and its interval, dashes for none."""
    if row is None or row["gap_change"] is None:
        return (NOTHING, NOTHING)
    return (
        signed(row["gap_change"] * 100),
        interval(points(row["gap_change_low"]), points(row["gap_change_high"])),
    )


def over_years(material: Material, rate: Rate, name: str) -> str | None:
    """Return the chart of the groups over the years, where an earlier run has them."""
    equity = material.equity
    if not material.earlier or rate.unit != SHARE or equity is None or not _moves(equity, (*rate.key, name)):
        return None
    runs = [*reversed(material.earlier), material.now]
    of_years = [past.rate(rate.key) for past in runs]
    lines = [
        Line(
            cell.stratum,
            _kind(equity, (*rate.key, name), cell.stratum),
            tuple(stratum_value(past, name, cell.stratum) for past in of_years),
        )
        for cell in rate.strata[name]
    ]
    lines = [line for line in lines if line.values[-1] is not None]
    if sum(any(value is not None for value in line.values[:-1]) for line in lines) < 2:
        return None
    overall = tuple(None if past is None or past.total is None else past.total.value for past in of_years)
    label = (
        f"{rate.info.rate_title} by {name} over the years; the table below has this year and the change of the gaps."
    )
    return slopes([run.year for run in runs], [*lines, Line("All", "overall", overall)], label)


def _moves(equity: Equity, key: tuple[str, str, str]) -> bool:
    """Return whether the years of a dimension have something to tell: a gap, or one that changed."""
    gap = any(row["verdict"] in (WORSE, BETTER) for row in equity.pairs.get(key, {}).values())
    return gap or any(row["direction"] in (NARROWED, WIDENED) for row in equity.trends.get(key, {}).values())


def _kind(equity: Equity, key: tuple[str, str, str], stratum: str) -> str:
    row = equity.of(key, stratum)
    if row is not None and row["verdict"] == REFERENCE:
        return "reference"
    trend = equity.trend(key, stratum)
    return trend["direction"] if trend is not None and trend["direction"] in (NARROWED, WIDENED) else ""


def stratum_value(rate: Rate | None, name: str, stratum: str) -> float | None:
    """Return the value of one group of a rate, None where the rate, the group or its value is not there."""
    if rate is None:
        return None
    return next((cell.value for cell in rate.strata.get(name, ()) if cell.stratum == stratum), None)
