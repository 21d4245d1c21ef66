"""Rates with and without supplemental evidence, on the screen and as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from vbpmeasure.outputs.table import HIDDEN, NARROWEST, NO_DATA
from vbpmeasure.results.rates import TOTAL

_WIDTH = 9
_HEADS = ("denom.", "with", "without", "rate with", "without", "change")


def supplemental_csv(frame: pl.DataFrame) -> bytes:
    """Return the comparison as CSV, one row per rate, dimension and stratum."""
    return frame.write_csv(float_precision=2, line_terminator="\n").encode()


def supplemental_text(frame: pl.DataFrame, width: int = 80) -> str:
    """Return the comparison as plain text: numerators and rates with supplemental evidence and without it."""
    room = max(width, NARROWEST) - (_WIDTH + 1) * len(_HEADS)
    lines = ["Numerators with and without supplemental evidence", _line("", _HEADS, room)]
    for row in frame.iter_rows(named=True):
        total = row["dimension"] == TOTAL
        words = f"{row['measure']}.{row['rate']}" if total else f"  {row['dimension']}: {row['stratum']}"
        if total or row["denominator"] != 0:
            lines.append(_line(words, tuple(_numbers(row)), room))
    return "\n".join(lines) + "\n"


def _numbers(row: Mapping[str, Any]) -> list[str]:
    hidden = [str(row[name]).startswith("SUPPRESSED") for name in ("status_with", "status_without")]
    either = any(hidden)
    return [
        _whole(row["denominator"], hidden=hidden[0]),
        _whole(row["numerator_with"], hidden=hidden[0]),
        _whole(row["numerator_without"], hidden=hidden[1]),
        _decimals(row["value_with"], hidden=hidden[0]),
        _decimals(row["value_without"], hidden=hidden[1]),
        _decimals(row["change"], hidden=either),
    ]


def _whole(number: float | None, *, hidden: bool) -> str:
    return (HIDDEN if hidden else NO_DATA) if number is None else f"{number:,.0f}"


def _decimals(number: float | None, *, hidden: bool) -> str:
    return (HIDDEN if hidden else NO_DATA) if number is None else f"{number:.2f}"


def _line(words: str, numbers: tuple[str, ...], room: int) -> str:
    cut = words if len(words) <= room else words[: room - 3] + "..."
    return (cut.ljust(room) + "".join(f" {number:>{_WIDTH}}" for number in numbers)).rstrip()
