"""The format for programs: one JSON document with a version of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence

from vbpmeasure.diagnostics.model import Diagnostic, Severity

SCHEMA_VERSION = 1


def render_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Return a document with ``schema_version``, ``errors``, ``warnings`` (counts) and ``diagnostics`` (a list).

    Each item has the keys code, severity, message, path, line, column, end_line, end_column, where, hint
    and source_line; what is not known is null.
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "errors": sum(d.severity is Severity.ERROR for d in diagnostics),
        "warnings": sum(d.severity is Severity.WARNING for d in diagnostics),
        "diagnostics": [_item(d) for d in diagnostics],
    }
    # Escaped to ASCII: lone surrogates and control characters cannot break the consumer or the terminal.
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _item(diagnostic: Diagnostic) -> dict[str, str | int | None]:
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "path": span.path if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "where": diagnostic.where,
        "hint": diagnostic.hint,
        "source_line": diagnostic.source_line,
    }
