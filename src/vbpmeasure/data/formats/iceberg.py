"""Open an Iceberg table at a snapshot: by its metadata file, by its folder, or through a catalog."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from vbpmeasure.data.formats.pins import Pin, stamp_of_version
from vbpmeasure.data.formats.recognize import ICEBERG_METADATA, METADATA_SUFFIX
from vbpmeasure.data.formats.versioned import Spot, Versioned, gone, is_panic, need_library, no_such_version, unread
from vbpmeasure.data.remote.access import Access, FromEnvironment, Option
from vbpmeasure.data.remote.refusals import explained
from vbpmeasure.data.remote.storage import Storage
from vbpmeasure.data.remote.store import File, RemotePath, Stamp
from vbpmeasure.diagnostics.model import Failure

_HINT = "version-hint.text"
# What pyiceberg and Polars say of rows that are deleted by their values.
_EQUALITY = re.compile(r"equality.deletes", re.IGNORECASE)
_NUMBER = re.compile(r"v?(\d+)")


def open_iceberg(place: File, snapshot: int | None, spot: Spot) -> Versioned:
    """Return the table of a metadata file, or of the folder that holds `metadata/`, at a snapshot (None: the newest).

    Raises ``Failure``: VBM333 without the library, VBM379 when the metadata cannot be read, VBM378 for a snapshot that
    is not there or whose files are gone, VBM399 for equality deletes, VBM372, VBM376 and VBM377 when the object store
    does not give it.
    """
    need_library("iceberg", spot)
    from pyiceberg.table import StaticTable  # noqa: PLC0415  an extra

    storage = place.reached().storage if isinstance(place, RemotePath) else None
    file = place if place.name.endswith(METADATA_SUFFIX) else _newest(place, spot)
    properties = {} if storage is None else storage.iceberg()

    def load() -> Any:
        return _tried(lambda: StaticTable.from_metadata(str(file), properties), spot, remote=storage is not None)

    return _opened(load, file, snapshot, storage, spot)


def open_in_catalog(name: str, catalog: str, access: Access, snapshot: int | None, spot: Spot) -> Versioned:
    """Return the table ``name`` (`namespace.table`) of a catalog that the configuration or pyiceberg's own knows.

    Raises ``Failure`` as ``open_iceberg``; VBM379 also for a catalog that does not have the table.
    """
    need_library("iceberg", spot)
    from pyiceberg.catalog import load_catalog  # noqa: PLC0415  an extra

    # The catalog opens the metadata file itself, wherever that lies: it has to reach the stores as we do.
    reached = [Storage.of(name, said) for name, said in {"s3": {}, **access.storage}.items()]
    properties = {k: v for storage in reached for k, v in storage.iceberg().items()}
    properties |= {k: _text(v) for k, v in access.catalogs.get(catalog, {}).items()}

    def load() -> Any:
        return _tried(lambda: load_catalog(catalog, **properties).load_table(name), spot, remote=True)

    location = str(load().metadata_location)
    service = next((s for s in ("s3", "gs") if location.startswith((f"{s}://", f"{s}a://"))), None)
    service = service or ("az" if location.startswith(("az://", "abfs")) else None)
    storage = None if service is None else Storage.of(service, access.storage.get(service, {}))
    return _opened(load, Path(name), snapshot, storage, spot)


def _text(option: Option) -> str:
    if isinstance(option, FromEnvironment):
        return option.text()
    return str(option).lower() if isinstance(option, bool) else option


def _opened(load: Callable[[], Any], place: File, asked: int | None, storage: Storage | None, spot: Spot) -> Versioned:
    # The other planner is one more package.
    os.environ.setdefault("POLARS_ICEBERG_PLANNER", "pyiceberg")
    remote = storage is not None
    table = load()
    snapshots = {int(one.snapshot_id): one for one in table.snapshots()}
    current = table.current_snapshot()
    if asked is not None and asked not in snapshots:
        raise no_such_version(spot, "snapshot", asked, list(snapshots))
    number = asked if asked is not None else None if current is None else int(current.snapshot_id)
    sizes = _sizes(table, number, spot, remote=remote)
    files = _local_files(list(sizes)) if not remote else ()
    if files is None:
        raise gone(spot, "snapshot", number)
    reached: dict[str, Any] = {} if storage is None else {"storage_options": storage.object_store()}
    frame = _tried(lambda: pl.scan_iceberg(table, snapshot_id=asked, **reached), spot, remote=remote)
    version = None if number is None else str(number)
    table_id = str(table.metadata.table_uuid)

    def again() -> Stamp:
        now = load()
        return stamp_of_version(str(now.metadata.table_uuid), version, _sizes(now, number, spot, remote=remote).items())

    pin = Pin(place, tuple(sizes), stamp_of_version(table_id, version, sizes.items()), again)
    return Versioned(frame, "iceberg", version, table_id, sum(sizes.values()), pin, files)


def _sizes(table: Any, snapshot: int | None, spot: Spot, *, remote: bool) -> dict[str, int]:
    """Return the data files of a snapshot with their bytes."""
    if snapshot is None:
        return {}
    tasks = _tried(lambda: list(table.scan(snapshot_id=snapshot).plan_files()), spot, remote=remote)
    return {str(task.file.file_path): int(task.file.file_size_in_bytes) for task in tasks}


def _newest(folder: File, spot: Spot) -> File:
    """Return the metadata file that a table's folder stands for.

    A hint file of the writer decides; otherwise the highest number. Two files of the highest number are left to the
    user: only the catalog of the table knows which of them was accepted.
    """
    inside = _metadata_files(folder)
    if isinstance(folder, Path):
        hint = folder / ICEBERG_METADATA / _HINT
        if hint.is_file():
            wanted = hint.read_text(encoding="utf-8", errors="replace").strip()
            named = [f for f in inside if f.name in (f"v{wanted}{METADATA_SUFFIX}", f"{wanted}{METADATA_SUFFIX}")]
            if len(named) == 1:
                return named[0]
    numbered = [(int(match[1]), file) for file in inside if (match := _NUMBER.match(file.name)) is not None]
    highest = max((number for number, _ in numbered), default=None)
    newest = [file for number, file in numbered if number == highest]
    if len(newest) != 1:
        raise spot.failure(
            "VBM379",
            f"the folder of Iceberg table {spot.table} does not say which metadata file is the newest",
            "name the metadata file as `path`, or the table in its catalog with `catalog`",
        )
    return newest[0]


def _metadata_files(folder: File) -> Sequence[File]:
    if isinstance(folder, RemotePath):
        rest = str(folder).partition("://")[2]
        try:
            found: Sequence[File] = folder.reached().files(f"{rest}/{ICEBERG_METADATA}")
        except FileNotFoundError:
            found = ()
    else:
        inside = folder / ICEBERG_METADATA
        found = sorted(inside.iterdir()) if inside.is_dir() else ()
    return [file for file in found if file.name.endswith(METADATA_SUFFIX)]


def _local_files(uris: Sequence[str]) -> tuple[Path, ...] | None:
    files = [Path(uri.removeprefix("file://")) for uri in uris]
    return tuple(sorted(files)) if all(file.is_file() for file in files) else None


def _tried(ask: Any, spot: Spot, *, remote: bool) -> Any:
    """Return what the library answers; its texts quote addresses and values, so none of them is shown."""
    try:
        return ask()
    except (Failure, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        if _EQUALITY.search(str(error)) is not None:
            raise unread(spot, "iceberg", "equality deletes") from None
        if remote and isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise Failure(explained(str(error), spot.where, spot.span)) from None
        raise spot.failure(
            "VBM379",
            f"the metadata of Iceberg table {spot.table} cannot be read: not there, damaged, or of a kind not known "
            "here",
            "check the path of the metadata file, or the catalog and the table's name in it",
        ) from None
