"""Scores of organizations on the screen."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vbpmeasure.equity.analysis.analyze import EquityTables
from vbpmeasure.outputs.composite_words import TITLE, score_cells, words_of


def composite_lines(tables: EquityTables) -> Iterator[RenderableType]:
    """Yield the scores by organization and group; nothing when the run has none."""
    rows = tables.composites.to_dicts()
    if not rows:
        return
    yield Text(TITLE, style="bold")
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    grid.add_column(str(rows[0]["entity_dimension"]), overflow="fold", min_width=12)
    grid.add_column("group", overflow="fold")
    for head in ("members", "rates", "HESS-like", "thirds", "reward"):
        grid.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        grid.add_row(row["entity"], f"{row['stratum']} ({row['dimension']})", *score_cells(row))
    yield Padding(grid, (0, 0, 0, 2))
    yield Padding(Text(words_of(tables), style="dim"), (0, 0, 1, 2))
