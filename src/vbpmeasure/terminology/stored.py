"""The user's store of imported value sets: one CSV file a set and version, with everything that is known about it.

The columns are those that an import reads, so that a stored file is itself a source: every row repeats name, OID and
version, and no row holds a definition or descriptor.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic, Severity, Span
from vbpmeasure.terminology.systems import SYSTEMS, fits
from vbpmeasure.terminology.value_set import ValueSet

COLUMNS = (
    "name",
    "title",
    "oid",
    "version",
    "system",
    "code",
    "source",
    "source_sha256",
    "licence",
    "confidence",
    "digest",
)
_PER_SET = tuple(column for column in COLUMNS if column not in {"system", "code"})
_FILE = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?:@(?P<version>[A-Za-z0-9._-]+))?")


def file_name(name: str, version: str) -> str:
    """Return the name of the file of a set: ``NAME.csv``, or ``NAME@VERSION.csv``."""
    return f"{name}@{version_tag(version)}.csv" if version else f"{name}.csv"


def version_tag(version: str) -> str:
    """Return a version as file names and ``NAME@VERSION`` have it: letters, digits, dots, dashes, underscores."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", version)


def version_order(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return the key that sorts versions as people count: runs of digits are numbers, no version comes first."""
    parts = re.findall(r"[0-9]+|[^0-9]+", version)
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)


def name_and_version(path: Path) -> tuple[str, str] | None:
    """Return the set and version (empty when there is none) that a file name stands for, or None when for none."""
    match = _FILE.fullmatch(path.stem)
    return (match["name"], match["version"] or "") if match else None


def stored_bytes(value_set: ValueSet, source_sha256: str) -> bytes:
    """Return the file of a set, one row a code, sorted by system and code; the same set gives the same bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    known = {
        "name": value_set.name,
        "title": value_set.title,
        "oid": value_set.oid,
        "version": value_set.version,
        "source": value_set.source,
        "source_sha256": source_sha256,
        "licence": value_set.licence,
        "confidence": value_set.confidence,
        "digest": value_set.digest,
    }
    for system in sorted(value_set.codes):
        for code in value_set.codes[system]:
            row = {**known, "system": system, "code": code}
            writer.writerow([row[column] for column in COLUMNS])
    return text.getvalue().encode()


def read_stored(path: Path) -> tuple[ValueSet | None, tuple[Diagnostic, ...]]:
    """Read a stored file: the set, and findings (VBM260 when it is not what an import wrote). Never raises."""
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), strict=True))
    except OSError as error:
        return None, (_damaged(path, 1, f"it cannot be read: {(error.strerror or 'unknown reason').lower()}"),)
    except (ValueError, csv.Error):
        return None, (_damaged(path, 1, "it is not the text that an import writes"),)
    if not rows or tuple(rows[0]) != COLUMNS:
        return None, (_damaged(path, 1, "its columns are not those of a stored value set"),)
    if len(rows) == 1:
        return None, (_damaged(path, 1, "it has no codes"),)
    per_set: dict[str, str] = {}
    codes: dict[str, list[str]] = {}
    for line, cells in enumerate(rows[1:], start=2):
        if len(cells) != len(COLUMNS):
            return None, (_damaged(path, line, "a row has too few or too many cells"),)
        row = dict(zip(COLUMNS, cells, strict=True))
        about = {column: row[column] for column in _PER_SET}
        per_set = per_set or about
        if about != per_set:
            return None, (_damaged(path, line, "its rows belong to different sets"),)
        if row["system"] not in SYSTEMS or not fits(row["system"], row["code"]):
            return None, (_damaged(path, line, "a row holds no code of a known code system"),)
        codes.setdefault(row["system"], []).append(row["code"])
    value_set = ValueSet(
        name=per_set["name"],
        title=per_set["title"],
        oid=per_set["oid"],
        version=per_set["version"],
        source=per_set["source"],
        licence=per_set["licence"],
        confidence=per_set["confidence"],
        codes={system: tuple(listed) for system, listed in codes.items()},
        path=path,
    )
    if value_set.digest != per_set["digest"]:
        return None, (_damaged(path, 1, "its codes are not those of its digest: it was changed after the import"),)
    return value_set, ()


def _damaged(path: Path, line: int, what: str) -> Diagnostic:
    span = Span(str(path), line, 1, line, 2)
    hint = "import the set again from its source; `--replace` overwrites the file"
    return Diagnostic("VBM260", f"a stored value set cannot be used: {what}", Severity.ERROR, span=span, hint=hint)
