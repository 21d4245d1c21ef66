"""Parquet: the results, with what they are in the footer; and the person-level table."""

from __future__ import annotations

import io

import polars as pl

from vbpmeasure.outputs.words import metadata
from vbpmeasure.results.disclosure.published import PublishedTable


def results_parquet(table: PublishedTable) -> bytes:
    """Return the rates as Parquet; the footer's key-value metadata is that of `words.metadata`."""
    return frame_parquet(table.results, metadata(table))


def frame_parquet(frame: pl.DataFrame, words: dict[str, str] | None = None) -> bytes:
    """Return any frame as Parquet (zstd), byte-identical for the same frame."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", metadata=words or {})
    return buffer.getvalue()
