"""CSV: the same columns as every other format; percentages with two decimals, hidden numbers empty."""

from __future__ import annotations

import polars as pl

from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.shown_amounts import as_frame


def results_csv(table: PublishedTable) -> bytes:
    """Return the rates as CSV (UTF-8, a header, Unix line ends), one row per rate, dimension and stratum."""
    return frame_csv(table.results)


def waterfall_csv(table: PublishedTable) -> bytes:
    """Return the waterfall as CSV, one row per rate and stage."""
    return frame_csv(table.waterfall)


def amounts_csv(table: PublishedTable) -> bytes:
    """Return the rates that are no share as CSV, one row per rate, dimension and stratum; six decimals."""
    return as_frame(table.amounts).write_csv(float_precision=6, line_terminator="\n").encode()


def frame_csv(frame: pl.DataFrame) -> bytes:
    """Return a published table as CSV; decimals have two places."""
    return frame.write_csv(float_precision=2, line_terminator="\n").encode()
