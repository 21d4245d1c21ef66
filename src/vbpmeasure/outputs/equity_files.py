"""The tables of disparities as files: CSV, Parquet, one JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import polars as pl
import polars.selectors as cs

from vbpmeasure.equity.analysis.analyze import EquityTables
from vbpmeasure.outputs.parquet import frame_parquet

# Enough for every use, and few enough that the last digits of a logarithm on another machine do not show.
_DIGITS = 12


def named_tables(tables: EquityTables) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the tables that have something to say, by the names of their files."""
    yield "pairwise", tables.pairwise
    yield "summary", tables.summary
    if tables.trend is not None:
        yield "trend", tables.trend
    if tables.standardized.height:
        yield "standardized", tables.standardized
    if tables.composites.height:
        yield "composites", tables.composites
        yield "composite_parts", tables.composite_parts


def table_csv(frame: pl.DataFrame) -> bytes:
    """Return one table as CSV (UTF-8, a header, Unix line ends); what is undefined is empty."""
    return _even(frame).write_csv(line_terminator="\n").encode()


def equity_files(tables: EquityTables, mark: str, words: Mapping[str, str]) -> dict[str, bytes]:
    """Return the content of every file by name; ``mark`` as in `RunResults`, ``words`` go to the Parquet footers."""
    found = {}
    for name, frame in named_tables(tables):
        found[f"{name}{mark}.csv"] = table_csv(frame)
        found[f"{name}{mark}.parquet"] = frame_parquet(_even(frame), dict(words))
    return found


def equity_json(tables: EquityTables, about: Mapping[str, object]) -> str:
    """Return one JSON document with all tables."""
    document = {**about, **{name: _even(frame).to_dicts() for name, frame in named_tables(tables)}}
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _even(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(cs.float().round_sig_figs(_DIGITS))
