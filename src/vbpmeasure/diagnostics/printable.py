"""Text that is safe to print: what a definition says must not be able to steer the terminal."""

from __future__ import annotations

import unicodedata

# Control, format (bidirectional overrides among them), surrogate and the two separator categories that break lines.
_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def printable(text: str) -> str:
    """Return the text with every tab as a blank and every control or format character as U+FFFD; same length."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if c == "\t" else "\ufffd" if unicodedata.category(c) in _UNSAFE else c for c in text)


def one_line(text: str) -> str:
    """Return the printable text with line breaks as blanks."""
    return printable(" ".join(text.splitlines()))


def width(text: str) -> int:
    """Return the number of terminal columns of a printable text (East Asian wide characters take two)."""
    if text.isascii():
        return len(text)
    return sum(_width_of(c) for c in text)


def _width_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
