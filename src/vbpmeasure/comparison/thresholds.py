"""`--fail-on-change`: which rates moved by more than may be, or cannot be seen any more."""

from __future__ import annotations

from vbpmeasure.diagnostics import Diagnostic
from vbpmeasure.runs.cells import Cell, Unit, cells
from vbpmeasure.runs.reading import RunResults

# Scores of a run have two to six places: what is below this is no change.
_NOTHING = 1e-9


def beyond(old: RunResults, new: RunResults, most: float) -> tuple[Diagnostic, ...]:
    """Return an error (VBM499) for every rate that in total changed by more than ``most`` in its unit, up or down.

    Percentages are judged in points, others in their own unit. A rate that the old run shows and the new one does not
    fails too: it is gone, hidden or without a sufficient denominator.
    """
    before, after = ({cell.rate.name: cell for cell in cells(run) if cell.is_total} for run in (old, new))
    judged = (_judged(cell, after.get(name), most, str(new.folder)) for name, cell in before.items())
    return tuple(found for found in judged if found is not None)


def _judged(old: Cell, new: Cell | None, most: float, where: str) -> Diagnostic | None:
    name = ".".join(old.rate.name)
    if old.score is None:
        return None
    if new is None or new.score is None:
        why = "gone" if new is None else f"not shown any more ({new.status.value})"
        return Diagnostic("VBM499", f"{name}: the rate is {why}", where=where)
    moved = _score(new) - _score(old)
    if abs(moved) <= most + _NOTHING:
        return None
    unit = "points" if new.rate.score_unit is Unit.PERCENT else new.rate.score_unit.value
    return Diagnostic("VBM499", f"{name} changed by more than {most:g} {unit}", where=where)


def _score(cell: Cell) -> float:
    """Return the score of a shown cell, from its counts where it is their percentage: those are not rounded."""
    assert cell.score is not None
    if cell.rate.score_unit is Unit.PERCENT and cell.numerator is not None and cell.denominator:
        return 100 * cell.numerator / cell.denominator
    return cell.score
