"""Fingerprints of the input files for the manifest: enough to tell later whether a run saw the same files."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.errors import guarded

_CHUNK = 1 << 20
_TAIL = 8  # four bytes of footer length, four of magic


@dataclass(frozen=True, slots=True)
class FileFingerprint:
    """One input file.

    ``name`` is relative to the data root, never an absolute path. ``footer_sha256`` digests the Parquet footer and the
    file size: cheap, and it changes with row counts, column statistics, and the size and place of every column chunk,
    but not with damage inside a page; None for a table that only an engine reads: of that nothing is known. ``sha256``
    digests the whole file, when asked for.
    """

    table: str
    name: str
    bytes: int
    rows: int
    footer_sha256: str | None
    sha256: str | None = None


def fingerprints(bound: BoundData, *, content: bool = False) -> tuple[FileFingerprint, ...]:
    """Return one fingerprint per input file, in contract order, then by file name.

    ``content`` adds the SHA-256 of the whole file, streamed; without it only footers are read. Raises ``Failure``
    VBM303, VBM304 or VBM318 when a file cannot be read any more.
    """
    found: list[FileFingerprint] = []
    for table in bound.tables.values():
        found.extend(FileFingerprint(table.name, name, 0, rows, None) for name, rows in table.unseen)
        for file in table.files:
            with guarded(table=table.name, file=file):
                size = file.stat().st_size
                found.append(
                    FileFingerprint(
                        table=table.name,
                        name=_relative(file, bound.root, table.files),
                        bytes=size,
                        rows=pq.read_metadata(file).num_rows,
                        footer_sha256=footer_digest(file, size),
                        sha256=_digest(file) if content else None,
                    )
                )
    return tuple(found)


def _relative(file: Path, root: Path | None, siblings: tuple[Path, ...]) -> str:
    if root is not None and file.is_relative_to(root):
        return file.relative_to(root).as_posix()
    if len(siblings) == 1:
        return file.name
    # Sources of one table can be named relative and absolute; one absolute form has a common folder.
    folder = os.path.commonpath([f.parent.absolute() for f in siblings])
    return file.absolute().relative_to(folder).as_posix()


def footer_digest(file: Path, size: int) -> str:
    """Return the SHA-256 of a file's Parquet footer and size; raises `OSError`."""
    with file.open("rb") as stream:
        stream.seek(max(size - _TAIL, 0))
        length = int.from_bytes(stream.read(_TAIL)[:4], "little")
        stream.seek(max(size - _TAIL - length, 0))
        return hashlib.sha256(stream.read() + size.to_bytes(8, "little")).hexdigest()


def _digest(file: Path) -> str:
    whole = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            whole.update(chunk)
    return whole.hexdigest()
