"""The source lines behind spans, for the renderers that show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic

# The line breaks of YAML 1.1: the parser's line numbers count all of them.
LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")

_MOST_BYTES = 1_000_000


def split_lines(text: str) -> list[str]:
    """Return the lines of a text as line numbers count them, without their breaks."""
    return LINE_BREAK.split(text)


def source_line(text: str, line: int) -> str | None:
    """Return the line with that number (from 1) of a text, or None when there is none."""
    lines = split_lines(text)
    return lines[line - 1] if 1 <= line <= len(lines) else None


def attach_source_lines(
    diagnostics: Iterable[Diagnostic], texts: Mapping[str, str] | None = None
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics, in order, with ``source_line`` filled in where a span says which line it is.

    ``texts`` gives the text of a path where the caller still has it; other files are read again. Never raises: a
    file that cannot be read leaves its diagnostics as they are.
    """
    lines_of = {path: split_lines(text) for path, text in (texts or {}).items()}
    attached = []
    for diagnostic in diagnostics:
        span = diagnostic.span
        if span is None or diagnostic.source_line is not None:
            attached.append(diagnostic)
            continue
        if span.path not in lines_of:
            lines_of[span.path] = _lines_of_file(span.path)
        lines = lines_of[span.path]
        known = 1 <= span.line <= len(lines)
        attached.append(replace(diagnostic, source_line=lines[span.line - 1]) if known else diagnostic)
    return tuple(attached)


def _lines_of_file(path: str) -> list[str]:
    try:
        file = Path(path)
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return []
        return split_lines(file.read_bytes().decode("utf-8").removeprefix("\ufeff"))
    except (OSError, ValueError):
        return []
