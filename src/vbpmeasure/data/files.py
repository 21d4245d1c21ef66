"""Read what is known of a file without its pages, on this machine or on an object store."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from vbpmeasure.data.remote.store import File, RemotePath

if TYPE_CHECKING:
    import pyarrow.parquet as pq


def size_of(file: File) -> int:
    """Return the size in bytes; that of an object is the one its store listed."""
    return file.size if isinstance(file, RemotePath) else file.stat().st_size


def metadata_of(file: File) -> pq.FileMetaData:
    """Return the footer; raises what PyArrow raises."""
    import pyarrow.parquet as pq  # noqa: PLC0415  a quarter of a short command, and a layout tells its footers itself

    if isinstance(file, RemotePath):
        return pq.read_metadata(io.BytesIO(file.reached().tail(file)))
    return pq.read_metadata(file)


def scan_options(files: Sequence[File]) -> dict[str, Any]:
    """Return the arguments of a scanner that reaches the files; those of one scan lie in one store."""
    first = next((file for file in files if isinstance(file, RemotePath)), None)
    return {} if first is None else first.reached().polars


def scan_one(file: File) -> pl.LazyFrame:
    """Return the scan of one Parquet file as it is."""
    if isinstance(file, RemotePath):
        return pl.scan_parquet([str(file)], glob=False, hive_partitioning=False, **scan_options((file,)))
    return pl.scan_parquet(file, glob=False, hive_partitioning=False)
