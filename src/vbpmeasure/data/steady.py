"""Inputs must stay as they are while a run reads them: what is looked at before and after."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.fingerprint import FileFingerprint, fingerprints
from vbpmeasure.data.found import place
from vbpmeasure.diagnostics.model import Diagnostic, Failure


@dataclass(frozen=True, slots=True)
class Seen:
    """The input files as they were at one moment: their fingerprints, and the stamps of the file system by path."""

    files: tuple[FileFingerprint, ...]
    stamps: dict[tuple[str, Path], tuple[int, int, int]]


def look(bound: BoundData) -> Seen:
    """Look at every input file: footer, size, time of change, and which file it is. Raises ``Failure`` as reading."""
    stamps = {}
    for table in bound.tables.values():
        for file in table.files:
            with guarded(table=table.name, file=file):
                found = file.stat()
                stamps[table.name, file] = (found.st_size, found.st_mtime_ns, found.st_ino)
    return Seen(fingerprints(bound), stamps)


def refuse_change(bound: BoundData, before: Seen) -> None:
    """Raise ``Failure`` (VBM345) when an input file is not the one that was there ``before``."""
    after = look(bound)
    if after == before:
        return
    changed = [key for key, stamp in before.stamps.items() if after.stamps.get(key) != stamp]
    table, file = changed[0] if changed else (None, None)
    raise Failure(
        Diagnostic(
            "VBM345",
            "an input file changed while it was read: results of old and new rows together would be of no data at all",
            where=place(table, file=file) if table is not None else None,
            hint="run again when the extract is complete; write new files beside and rename them into place",
        )
    )
