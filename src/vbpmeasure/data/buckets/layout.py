"""A data folder that `vbpmeasure bucket` laid out: which file holds which people, and what it was made from."""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from vbpmeasure.data.beside import beside, files_below
from vbpmeasure.data.binding import Root, rebound
from vbpmeasure.data.bound import BoundData, TableVersion
from vbpmeasure.data.buckets.hashing import bucket_of
from vbpmeasure.data.files import size_of
from vbpmeasure.data.fingerprint import FileFingerprint, footer_digest
from vbpmeasure.data.found import denied
from vbpmeasure.data.mapping import TableSources
from vbpmeasure.data.remote.address import RemoteFolder
from vbpmeasure.data.remote.store import File, Stores
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.spec.json_text import read_json

RECORD = "bucket_layout.json"
TOOL, KIND, FORMAT = "vbpmeasure", "buckets", 1


@dataclass(frozen=True, slots=True)
class LaidFile:
    """One file of a layout: its name below the folder, its bucket (None where rows are about nobody), what it is."""

    name: str
    bucket: int | None
    rows: int
    bytes: int
    footer_sha256: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What the record of a layout says.

    ``files`` by table. ``inputs`` are the fingerprints of the files that it was made from, ``sources`` the records of
    the configured sources, by table: a run tells of these, so that its manifest is that of a run on the source.
    ``places`` are the files by their names, of a layout that was found.
    """

    folder: Path | RemoteFolder
    buckets: int
    files: Mapping[str, tuple[LaidFile, ...]]
    inputs: tuple[FileFingerprint | TableVersion, ...]
    sources: Mapping[str, tuple[Mapping[str, object], ...]]
    places: Mapping[str, File] = field(default_factory=dict)

    def laid_of(self, buckets: int, bucket: int, tables: Collection[str]) -> dict[str, tuple[LaidFile, ...]]:
        """Return the files of some tables that can hold people of one of ``buckets`` buckets."""
        step = math.gcd(self.buckets, buckets)
        return {
            table: tuple(f for f in files if f.bucket is None or f.bucket % step == bucket % step)
            for table, files in self.files.items()
            if table in tables
        }

    def narrowed(self, bound: BoundData, buckets: int, bucket: int) -> BoundData:
        """Return the data with the files alone that can hold people of one of ``buckets`` buckets."""
        laid = self.laid_of(buckets, bucket, bound.tables)
        return rebound(bound, *self.files_of(laid))

    def files_of(self, laid: Mapping[str, tuple[LaidFile, ...]]) -> tuple[dict[str, tuple[File, ...]], dict[File, int]]:
        """Return where files of the layout lie, by table, and the rows of each."""
        rows = {self.places[f.name]: f.rows for files in laid.values() for f in files}
        return {table: tuple(self.places[f.name] for f in files) for table, files in laid.items()}, rows

    def record(self) -> dict[str, object]:
        """Return the layout for its record."""
        return {
            "tool": TOOL,
            "kind": KIND,
            "format": FORMAT,
            "buckets": self.buckets,
            "hash": "crc32(person_id as text) % buckets",
            "tables": {table: [_plain(f) for f in files] for table, files in self.files.items()},
            "inputs": [_plain(found) for found in self.inputs],
            "sources": {table: list(found) for table, found in self.sources.items()},
        }


def _plain(found: LaidFile | FileFingerprint | TableVersion) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__slots__}


def layout_of(folder: Root, stores: Stores, person_id: str | None = None) -> Layout | None:
    """Return the layout of a data folder, None when `vbpmeasure bucket` did not write it.

    With ``person_id`` only the files that can hold that person are looked at, and ``places`` has no others. Raises
    ``Failure`` VBM304 without permission, VBM346 when its record cannot be read, or a file is not the one that it
    lists, and those of the object store when the folder is on one.
    """
    try:
        record = beside(folder, RECORD, stores)
        if folder is None or record is None:
            return None
        found = _read(folder, read_json(record))
    except PermissionError:
        closed = isinstance(folder, Path) and not os.access(folder, os.X_OK)
        raise Failure(denied(None, str(folder) if closed else f"{folder}/{RECORD}")) from None
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            raise  # where no folder can be, no layout is
        raise _not_whole(folder, "its record cannot be read") from None
    places: dict[str, File] = {}
    there = files_below(folder, stores)
    bucket = None if person_id is None else bucket_of(person_id, found.buckets)
    for file in (file for files in found.files.values() for file in files):
        if None not in (bucket, file.bucket) and file.bucket != bucket:
            continue
        path = there(file.name)
        try:
            same = (
                path is not None
                and size_of(path) == file.bytes
                and footer_digest(path, file.bytes) == file.footer_sha256
            )
        except OSError:
            same = False
        if path is None or not same:
            raise _not_whole(folder, f"{file.name} is not the file that was written")
        places[file.name] = path
    return replace(found, places=places)


def _read(folder: Path | RemoteFolder, said: object) -> Layout:
    from vbpmeasure.data.buckets.record import LayoutRecord, VersionRecord  # noqa: PLC0415  few folders are laid out

    found = LayoutRecord.model_validate(said)
    return Layout(
        folder,
        found.buckets,
        {table: tuple(LaidFile(**dict(one)) for one in files) for table, files in found.tables.items()},
        tuple(
            TableVersion(**dict(one)) if isinstance(one, VersionRecord) else FileFingerprint(**dict(one))
            for one in found.inputs
        ),
        {table: tuple(records) for table, records in found.sources.items()},
    )


def _not_whole(folder: Root, why: str) -> Failure:
    return Failure(
        Diagnostic(
            "VBM346",
            f"the bucket layout is not whole: {why}",
            where=f"{folder}/{RECORD}",
            hint="lay the data out again with `vbpmeasure bucket`",
        )
    )


def mappings(sources: TableSources | Mapping[str, tuple[Mapping[str, object], ...]]) -> dict[str, list[object]]:
    """Return how tables are mapped, as plain values; where their files lie does not matter."""
    found: dict[str, list[object]] = {}
    for table, each in sources.items():
        records = [dict(one) if isinstance(one, Mapping) else one.record() for one in each]
        found[table] = [{k: v for k, v in one.items() if k not in ("path", "format", "version")} for one in records]
    return found


def as_laid_out(bound: BoundData, layout: Layout) -> BoundData:
    """Return the tables of a layout as those of its source are known to a manifest."""
    tables = {name: replace(table, sources=tuple(layout.sources.get(name, ()))) for name, table in bound.tables.items()}
    return replace(bound, tables=tables)


def refuse_other_mapping(layout: Layout, sources: TableSources) -> None:
    """Raise ``Failure`` (VBM347) when the configuration maps tables in another way than the layout did."""
    ours, theirs = mappings(layout.sources), mappings(sources)
    # A configuration that says nothing of a table, or nothing but its place, maps it as the contract does.
    if any(any(each) and each != ours.get(table) for table, each in theirs.items() if table in layout.files):
        raise Failure(
            Diagnostic(
                "VBM347",
                "the configuration maps tables in another way than the layout was made with",
                where=f"{layout.folder}/{RECORD}",
                hint="lay the data out again with this configuration",
            )
        )
