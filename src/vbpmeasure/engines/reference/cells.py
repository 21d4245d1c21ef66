"""Rows and cells of the input as plain Python values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

Row = Mapping[str, object]
Rows = Mapping[str, Sequence[Row]]


def as_day(value: object) -> dt.date | None:
    """Return a date cell as a day: the day of a timestamp, None for null."""
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else None


def as_text(value: object) -> str | None:
    """Return a cell as text, None for null."""
    return None if value is None else str(value)
