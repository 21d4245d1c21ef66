"""Tell a Delta or Iceberg table by its folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePath

from vbpmeasure.data.found import place
from vbpmeasure.data.mapping import SourceFormat
from vbpmeasure.diagnostics.model import Diagnostic, Failure

DELTA_LOG = "_delta_log"
ICEBERG_METADATA = "metadata"
METADATA_SUFFIX = ".metadata.json"
ICEBERG_DATA = "data"
_HUDI_LOG = ".hoodie"


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


def log_among(folder: Path, folders: Collection[str]) -> str | None:
    """Return the kind of log that a folder with these folders in it has: delta, iceberg or hudi; None without one."""
    if DELTA_LOG in folders:
        return "delta"
    if _HUDI_LOG in folders:
        return "hudi"
    return "iceberg" if ICEBERG_METADATA in folders and format_of(folder) == "iceberg" else None


def log_around(file: Path) -> str | None:
    """Return the kind of log of the table that a file lies in, partition folders between them or not."""
    folder = file.parent
    while "=" in folder.name:
        folder = folder.parent
    for home in (folder, folder.parent) if folder.name == ICEBERG_DATA else (folder,):
        names = [name for name in (DELTA_LOG, _HUDI_LOG, ICEBERG_METADATA) if (home / name).is_dir()]
        if (kind := log_among(home, names)) is not None:
            return kind
    return None


def log_by_names(names: Collection[str]) -> str | None:
    """Return the kind of log that is among the names of objects, in any depth."""
    for name in names:
        *folders, last = name.split("/")
        if DELTA_LOG in folders or _HUDI_LOG in folders:
            return "delta" if DELTA_LOG in folders else "hudi"
        if folders and folders[-1] == ICEBERG_METADATA and last.endswith(METADATA_SUFFIX):
            return "iceberg"
    return None


def refused(table: str, where: PurePath | str, kind: str) -> Failure:
    """Return the failure that files of a table with a log are read one by one (VBM337)."""
    hint = "it is not read: export it to Parquet" if kind == "hudi" else "name the folder of the table itself"
    return Failure(
        Diagnostic(
            "VBM337",
            f"table {table}: these are files of a table of {kind.capitalize()}, which hold older versions of its rows "
            "too",
            where=place(table, file=where),
            hint=hint,
        )
    )


def format_by_names(folder: str, names: Collection[str]) -> SourceFormat:
    """Return the same of an object store, by the names of all objects below the folder."""
    if any(name.startswith(f"{folder}/{DELTA_LOG}/") for name in names):
        return "delta"
    start = f"{folder}/{ICEBERG_METADATA}/"
    if any(name.startswith(start) and name.endswith(METADATA_SUFFIX) for name in names):
        return "iceberg"
    return "parquet"
