"""Which step of a definition moved a rate, and by how much: the two waterfalls side by side.

The members of a denominator are those at the start times the part that each step and each exclusion keeps. Their
change is shared out over these factors by logarithmic means (LMDI): the shares add up to the change exactly, and do
not depend on the order of the steps. A stage that one run does not have kept everybody there.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import polars as pl

from vbpmeasure.comparison.changes import Change, Outcome
from vbpmeasure.runs.cells import Unit
from vbpmeasure.runs.reading import RunResults

STEP_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("measure", "rate", "kind", "label", "unit", "in_run"), pl.String),
        **dict.fromkeys(("old_kept", "new_kept"), pl.Float64),
        **dict.fromkeys(("denominator_moved", "numerator_moved", "points"), pl.Float64),
    }
)
_COUNTED = ("start", "step", "exclusion")
_BOTH, _OLD, _NEW = "both", "old", "new"


@dataclass(frozen=True, slots=True)
class StepMove:
    """What one stage did to a rate from one run to the other.

    ``kind`` and ``label`` are those of the waterfall. ``old_kept`` and ``new_kept`` are the parts kept of those that
    were left before it (of the start: None). ``denominator_moved`` are the units of the denominator that are there
    (or gone) because of it, ``numerator_moved`` those of the numerator (the last stage). ``points`` is what it did to
    the rate, in percentage points; None between periods for all but the numerator, where every stage has others in it.
    """

    change: Change
    kind: str
    label: str
    unit: str
    in_run: str
    old_kept: float | None
    new_kept: float | None
    denominator_moved: float | None = None
    numerator_moved: float | None = None
    points: float | None = None


@dataclass(frozen=True, slots=True)
class _Stage:
    kind: str
    label: str
    unit: str
    kept: float
    remaining: int
    persons: int | None


_Stages = dict[tuple[str, str, int], _Stage]


def step_moves(
    old: RunResults, new: RunResults, found: Sequence[Change], alike: Container[str] = ()
) -> tuple[StepMove, ...]:
    """Return the stages of every rate whose total both runs show, with what each did; others have none.

    Stages of the measures that are defined ``alike`` are the same at the same place, in whatever words; those of others
    where their words are the same.
    Nothing is said of a rate where a stage is hidden in one of the runs, or where two runs of one period differ in a
    stage by so few children that their number must not be told.
    """
    stages = [_stages(run.waterfall) for run in (old, new)]
    few = max(int(run.suppression.get("suppress_below", 0)) for run in (old, new))
    public = old.is_public or new.is_public
    same = old.period == new.period
    moves: list[StepMove] = []
    for change in found:
        if not change.is_total or change.outcome is not Outcome.COMPARED or change.rate.score_unit is not Unit.PERCENT:
            continue
        one, two = (run.get(change.rate.name) for run in stages)
        if one is None or two is None:
            continue
        sides = _named(one, two, alike=change.rate.info.measure in alike)
        if not (same and public and _tells_of_few(*sides, few)):
            moves += _of_rate(change, *sides, same_period=same)
    return tuple(moves)


def _stages(waterfall: pl.DataFrame) -> dict[tuple[str, str], list[_Stage] | None]:
    """Return the stages of each rate; None for a rate that has a hidden one."""
    found: dict[tuple[str, str], list[_Stage] | None] = {}
    before = 0
    for row in waterfall.iter_rows(named=True):
        key = (row["measure"], row["rate"])
        stages = found.setdefault(key, [])
        remaining = row["remaining"]
        if stages is None or remaining is None:
            found[key] = None
            continue
        kept = 1.0 if row["kind"] == "start" or not before else remaining / before
        stages.append(_Stage(row["kind"], row["label"], row["unit"], kept, remaining, row["persons"]))
        before = remaining
    return found


def _named(old: Sequence[_Stage], new: Sequence[_Stage], *, alike: bool) -> tuple[_Stages, _Stages]:
    """Return the stages of both runs under names by which they are the same, in their order."""
    if alike and [stage.kind for stage in old] == [stage.kind for stage in new]:
        then, now = ({(s.kind, "", place): s for place, s in enumerate(stages)} for stages in (old, new))
        return then, now
    return _by_name(old), _by_name(new)


def _tells_of_few(then: _Stages, now: _Stages, few: int) -> bool:
    for name, stage in now.items():
        was = then.get(name)
        counts = [] if was is None else [(stage.remaining, was.remaining), (stage.persons, was.persons)]
        if any(a is not None and b is not None and 0 < abs(a - b) < few for a, b in counts):
            return True
    # A stage of one run alone: what it removed was shown to its readers, and is no difference between two counts.
    return False


def _by_name(stages: Sequence[_Stage]) -> _Stages:
    """Return the stages by kind, label, and how often the two were there before."""
    seen: dict[tuple[str, str], int] = {}
    found: _Stages = {}
    for stage in stages:
        # The number of all people moves with the data: whatever it is called, it is one stage.
        key = (stage.kind, "" if stage.kind == "start" else stage.label)
        found[(*key, seen.get(key, 0))] = stage
        seen[key] = seen.get(key, 0) + 1
    return found


def _of_rate(change: Change, old: _Stages, new: _Stages, *, same_period: bool) -> Iterator[StepMove]:
    bottom_old, bottom_new = change.old.denominator, change.new.denominator
    top_old, top_new = change.old.numerator, change.new.numerator
    if not bottom_old or not bottom_new or top_old is None or top_new is None:
        return
    then, now = ({k: s for k, s in run.items() if s.kind in _COUNTED} for run in (old, new))
    ends = [[stage.remaining for stage in run.values()][-1] for run in (then, now)]
    if ends != [bottom_old, bottom_new]:
        return  # a rate whose denominator counts something else than its waterfall
    mean = _log_mean(bottom_old, bottom_new)
    rate_old = top_old / bottom_old
    for key in dict.fromkeys((*now, *then)):
        was, is_now = then.get(key), now.get(key)
        stage = is_now or was
        assert stage is not None
        kept: tuple[float | None, float | None]
        if stage.kind == "start":
            assert was is not None
            assert is_now is not None
            factors, kept = (float(was.remaining), float(is_now.remaining)), (None, None)
        else:
            factors = kept = (1.0 if was is None else was.kept, 1.0 if is_now is None else is_now.kept)
        moved = mean * log(factors[1] / factors[0])
        yield StepMove(
            change,
            stage.kind,
            stage.label,
            stage.unit,
            _BOTH if was and is_now else _OLD if was else _NEW,
            old_kept=kept[0],
            new_kept=kept[1],
            denominator_moved=moved,
            points=-100 * rate_old * moved / bottom_new if same_period else None,
        )
    numerator = list(new.values())[-1]
    points = 100 * (top_new - top_old) / bottom_new if same_period else change.change
    yield StepMove(
        change,
        "numerator",
        numerator.label,
        numerator.unit,
        _BOTH,
        rate_old,
        top_new / bottom_new,
        numerator_moved=top_new - top_old,
        points=points,
    )


def _log_mean(one: float, two: float) -> float:
    return one if one == two else (two - one) / log(two / one)


def steps_frame(moves: Sequence[StepMove]) -> pl.DataFrame:
    """Return the moves as a table (``STEP_SCHEMA``), one row per rate and stage."""
    return pl.DataFrame([_row(move) for move in moves], schema=STEP_SCHEMA, orient="row")


def _row(move: StepMove) -> Mapping[str, Any]:
    info = move.change.rate.info
    return {
        "measure": info.measure,
        "rate": info.rate,
        "kind": move.kind,
        "label": move.label,
        "unit": move.unit,
        "in_run": move.in_run,
        "old_kept": _places(move.old_kept, 6),
        "new_kept": _places(move.new_kept, 6),
        "denominator_moved": _places(move.denominator_moved, 2),
        "numerator_moved": move.numerator_moved,
        "points": _places(move.points, 4),
    }


def _places(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places) + 0.0
