"""Calendar arithmetic on known days, for words and checks (the engines do their own)."""

from __future__ import annotations

import calendar
import datetime as dt


def shifted(day: dt.date, months: int, days: int) -> dt.date:
    """Return the day ``months`` calendar months and then ``days`` days later; the month's end saturates.

    Dates out of the range of the calendar saturate at its ends (years 1 to 9999).
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return dt.date.min if year < dt.MINYEAR else dt.date.max
    moved = dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    try:
        return moved + dt.timedelta(days=days)
    except OverflowError:
        return dt.date.min if days < 0 else dt.date.max
