"""The widest gaps of one dimension: two charts with their tables, and how many results until parity."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vbpmeasure.report.charts.rates import forest_of, widest_gaps
from vbpmeasure.report.equity import Equity, Record
from vbpmeasure.report.figures import Rate
from vbpmeasure.report.numbers import interval, one, p_value, percent, points, signed, whole
from vbpmeasure.report.pages.common import Figure, Table, TableRow, Td, rate_head
from vbpmeasure.report.pages.gaps import MOST_GAPS, GapLine
from vbpmeasure.report.pages.measure import VERDICT_WORDS

_Draw = Callable[[Sequence[tuple[Rate, str, str]], Sequence[str], Equity, str], "str | None"]


def gaps_figure(lines: tuple[GapLine, ...], equity: Equity, dimension: str) -> Figure | None:
    """Return the first `MOST_GAPS` gaps, each from its reference to its group in per cent; None when there are none."""
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


def forest_figure(lines: tuple[GapLine, ...], equity: Equity, dimension: str) -> Figure | None:
    """Return the same gaps as differences in points and as ratios, with intervals and p values; None for no gaps."""
    label = f"Differences in points (left) and ratios (right) of the widest gaps by {dimension}, with 95% intervals."
    table = Table(
        f"Differences and ratios of the widest gaps by {dimension}",
        ("Rate", "Group", "Difference", "95% interval", "Ratio", "95% interval", "p", "Adjusted p", "Verdict"),
        _gap_rows(lines, equity, _sure_cells),
        words=2,
    )
    return _of_gaps("How sure", lines, equity, dimension, (forest_of, label), table)


def parity_table(lines: tuple[GapLine, ...], equity: Equity, dimension: str) -> Table | None:
    """Return how many children or events are missing until parity, of every gap; None when no gap has such a number."""
    rows: list[TableRow] = [
        (
            rate_head(line.rate, line.anchor),
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
    caption = (
        f"By {dimension}: children (or events) whose result must change until the group is level with its reference"
    )
    heads = ("Rate", "Group", "Reference", "Denominator", "To parity")
    return Table(caption, heads, tuple(rows), words=3, sortable=True)


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
    top = lines[:MOST_GAPS]
    if not top:
        return None
    draw, label = chart
    names = [f"{line.rate.info.measure.upper()} {line.stratum}" for line in top]
    drawn = draw([(line.rate, dimension, line.stratum) for line in top], names, equity, label)
    return Figure(title, drawn, table, note)


def _gap_rows(lines: tuple[GapLine, ...], equity: Equity, cells: Callable[[Record], TableRow]) -> tuple[TableRow, ...]:
    return tuple(
        (rate_head(line.rate, line.anchor), line.stratum, *cells(_row(equity, line))) for line in lines[:MOST_GAPS]
    )


def _rate_cells(row: Record) -> TableRow:
    return (
        percent(row["value"] * 100),
        interval(points(row["value_low"]), points(row["value_high"])),
        f"{row['reference']}",
        percent(row["reference_value"] * 100),
    )


def _sure_cells(row: Record) -> TableRow:
    return (
        signed(row["rd"] * 100),
        interval(points(row["rd_low"]), points(row["rd_high"])),
        one(row["rr"], 2),
        interval(row["rr_low"], row["rr_high"], 2),
        p_value(row["p"]),
        p_value(row["p_adjusted"]),
        Td(VERDICT_WORDS[row["verdict"]], row["verdict"]),
    )


def _more(lines: tuple[GapLine, ...]) -> str:
    more = len(lines) - MOST_GAPS
    return f"{more} more on the pages of the measures." if more > 0 else ""


def _row(equity: Equity, line: GapLine) -> Record:
    row = equity.of((*line.rate.key, line.dimension), line.stratum)
    assert row is not None
    return row
