"""The format for GitHub Actions: workflow commands that become annotations on the changed lines."""

from __future__ import annotations

from collections.abc import Sequence

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.diagnostics.printable import printable


def render_github(diagnostics: Sequence[Diagnostic]) -> str:
    """Return one workflow command a diagnostic: ``::error file=..,line=..,col=..,title=CODE::message``."""
    return "".join(_command(d) + "\n" for d in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    properties = {"title": diagnostic.code}
    message = diagnostic.message
    if span is not None:
        properties = {"file": span.path, "line": str(span.line), "col": str(span.column)} | properties
    elif diagnostic.where is not None:
        message = f"{diagnostic.where}: {message}"
    if diagnostic.hint is not None:
        message += f"\nhint: {diagnostic.hint}"
    shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{diagnostic.severity.value} {shown}::{_data(message)}"


def _data(text: str) -> str:
    """Escape a message as the runner unescapes it: percent first, then the line breaks."""
    lines = (printable(line).replace("%", "%25") for line in text.splitlines())
    return "%0A".join(lines)


def _property(text: str) -> str:
    """Escape a property value: like a message, and the two separators."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
