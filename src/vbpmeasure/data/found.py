"""Collect findings about the input so that one run names all of them, not the first."""

from __future__ import annotations

from pathlib import PurePath

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity


class Findings:
    """A growing list of diagnostics; ``raise_if_any`` ends the phase that filled it."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self._all: list[Diagnostic] = []

    def error(self, code: str, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        """Add an error."""
        self._all.append(Diagnostic(code, message, where=where, hint=hint))

    def warning(self, code: str, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        """Add a warning: it is told, and stops nothing."""
        self._all.append(Diagnostic(code, message, severity=Severity.WARNING, where=where, hint=hint))

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a finding as it is."""
        self._all.append(diagnostic)

    def take(self, failure: Failure) -> None:
        """Add the diagnostics of a failure and go on."""
        self._all.extend(failure.diagnostics)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors so far, in the order found."""
        return tuple(d for d in self._all if d.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The warnings so far, in the order found."""
        return tuple(d for d in self._all if d.severity is Severity.WARNING)

    def raise_if_any(self) -> None:
        """Raise ``Failure`` with everything found when at least one of it is an error."""
        if self.errors:
            raise Failure(self._all)


def denied(table: str | None, file: PurePath | str | None) -> Diagnostic:
    """Return the finding that a file or folder may not be read."""
    return Diagnostic(
        "VBM304", "permission to read it is denied", where=place(table, file=file), hint="give this user read access"
    )


def place(table: str | None = None, column: str | None = None, file: PurePath | str | None = None) -> str | None:
    """Return the words for a place in the input: ``table.column in file``, as far as known."""
    name = ".".join(part for part in (table, column) if part)
    if file is None:
        return name or None
    return f"{name} in {file}" if name else str(file)
