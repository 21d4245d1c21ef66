"""The table on the screen: rates by measure, then by stratum, in 80 columns or more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from vbpmeasure.outputs.all_hidden import all_hidden, hidden_parts
from vbpmeasure.outputs.words import NOTICE
from vbpmeasure.results.disclosure.policy import Status, SuppressionPolicy
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.rates import TOTAL

HIDDEN = "*"
NOT_APPLICABLE = "NA"
NO_DATA = "-"

NARROWEST = 60

# From this width on there is room for population and excluded.
_WIDE = 104
_INDENT = {"rate": 0, "dimension": 2, "stratum": 4}
_GAP = 2
_MARGIN = "  "


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a measure: its words, how far they are set in, and its numbers (none for the name of a dimension)."""

    kind: str
    words: str
    numbers: tuple[str, ...] = ()


def results_text(table: PublishedTable, width: int = 80) -> str:
    """Return the rates as plain text, no line wider than ``width`` (at least 60).

    After the rates a legend of the marks that occur, then the notice.
    """
    return "".join(line.rstrip() + "\n" for line in _document(table, max(width, NARROWEST)))


def _document(table: PublishedTable, width: int) -> Iterator[str]:
    if table.banner is not None:
        yield from (*_folded(table.banner, width), "")
    headers = _headers(wide=width >= _WIDE)
    titles = {r.measure: r.measure_title for r in table.rates}
    measures = {
        measure: list(_lines(rows, table, wide=width >= _WIDE))
        for measure, rows in groupby(table.results.iter_rows(named=True), key=lambda row: str(row["measure"]))
    }
    lines = [line for measure in measures.values() for line in measure]
    widths = _widths(headers, lines, width)
    for measure, own in measures.items():
        yield from _folded(f"{measure}  {titles[measure]}", width)
        yield from _grid(headers, own, widths)
        yield ""
    marks = {number for line in lines for number in line.numbers}
    for legend in _legend(table.policy, marks):
        yield from _folded(legend, width)
    hidden = hidden_parts(table)
    if hidden:
        yield from _folded(all_hidden(hidden, table.policy.suppress_below), width)
    for name in table.overlapping:
        yield from _folded(f"{name}: people are in every stratum that they named, so the strata overlap", width)
    period = f"{table.period.start.isoformat()} to {table.period.end.isoformat()}"
    yield from _folded(f"Measurement period {period}. {NOTICE}", width)


def _folded(words: str, width: int) -> list[str]:
    """Return the words in lines of the width. Most fit; what a character takes on a screen rich knows for the rest."""
    if len(words) <= width and words.isascii() and words.isprintable():
        return [words]
    return [line.plain for line in Text(words).wrap(_console(), width, overflow="fold")]


@cache
def _console() -> Console:
    return Console(width=NARROWEST, color_system=None, force_terminal=False)


def _headers(*, wide: bool) -> tuple[str, ...]:
    return (*(("population", "excluded") if wide else ()), "denom.", "numer.", "rate %", "95% interval")


def _lines(rows: Iterable[Mapping[str, Any]], table: PublishedTable, *, wide: bool) -> Iterator[_Line]:
    titles = {(r.measure, r.rate): r.rate_title for r in table.rates}
    dimension = TOTAL
    for row in rows:
        if row["dimension"] == TOTAL:
            title = titles[row["measure"], row["rate"]]
            yield _Line("rate", f"{row['rate']}  {title}".rstrip(), tuple(_numbers(row, wide=wide)))
        elif row["population"] != 0:  # an empty stratum: the files list it, the screen does not
            if row["dimension"] != dimension:
                yield _Line("dimension", row["dimension"])
            yield _Line("stratum", row["stratum"], tuple(_numbers(row, wide=wide)))
        dimension = row["dimension"]


def _widths(headers: tuple[str, ...], lines: list[_Line], width: int) -> tuple[int, ...]:
    """Return the width of the words and of each number column, the same for all measures, so that they line up."""
    columns = [max([len(h), *(len(x.numbers[i]) for x in lines if x.numbers)]) for i, h in enumerate(headers)]
    words = max([len("rate"), *(_INDENT[line.kind] + len(line.words) for line in lines)])
    room = width - 2 - sum(columns) - _GAP * len(columns)
    return (max(min(words, room), len("rate")), *columns)


def _grid(headers: tuple[str, ...], lines: list[_Line], widths: tuple[int, ...]) -> Iterator[str]:
    # Every line is set by hand: a table of rich takes seconds for thousands of rows, and has nothing to decide here.
    stratified = any(line.kind == "stratum" for line in lines)
    yield from _row("rate, stratum" if stratified else "rate", 0, headers, widths)
    for number, line in enumerate(lines):
        if stratified and line.kind == "rate" and number:
            yield ""
        yield from _row(line.words, _INDENT[line.kind], line.numbers, widths)


def _row(words: str, indent: int, numbers: tuple[str, ...], widths: tuple[int, ...]) -> Iterator[str]:
    first, *more = _folded(words, widths[0] - indent)
    cells = "".join(" " * _GAP + number.rjust(width) for number, width in zip(numbers, widths[1:], strict=False))
    yield _MARGIN + " " * indent + first + " " * (widths[0] - indent - cell_len(first)) + cells
    yield from (_MARGIN + " " * indent + line for line in more)


def _numbers(row: Mapping[str, Any], *, wide: bool) -> Iterator[str]:
    status = row["status"]
    if wide:
        yield _count(row["population"])
        yield _count(row["excluded"])
    yield _count(row["denominator"])
    if status == Status.NA_SMALL_DENOM:
        yield from (NOT_APPLICABLE,) * 3
    elif status == Status.NO_DATA:
        yield from (_count(row["numerator"]), NO_DATA, NO_DATA)
    elif status == Status.VALUE:
        interval = f"{row['percent_low']:.2f} - {row['percent_high']:.2f}"
        yield from (_count(row["numerator"]), f"{row['percent']:.2f}", interval)
    else:
        yield from (HIDDEN, HIDDEN, HIDDEN)


def _count(value: int | None) -> str:
    return HIDDEN if value is None else f"{value:,}"


def _legend(policy: SuppressionPolicy, marks: set[str]) -> Iterator[str]:
    if HIDDEN in marks:
        small = f"a count from 1 to {policy.suppress_below - 1}"
        yield f"{HIDDEN}   hidden: {small}, or one from which such a count follows"
    if NOT_APPLICABLE in marks:
        yield f"{NOT_APPLICABLE}  denominator below {policy.min_denominator}: the rate is not reported"
    if NO_DATA in marks:
        yield f"{NO_DATA}   no one in the denominator"
