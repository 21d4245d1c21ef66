"""Importing value sets into a folder of the user's."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity
from vbpmeasure.disk.durable import put_files
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.runs.manifest import digest
from vbpmeasure.terminology.importers.assemble import Provenance, assemble
from vbpmeasure.terminology.importers.delimited import read_delimited
from vbpmeasure.terminology.importers.fhir import read_fhir
from vbpmeasure.terminology.importers.rows import Rows
from vbpmeasure.terminology.importers.workbook import read_workbook
from vbpmeasure.terminology.stored import file_name, read_stored, stored_bytes
from vbpmeasure.terminology.value_set import ValueSet

DEFAULT_FOLDER = Path("value_sets")
_MOST_BYTES = 512_000_000
_MODE = 0o644
_LONGEST_NAME = 200  # file systems allow 255 bytes, and what is being written has a longer name
_DEFAULT_LICENCE = "as the source states; do not publish licensed content"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import and how.

    ``name``, ``oid`` and ``version`` are for sources that do not say them; ``only`` are patterns of names or titles
    (all sets when empty); ``leave_out`` are code systems whose rows are counted and not kept.
    """

    files: tuple[Path, ...]
    into: Path = DEFAULT_FOLDER
    name: str = ""
    oid: str = ""
    version: str = ""
    sheet: str | None = None
    only: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    licence: str = _DEFAULT_LICENCE
    confidence: str = "high"
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """One set of an import; ``change`` is ``new``, ``same`` (it was there already) or ``replaced``."""

    value_set: ValueSet
    file: str
    change: str


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What was stored, and how many rows of which code systems were left out."""

    into: Path
    sets: tuple[Imported, ...]
    left_out: dict[str, int]


def import_value_sets(asked: ImportRequest) -> ImportOutcome:
    """Import the files: all of their sets, or, when anything is wrong with any of them, none.

    Raises :class:`Failure` with every finding of every file (VBM250 to VBM259), with VBM261 for sets that are stored
    already with other codes, and 5xx when the folder cannot be written.
    """
    found: list[Diagnostic] = []
    left_out: dict[str, int] = {}
    sets: list[tuple[ValueSet, str]] = []
    for path in asked.files:
        try:
            content = _content(path)
            rows = _only(_rows(path, content, asked), asked.only)
        except Failure as failure:
            found += failure.diagnostics
            continue
        source = Provenance(path.name, digest(content), asked.licence, asked.confidence)
        assembled = assemble(rows, source, asked.leave_out)
        found += assembled.found
        sets += [(value_set, source.source_sha256) for value_set in assembled.sets]
        for system, count in assembled.left_out.items():
            left_out[system] = left_out.get(system, 0) + count
    planned = _planned(asked, sets, found)
    if found:
        raise Failure(found)
    files = {
        one.file: stored_bytes(one.value_set, sha256)
        for one, (_, sha256) in zip(planned, sets, strict=True)
        if one.change != "same"
    }
    try:
        put_files(asked.into, files, _MODE)
    except OSError as problem:
        raise output_failure(problem, asked.into, "--into") from None
    return ImportOutcome(asked.into, tuple(sorted(planned, key=lambda one: one.file)), dict(sorted(left_out.items())))


def rows_of(path: Path, content: bytes, fallback: tuple[str, str, str], sheet: str | None = None) -> Rows:
    """Return the rows of a file, read as its ending says; raises `Failure` (VBM250 and those of the readers)."""
    kind = path.suffix.lower()
    if kind in {".xlsx", ".xlsm"}:
        return read_workbook(path, content, fallback, sheet)
    if kind == ".json":
        return read_fhir(path, content, fallback)
    if kind in {".csv", ".tsv", ".txt"}:
        return read_delimited(path, content, fallback)
    hint = "value sets come as .csv, .tsv, .txt, .xlsx or FHIR .json"
    raise Failure(
        Diagnostic("VBM250", "the ending of the file names no format that can be imported", where=str(path), hint=hint)
    )


def read_source(path: Path) -> tuple[ValueSet, ...]:
    """Return the sets of a file without storing them; raises `Failure` with all that is wrong with it."""
    content = _content(path)
    assembled = assemble(rows_of(path, content, (path.stem, "", "")), Provenance(path.name, digest(content), "", ""))
    if assembled.found:
        raise Failure(assembled.found)
    return assembled.sets


def _rows(path: Path, content: bytes, asked: ImportRequest) -> Rows:
    return rows_of(path, content, (asked.name or path.stem, asked.oid, asked.version), asked.sheet)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise Failure(Diagnostic("VBM250", "the file is larger than 512 MB: no list of codes is", where=str(path)))
        return path.read_bytes()
    except (OSError, ValueError) as problem:
        reason = (getattr(problem, "strerror", None) or "the path is not usable").lower()
        raise Failure(Diagnostic("VBM250", f"the file cannot be read: {reason}", where=str(path))) from None


def _only(rows: Rows, patterns: Sequence[str]) -> Rows:
    """Return the rows of the sets whose title fits a pattern (in any case); faults of other sets are no matter."""
    if not patterns:
        return rows

    def wanted(title: str) -> bool:
        return any(fnmatch.fnmatchcase(title.lower(), pattern.lower()) for pattern in patterns)

    named = tuple((title, place) for title, place in rows.named if wanted(title))
    if not named:
        hint = "patterns stand for the whole title: `*immunization*`"
        raise Failure(Diagnostic("VBM257", "no set of the file has a name like that", where=str(rows.path), hint=hint))
    return replace(rows, rows=tuple(row for row in rows.rows if wanted(row.name)), named=named)


def _planned(asked: ImportRequest, sets: Sequence[tuple[ValueSet, str]], found: list[Diagnostic]) -> list[Imported]:
    planned: list[Imported] = []
    seen: set[str] = set()
    for value_set, _ in sets:
        file = file_name(value_set.name, value_set.version)
        place = asked.into / file
        if len(file) > _LONGEST_NAME:
            message = (
                f"the name of a set and its version have more than {_LONGEST_NAME} characters: no file is called so"
            )
            found.append(
                Diagnostic("VBM259", message, where=str(asked.into), hint="name it with --name, --set-version")
            )
            continue
        if file in seen:
            message = f"two files of this import hold the set `{value_set.name}`"
            found.append(Diagnostic("VBM256", message, where=str(place), hint="import them one by one"))
        seen.add(file)
        change = "new"
        if place.exists():
            stored, _ = read_stored(place)
            same = stored is not None and stored.digest == value_set.digest and stored.oid == value_set.oid
            change = "same" if same else "replaced"
            if not same and not asked.replace:
                message = f"other codes are stored as `{value_set.name}`" + (
                    f", version {value_set.version}" if value_set.version else ""
                )
                hint = "overwrite them with --replace, or name the version with --set-version"
                found.append(Diagnostic("VBM261", message, Severity.ERROR, where=str(place), hint=hint))
        planned.append(Imported(value_set, file, change))
    return planned
