"""What moved the rates, on the screen: the stages that mattered, and what was made otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from rich.table import Table

from vbpmeasure.comparison.compare import Comparison
from vbpmeasure.comparison.manifests import Kind
from vbpmeasure.comparison.steps import StepMove

# What moves a denominator by less than this, in children, is not worth a line; the files have it.
_LEAST = 0.5
_KINDS = {"start": "population", "step": "population", "exclusion": "exclusion", "numerator": "numerator"}
_RUNS = {"old": "  (not in the new run)", "new": "  (not in the old run)"}
_DATA = (Kind.DATA, Kind.ENROLLMENT_KEY, Kind.SUPPLEMENTAL, Kind.BAD_ROWS)


def step_lines(found: Comparison) -> Iterator[Any]:
    """Yield the stages of each rate that moved it, and what stands behind it; nothing when no waterfall is shown."""
    if not found.steps:
        return
    yield "What moved them: members of the denominator (numerator) there because of a step, and points of the rate"
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column("  rate", no_wrap=True)
    grid.add_column("of")
    grid.add_column("step", overflow="fold")
    for head in ("members", "points"):
        grid.add_column(head, justify="right", no_wrap=True)
    for (_, rate), moves in groupby(found.steps, key=lambda move: move.change.rate.name):
        named = False
        for move in moves:
            if _matters(move):
                grid.add_row("" if named else f"  {rate}", *_cells(move))
                named = True
    yield grid if grid.row_count else "  nothing: every step kept whom it kept before"
    yield from _behind(found)
    yield ""


def _matters(move: StepMove) -> bool:
    if move.kind == "numerator":
        return bool(move.numerator_moved) or bool(move.points)
    moved = move.denominator_moved
    return move.in_run != "both" or (moved is not None and abs(moved) >= _LEAST)


def _cells(move: StepMove) -> tuple[str, ...]:
    members = move.numerator_moved if move.kind == "numerator" else move.denominator_moved
    label = "" if move.kind == "numerator" else move.label + _RUNS.get(move.in_run, "")
    return (
        _KINDS.get(move.kind, move.kind),
        label,
        "" if members is None else f"{members + 0.0:+,.0f}",
        "" if move.points is None else f"{move.points + 0.0:+.2f}",
    )


def _behind(found: Comparison) -> Iterator[str]:
    data = [d.name for d in found.differences if d.kind in _DATA]
    if data:
        yield f"  other data behind all of it: {', '.join(dict.fromkeys(data))}"
    own: dict[str, dict[str, None]] = {}
    for one in found.differences:
        if one.measure in found.redefined and one.kind not in (Kind.EDITION, Kind.MEASURE):
            words = one.kind.value if one.kind is Kind.DEFINITION else f"{one.kind.value} {one.name}"
            own.setdefault(one.measure, {})[words] = None
    for measure, causes in own.items():
        yield f"  {measure} is defined otherwise: {', '.join(causes)}"
