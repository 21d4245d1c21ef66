"""Open a Delta table at a version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl

from vbpmeasure.data.formats.pins import Pin, stamp_of_version
from vbpmeasure.data.formats.recognize import DELTA_LOG
from vbpmeasure.data.formats.versioned import Spot, Versioned, gone, is_panic, need_library, no_such_version, unread
from vbpmeasure.data.remote.refusals import explained
from vbpmeasure.data.remote.store import File, RemotePath, Stamp
from vbpmeasure.diagnostics.model import Failure

_LOG_FILE = re.compile(r"(\d{20})\.(json|checkpoint(?:\..+)?\.parquet)")
# What deltalake and Polars say of tables that ask more of a reader than they can.
_UNSUPPORTED = re.compile(
    r"Unsupported: |Unsupported table feature|does not support|unsupported reader|requires reader (version|feature)"
)


def open_delta(folder: File, version: int | None, spot: Spot) -> Versioned:
    """Return the table in a folder, at a version (None: the newest). Only its log is read.

    Raises ``Failure``: VBM333 without the library, VBM379 when the log cannot be read, VBM378 for a version that is not
    there or whose files are gone, VBM399 for a table that asks more of a reader than Polars can, VBM372, VBM376 and
    VBM377 when the object store does not give it.
    """
    need_library("delta", spot)
    from deltalake import DeltaTable  # noqa: PLC0415  an extra

    reached = folder.reached().polars if isinstance(folder, RemotePath) else {}
    options = reached.get("storage_options")
    if not isinstance(folder, RemotePath) and not (folder / DELTA_LOG).is_dir():
        raise spot.failure(
            "VBM334",
            f"table {spot.table} cannot be opened as delta at this address",
            "a Delta table has a `_delta_log`",
        )
    table: Any = _tried(lambda: DeltaTable(str(folder), storage_options=options), folder, spot)
    newest = int(table.version())
    if version is not None and version != newest:
        known = versions_of(_log_names(folder))
        if version not in known:
            raise no_such_version(spot, "version", version, known)
        _tried(lambda: table.load_as_version(version), folder, spot)
    uris = _tried(table.file_uris, folder, spot)
    files = _local_files(folder, uris) if isinstance(folder, Path) else ()
    if isinstance(folder, Path) and files is None:
        raise gone(spot, "version", table.version())
    if isinstance(folder, RemotePath) and version is not None and not _there(folder, uris):
        raise gone(spot, "version", version)
    frame = _tried(lambda: pl.scan_delta(table, **reached), folder, spot)
    _tried(frame.collect_schema, folder, spot)
    size = _tried(lambda: _bytes(table), folder, spot)
    number = int(table.version())

    def again() -> Stamp:
        return _stamp(_tried(lambda: DeltaTable(str(folder), version=number, storage_options=options), folder, spot))

    pin = Pin(folder, tuple(uris), _tried(lambda: _stamp(table), folder, spot), again)
    return Versioned(frame, "delta", str(number), str(table.metadata().id), size, pin, files or ())


def versions_of(names: Iterable[str]) -> list[int]:
    """Return the versions that a log can tell of, by the names of its files.

    Those are commits without a gap, from the first or from a checkpoint on. The history of a table is no help: commits
    need not say who made them, and those that do not are not in it.
    """
    found = [(match[2], int(match[1])) for name in names if (match := _LOG_FILE.fullmatch(name)) is not None]
    commits = {version for kind, version in found if kind == "json"}
    checkpoints = {version for kind, version in found if kind != "json"}
    known: set[int] = set()
    for version in sorted(commits | checkpoints):
        if version in checkpoints or (version in commits and (version == 0 or version - 1 in known)):
            known.add(version)
    return sorted(known)


def _log_names(folder: File) -> list[str]:
    if isinstance(folder, RemotePath):
        store = folder.reached()
        return [name for name, _, _ in store.entries(f"{str(folder).partition('://')[2]}/{DELTA_LOG}")]
    return [entry.name for entry in (folder / DELTA_LOG).iterdir()]


def _tried(ask: Any, folder: File, spot: Spot) -> Any:
    """Return what the library answers; its texts quote addresses and values, so none of them is shown."""
    try:
        return ask()
    except (Failure, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        if _UNSUPPORTED.search(str(error)) is not None:
            raise unread(spot, "delta", "column mapping, type widening, or a feature of a later protocol") from None
        if isinstance(error, OSError) and isinstance(folder, RemotePath):
            raise Failure(explained(str(error), spot.where, spot.span)) from None
        raise spot.failure(
            "VBM379",
            f"the log of Delta table {spot.table} cannot be read: damaged, incomplete, or of a kind not known here",
            "`_delta_log` has to be whole; restore it, or write the table again",
        ) from None


def _stamp(table: Any) -> Stamp:
    actions = pl.DataFrame(table.get_add_actions(flatten=True))
    return stamp_of_version(str(table.metadata().id), str(table.version()), actions.iter_rows())


def _bytes(table: Any) -> int:
    return sum(int(size) for size in pl.DataFrame(table.get_add_actions(flatten=True))["size_bytes"])


def _local_files(folder: Path, uris: Sequence[str]) -> tuple[Path, ...] | None:
    """Return the data files below the table's folder; None when one is not there."""
    root = folder.resolve()
    files = []
    for text in uris:
        file = Path(text.removeprefix("file://"))
        file = file if file.exists() else Path(unquote(str(file)))
        if not file.is_file():
            return None
        file = file.resolve()
        files.append(folder / file.relative_to(root) if file.is_relative_to(root) else file)
    return tuple(sorted(files))


def _there(folder: RemotePath, uris: Sequence[str]) -> bool:
    store = folder.reached()
    have = {unquote(str(file)) for file in store.files(str(folder).partition("://")[2])}
    return all(unquote(uri) in have for uri in uris if uri.startswith(f"{folder}/"))
