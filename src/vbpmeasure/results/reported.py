"""The part of a result frame that a table shows: which rates are reported, and which of those are shares of units."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace

import polars as pl

from vbpmeasure.results.frame import RateKey, RateKind, ResultFrame


def reported(frame: ResultFrame) -> ResultFrame:
    """Return the frame without the rates that are judged for composites of other measures only."""
    return _cut(frame, lambda key: not key.support)


def shares(frame: ResultFrame) -> ResultFrame:
    """Return the frame cut to the rates that are a share of units: proportions, totals, all-or-none composites."""
    return _cut(frame, lambda key: key.kind in (RateKind.PROPORTION, RateKind.ALL_OR_NONE))


def of_measures(frame: ResultFrame, left_out: Container[str]) -> ResultFrame:
    """Return the frame without the rates of some measures."""
    return _cut(frame, lambda key: key.measure not in left_out)


def _cut(frame: ResultFrame, keep: Callable[[RateKey], bool]) -> ResultFrame:
    kept = [position for position, key in enumerate(frame.rates) if keep(key)]
    if len(kept) == len(frame.rates):
        return frame
    numbers = {old: new for new, old in enumerate(kept)}
    return replace(
        frame,
        rates=tuple(frame.rates[position] for position in kept),
        rows=_renumbered(frame.rows, numbers),
        external=_renumbered(frame.external, numbers),
    )


def _renumbered(rows: pl.DataFrame, numbers: dict[int, int]) -> pl.DataFrame:
    old = pl.Series("rate", list(numbers), dtype=pl.UInt16)
    new = pl.Series("new", list(numbers.values()), dtype=pl.UInt16)
    renamed = pl.DataFrame([old, new])
    joined = rows.join(renamed, on="rate", how="inner", maintain_order="left")
    return joined.with_columns(pl.col("new").alias("rate")).drop("new")
