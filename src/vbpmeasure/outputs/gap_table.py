"""The numbers of gaps on the screen."""

from __future__ import annotations

import io

import polars as pl
from rich.console import Console
from rich.table import Table

from vbpmeasure.outputs.table import HIDDEN, NARROWEST
from vbpmeasure.outputs.words import NOTICE

_HEADS = ("still time", "too late", "closed", "excluded", "not eligible")


def counts_text(counts: pl.DataFrame, width: int = 100) -> str:
    """Return the counts of `gap_counts` as plain text, no line wider than ``width`` (at least 60)."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("rate", overflow="fold")  # a name that is cut short names several rates
    for head in _HEADS:
        table.add_column(head, justify="right")
    hidden = False
    for measure, rate, *numbers in counts.iter_rows():
        hidden = hidden or None in numbers
        table.add_row(f"{measure}.{rate}", *(HIDDEN if number is None else f"{number:,}" for number in numbers))
    file = io.StringIO()
    console = Console(file=file, width=max(width, NARROWEST), color_system=None, force_terminal=False)
    console.print(table, highlight=False)
    console.print()
    if hidden:
        console.print(f"{HIDDEN}  hidden: one of the numbers is from 1 to 10", highlight=False)
    console.print(NOTICE.replace("rates", "measures", 1), highlight=False)
    return "".join(line.rstrip() + "\n" for line in file.getvalue().splitlines())
