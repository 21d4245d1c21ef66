"""The format for people: the message, the place, the line with a caret under the culprit, the hint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vbpmeasure.diagnostics.model import Diagnostic, Severity, Span
from vbpmeasure.diagnostics.printable import one_line, printable, width

# A longer line is cut around the culprit.
_WIDEST_LINE = 140
_CONTEXT = 40

_Paint = Callable[[str, str], str]

_RESET = "\x1b[0m"
_STYLES = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "frame": "\x1b[34m", "hint": "\x1b[36m", "title": "\x1b[1m"}


def render_full(diagnostics: Sequence[Diagnostic], *, color: bool = False) -> str:
    """Return one block for each diagnostic, blank lines between; with several, a last line counts them."""
    if not diagnostics:
        return ""
    blocks = ["\n".join(_block(d, color)) for d in diagnostics]
    if len(diagnostics) > 1:
        blocks.append(summary(diagnostics))
    return "\n\n".join(blocks) + "\n"


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """Return the counts in words: ``2 errors, 1 warning``."""
    counts = [
        (sum(d.severity is severity for d in diagnostics), severity.value)
        for severity in (Severity.ERROR, Severity.WARNING)
    ]
    return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n) or "nothing found"


def _block(diagnostic: Diagnostic, color: bool) -> list[str]:
    def paint(style: str, text: str) -> str:
        return f"{_STYLES[style]}{text}{_RESET}" if color else text

    level = diagnostic.severity.value
    lines = [f"{paint(level, f'{level}[{diagnostic.code}]')}: {paint('title', one_line(diagnostic.message))}"]
    span = diagnostic.span
    if span is not None:
        lines.append(f"  {paint('frame', '-->')} {one_line(span.path)}:{span.line}:{span.column}")
        if diagnostic.source_line is not None and diagnostic.source_line.strip():
            lines += _excerpt(diagnostic.source_line, span, level, paint)
    elif diagnostic.where is not None:
        lines.append(f"  {paint('frame', '-->')} {one_line(diagnostic.where)}")
    if diagnostic.hint is not None:
        lines.append(f"{paint('hint', 'hint')}: {one_line(diagnostic.hint)}")
    return lines


def _excerpt(source: str, span: Span, level: str, paint: _Paint) -> list[str]:
    """Return the gutter, the line, and the carets under what the span covers of it."""
    start = min(span.column - 1, len(source))
    # A span over several lines, or an empty one, still gets its carets on the first line.
    stop = span.end_column - 1 if span.end_line == span.line else len(source.rstrip())
    stop = max(min(stop, len(source)), start + 1)
    text, start, stop = _cut(source, start, stop)
    text = printable(text)
    gutter = " " * len(str(span.line))
    bar = paint("frame", "|")
    carets = " " * width(text[:start]) + paint(level, "^" * max(width(text[start:stop]), 1))
    return [f" {gutter} {bar}", f" {paint('frame', str(span.line))} {bar} {text.rstrip()}", f" {gutter} {bar} {carets}"]


def _cut(text: str, start: int, stop: int) -> tuple[str, int, int]:
    """Return the text, cut to a readable length around the culprit, with the culprit's new ends."""
    if len(text) <= _WIDEST_LINE:
        return text, start, stop
    left = max(0, min(start - _CONTEXT, len(text) - _WIDEST_LINE))
    right = left + _WIDEST_LINE
    head, tail = "… " if left else "", " …" if right < len(text) else ""
    shift = len(head) - left
    return head + text[left:right] + tail, start + shift, min(stop, right) + shift
