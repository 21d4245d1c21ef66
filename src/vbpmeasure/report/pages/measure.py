"""The page of a measure: its rates against benchmarks, over the years, its waterfall, its groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.report.charts.rates import against_benchmarks, by_group, forests
from vbpmeasure.report.charts.steps import waterfall
from vbpmeasure.report.equity import REFERENCE, Equity
from vbpmeasure.report.figures import PER_1000, SHARE, Cell, Rate, Stage
from vbpmeasure.report.numbers import NOTHING, interval, missing, one, p_value, points, signed, value_words, whole
from vbpmeasure.report.pages.common import (
    Figure,
    Material,
    Table,
    TableRow,
    Td,
    apart,
    benchmark_words,
    dimension_words,
    measure_anchor,
    rate_anchor,
    rate_words,
    standing,
)
from vbpmeasure.report.pages.overview import STANDING_WORDS
from vbpmeasure.report.pages.years import gap_change, over_years, stratum_value, totals_by_year

VERDICT_WORDS = {
    "worse": "▼ worse",
    "better": "▲ better",
    "same": "● same",
    "reference": "◆ reference",
    "insufficient_data": "too few to judge",
    "suppressed": "hidden",
    "not_compared": NOTHING,
}


@dataclass(frozen=True, slots=True)
class GroupBlock:
    """One dimension of a rate: charts side by side (rate, differences, years), one table for all of them."""

    title: str
    charts: tuple[tuple[str, str], ...]
    table: Table
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RateBlock:
    """One rate on the page of its measure."""

    anchor: str
    title: str
    value: str
    waterfall: Figure | None
    groups: tuple[GroupBlock, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class MeasurePage:
    """The page of a measure."""

    anchor: str
    id: str
    title: str
    failed: str
    edition: str
    rates: tuple[Figure, ...]
    years: Figure | None
    benchmarks: tuple[str, ...]
    blocks: tuple[RateBlock, ...]


def measure_page(material: Material, measure: str, rates: Sequence[Rate]) -> MeasurePage:
    """Return the page of a measure."""
    listed = material.now.run.manifest.get("measures", ())
    said: Mapping[str, Any] = next((one for one in listed if one.get("id") == measure), {})
    return MeasurePage(
        measure_anchor(measure),
        measure,
        rates[0].info.measure_title,
        "" if said.get("status") == "written" else "This measure failed in the run; it has no numbers.",
        str(said.get("edition", "")),
        tuple(_rates(material, rates)),
        totals_by_year(material, rates),
        tuple(_benchmark_notes(material, rates)),
        tuple(_block(material, rate, opened=number == _first_open(rates)) for number, rate in enumerate(rates)),
    )


def _first_open(rates: Sequence[Rate]) -> int:
    """Return the rate to show first: the total of the measure where there is one, else its first."""
    totals = [number for number, rate in enumerate(rates) if rate.info.rate.endswith("_total")]
    return totals[0] if totals else 0


def _rates(material: Material, rates: Sequence[Rate]) -> Iterator[Figure]:
    """Yield the rates with their benchmarks, those of one unit together."""
    for unit, group in groupby(sorted(rates, key=lambda rate: rate.unit != SHARE), key=lambda rate: rate.unit):
        own = list(group)
        marks = [material.benchmark(rate) for rate in own]
        title = "Rates" if unit == SHARE else "Per 1,000 member-months" if unit == PER_1000 else "Reported from outside"
        label = f"{own[0].info.measure_title}: {title.lower()}, with 95% intervals and benchmarks, as in the table."
        chart = against_benchmarks(own, apart([rate.info.rate_title for rate in own]), marks, label)
        bases = ("Member-months", "Events") if unit == PER_1000 else ("Denominator", "Numerator")
        rows: list[TableRow] = []
        for rate, mark in zip(own, marks, strict=True):
            total = rate.total
            stand = standing(rate, mark)
            rows.append(
                (
                    Td(rate.info.rate_title, link=f"#{rate_anchor(rate)}"),
                    whole(None if total is None else total.months if unit == PER_1000 else total.denominator),
                    whole(None if total is None else total.numerator),
                    value_words(rate, total, material.minimum),
                    interval(total.low, total.high) if total else NOTHING,
                    one(mark.figure) if mark else NOTHING,
                    Td(STANDING_WORDS[stand], stand),
                )
            )
        heads = ("Rate", *bases, "Value", "95% interval", "Benchmark", "Standing")
        caption = f"{own[0].info.measure.upper()}: {title.lower()} of {material.now.year}"
        hidden = material.nothing_shown(rate.total for rate in own)
        yield Figure(title, chart, Table(caption, heads, tuple(rows), warning=hidden))


def _benchmark_notes(material: Material, rates: Sequence[Rate]) -> Iterator[str]:
    for rate in rates:
        mark = material.benchmark(rate)
        if mark is not None:
            caveat = f" {mark.caveat}" if mark.caveat else ""
            yield (
                f"{rate.info.rate_title}: {benchmark_words(mark)}. Source: {mark.source}. "
                f"Confidence: {mark.confidence}.{caveat}"
            )


def _block(material: Material, rate: Rate, *, opened: bool) -> RateBlock:
    stages = material.now.stages.get(rate.key, ())
    return RateBlock(
        rate_anchor(rate),
        rate.info.rate_title + (" (lower is better)" if rate.info.lower_is_better else ""),
        value_words(rate, rate.total, material.minimum),
        _waterfall(material, rate, stages) if stages else None,
        tuple(_groups(material, rate)),
        opened,
    )


def _waterfall(material: Material, rate: Rate, stages: Sequence[Stage]) -> Figure:
    rows: tuple[TableRow, ...] = tuple(
        (
            stage.label,
            "met the numerator" if stage.kind == "numerator" else stage.kind,
            "hidden" if stage.removed is None and stage.remaining is None else whole(stage.removed),
            "hidden" if stage.remaining is None else whole(stage.remaining),
        )
        for stage in stages
    )
    nothing = all(stage.removed is None and stage.remaining is None for stage in stages)
    table = Table(
        f"Who counts, in {stages[0].unit}: {rate_words(rate)}",
        ("Step", "Kind", "Removed", "Remaining"),
        rows,
        words=2,
        warning=material.hidden_words() if nothing else "",
    )
    chart = waterfall(stages, f"{rate.info.rate_title}, who counts")
    key = "The first part of a bar is who remains after the step, the part after it whom the step removed."
    return Figure("Who counts", chart, table, key if chart else "")


def _groups(material: Material, rate: Rate) -> Iterator[GroupBlock]:
    names = [name for name in material.now.people_dimensions if rate.strata.get(name)]
    if not names:
        return
    equity = material.equity or _NO_EQUITY
    compared = {name for (measure, of, name) in equity.pairs if (measure, of) == rate.key}
    by = by_group(rate, names, material.benchmark(rate), equity)
    differences = forests(rate, names, equity)
    for name in names:
        charts = [("Rate of each group", by[name])] if name in by else []
        if name in differences:
            charts.append(("Difference in points, and ratio", differences[name]))
        over = over_years(material, rate, name)
        if over is not None:
            charts.append(("Over the years", over))
        table = (
            _compared_table(material, rate, name, equity) if name in compared else _plain_table(material, rate, name)
        )
        yield GroupBlock(dimension_words(name), tuple(charts), table, tuple(_notes(equity, rate, name)))


_NO_EQUITY = Equity(EquitySettings())


def _plain_table(material: Material, rate: Rate, name: str) -> Table:
    months = rate.unit == PER_1000
    rows: tuple[TableRow, ...] = tuple((cell.stratum, *_basics(material, rate, cell)) for cell in rate.strata[name])
    bases = ("Member-months", "Events") if months else ("Denominator", "Numerator")
    hidden = material.nothing_shown(rate.strata[name])
    heads = ("Group", *bases, "Value", "95% interval")
    return Table(f"{rate_words(rate)} by {name}", heads, rows, warning=hidden)


def _basics(material: Material, rate: Rate, cell: Cell) -> tuple[str | Td, ...]:
    why = missing(cell, material.minimum)
    base = cell.months if rate.unit == PER_1000 else cell.denominator
    return (
        whole(base),
        whole(cell.numerator),
        Td(why, "none") if why else one(cell.value),
        interval(cell.low, cell.high),
    )


def _compared_table(material: Material, rate: Rate, name: str, equity: Equity) -> Table:
    key = (*rate.key, name)
    trend = key in equity.trends
    heads = (
        "Group",
        "Denominator",
        "Numerator",
        "%",
        "95% interval",
        *(f"{past.year} %" for past in material.earlier),
        "Difference",
        "95% interval",
        "Ratio",
        "95% interval",
    )
    heads += ("Adjusted p", "Verdict", "To parity", *(("Gap change", "95% interval") if trend else ()))
    rows: list[TableRow] = []
    for cell in rate.strata[name]:
        row = equity.of(key, cell.stratum)
        rows.append(
            (cell.stratum, *_basics(material, rate, cell), *_before(material, rate, name, cell), *_comparison(row))
            + (gap_change(equity.trend(key, cell.stratum)) if trend else ())
        )
    before = (past.rate(rate.key) for past in material.earlier)
    cells = [cell for one_of in (rate, *before) if one_of is not None for cell in one_of.strata.get(name, ())]
    caption = f"{rate_words(rate)} by {name}: rates, differences in points, ratios"
    return Table(caption, heads, tuple(rows), warning=material.nothing_shown(cells))


def _before(material: Material, rate: Rate, name: str, cell: Cell) -> Iterator[str]:
    for past in material.earlier:
        yield one(stratum_value(past.rate(rate.key), name, cell.stratum))


def _comparison(row: Mapping[str, Any] | None) -> tuple[str | Td, ...]:
    if row is None or row["rd"] is None or row["verdict"] == REFERENCE:
        verdict = "not_compared" if row is None else row["verdict"]
        return (*("",) * 5, Td(VERDICT_WORDS[verdict], verdict), "")
    return (
        signed(row["rd"] * 100),
        interval(points(row["rd_low"]), points(row["rd_high"])),
        one(row["rr"], 2),
        interval(row["rr_low"], row["rr_high"], 2),
        p_value(row["p_adjusted"]),
        Td(VERDICT_WORDS[row["verdict"]], row["verdict"]),
        whole(row["gap_to_parity"]),
    )


def _notes(equity: Equity, rate: Rate, name: str) -> Iterator[str]:
    rows = list(equity.pairs.get((*rate.key, name), {}).values())
    if not rows:
        return
    first = rows[0]
    if first["reference"]:
        size = next((row["family_size"] for row in rows if row["family_size"]), 0)
        many = f"{size} comparisons adjusted together" if size != 1 else "one comparison"
        yield f"Reference: {first['reference']} ({first['reference_rule']}); {many}."
    if first["reference_note"]:
        yield first["reference_note"][:1].upper() + first["reference_note"][1:] + "."
    for row in equity.trends.get((*rate.key, name), {}).values():
        if row["leveling_down"]:
            yield f"Leveling down: the gap of {row['stratum']} narrowed because {row['reference']} got worse."
        if row["disagree"]:
            yield f"{row['stratum']}: the gap in points and the ratio changed in different directions."
