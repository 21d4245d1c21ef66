"""Fingerprints of the input for the manifest: enough to tell later whether a run saw the same data."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.data.bound import BoundData, TableVersion
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.files import metadata_of, size_of
from vbpmeasure.data.remote.address import RemoteFolder
from vbpmeasure.data.remote.store import File, RemotePath

_CHUNK = 1 << 20
_TAIL = 8  # four bytes of footer length, four of magic


@dataclass(frozen=True, slots=True)
class FileFingerprint:
    """One input file.

    ``name`` is relative to the data root, never an absolute path. ``footer_sha256`` digests the Parquet footer and the
    file size: cheap, and it changes with row counts, column statistics, and the size and place of every column chunk,
    but not with damage inside a page; None for what Polars or Spark alone reads: of that nothing is known. ``sha256``
    digests the whole file, when asked for.
    """

    table: str
    name: str
    bytes: int
    rows: int
    footer_sha256: str | None
    sha256: str | None = None

    @property
    def known(self) -> bool:
        """Whether it tells one content from another."""
        return self.footer_sha256 is not None


def fingerprints(bound: BoundData, *, content: bool = False) -> tuple[FileFingerprint | TableVersion, ...]:
    """Return one fingerprint per input file, in contract order, then by file name; of Delta and Iceberg the version.

    An object on an object store has the same fingerprint as the file on a disk: its size and its footer.

    ``content`` adds the SHA-256 of the whole file, streamed; without it only footers are read. Raises ``Failure``
    VBM303, VBM304 or VBM318 when a file cannot be read any more.
    """
    found: list[FileFingerprint | TableVersion] = []
    for table in bound.tables.values():
        found.extend(table.versions)
        found.extend(FileFingerprint(table.name, name, 0, rows, None) for name, rows in table.unseen)
        for file in table.unpinned_files:
            with guarded(table=table.name, file=file):
                size = size_of(file)
                found.append(
                    FileFingerprint(
                        table=table.name,
                        name=_relative(file, bound.root, table.files),
                        bytes=size,
                        rows=metadata_of(file).num_rows,
                        footer_sha256=footer_digest(file, size),
                        sha256=_digest(file) if content else None,
                    )
                )
    return tuple(found)


def _relative(file: File, root: Path | RemoteFolder | None, siblings: tuple[File, ...]) -> str:
    base = RemotePath(root.uri) if isinstance(root, RemoteFolder) else root
    if base is not None and type(file) is not type(base) and isinstance(file, RemotePath):
        base = None
    if base is not None and file.is_relative_to(base):
        return file.relative_to(base).as_posix()
    if len(siblings) == 1:
        return file.name
    # Sources of one table can be named relative and absolute; one absolute form has a common folder.
    places = [f if isinstance(f, RemotePath) else f.absolute() for f in siblings]
    if len({isinstance(f, RemotePath) for f in siblings}) > 1:
        return file.name
    folder = os.path.commonpath([f.parent.as_posix() for f in places])
    whole = file if isinstance(file, RemotePath) else file.absolute()
    return whole.relative_to(folder).as_posix()


def footer_digest(file: File, size: int) -> str:
    """Return the SHA-256 of a file's Parquet footer and size; raises `OSError`."""
    if isinstance(file, RemotePath):
        return hashlib.sha256(file.reached().tail(file) + size.to_bytes(8, "little")).hexdigest()
    with file.open("rb") as stream:
        stream.seek(max(size - _TAIL, 0))
        length = int.from_bytes(stream.read(_TAIL)[:4], "little")
        stream.seek(max(size - _TAIL - length, 0))
        return hashlib.sha256(stream.read() + size.to_bytes(8, "little")).hexdigest()


def _digest(file: File) -> str | None:
    """Return the SHA-256 of a file; none of an object, which would be fetched whole."""
    if isinstance(file, RemotePath):
        return None
    whole = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            whole.update(chunk)
    return whole.hexdigest()
