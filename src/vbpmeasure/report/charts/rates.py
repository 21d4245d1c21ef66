"""Charts of rates: against their benchmarks, by group, and against a reference group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vbpmeasure.benchmarks.model import Benchmark
from vbpmeasure.report.charts.press import Panel, Row, draw_rows
from vbpmeasure.report.charts.scales import both_ways, ratios, reach
from vbpmeasure.report.equity import INSUFFICIENT, REFERENCE, Equity, is_hollow, is_judged
from vbpmeasure.report.figures import Cell, Rate
from vbpmeasure.report.numbers import missing

_WORDS = ("hidden", "too few", "no data", "too few to judge", "not compared")
_HIDDEN, _FEW, _NONE, _INSUFFICIENT, _UNCOMPARED = (f"~{number}" for number in range(len(_WORDS)))


def against_benchmarks(
    rates: Sequence[Rate], names: Sequence[str], marks: Sequence[Benchmark | None], label: str
) -> str | None:
    """Return the chart of rates of one unit with their intervals and benchmarks; None when no rate has a value."""
    rows = [
        {**_point(rate.total), "mark": mark.figure if mark else None} for rate, mark in zip(rates, marks, strict=True)
    ]
    if not any(rate.total is not None and rate.total.value is not None for rate in rates):
        return None
    high = reach([*_ends(rate.total for rate in rates), *(m.figure if m else None for m in marks)], rates[0].unit)
    return draw_rows("dots", [Panel(label, names, rows)], _WORDS, low=0.0, high=high)[0]


def by_group(rate: Rate, dimensions: Sequence[str], mark: Benchmark | None, equity: Equity) -> dict[str, str]:
    """Return the charts of the strata of a rate by dimension: intervals, benchmark, the way from the reference.

    Dimensions in which fewer than two groups are shown have none.
    """
    drawn = [name for name in dimensions if _shown(rate.strata.get(name, ())) >= 2]
    panels = [
        Panel(
            f"Rates by {name} with 95% intervals; the table has the numbers.",
            [cell.stratum for cell in rate.strata[name]],
            [
                {**_point(cell), **_judged(equity, (*rate.key, name), cell), "mark": mark.figure if mark else None}
                for cell in rate.strata[name]
            ],
        )
        for name in drawn
    ]
    cells = [cell for name in drawn for cell in rate.strata[name]]
    high = reach([*_ends(cells), mark.figure if mark else None], rate.unit)
    return dict(zip(drawn, draw_rows("dots", panels, _WORDS, low=0.0, high=high), strict=True))


def forests(rate: Rate, dimensions: Sequence[str], equity: Equity) -> dict[str, str]:
    """Return the charts of differences and ratios to the reference by dimension, where any group was compared."""
    drawn = [
        name
        for name in dimensions
        if any(is_judged(equity.of((*rate.key, name), cell.stratum)) for cell in rate.strata.get(name, ()))
    ]
    panels = [
        Panel(
            f"Differences in points and ratios by {name}, with 95% intervals; the table has the numbers.",
            [cell.stratum for cell in rate.strata[name]],
            [_forest_row(equity, (*rate.key, name), cell) for cell in rate.strata[name]],
        )
        for name in drawn
    ]
    return dict(zip(drawn, _forest(panels), strict=True))


def forest_of(rows: Sequence[tuple[Rate, str, str]], names: Sequence[str], equity: Equity, label: str) -> str | None:
    """Return one forest of comparisons of several measures: each is a rate, a dimension and a group."""
    if not rows:
        return None
    cells = [
        _forest_row(equity, (*rate.key, dimension), next(c for c in rate.strata[dimension] if c.stratum == group))
        for rate, dimension, group in rows
    ]
    return _forest([Panel(label, names, cells)])[0]


def widest_gaps(rows: Sequence[tuple[Rate, str, str]], names: Sequence[str], equity: Equity, label: str) -> str | None:
    """Return the chart that goes from the reference to the group, for several measures (shares only)."""
    if not rows:
        return None
    cells = [next(c for c in rate.strata[dimension] if c.stratum == group) for rate, dimension, group in rows]
    points = [
        {**_point(cell), **_judged(equity, (*rate.key, dimension), cell)}
        for (rate, dimension, _), cell in zip(rows, cells, strict=True)
    ]
    ends = [*_ends(cells), *(point.get("from") for point in points)]
    high = reach([end for end in ends if isinstance(end, float)], rows[0][0].unit)
    return draw_rows("dots", [Panel(label, names, points)], _WORDS, low=0.0, high=high)[0]


def _forest(panels: Sequence[Panel]) -> list[str]:
    rows = [row for panel in panels for row in panel.rows]
    points = both_ways(_number(row.get("rd_value")) for row in rows)
    low, high = ratios(_number(row.get("rr_value")) for row in rows)
    return draw_rows(
        "forest",
        panels,
        _WORDS,
        rd_low=-points,
        rd_high=points,
        rd_ticks=[-points, 0.0, points],
        rr_low=low,
        rr_high=high,
        rr_ticks=[low, 1.0, high],
    )


def _forest_row(equity: Equity, key: tuple[str, str, str], cell: Cell) -> Row:
    row = equity.of(key, cell.stratum)
    if row is None or row["rd"] is None:
        if row is not None and row["verdict"] == REFERENCE:
            return {"rd_value": 0.0, "rr_value": 1.0, "kind": "reference"}
        insufficient = row is not None and row["verdict"] == INSUFFICIENT
        return {"rd_note": _INSUFFICIENT if insufficient else _note(cell) or _UNCOMPARED}
    if row["verdict"] == REFERENCE:
        return {"rd_value": 0.0, "rr_value": 1.0, "kind": "reference"}
    return {
        "rd_value": row["rd"] * 100,
        "rd_low_end": None if row["rd_low"] is None else row["rd_low"] * 100,
        "rd_high_end": None if row["rd_high"] is None else row["rd_high"] * 100,
        "rr_value": row["rr"] or None,  # a ratio of zero has no place on a logarithmic axis
        "rr_low_end": None if row["rr_low"] is None else max(row["rr_low"], 0.001),
        "rr_high_end": row["rr_high"],
        "kind": "hollow" if is_hollow(row, equity.settings.alpha) else "",
        "verdict": row["verdict"],
    }


def _judged(equity: Equity, key: tuple[str, str, str], cell: Cell) -> Row:
    row = equity.of(key, cell.stratum)
    if row is None or cell.value is None:
        return {}
    if row["verdict"] == REFERENCE:
        return {"kind": "reference"}
    if not is_judged(row) or row["reference_value"] is None:
        return {}
    return {
        "from": row["reference_value"] * 100,
        "kind": "hollow" if is_hollow(row, equity.settings.alpha) else "",
        "verdict": row["verdict"],
    }


def _point(cell: Cell | None) -> dict[str, float | int | str | None]:
    if cell is None or cell.value is None:
        return {"note": _note(cell) if cell else _NONE}
    return {"value": cell.value, "low_end": cell.low, "high_end": cell.high}


def _note(cell: Cell) -> str | None:
    why = missing(cell, 0)
    return None if not why else _HIDDEN if cell.hidden else _FEW if why.startswith("too few") else _NONE


def _ends(cells: Iterable[Cell | None]) -> list[float | None]:
    return [end for cell in cells if cell is not None for end in (cell.value, cell.high)]


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None


def _shown(cells: Sequence[Cell]) -> int:
    return sum(cell.value is not None for cell in cells)
