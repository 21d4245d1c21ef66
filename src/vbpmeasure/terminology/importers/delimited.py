"""Value sets from delimited text: one line a code."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.terminology.importers.headers import columns_of
from vbpmeasure.terminology.importers.rows import CodeRow, Place, Rows, error

_DELIMITERS = (",", "\t", ";", "|")


def read_delimited(path: Path, content: bytes, fallback: tuple[str, str, str]) -> Rows:
    """Return the rows of a CSV, TSV, semicolon- or bar-separated file.

    ``fallback`` is the name, OID and version of rows that do not say theirs.
    UTF-8 with or without its mark, and UTF-16 with its mark (what spreadsheets call Unicode text). Raises `Failure`:
    VBM250 for other bytes and for an unclosed quote, VBM251 for missing columns, VBM257 for no row at all.
    """
    lines = list(_records(path, _text(path, content)))
    if not lines:
        raise Failure(error("VBM257", "the file is empty", Place(str(path))))
    at, header = lines[0]
    columns = columns_of(header, Place(str(path), at))
    rows: list[CodeRow] = []
    found: list[Diagnostic] = []
    for number, cells in lines[1:]:
        place = Place(str(path), number)
        if len(cells) != len(header):
            message = f"this line has {len(cells)} cells, the header has {len(header)}"
            found.append(error("VBM252", message, place, "is a quote or a separator missing?"))
            continue
        named = {role: cells[at].strip() for role, at in columns.items()}
        rows.append(
            CodeRow(
                place,
                named.get("name", fallback[0]),  # an empty name in a column of names is a mistake
                named.get("oid") or fallback[1],
                named.get("version") or fallback[2],
                named["system"],
                named["code"],
            )
        )
    return Rows(path, rows, tuple((row.name, row.place) for row in rows), found)


def _text(path: Path, content: bytes) -> str:
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        hint = "save it as CSV UTF-8"
        raise Failure(error("VBM250", "the file is not UTF-8 text", Place(str(path), line), hint)) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise Failure(error("VBM250", "the file holds a NUL byte: it is no text file", Place(str(path), line)))
    return text


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that is not blank, with its number, as cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error:
        message = "this line cannot be read as delimited text: a quote is not closed, or stands in the wrong place"
        raise Failure(error("VBM250", message, Place(str(path), start))) from None
