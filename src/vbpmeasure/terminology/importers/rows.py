"""What every reader of value sets gives: rows of one code each, with their place in the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic, Severity, Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: a line of a text file or a row of a sheet (counted from 1), or a path inside JSON."""

    path: str
    line: int = 0
    inside: str = ""

    @property
    def words(self) -> str:
        """The place inside its file, for messages about a second place."""
        return self.inside or f"row {self.line}"


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code of one set as the source spells it; ``spoiled`` says what a spreadsheet did to the code, if it did."""

    place: Place
    name: str
    oid: str
    version: str
    system: str
    code: str
    spoiled: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one source; ``named`` are the sets that it names, those without a row included."""

    path: Path
    rows: Sequence[CodeRow]
    named: Sequence[tuple[str, Place]] = ()
    found: Sequence[Diagnostic] = ()


def error(code: str, message: str, place: Place, hint: str | None = None) -> Diagnostic:
    """Return an error at the place of a row."""
    if place.inside or not place.line:
        where = f"{place.path} {place.inside}".rstrip()
        return Diagnostic(code, message, Severity.ERROR, where=where, hint=hint)
    span = Span(place.path, place.line, 1, place.line, 2)
    return Diagnostic(code, message, Severity.ERROR, span=span, hint=hint)
