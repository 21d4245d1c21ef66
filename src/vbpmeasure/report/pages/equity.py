"""The equity page: by dimension, which groups fare worse, by how much, how sure, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vbpmeasure.report.charts.rates import forest_of, widest_gaps
from vbpmeasure.report.equity import INSUFFICIENT, REFERENCE, Equity, Record, is_judged
from vbpmeasure.report.figures import Rate
from vbpmeasure.report.numbers import NOTHING, interval, one, p_value, percent, signed, whole
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
)
from vbpmeasure.report.pages.completeness import completeness_tables
from vbpmeasure.report.pages.gaps import GapLine, gap_lines, leveling_down
from vbpmeasure.report.pages.measure import VERDICT_WORDS, gap_change, over_years, stratum_value
from vbpmeasure.report.pages.scores import Scores, scores

_MOST_ROWS = 12
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


@dataclass(frozen=True, slots=True)
class EquityPage:
    """The equity page."""

    facts: tuple[tuple[str, str], ...]
    sections: tuple[DimensionSection, ...]
    leveled: tuple[GapLine, ...]
    more_leveled: int
    completeness: tuple[Table, ...]
    adjusted: Table | None
    scores: Scores | None


def equity_page(material: Material) -> EquityPage | None:
    """Return the equity page; None when the run has no groups to compare."""
    equity = material.equity
    if equity is None:
        return None
    dimensions = [name for name in material.now.people_dimensions if any(key[2] == name for key in equity.pairs)]
    leveled = leveling_down(material)
    return EquityPage(
        tuple(_facts(material, equity)),
        tuple(_section(material, equity, name) for name in dimensions),
        tuple(leveled[:_MOST_ROWS]),
        max(len(leveled) - _MOST_ROWS, 0),
        completeness_tables(material.now.run),
        _adjusted(material, equity),
        scores(equity),
    )


def _facts(material: Material, equity: Equity) -> Iterator[tuple[str, str]]:
    settings, policy = equity.settings, material.now.run.suppression
    yield (
        "Reference group",
        _REFERENCES.get(settings.reference.value, settings.reference.value).format(n=settings.min_n),
    )
    for dimension, group in sorted(settings.named.items()):
        yield f"Reference for {dimension}", group
    family = "one measure and dimension" if settings.family == "measure_dimension" else "the whole report"
    yield "Comparisons adjusted together", f"those of {family} (Benjamini-Hochberg, alpha {settings.alpha:g})"
    yield (
        "Verdict",
        f"a difference counts when p is at most {settings.alpha:g} and it is {settings.min_relative:.0%} or more",
    )
    yield (
        "Small cells",
        f"profile {policy.get('profile', '')}: counts of 1 to {int(policy.get('suppress_below', 1)) - 1} hidden",
    )
    if not material.now.run.is_public:
        yield "Small cells", "shown: internal use only"


_REFERENCES = {
    "best": "the best group with {n} children or more",
    "largest": "the largest group",
    "named": "named in the settings",
    "overall": "all children together",
    "benchmark": "the benchmark",
}


def _section(material: Material, equity: Equity, dimension: str) -> DimensionSection:
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
        _gaps(lines, equity, dimension),
        _forest(lines, equity, dimension),
        _summary(rates, equity, dimension),
        _parity(lines, equity),
        tuple(_slopes(material, equity, lines, dimension)),
        tuple(_changes(rates, equity, dimension)),
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
        rows.append((_head(rate, rate_anchor(rate)), *(_verdict_cell(own.get(group)) for group in groups)))
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
    points = "" if row["rd"] is None or verdict == REFERENCE else f" {signed(row['rd'] * 100)}"
    return Td(mark + points, verdict, spoken=verdict.replace("_", " "))


def _gaps(lines: tuple[GapLine, ...], equity: Equity, dimension: str) -> Figure | None:
    label = (
        f"The widest gaps by {dimension}: from the reference group (diamond) to the group; the table has the numbers."
    )
    table = Table(
        f"The widest gaps by {dimension}, most children first",
        ("Rate", "Group", "Group's rate", "95% interval", "Reference", "Reference's rate"),
        _gap_rows(lines, equity, _rate_cells),
        words=2,
    )
    return _of_gaps("Widest gaps", lines, equity, dimension, (widest_gaps, label), table, _more(lines))


def _forest(lines: tuple[GapLine, ...], equity: Equity, dimension: str) -> Figure | None:
    label = f"Differences in points (left) and ratios (right) of the widest gaps by {dimension}, with 95% intervals."
    table = Table(
        f"Differences and ratios of the widest gaps by {dimension}",
        ("Rate", "Group", "Difference", "95% interval", "Ratio", "95% interval", "p", "Adjusted p", "Verdict"),
        _gap_rows(lines, equity, _sure_cells),
        words=2,
    )
    return _of_gaps("How sure", lines, equity, dimension, (forest_of, label), table)


_Draw = Callable[[Sequence[tuple[Rate, str, str]], Sequence[str], Equity, str], "str | None"]


def _of_gaps(
    title: str,
    lines: tuple[GapLine, ...],
    equity: Equity,
    dimension: str,
    chart: tuple[_Draw, str],
    table: Table,
    note: str = "",
) -> Figure | None:
    """Return one chart of the widest gaps with its table, or nothing when there are no gaps."""
    top = lines[:_MOST_ROWS]
    if not top:
        return None
    draw, label = chart
    names = [f"{line.rate.info.measure.upper()} {line.stratum}" for line in top]
    drawn = draw([(line.rate, dimension, line.stratum) for line in top], names, equity, label)
    return Figure(title, drawn, table, note)


def _gap_rows(lines: tuple[GapLine, ...], equity: Equity, cells: Callable[[Record], TableRow]) -> tuple[TableRow, ...]:
    return tuple(
        (_head(line.rate, line.anchor), line.stratum, *cells(_row(equity, line))) for line in lines[:_MOST_ROWS]
    )


def _rate_cells(row: Record) -> TableRow:
    return (
        percent(row["value"] * 100),
        interval(_points(row["value_low"]), _points(row["value_high"])),
        f"{row['reference']}",
        percent(row["reference_value"] * 100),
    )


def _sure_cells(row: Record) -> TableRow:
    return (
        signed(row["rd"] * 100),
        interval(_points(row["rd_low"]), _points(row["rd_high"])),
        one(row["rr"], 2),
        interval(row["rr_low"], row["rr_high"], 2),
        p_value(row["p"]),
        p_value(row["p_adjusted"]),
        Td(VERDICT_WORDS[row["verdict"]], row["verdict"]),
    )


def _head(rate: Rate, place: str) -> Td:
    return Td(f"{rate.info.measure.upper()}: {rate.info.rate_title}", link=f"#{place}")


def _more(lines: tuple[GapLine, ...]) -> str:
    more = len(lines) - _MOST_ROWS
    return f"{more} more on the pages of the measures." if more > 0 else ""


def _row(equity: Equity, line: GapLine) -> Mapping[str, Any]:
    row = equity.of((*line.rate.key, line.dimension), line.stratum)
    assert row is not None
    return row


def _summary(rates: list[Rate], equity: Equity, dimension: str) -> Table | None:
    rows: list[TableRow] = []
    for rate in rates:
        key = (*rate.key, dimension)
        found, before = equity.summaries.get(key), equity.before.get(key)
        if found is None or found["max_diff"] is None:
            continue
        head = _head(rate, rate_anchor(rate))
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


def _parity(lines: tuple[GapLine, ...], equity: Equity) -> Table | None:
    rows: list[TableRow] = [
        (
            _head(line.rate, line.anchor),
            line.stratum,
            str(_row(equity, line)["reference"]),
            whole(_row(equity, line)["denominator"]),
            f"{whole(line.members)} {line.units}",
        )
        for line in lines
        if line.members
    ]
    if not rows:
        return None
    caption = "Children (or events) whose result must change until the group is level with its reference"
    heads = ("Rate", "Group", "Reference", "Denominator", "To parity")
    return Table(caption, heads, tuple(rows), words=3, sortable=True)


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
        title = f"{rate.info.measure.upper()}: {rate.info.rate_title}"
        yield Figure(title, chart, Table(f"{title} by {dimension} over the years", heads, tuple(rows)))


def _changes(rates: list[Rate], equity: Equity, dimension: str) -> Iterator[str]:
    for rate in rates:
        for row in equity.trends.get((*rate.key, dimension), {}).values():
            if row["direction"] in ("narrowed", "widened"):
                yield (
                    f"{rate.info.measure.upper()}, {rate.info.rate_title}, {row['stratum']}: the gap "
                    f"{row['direction']} by {one(abs(row['gap_change']) * 100)} points (95% interval of the change "
                    f"{interval(_points(row['gap_change_low']), _points(row['gap_change_high']))})."
                )


def _adjusted(material: Material, equity: Equity) -> Table | None:
    rows: list[TableRow] = []
    for rate in material.now.rates:
        for (measure, name, dimension), own in equity.adjusted.items():
            if (measure, name) == rate.key:
                rows += [
                    (
                        f"{rate.info.measure.upper()}: {rate.info.rate_title}",
                        f"{dimension_words(dimension)}: {row['stratum']}",
                        one(_points(row["crude"])),
                        one(_points(row["adjusted"])),
                        interval(_points(row["adjusted_low"]), _points(row["adjusted_high"])),
                    )
                    for row in own
                    if row["adjusted"] is not None
                ]
    if not rows:
        return None
    by = equity.settings.standardize_by.replace("_", " ")
    heads = ("Rate", "Group", "Crude %", "Adjusted %", "95% interval")
    return Table(
        f"Rates as they would be with the whole program's mix of {by}", heads, tuple(rows), words=2, sortable=True
    )


def _points(share: float | None) -> float | None:
    return None if share is None else share * 100
