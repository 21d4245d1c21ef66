"""Disparities on the screen: what was found, then every rate by dimension and group."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vbpmeasure.equity.analysis.analyze import EquityTables
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.outputs.composite_text import composite_lines
from vbpmeasure.outputs.table import HIDDEN, NARROWEST, NOT_APPLICABLE
from vbpmeasure.outputs.words import NOTICE

_STYLES = {"worse": "bold red", "better": "green", "insufficient_data": "dim", "suppressed": "dim"}
_POINTS = ("max_diff", "bgv_se", "sd", "mdb", "par")  # shares that read best as points
_PERCENT = ("cv", "idisp", "idisw", "paf")
_WORDS = {
    "max_diff": "largest difference",
    "max_ratio": "largest ratio",
    "srr": "summary rate ratio",
    "bgv": "variance between groups",
    "sd": "standard deviation",
    "cv": "coefficient of variation",
    "idisp": "index of disparity, unweighted",
    "idisw": "index of disparity",
    "theil": "Theil",
    "mld": "mean log deviation",
    "mdb": "mean distance from the best",
    "par": "attributable",
    "paf": "attributable part",
    "gini": "Gini",
}
_RULES = {
    "best": "the best group",
    "largest": "the largest group",
    "named": "named",
    "overall": "all members",
    "benchmark": "benchmark",
}


def equity_text(
    tables: EquityTables, titles: Mapping[tuple[str, str], tuple[str, str]], banner: str | None, width: int = 100
) -> str:
    """Return the tables as plain text, no line wider than ``width`` (at least 60)."""
    file = io.StringIO()
    console = Console(file=file, width=max(width, NARROWEST), color_system=None, force_terminal=False)
    print_equity(tables, titles, banner, console)
    return "".join(line.rstrip() + "\n" for line in file.getvalue().splitlines())


def print_equity(
    tables: EquityTables,
    titles: Mapping[tuple[str, str], tuple[str, str]],
    banner: str | None,
    console: Console,
) -> None:
    """Print what was found, the comparisons by rate and dimension, what the marks mean, and the notice.

    ``titles`` are (measure title, rate title) by (measure, rate).
    """
    for renderable in _document(tables, titles, banner):
        console.print(renderable, highlight=False)


def _document(
    tables: EquityTables, titles: Mapping[tuple[str, str], tuple[str, str]], banner: str | None
) -> Iterator[RenderableType]:
    rows = tables.pairwise.to_dicts()
    if banner is not None:
        yield Text(banner, style="bold red")
        yield Text()
    yield from _found(rows)
    summaries = {(r["measure"], r["rate"], r["dimension"]): r for r in tables.summary.to_dicts()}
    trends: dict[tuple[str, ...], dict[str, Any]] = {}
    if tables.trend is not None:
        trends = {(r["measure"], r["rate"], r["dimension"], r["stratum"]): r for r in tables.trend.to_dicts()}
    for (measure, rate), group in groupby(rows, key=lambda r: (r["measure"], r["rate"])):
        measure_title, rate_title = titles.get((measure, rate), ("", ""))
        name = measure if measure == rate else f"{measure}.{rate}"
        own = list(group)
        less = "  (less is better)" if own[0]["lower_is_better"] else ""
        yield Text.assemble((name, "bold"), f"  {rate_title or measure_title}{less}")
        for dimension, cells in groupby(own, key=lambda r: r["dimension"]):
            summary = summaries[measure, rate, dimension]
            yield from _dimension(dimension, list(cells), summary, trends, tables.settings)
    yield from composite_lines(tables)
    yield from (Text(line, style="dim") for line in _legend(rows, tables))


def _found(rows: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    """Yield the gaps that the verdicts call worse, those of most members first, and the count of all verdicts."""
    worse = sorted(
        (row for row in rows if row["verdict"] == "worse"),
        key=lambda r: (-r["gap_to_parity"], r["measure"], r["rate"], r["dimension"], r["stratum"]),
    )
    if worse:
        yield Text("Gaps found, those of most members first", style="bold")
        table = _table("rate", "group", ("reference", "gap", "members to parity"))
        for row in worse:
            name = row["measure"] if row["measure"] == row["rate"] else f"{row['measure']}.{row['rate']}"
            table.add_row(
                name,
                f"{row['stratum']} ({row['dimension']})",
                row["reference"],
                _points(row["rd"]),
                f"{row['gap_to_parity']:,}",
            )
        yield Padding(table, (0, 0, 1, 2))
    counts = {
        verdict: sum(row["verdict"] == verdict for row in rows)
        for verdict in ("worse", "better", "same", "insufficient_data", "suppressed")
    }
    judged = counts["worse"] + counts["better"] + counts["same"]
    told = "No comparison could be judged" if not judged else f"{_many(judged, 'comparison')} judged"
    parts = [f"{counts['worse']} worse", f"{counts['better']} better", f"{counts['same']} the same"] if judged else []
    rest = f"{_many(counts['insufficient_data'], 'group')} with too little data, {counts['suppressed']} hidden"
    yield Text(f"{told}{': ' if parts else ''}{', '.join(parts)}; {rest}.")
    yield Text()


def _dimension(
    dimension: str,
    cells: Sequence[Mapping[str, Any]],
    summary: Mapping[str, Any],
    trends: Mapping[tuple[str, ...], Mapping[str, Any]],
    settings: EquitySettings,
) -> Iterator[RenderableType]:
    yield Padding(Text(f"{dimension}: {_against(cells, settings)}", style="italic"), (0, 0, 0, 2))
    change = [trends.get((c["measure"], c["rate"], c["dimension"], c["stratum"])) for c in cells]
    with_change = any(change)
    heads = ("n", "rate %", "gap", "95% interval", "p adj.", *(("change",) if with_change else ()), "to parity")
    table = _table("group", None, heads, last="verdict")
    for cell, then in zip(cells, change, strict=True):
        if cell["status"] == "NO_DATA":  # an empty stratum: the files list it, the screen does not
            continue
        numbers = [*_numbers(cell), *((_change(then),) if with_change else ())]
        parity = "" if cell["gap_to_parity"] is None else f"{cell['gap_to_parity']:,}"
        verdict = str(cell["verdict"])
        words = "" if verdict in ("suppressed", "not_compared") else verdict.replace("_", " ")
        table.add_row(cell["stratum"], *numbers, parity, Text(words, style=_STYLES.get(verdict, "")))
    yield Padding(table, (0, 0, 0, 4))
    yield Padding(Text(_summary(summary, settings), style="dim"), (0, 0, 1, 4))


def _against(cells: Sequence[Mapping[str, Any]], settings: EquitySettings) -> str:
    first = cells[0]
    label, note = first["reference"], first["reference_note"]
    if label is None:
        return f"no reference: {note}"
    rule = _RULES[first["reference_rule"]]
    if first["reference_rule"] == "best":
        rule = f"{rule} of {settings.min_n} members or more" if note is None or "members or more" not in note else ""
    value = f" {_rate(first['reference_value'])} %"
    words = "; ".join(text for text in (rule, note) if text)
    return f"against {label}{value} ({words})"


def _numbers(cell: Mapping[str, Any]) -> Iterator[str]:
    yield HIDDEN if cell["denominator"] is None else f"{cell['denominator']:,}"
    if cell["value"] is None:
        yield from (NOT_APPLICABLE if cell["status"] == "NA_SMALL_DENOM" else HIDDEN, "", "", "")
        return
    yield _rate(cell["value"])
    yield _points(cell["rd"])
    yield "" if cell["rd"] is None else f"{_points(cell['rd_low'])} to {_points(cell['rd_high'])}"
    yield "" if cell["p_adjusted"] is None else _p(cell["p_adjusted"])


def _change(then: Mapping[str, Any] | None) -> str:
    if then is None or then["gap_change"] is None:
        return ""
    words = {"narrowed": "narrower", "widened": "wider"}.get(then["direction"], "")
    marks = ("!" if then["leveling_down"] else "") + ("~" if then["disagree"] else "")
    return f"{_points(then['gap_change'])} {words}{marks}".rstrip()


def _summary(row: Mapping[str, Any], settings: EquitySettings) -> str:
    told = [f"{_WORDS[name]} {_with_interval(name, row)}" for name in settings.summary if row[name] is not None]
    shown = f"{row['groups_shown']} of {row['groups']} groups shown"
    return f"{shown}: {', '.join(told)}" if told else f"{shown}: too few for a summary"


def _with_interval(name: str, row: Mapping[str, Any]) -> str:
    unit = " points" if name in _POINTS else " %" if name in _PERCENT else ""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    ends = "" if low is None or high is None else f" ({_index(name, low)} to {_index(name, high)})"
    return f"{_index(name, row[name])}{unit}{ends}"


def _index(name: str, value: float) -> str:
    if name in _POINTS:
        return f"{value * 100:.1f}"
    if name in _PERCENT:
        return f"{value:.1f}"
    return f"{value:.5f}" if name in ("bgv", "theil", "mld") else f"{value:.2f}"


def _legend(rows: Iterable[Mapping[str, Any]], tables: EquityTables) -> Iterator[str]:
    listed = list(rows)
    settings = tables.settings
    if any(row["verdict"] == "suppressed" for row in listed):
        yield f"{HIDDEN}   hidden: a count from 1 to 10, or one from which such a count follows"
    if any(row["status"] == "NA_SMALL_DENOM" for row in listed):
        yield f"{NOT_APPLICABLE}  too few in the denominator: the rate is not reported"
    if settings.draws and any(row["max_diff_low"] is not None for row in tables.summary.iter_rows(named=True)):
        yield f"in brackets after an index: its 95% interval from {settings.draws:,} draws of the shown groups"
    sizes = sorted({row["family_size"] for row in listed if row["family_size"] is not None})
    if sizes:
        span = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
        what = "the whole report" if settings.family == "report" else "one measure and dimension"
        yield (
            f"p adj.: Benjamini-Hochberg over the comparisons of {what} ({span} of them"
            + (", those counted in which another group had been best)" if _wider(listed, settings.family) else ")")
        )
        which = "p adj." if settings.decide_by == "adjusted" else "p (not adjusted)"
        yield (
            f"worse, better: {which} at most {settings.alpha:g}, and a relative difference of "
            f"{settings.min_relative:.0%} or more, of those who met the measure or of those who did not"
        )
    if tables.trend is not None:
        yield "change: of the gap since the earlier run, in points; narrower and wider where the interval is clear of 0"
        if tables.trend["leveling_down"].any():
            yield "!  narrower because the reference got worse by more than the group got better (leveling down)"
        if tables.trend["disagree"].any():
            yield "~  in points and relative to the reference, the gap went different ways"
    yield f"Gaps are in points, group less reference. {NOTICE}"


def _wider(rows: Iterable[Mapping[str, Any]], family: str) -> bool:
    """Return whether a family holds more comparisons than are displayed."""
    displayed: Counter[tuple[str, ...]] = Counter()
    sizes: dict[tuple[str, ...], int] = {}
    for row in rows:
        if row["family_size"] is not None:
            key = () if family == "report" else (row["measure"], row["dimension"])
            displayed[key] += 1
            sizes[key] = row["family_size"]
    return any(size > displayed[key] for key, size in sizes.items())


def _table(first: str, second: str | None, heads: Sequence[str], last: str | None = None) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first, overflow="fold", min_width=12)
    if second is not None:
        table.add_column(second, overflow="fold")
    for head in heads:
        table.add_column(head, justify="left" if head == "reference" else "right", no_wrap=head != "reference")
    if last is not None:
        table.add_column(last, no_wrap=True)
    return table


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _rate(value: float) -> str:
    return f"{value * 100:.1f}"


def _points(value: float | None) -> str:
    return "" if value is None else f"{value * 100 + 0.0:+.1f}"


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"
