"""The first page: what a medical director needs in two minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from vbpmeasure.report.charts.rates import against_benchmarks
from vbpmeasure.report.equity import BETTER, SAME, WORSE
from vbpmeasure.report.figures import PER_1000, SHARE, Rate
from vbpmeasure.report.numbers import NOTHING, interval, one, value_words, whole
from vbpmeasure.report.pages.common import (
    Figure,
    Material,
    Table,
    TableRow,
    Td,
    benchmark_words,
    measure_anchor,
    rate_anchor,
    rate_head,
    rate_words,
    standing,
)
from vbpmeasure.report.pages.gaps import GapLine, gap_lines, leveling_down
from vbpmeasure.results.disclosure.policy import Status

STANDING_WORDS = {"better": "▲ better", "worse": "▼ worse", "level": "● level", "": NOTHING}
_MOST_FINDINGS = 5
_MOST_OF_A_MEASURE = 2


@dataclass(frozen=True, slots=True)
class Tile:
    """One number that says how things are."""

    number: str
    words: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page."""

    tiles: tuple[Tile, ...]
    gaps: tuple[GapLine, ...]
    more_gaps: int
    leveled: tuple[GapLine, ...]
    more_leveled: int
    benchmarks: Figure
    rates: Table


def overview(material: Material) -> Overview:
    """Return the first page."""
    lines, leveled = gap_lines(material), leveling_down(material)
    first: list[GapLine] = []
    for line in lines:
        told = sum(one.rate.info.measure == line.rate.info.measure for one in first)
        if len(first) < _MOST_FINDINGS and told < _MOST_OF_A_MEASURE:
            first.append(line)
    return Overview(
        tuple(_tiles(material, len(lines))),
        tuple(first),
        len(lines) - len(first),
        tuple(leveled[:_MOST_FINDINGS]),
        max(len(leveled) - _MOST_FINDINGS, 0),
        _against_benchmarks(material),
        _all_rates(material),
    )


def _tiles(material: Material, gaps: int) -> Iterator[Tile]:
    now = material.now
    shown = [rate for rate in now.rates if rate.total is not None and rate.total.value is not None]
    yield Tile(f"{len(shown)} of {len(now.rates)}", f"rates are shown{_not_shown(material)}", "#all-rates")
    held = [standing(rate, material.benchmark(rate)) for rate in now.rates]
    judged = [one for one in held if one]
    if judged:
        good = sum(one != "worse" for one in judged)
        yield Tile(f"{good} of {len(judged)}", "rates are level with their benchmark or better", "#against-benchmarks")
    if material.equity is not None:
        verdicts = [row["verdict"] for by in material.equity.pairs.values() for row in by.values()]
        compared = sum(verdict in (WORSE, BETTER, SAME) for verdict in verdicts)
        yield Tile(f"{verdicts.count(WORSE)} of {compared}", "comparisons of groups show a gap", "#equity")
        if gaps:
            lines = gap_lines(material)
            yield Tile(whole(lines[0].members), f"{lines[0].units} to parity in the widest gap", f"#{lines[0].anchor}")


def _not_shown(material: Material) -> str:
    """Return why the other rates are not shown, with how many of each; nothing when all are.

    A rate that is hidden to protect another has enough children, so one word for all of them would be wrong.
    """
    words = {
        Status.SUPPRESSED_PRIMARY: "hidden for a small count",
        Status.SUPPRESSED_COMPLEMENTARY: "hidden to protect another",
        Status.NA_SMALL_DENOM: f"with a denominator below {material.minimum}",
    }
    cells = [rate.total for rate in material.now.rates]
    counted = Counter(
        words.get(Status(cell.status), "without data") if cell is not None else "without data"
        for cell in cells
        if cell is None or cell.value is None
    )
    told = [f"{counted[text]} {text}" for text in (*words.values(), "without data") if counted[text]]
    return f"; {', '.join(told)}" if told else ""


def _against_benchmarks(material: Material) -> Figure:
    rates = [rate for rate in material.now.rates if rate.unit == SHARE and material.benchmark(rate) is not None]
    marks = [material.benchmark(rate) for rate in rates]
    names = [rate_words(rate) for rate in rates]
    label = (
        "Rates with a benchmark: value with 95% interval, and the benchmark as an upright line; "
        "the table below has the numbers."
    )
    rows: list[TableRow] = []
    for rate, mark in zip(rates, marks, strict=True):
        assert mark is not None
        total = rate.total
        stand = standing(rate, mark)
        rows.append(
            (
                rate_head(rate, rate_anchor(rate)),
                value_words(rate, total, material.minimum),
                interval(total.low, total.high) if total else NOTHING,
                benchmark_words(mark),
                str(mark.confidence),
                Td(STANDING_WORDS[stand], stand),
            )
        )
    table = Table(
        "Rates against their benchmarks. A rate is level when its 95% interval holds the benchmark.",
        ("Rate", "Value", "95% interval", "Benchmark", "Confidence", "Standing"),
        tuple(rows),
    )
    return Figure("Against benchmarks", against_benchmarks(rates, names, marks, label) if rates else None, table)


def _all_rates(material: Material) -> Table:
    years = [f"{earlier.year}" for earlier in material.earlier]
    return Table(
        f"All rates of {material.now.year}",
        ("Measure", "Rate", "Denominator", "Value", "95% interval", *years, "Benchmark", "Standing"),
        tuple(_rate_row(material, rate) for rate in material.now.rates),
        words=2,
        sortable=True,
        warning=material.nothing_shown(
            found.total
            for rate in material.now.rates
            for run in (material.now, *material.earlier)
            if (found := run.rate(rate.key)) is not None
        ),
    )


def _rate_row(material: Material, rate: Rate) -> TableRow:
    total, mark = rate.total, material.benchmark(rate)
    before = [earlier.rate(rate.key) for earlier in material.earlier]
    base = None if total is None else total.months if total.months is not None else total.denominator
    stand = standing(rate, mark)
    value = value_words(rate, total, material.minimum)
    return (
        Td(rate.info.measure.upper(), link=f"#{measure_anchor(rate.info.measure)}"),
        rate.info.rate_title + (" (lower is better)" if rate.info.lower_is_better else ""),
        whole(base),
        Td(value, "unit") if rate.unit == PER_1000 else value,
        interval(total.low, total.high) if total else NOTHING,
        *(one(found.total.value) if found is not None and found.total is not None else NOTHING for found in before),
        one(mark.figure) if mark else NOTHING,
        Td(STANDING_WORDS[stand], stand),
    )
