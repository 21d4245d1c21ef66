"""Tell a Delta or Iceberg table by its folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from vbpmeasure.data.mapping import SourceFormat

DELTA_LOG = "_delta_log"
ICEBERG_METADATA = "metadata"
METADATA_SUFFIX = ".metadata.json"


def format_of(folder: Path) -> SourceFormat:
    """Return what the folder is: a table with a format of its own, or Parquet files.

    Reading its files one by one would count rows that were deleted, so this is looked at first.
    """
    if (folder / DELTA_LOG).is_dir():
        return "delta"
    metadata = folder / ICEBERG_METADATA
    if metadata.is_dir() and any(e.name.endswith(METADATA_SUFFIX) for e in metadata.iterdir()):
        return "iceberg"
    return "parquet"


def format_by_names(folder: str, names: Collection[str]) -> SourceFormat:
    """Return the same of an object store, by the names of all objects below the folder."""
    if any(name.startswith(f"{folder}/{DELTA_LOG}/") for name in names):
        return "delta"
    start = f"{folder}/{ICEBERG_METADATA}/"
    if any(name.startswith(start) and name.endswith(METADATA_SUFFIX) for name in names):
        return "iceberg"
    return "parquet"
