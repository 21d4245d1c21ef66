"""Each gap against the same gap a run before."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from vbpmeasure.equity.analysis.cells import Cell, RateCells
from vbpmeasure.equity.analysis.pairwise import Pair
from vbpmeasure.equity.statistics.change import GapChange, gap_change
from vbpmeasure.equity.statistics.estimate import Count
from vbpmeasure.equity.statistics.verdicts import Verdict

_NUMBERS = (
    *("value", "previous_value", "reference_value", "reference_previous_value", "gap", "previous_gap"),
    *("gap_change", "gap_change_se", "gap_change_low", "gap_change_high"),
    *("relative_gap", "previous_relative_gap", "relative_gap_change"),
)
TREND_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("measure", "rate", "dimension", "stratum"), pl.String),
        "lower_is_better": pl.Boolean,
        "reference": pl.String,
        **dict.fromkeys(_NUMBERS, pl.Float64),
        **dict.fromkeys(("direction", "relative_direction"), pl.String),
        **dict.fromkeys(("leveling_down", "disagree"), pl.Boolean),
        "reason": pl.String,
    }
)
_COMPARED = (Verdict.BETTER, Verdict.SAME, Verdict.WORSE, Verdict.INSUFFICIENT)


def trend_frame(pairs: Iterable[Pair], previous: Iterable[RateCells]) -> pl.DataFrame:
    """Return a frame of ``TREND_SCHEMA``, one row per pair that has a difference now.

    The reference is the one of now in both runs: had each run its own, a change of the reference would look like a
    change of the gap.
    """
    before = {(rate.measure, rate.rate): rate for rate in previous}
    rows = [
        _row(pair, before.get((pair.rate.measure, pair.rate.rate)))
        for pair in pairs
        if pair.verdict in _COMPARED and pair.p.value is not None
    ]
    return pl.DataFrame(rows, schema=TREND_SCHEMA, orient="row")


def _row(pair: Pair, before: RateCells | None) -> dict[str, object]:
    row: dict[str, object] = {
        **dict.fromkeys(TREND_SCHEMA),
        "measure": pair.rate.measure,
        "rate": pair.rate.rate,
        "dimension": pair.dimension,
        "stratum": pair.cell.stratum,
        "lower_is_better": pair.rate.lower_is_better,
        "reference": pair.reference.label,
        "value": None if pair.cell.count is None else pair.cell.count.rate,
        "reference_value": pair.reference.value,
        "leveling_down": False,
        "disagree": False,
    }
    found = _change(pair, before)
    if isinstance(found, str):
        return {**row, "reason": found}
    change, own, base = found
    relative = None
    if change.relative_now is not None and change.relative_before is not None:
        relative = change.relative_now - change.relative_before
    return {
        **row,
        "previous_value": own.rate,
        "reference_previous_value": base.rate,
        "gap": change.now,
        "previous_gap": change.before,
        "gap_change": change.absolute.value,
        "gap_change_se": change.absolute.error,
        "gap_change_low": change.absolute.low,
        "gap_change_high": change.absolute.high,
        "relative_gap": change.relative_now,
        "previous_relative_gap": change.relative_before,
        "relative_gap_change": relative,
        "direction": change.direction,
        "relative_direction": change.relative_direction,
        "leveling_down": change.leveling_down,
        "disagree": change.disagree,
        "reason": change.absolute.reason or (None if relative is not None else "no relative gap: the reference is 0"),
    }


def _change(pair: Pair, before: RateCells | None) -> tuple[GapChange, Count, Count] | str:
    """Return the change with the two counts of before, or why there is none."""
    if not pair.reference.is_group:
        return "changes are told of gaps between groups"
    if before is None:
        return "the earlier run has no such rate"
    if pair.dimension not in before.by:
        return "the earlier run has no such dimension"
    own = _shown(before.by[pair.dimension], pair.cell.stratum)
    base = _shown(before.by[pair.dimension], pair.reference.label)
    if own is None or base is None:
        who = "group" if own is None else "reference"
        return f"the earlier run shows no rate of the {who}"
    assert pair.cell.count is not None
    assert isinstance(pair.reference.against, Count)
    lower = pair.rate.lower_is_better
    return gap_change(pair.cell.count, pair.reference.against, own, base, lower_is_better=lower), own, base


def _shown(cells: list[Cell], stratum: str | None) -> Count | None:
    return next((cell.count for cell in cells if cell.stratum == stratum and cell.has_rate), None)
