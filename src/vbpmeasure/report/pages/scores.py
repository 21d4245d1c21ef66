"""The scores of organizations on the equity page."""

from __future__ import annotations

from dataclasses import dataclass

from vbpmeasure.outputs.composite_words import score_cells
from vbpmeasure.report.equity import Equity
from vbpmeasure.report.pages.common import Table, dimension_words


@dataclass(frozen=True, slots=True)
class Scores:
    """A table of scores, and what they are in words."""

    table: Table
    words: str


def scores(equity: Equity) -> Scores | None:
    """Return the scores; None where the run crosses organizations with no groups."""
    if not equity.scores:
        return None
    entity = str(equity.scores[0]["entity_dimension"])
    rows = tuple(
        (str(row["entity"]), f"{dimension_words(row['dimension'])}: {row['stratum']}", *score_cells(row))
        for row in equity.scores
    )
    heads = (dimension_words(entity), "Group", "Members", "Rates", "HESS-like", "Thirds", "Reward")
    caption = f"Scores by {entity} and group at risk (HESS-like and thirds: this project's, unaudited)"
    return Scores(Table(caption, heads, rows, words=2, sortable=True), equity.score_words)
