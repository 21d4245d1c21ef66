"""Inputs must stay as they are while they are read: what is looked at before anything is read, and after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.fingerprint import FileFingerprint, fingerprints
from vbpmeasure.data.found import place
from vbpmeasure.data.stamps import Stamp, stamp_of
from vbpmeasure.diagnostics.model import Diagnostic, Failure

Stamps = Mapping[tuple[str, Path], Stamp]


@dataclass(frozen=True, slots=True)
class Seen:
    """The input files as they were at one moment: their fingerprints, and the stamps of the file system by path."""

    files: tuple[FileFingerprint, ...]
    stamps: Stamps


def look(bound: BoundData) -> Seen:
    """Look at every input file: footer, size, time of change, and which file it is.

    Raises ``Failure`` as reading, and VBM345 when a file is not the one that was bound.
    """
    stamps = _now(bound)
    _refuse_other(_bound(bound), stamps)
    return Seen(fingerprints(bound), stamps)


def refuse_change(bound: BoundData, before: Seen | None = None) -> None:
    """Raise ``Failure`` (VBM345) when an input file is not the one that was there ``before``, or that was bound."""
    stamps = _now(bound)
    _refuse_other(_bound(bound) if before is None else before.stamps, stamps)
    if before is not None and fingerprints(bound) != before.files:
        raise _changed(None)


def _bound(bound: BoundData) -> Stamps:
    return {(table.name, file): stamp for table in bound.tables.values() for file, stamp in table.stamps.items()}


def _now(bound: BoundData) -> Stamps:
    stamps = {}
    for table in bound.tables.values():
        for file in table.files:
            with guarded(table=table.name, file=file):
                stamps[table.name, file] = stamp_of(file)
    return stamps


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
