"""The rows that a criterion looked at: those that it kept, and those passed over, each with the reason in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.engines.reference.dates import Interval, days_between, inside
from vbpmeasure.engines.reference.events import Found
from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.plan.flags import CountAtLeast, Flag
from vbpmeasure.plan.uses import sources_of


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row that carries a code of the criterion.

    ``passed_over`` is empty for a kept row. ``refused`` tells that a filter refuses the row (place, provider, status
    ...); ``days_outside`` how far it lies outside the nearest window (negative before, 0 inside); ``days_after`` how
    long after the last kept date it comes when that is too close; ``until`` is the last day of a record that lasts.
    """

    day: dt.date
    table: str
    code: str
    claim_id: str | None
    passed_over: str
    refused: bool = False
    days_outside: int = 0
    days_after: int | None = None
    until: dt.date | None = None


def days_of(number: int) -> str:
    """Return a number of days in words: ``1 day``, ``12 days``."""
    return f"{number} day{'' if number == 1 else 's'}"


def days_outside(day: dt.date, windows: Sequence[Interval]) -> int | None:
    """Return how many days the day lies outside the nearest window; None when no window holds any day."""
    distances = [
        days_between(first, day) if day < first else max(0, days_between(last, day))
        for first, last in windows
        if first <= last
    ]
    return min(distances, key=abs, default=None)


def _outside_words(distance: int | None) -> str:
    if distance is None:
        return "the window holds no day"
    return f"outside the window, {days_of(abs(distance))} {'before its start' if distance < 0 else 'after its end'}"


def seen_rows(case: Case, flag: Flag, outcome: Outcome) -> tuple[SeenRow, ...]:
    """Return the rows with a code of any source of a criterion, by date.

    One entry per row and code, kept ones first on a day.
    """
    windows_of: dict[tuple[str, int, str], list[Interval]] = {}
    found: dict[tuple[str, int, str], list[Found]] = {}
    counted: set[tuple[str, int, str]] = set()
    for source in sources_of(flag):
        window = case.window(source.window)
        for row in case.carriers(source.events):
            key = (row.table, row.row, row.column)
            found.setdefault(key, []).append(row)
            windows_of.setdefault(key, []).extend([window] if window is not None else [])
            if not row.passed_over and inside(row.day, window):
                counted.add(key)
    seen = [_seen(rows, windows_of[key], key in counted, flag, outcome) for key, rows in found.items()]
    # The same code on several lines of a claim is one thing to the reader.
    distinct = dict.fromkeys(seen)
    return tuple(sorted(distinct, key=lambda r: (r.day, bool(r.passed_over), EVENT_TABLES.index(r.table), r.code)))


def _seen(rows: Sequence[Found], windows: Sequence[Interval], counted: bool, flag: Flag, outcome: Outcome) -> SeenRow:
    row = next((row for row in rows if not row.passed_over), rows[0])
    seen = SeenRow(row.day, row.table, row.code, row.claim_id, "", until=row.until)
    if counted:
        blocked_by = dict(outcome.too_close).get(row.day)
        if blocked_by is None:
            return seen
        assert isinstance(flag, CountAtLeast)  # nothing else keeps dates apart
        gap = days_between(blocked_by, row.day)
        words = f"too close: {days_of(gap)} after the previous kept date, {flag.apart} needed"
        return replace(seen, passed_over=words, days_after=gap)
    distance = days_outside(row.day, windows)
    reasons = [row.passed_over] if row.passed_over else []
    if distance != 0:
        reasons.append(_outside_words(distance))
    words = "; ".join(reasons)
    return replace(seen, passed_over=words, refused=bool(row.passed_over), days_outside=distance or 0)
