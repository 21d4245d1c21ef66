"""A comparison as CSV (one row per cell) and as JSON (all of it)."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import polars as pl

from vbpmeasure.comparison.changes import Change
from vbpmeasure.comparison.compare import Comparison
from vbpmeasure.comparison.steps import steps_frame

SCHEMA_VERSION = "1"
_SIDE = ("population", "excluded", "denominator", "numerator")
CHANGE_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("measure", "rate", "dimension", "stratum", "unit", "outcome"), pl.String),
        **dict.fromkeys(("old_value", "new_value", "change", "change_low", "change_high"), pl.Float64),
        "interval": pl.String,
        "direction": pl.String,
        **{f"{side}_{name}": pl.Float64 for name in _SIDE for side in ("old", "new", "moved")},
        **dict.fromkeys(("old_status", "new_status"), pl.String),
        "redefined": pl.Boolean,
        **dict.fromkeys(("old_period_end", "new_period_end", "notice"), pl.String),
    }
)


def comparison_frame(found: Comparison) -> pl.DataFrame:
    """Return the changes as a table (``CHANGE_SCHEMA``), one row per rate, dimension and stratum of either run."""
    rows = [_row(change, found) for change in found.changes]
    return pl.DataFrame(rows, schema=CHANGE_SCHEMA, orient="row")


def _row(change: Change, found: Comparison) -> dict[str, object]:
    info = change.rate.info
    sides = {"old": change.old, "new": change.new, "moved": change.moved}
    return {
        "measure": info.measure,
        "rate": info.rate,
        "dimension": change.dimension,
        "stratum": change.stratum,
        "unit": change.rate.score_unit.value,
        "outcome": change.outcome.value,
        "old_value": change.old.score,
        "new_value": change.new.score,
        "change": _places(change.change),
        "change_low": _places(change.low),
        "change_high": _places(change.high),
        "interval": change.method,
        "direction": None if change.direction is None else change.direction.value,
        **{f"{side}_{name}": getattr(numbers, name) for name in _SIDE for side, numbers in sides.items()},
        "old_status": change.old.status or None,
        "new_status": change.new.status or None,
        "redefined": info.measure in found.redefined,
        "old_period_end": found.old.period.end.isoformat(),
        "new_period_end": found.new.period.end.isoformat(),
        "notice": found.notice,
    }


def _places(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def comparison_csv(found: Comparison) -> bytes:
    """Return the changes as CSV; counts as whole numbers."""
    frame = comparison_frame(found)
    texts = [pl.Series(c, [_text(v) for v in frame[c].to_list()], dtype=pl.String) for c in _numbers(frame)]
    return frame.with_columns(texts).write_csv(line_terminator="\n").encode()


def _numbers(frame: pl.DataFrame) -> list[str]:
    return [name for name, kind in frame.schema.items() if kind == pl.Float64]


def _text(value: float | None) -> str | None:
    if value is None:
        return None
    return str(int(value)) if value.is_integer() else repr(value)


def steps_csv(found: Comparison) -> bytes:
    """Return the stages of the waterfalls with what each moved, as CSV (``STEP_SCHEMA``)."""
    return steps_frame(found.steps).write_csv(line_terminator="\n").encode()


def comparison_json(found: Comparison) -> bytes:
    """Return the whole comparison as one JSON document."""
    old, new = found.about
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tool": "vbpmeasure",
        "notice": found.notice,
        "about": found.words,
        "same_period": found.same_period,
        "old": _run(old.period_start, old.period_end, old.version, old.suppression_profile),
        "new": _run(new.period_start, new.period_end, new.version, new.suppression_profile),
        "different": [asdict(difference) for difference in found.differences],
        "redefined": sorted(found.redefined),
        "warnings": [{"code": d.code, "message": d.message} for d in found.findings],
        "failed": [{"code": d.code, "message": d.message} for d in found.failed],
        "changes": comparison_frame(found).drop("old_period_end", "new_period_end", "notice").to_dicts(),
        "gaps": found.gaps.to_dicts(),
        "steps": steps_frame(found.steps).to_dicts(),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _run(start: str, end: str, version: str, profile: str) -> dict[str, str]:
    return {"period_start": start, "period_end": end, "version": version, "suppression_profile": profile}
