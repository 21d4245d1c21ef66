"""Tables of which nothing is left to read: the sentence that says so, why, and what to do about it."""

from __future__ import annotations

from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.rates import TOTAL

_HIDDEN = frozenset({Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY})

THIS_TABLE = "this table"
BUT_ZEROS = " but zeros"


def all_hidden(what: str, suppress_below: int) -> str:
    """Return the sentence for ``what``, such as `this table`; counts from 1 to ``suppress_below`` - 1 are small."""
    return (
        f"All results of {what} are hidden: each is, or gives away, a count from 1 to {suppress_below - 1}; fewer "
        "strata, larger groups or fewer measures in one run may show more."
    )


def hidden_parts(table: PublishedTable) -> str:
    """Return in words of what no row is shown: of whole measures, then of dimensions (of any other measure).

    `this table` when nothing at all is shown, nothing when some of everything is. Rows without anybody say nothing
    either way: where the screen has some, the words leave their zeros out.
    """
    columns = ("measure", "dimension", "status", "population")
    rows = [
        (measure, dimension, status)
        for measure, dimension, status, population in table.results.select(columns).iter_rows()
        if dimension == TOTAL or population != 0
    ]
    rows += [(cell.key.measure, cell.dimension, cell.status) for cell in table.amounts]
    counted = [row for row in rows if row[2] != Status.NO_DATA]
    showing = {measure for measure, _, status in counted if status not in _HIDDEN}
    shown = {dimension for _, dimension, status in counted if status not in _HIDDEN}
    measures = dict.fromkeys(measure for measure, _, _ in counted if measure not in showing)
    others = dict.fromkeys(name for measure, name, _ in counted if measure in showing and name not in shown)
    if not measures and not others:
        return ""
    parts = [*measures, *(f"the strata by {name}" for name in others)] if showing else [THIS_TABLE]
    empty = any(
        status == Status.NO_DATA and (not showing or measure in measures or dimension in others)
        for measure, dimension, status in rows
    )
    return ", ".join(parts) + (BUT_ZEROS if empty else "")
