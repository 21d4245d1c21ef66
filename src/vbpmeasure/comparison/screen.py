"""A comparison on the screen: rates in total (and by stratum), gaps, how the runs differ."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from vbpmeasure.comparison.changes import Change, Outcome
from vbpmeasure.comparison.compare import Comparison
from vbpmeasure.comparison.screen_steps import step_lines
from vbpmeasure.outputs.table import HIDDEN, NARROWEST, NO_DATA, NOT_APPLICABLE
from vbpmeasure.runs.cells import Unit

_FEW = "**"
_HEADS = ("old", "new", "change", "95% interval", "", "numer.", "denom.", "popul.", "excl.")


def comparison_text(found: Comparison, width: int = 100, *, strata: bool = False) -> str:
    """Return the comparison as plain text: rates in total (and by stratum), gaps, how the runs differ."""
    file = io.StringIO()
    console = Console(file=file, width=max(width, NARROWEST), color_system=None, force_terminal=False)
    for line in _lines(found, strata=strata):
        console.print(line, highlight=False, markup=False)
    return "".join(line.rstrip() + "\n" for line in file.getvalue().splitlines())


def _lines(found: Comparison, *, strata: bool) -> Iterator[Any]:
    yield found.words
    yield ""
    # What only the old run has stands at the end of the changes, away from the rest of its measure.
    measures: dict[str, list[Change]] = {}
    for change in found.changes:
        if change.is_total or strata:
            measures.setdefault(change.rate.info.measure, []).append(change)
    for measure, rows in measures.items():
        mark = "  (defined otherwise than before)" if measure in found.redefined else ""
        yield f"{measure}  {rows[0].rate.info.measure_title}{mark}"
        yield _grid(rows)
        yield ""
    yield from step_lines(found)
    yield from _gap_lines(found, everything=strata)
    yield from _difference_lines(found)
    marks = {mark for change in found.changes if change.is_total or strata for mark in _cells(change)}
    if HIDDEN in marks:
        yield f"{HIDDEN}   hidden in one of the runs or both"
    if _FEW in marks:
        yield f"{_FEW}  not shown: the two runs differ by few children here, or in what adds up with it"
    yield found.notice


def _grid(rows: list[Change]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column("  rate", overflow="fold")
    for head in _HEADS:
        grid.add_column(head, justify="left" if head == "" else "right", no_wrap=True)
    for change in rows:
        words = change.rate.info.rate if change.is_total else f"  {change.dimension}: {change.stratum}"
        grid.add_row(f"  {words}", *_cells(change))
    return grid


def _cells(change: Change) -> tuple[str, ...]:
    moved = change.moved
    return (
        _score(change, change.old.score, change.old.status, earlier=True),
        _score(change, change.new.score, change.new.status),
        "" if change.change is None else f"{change.change:+.2f}",
        "" if change.low is None or change.high is None else f"{change.low:+.2f} to {change.high:+.2f}",
        _outcome(change),
        *(_moved(number) for number in (moved.numerator, moved.denominator, moved.population, moved.excluded)),
    )


def _score(change: Change, score: float | None, status: str, *, earlier: bool = False) -> str:
    if score is not None:
        places = 2 if change.rate.score_unit is not Unit.AS_REPORTED else 4
        return f"{score:.{places}f}"
    if change.outcome is Outcome.FEW_MOVED and earlier:
        return _FEW
    if status.startswith("SUPPRESSED") or change.outcome is Outcome.HIDDEN:
        return HIDDEN
    return NOT_APPLICABLE if status == "NA_SMALL_DENOM" else NO_DATA


def _outcome(change: Change) -> str:
    words = {
        Outcome.ONLY_OLD: "not in the new run",
        Outcome.ONLY_NEW: "not in the old run",
        Outcome.OTHER_KIND: "counts something else now",
    }
    if change.outcome in words:
        return words[change.outcome]
    return "" if change.direction is None else change.direction.value.replace("_", " ")


def _moved(number: float | None) -> str:
    return "" if number is None else f"{number:+,.0f}"


def _gap_lines(found: Comparison, *, everything: bool) -> Iterator[Any]:
    rows = [
        row
        for row in found.gaps.iter_rows(named=True)
        if row["gap_change"] is not None and (everything or row["direction"] in ("narrowed", "widened"))
    ]
    if found.gaps.is_empty():
        return
    yield f"Gaps between groups{'' if everything else ' that clearly changed'}, in percentage points"
    if not rows:
        yield "  none"
    else:
        grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for head in ("  group", "against", "old", "new", "change", "95% interval", ""):
            grid.add_column(head, justify="left" if head in ("", "  group", "against") else "right")
        for row in rows:
            who = f"  {row['measure']}.{row['rate']}  {row['dimension']}: {row['stratum']}"
            low, high = row["gap_change_low"], row["gap_change_high"]
            words = str(row["direction"]).replace("_", " ") + (", leveling down" if row["leveling_down"] else "")
            grid.add_row(
                who,
                row["reference"],
                f"{row['previous_gap'] * 100:+.2f}",
                f"{row['gap'] * 100:+.2f}",
                f"{row['gap_change'] * 100:+.2f}",
                f"{low * 100:+.2f} to {high * 100:+.2f}",
                words,
            )
        yield grid
    yield ""


def _difference_lines(found: Comparison) -> Iterator[Any]:
    if not found.differences:
        yield "The manifests of the runs name no difference."
        yield ""
        return
    yield "What is different between the runs"
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in ("  of", "what", "old", "new"):
        grid.add_column(head, overflow="fold")
    for one in found.differences:
        what = one.kind.value if one.kind.value == one.name else f"{one.kind.value} {one.name}"
        grid.add_row(f"  {one.measure or 'all'}", what, one.old, one.new)
    yield grid
    yield ""
