"""Aligned plain text: the same on a terminal, in a pipe and in a log."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 100


def columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table: a header, a rule, the rows; columns aligned left and two blanks apart; nothing is cut."""
    table = [list(header), *[list(row) for row in rows]]
    widths = [max(len(row[i]) for row in table) for i in range(len(header))]
    rule = ["-" * width for width in widths]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    shown = [line.rstrip() for line in lines]
    return "\n".join([shown[0], "  ".join(rule), *shown[1:]])


def section(title: str, lines: Sequence[str]) -> str:
    """Return a titled, indented block; empty when there are no lines."""
    return "\n".join([title, *[f"  {line}" if line else "" for line in lines]]) if lines else ""


def folded(text: str, indent: str = "") -> list[str]:
    """Return the lines of a paragraph folded at the page's width; lines after the first are indented."""
    return textwrap.wrap(
        " ".join(text.split()), WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
