"""Days as options and settings have them: YYYY-MM-DD and nothing else."""

from __future__ import annotations

import datetime as dt
import re

DAY_FORM = "a date is needed, YYYY-MM-DD"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def day_of(text: str) -> dt.date | None:
    """Return the day of a text, spaces around it aside, None when it is no day of the calendar in that form."""
    try:
        return dt.date.fromisoformat(text.strip()) if _DAY.fullmatch(text.strip()) else None
    except ValueError:
        return None
