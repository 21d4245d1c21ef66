"""One dimension on the equity page: its facts, verdicts, widest gaps, indices, and what changed over the years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vbpmeasure.report.equity import INSUFFICIENT, REFERENCE, Equity, Record, is_judged
from vbpmeasure.report.figures import Rate
from vbpmeasure.report.numbers import NOTHING, interval, one, points, signed, whole
from vbpmeasure.report.pages.common import (
    Figure,
    Material,
    Table,
    TableRow,
    Td,
    anchor,
    dimension_words,
    joined,
    rate_anchor,
    rate_head,
    rate_words,
)
from vbpmeasure.report.pages.gaps import GapLine, gap_lines
from vbpmeasure.report.pages.widest import forest_figure, gaps_figure, parity_table
from vbpmeasure.report.pages.years import gap_change, over_years, stratum_value

_MOST_SLOPES = 3
_MARKS = {"worse": "▼", "better": "▲", "same": "●", REFERENCE: "◆", INSUFFICIENT: "?"}
_INDICES = (
    ("max_diff", "Largest difference (points)", 100.0, 1),
    ("max_ratio", "Largest ratio", 1.0, 2),
    ("srr", "Summary rate ratio", 1.0, 2),
    ("bgv", "Between-group variance (points²)", 10_000.0, 1),
    ("idisw", "Weighted index of disparity (%)", 1.0, 1),
)


@dataclass(frozen=True, slots=True)
class DimensionSection:
    """One dimension on the equity page."""

    anchor: str
    title: str
    facts: tuple[tuple[str, str], ...]
    verdicts: Table | None
    gaps: Figure | None
    forest: Figure | None
    summary: Table | None
    parity: Table | None
    slopes: tuple[Figure, ...]
    changes: tuple[str, ...]
    nothing_shown: str


def dimension_section(material: Material, equity: Equity, dimension: str) -> DimensionSection:
    """Return the section of a dimension that the run compares; what it has nothing to say of is None or empty."""
    rates = [rate for rate in material.now.rates if (*rate.key, dimension) in equity.pairs]
    lines = gap_lines(material, dimension)
    counted = list(equity.groups(dimension))
    hidden = sum(row["status"].startswith("SUPPRESSED") for row in counted)
    few = sum(row["verdict"] == INSUFFICIENT for row in counted)
    judged = sum(row["verdict"] in ("worse", "better", "same") for row in counted)
    sizes = sorted({row["family_size"] for row in counted if row["family_size"]})
    facts = [
        ("Gaps", f"{sum(row['verdict'] == 'worse' for row in counted)} of {judged} comparisons"),
        ("Too few to judge", whole(few)),
        ("Hidden", whole(hidden)),
    ]
    systems = material.now.run.manifest.get("category_systems", {})
    standards = [systems[part]["id"] for part in dimension.split("*") if part in systems]
    if standards:
        facts.insert(0, ("Categories", joined(standards)))
    if sizes:
        facts.append(("Family size", f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"))
    return DimensionSection(
        anchor("e", dimension),
        dimension_words(dimension),
        tuple(facts),
        _verdicts(rates, equity, dimension),
        gaps_figure(lines, equity, dimension),
        forest_figure(lines, equity, dimension),
        _summary(rates, equity, dimension),
        parity_table(lines, equity, dimension),
        tuple(_slopes(material, equity, lines, dimension)),
        tuple(_changes(rates, equity, dimension)),
        material.nothing_shown(cell for rate in rates for cell in rate.strata.get(dimension, ())),
    )


def _verdicts(rates: list[Rate], equity: Equity, dimension: str) -> Table | None:
    """Return the heat table: a row for each rate in which any group was judged, a column for each group."""
    shown = [rate for rate in rates if any(is_judged(row) for row in equity.pairs[(*rate.key, dimension)].values())]
    if not shown:
        return None
    groups: dict[str, None] = {}
    for rate in shown:
        groups.update(dict.fromkeys(cell.stratum for cell in rate.strata[dimension]))
    rows: list[TableRow] = []
    for rate in shown:
        own = equity.pairs[(*rate.key, dimension)]
        rows.append((rate_head(rate, rate_anchor(rate)), *(_verdict_cell(own.get(group)) for group in groups)))
    caption = (
        f"Verdicts by {dimension}: ▼ worse, ▲ better, ● no clear difference, ? too few to judge, ◆ reference, with the "
        "difference in points; hatched cells are hidden."
    )
    return Table(caption, ("Rate", *groups), tuple(rows), look="heat")


def _verdict_cell(row: Mapping[str, Any] | None) -> Td:
    if row is None:
        return Td("")
    verdict = row["verdict"]
    if verdict == "suppressed":
        return Td("", "suppressed", spoken="hidden")
    mark = _MARKS.get(verdict, "")
    if not mark:
        return Td(NOTHING, "not_compared", spoken="not compared")
    difference = "" if row["rd"] is None or verdict == REFERENCE else f" {signed(row['rd'] * 100)}"
    return Td(mark + difference, verdict, spoken=verdict.replace("_", " "))


def _summary(rates: list[Rate], equity: Equity, dimension: str) -> Table | None:
    rows: list[TableRow] = []
    for rate in rates:
        key = (*rate.key, dimension)
        found, before = equity.summaries.get(key), equity.before.get(key)
        if found is None or found["max_diff"] is None:
            continue
        head = rate_head(rate, rate_anchor(rate))
        cells = [_index(found, before[name] if before else None, index) for index in _INDICES for name in index[:1]]
        rows.append(
            (head, f"{found['groups_shown']} of {found['groups']}", found["best"] or "", found["worst"] or "", *cells)
        )
    if not rows:
        return None
    arrows = " The arrow says how it moved since the year before." if equity.before else ""
    caption = f"How unequal the shown groups are by {dimension}: indices with their 95% intervals.{arrows}"
    heads = ("Rate", "Groups shown", "Best", "Worst", *(words for _, words, _, _ in _INDICES))
    return Table(caption, heads, tuple(rows), words=4, sortable=True)


def _index(row: Record, before: float | None, index: tuple[str, str, float, int]) -> str:
    name, _, times, digits = index
    value = row[name]
    if value is None:
        return NOTHING
    now = round(value * times, digits)
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    ends = "" if low is None or high is None else f" ({interval(low * times, high * times, digits)})"
    if before is None:
        return one(now, digits) + ends
    past = round(before * times, digits)
    arrow = "↑" if now > past else "↓" if now < past else "="
    return f"{one(now, digits)} {arrow}{ends}"


def _slopes(material: Material, equity: Equity, lines: tuple[GapLine, ...], dimension: str) -> Iterator[Figure]:
    """Yield the groups over the years for the rates with the widest gaps, each with the change of its gaps."""
    rates = list({line.rate.key: line.rate for line in lines}.values())[:_MOST_SLOPES]
    runs = [*reversed(material.earlier), material.now]
    for rate in rates:
        chart = over_years(material, rate, dimension)
        if chart is None:
            continue
        rows: list[TableRow] = []
        for cell in rate.strata[dimension]:
            values = [stratum_value(past.rate(rate.key), dimension, cell.stratum) for past in runs]
            change = gap_change(equity.trend((*rate.key, dimension), cell.stratum))
            rows.append((cell.stratum, *(one(value) for value in values), *change))
        heads = ("Group", *(f"{past.year} %" for past in runs), "Gap change", "95% interval")
        title = rate_words(rate)
        yield Figure(title, chart, Table(f"{title} by {dimension} over the years", heads, tuple(rows)))


def _changes(rates: list[Rate], equity: Equity, dimension: str) -> Iterator[str]:
    for rate in rates:
        for row in equity.trends.get((*rate.key, dimension), {}).values():
            if row["direction"] in ("narrowed", "widened"):
                yield (
                    f"{rate.info.measure.upper()}, {rate.info.rate_title}, {row['stratum']}: the gap "
                    f"{row['direction']} by {one(abs(row['gap_change']) * 100)} points (95% interval of the change "
                    f"{interval(points(row['gap_change_low']), points(row['gap_change_high']))})."
                )
