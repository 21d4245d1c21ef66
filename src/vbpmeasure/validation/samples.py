"""Offending rows for the eyes of their owner: a few of each finding, in one table of texts."""

from __future__ import annotations

import polars as pl

from vbpmeasure.data.errors import guarded
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.validation.ground import Ground
from vbpmeasure.validation.model import Report

# What names a row, or shows what is wrong with it; a row has as many of them as its table.
_HEAD = ("check", "place")


def offending_rows(report: Report, ground: Ground) -> pl.DataFrame:
    """Return at most ``sample_rows`` rows of every finding: check, place, then the columns of the row as one JSON text.

    The rows identify persons. They are read anew, one finding at a time; one whose rows cannot be read is left out.
    """
    parts = []
    for result in report.results:
        if result.offending is None or not result.found:
            continue
        try:
            with guarded(ground.bound.tables):
                rows = result.offending.head(ground.settings.sample_rows).collect()
        except Failure:
            continue
        row = pl.struct(c for c, t in rows.schema.items() if not t.is_nested())
        text = rows.select(row=row.struct.json_encode()).sort("row")
        parts.append(text.select(pl.lit(result.id).alias("check"), pl.lit(result.place).alias("place"), "row"))
    schema = dict.fromkeys((*_HEAD, "row"), pl.String())
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)
