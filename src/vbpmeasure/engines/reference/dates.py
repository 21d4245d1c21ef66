"""Calendar arithmetic and the resolving of date expressions for one person (semantics page, section 2)."""

from __future__ import annotations

import calendar
import datetime as dt

FOREVER = dt.date(9999, 12, 31)

Interval = tuple[dt.date, dt.date]


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the day that many calendar months later (earlier when negative), saturating at the month's end.

    A result outside the calendar of Python saturates too, at its first or last day: no comparison with a date
    of the data can tell the difference.
    """
    year, month = divmod(day.year * 12 + (day.month - 1) + months, 12)
    if year < dt.MINYEAR:
        return dt.date.min
    if year > dt.MAXYEAR:
        return FOREVER
    last_day_of_month = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last_day_of_month))


def add_days(day: dt.date, days: int) -> dt.date:
    """Return the day that many days later (earlier when negative), saturating like :func:`add_months`."""
    ordinal = day.toordinal() + days
    return dt.date.fromordinal(min(max(ordinal, 1), FOREVER.toordinal()))


def birthday(birth: dt.date, years: int) -> dt.date:
    """Return the birthday of that number: 29 February has its birthday on 28 February in a common year."""
    return add_months(birth, 12 * years)


def days_between(first: dt.date, last: dt.date) -> int:
    """Return how many days ``last`` lies after ``first``."""
    return (last - first).days


def inside(day: dt.date | None, window: Interval | None) -> bool:
    """Tell whether the day lies in the window, both ends included; nothing lies in a window with a null end."""
    return day is not None and window is not None and window[0] <= day <= window[1]
