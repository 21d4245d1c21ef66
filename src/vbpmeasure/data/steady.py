"""Inputs must stay as they are while a run reads them: what is looked at before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vbpmeasure.data.bound import BoundData, TableVersion
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.fingerprint import FileFingerprint, fingerprints
from vbpmeasure.data.found import place
from vbpmeasure.data.remote.store import File, Stamp
from vbpmeasure.data.stamps import stamp_of
from vbpmeasure.diagnostics.model import Diagnostic, Failure

Stamps = Mapping[tuple[str, File], Stamp]


@dataclass(frozen=True, slots=True)
class Seen:
    """The input as it was at one moment: its fingerprints, and by table and path what tells one writing from another.

    That is size, time of change and inode of a file, size and ETag of an object, the files of a version of a table.
    """

    files: tuple[FileFingerprint | TableVersion, ...]
    stamps: Stamps


def look(bound: BoundData) -> Seen:
    """Look at the input: files as they are; objects and versions as they were bound, which is when they were asked.

    Raises ``Failure`` as reading, and VBM345 when a file is not the one that was bound.
    """
    stamps = _stamps(bound, now=False)
    _refuse_other(_bound(bound), stamps)
    return Seen(fingerprints(bound), stamps)


def refuse_change(bound: BoundData, before: Seen | None = None) -> None:
    """Raise ``Failure`` (VBM345) when the input is not the one that was there ``before``, or that was bound."""
    _refuse_other(_bound(bound) if before is None else before.stamps, _stamps(bound, now=True))
    if before is not None and fingerprints(bound) != before.files:
        raise _changed(None)


def _bound(bound: BoundData) -> Stamps:
    found = {(table.name, file): stamp for table in bound.tables.values() for file, stamp in table.stamps.items()}
    return found | {(table.name, pin.place): pin.stamp for table in bound.tables.values() for pin in table.pins}


def _stamps(bound: BoundData, *, now: bool) -> Stamps:
    """Return the stamps of all inputs; object stores and logs are asked again only for ``now``."""
    found: dict[tuple[str, File], Stamp] = {}
    for table in bound.tables.values():
        for file in table.files:
            with guarded(table=table.name, file=file):
                found[table.name, file] = stamp_of(file, now=now)
        for pin in table.pins:
            found[table.name, pin.place] = pin.now() if now else pin.stamp
    return found


def _refuse_other(before: Stamps, now: Stamps) -> None:
    for (table, file), stamp in before.items():
        if now.get((table, file)) != stamp:
            raise _changed(place(table, file=file))


def _changed(where: str | None) -> Failure:
    return Failure(
        Diagnostic(
            "VBM345",
            "an input file changed while it was read: results of old and new rows together would be of no data at all",
            where=where,
            hint="run again when the extract is complete; write new files beside and rename them into place",
        )
    )
