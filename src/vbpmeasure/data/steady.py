"""Inputs must stay as they are while a run reads them: what is looked at before and after."""

from __future__ import annotations

from dataclasses import dataclass

from vbpmeasure.data.bound import BoundData, TableVersion
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.files import stamp_of
from vbpmeasure.data.fingerprint import FileFingerprint, fingerprints
from vbpmeasure.data.found import place
from vbpmeasure.data.remote.path import File
from vbpmeasure.data.remote.store import Stamp
from vbpmeasure.diagnostics.model import Diagnostic, Failure


@dataclass(frozen=True, slots=True)
class Seen:
    """The input as it was at one moment: its fingerprints, and by table and path what tells one writing from another.

    That is size, time of change and inode of a file, size and ETag of an object, the files of a version of a table.
    """

    files: tuple[FileFingerprint | TableVersion, ...]
    stamps: dict[tuple[str, File], Stamp]


def look(bound: BoundData) -> Seen:
    """Look at the input: files as they are, objects and versions as they were opened. Raises ``Failure`` as reading."""
    return Seen(fingerprints(bound), _stamps(bound, now=False))


def refuse_change(bound: BoundData, before: Seen) -> None:
    """Raise ``Failure`` (VBM345) when the input is not the one that was there ``before``."""
    stamps = _stamps(bound, now=True)
    if stamps == before.stamps and fingerprints(bound) == before.files:
        return
    changed = [key for key, stamp in before.stamps.items() if stamps.get(key) != stamp]
    table, file = changed[0] if changed else (None, None)
    raise Failure(
        Diagnostic(
            "VBM345",
            "an input file changed while it was read: results of old and new rows together would be of no data at all",
            where=place(table, file=file) if table is not None else None,
            hint="run again when the extract is complete; write new files beside and rename them into place",
        )
    )


def _stamps(bound: BoundData, *, now: bool) -> dict[tuple[str, File], Stamp]:
    found: dict[tuple[str, File], Stamp] = {}
    for table in bound.tables.values():
        for file in table.files:
            with guarded(table=table.name, file=file):
                found[table.name, file] = stamp_of(file, now=now)
        for pin in table.pins:
            found[table.name, pin.place] = pin.now() if now else pin.stamp
    return found
