"""The rows of gaps as files: CSV, JSON, Parquet. They identify children: their writer keeps them private."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from vbpmeasure.outputs.parquet import frame_parquet
from vbpmeasure.outputs.words import NOTICE


def gaps_csv(rows: pl.DataFrame) -> bytes:
    """Return the rows as CSV (UTF-8, a header, Unix line ends)."""
    return rows.write_csv(line_terminator="\n").encode()


def gaps_parquet(rows: pl.DataFrame) -> bytes:
    """Return the rows as Parquet."""
    return frame_parquet(rows, {"notice": NOTICE})


def gaps_json(rows: pl.DataFrame, about: Mapping[str, object]) -> bytes:
    """Return one JSON document: what the rows are about, then the rows; dates as texts."""
    texts = rows.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"))
    document = {"notice": NOTICE, **about, "gaps": texts.to_dicts()}
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
