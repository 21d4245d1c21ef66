"""Rates that are no share of units on the screen: counts, value, interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table

from vbpmeasure.results.frame import RateKind
from vbpmeasure.results.policy import Status
from vbpmeasure.results.published import PublishedTable
from vbpmeasure.results.rates import TOTAL

_MARKS = {Status.NO_DATA: "-", Status.NA_SMALL_DENOM: "NA"}
_HEADERS = ("counted", "of", "value", "95% interval")


def amounts_grid(table: PublishedTable) -> RenderableType:
    """Return a grid with one line per rate and stratum: event rates per 1,000 member-months, all others in per cent."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    grid.add_column("composites, events per 1,000 member-months, indicators", overflow="fold")
    for header in _HEADERS:
        grid.add_column(header, justify="right", no_wrap=True)
    for cell in table.amounts:
        grid.add_row(*_line(cell))
    return Padding(grid, (0, 0, 1, 0))


def _line(cell: Mapping[str, Any]) -> tuple[str, ...]:
    where = "" if cell["dimension"] == TOTAL else f" {cell['dimension']}={cell['stratum']}"
    words = f"{cell['measure']}.{cell['rate']}{where}"
    status = Status(cell["status"])
    if status is not Status.VALUE:
        return words, *([_MARKS.get(status, "*")] * len(_HEADERS))
    whole = cell["member_months"] if cell["member_months"] is not None else cell["whole"]
    scale = 1 if cell["kind"] == RateKind.EVENTS_PER_1000 else 100
    interval = "" if cell["low"] is None else f"{cell['low'] * scale:.2f} - {cell['high'] * scale:.2f}"
    return words, _count(cell["part"]), _count(whole), f"{cell['value'] * scale:.2f}", interval


def _count(number: float | None) -> str:
    return "" if number is None else f"{number:,}"
