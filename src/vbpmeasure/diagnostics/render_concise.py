"""The format for editors and grep: one line a diagnostic."""

from __future__ import annotations

from collections.abc import Sequence

from vbpmeasure.diagnostics.model import Diagnostic, Severity
from vbpmeasure.diagnostics.printable import one_line


def render_concise(diagnostics: Sequence[Diagnostic]) -> str:
    """Return ``path:line:column: CODE message`` for each diagnostic; warnings say so after the code."""
    return "".join(_line(d) + "\n" for d in diagnostics)


def _line(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    if span is not None:
        place = f"{span.path}:{span.line}:{span.column}: "
    else:
        place = f"{diagnostic.where}: " if diagnostic.where is not None else ""
    level = "warning: " if diagnostic.severity is Severity.WARNING else ""
    return one_line(f"{place}{diagnostic.code} {level}{diagnostic.message}")
