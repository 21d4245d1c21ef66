"""Days covered and readings of scales (semantics page, section 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

from vbpmeasure.engines.reference.dates import FOREVER, Interval, add_days, days_between, inside
from vbpmeasure.engines.reference.events import Found
from vbpmeasure.engines.reference.people import Line, Timeline
from vbpmeasure.engines.reference.results import keeps_bounds, result_number
from vbpmeasure.plan.amounts import DaysCovered, Dropped, Pick, Reading, ReadingWithin
from vbpmeasure.plan.dates import Window
from vbpmeasure.plan.events import EventSet

PHARMACY = "pharmacy_claim"
DayAndNumber = tuple[dt.date, float]


class Looks(Protocol):
    """What is needed of a case: the person, the events, the windows."""

    person: Timeline

    def events(self, events: EventSet) -> list[Found]:
        """Return the rows that are events of the set."""
        ...

    def window(self, window: Window) -> Interval | None:
        """Return the two days of a window."""
        ...


def line_of(person: Timeline, found: Found) -> Line:
    """Return the row that was found."""
    return person.lines[found.table][found.row]


def days_supplied(line: Line) -> int:
    """Return how many days the row covers: the whole days of a drug's supply, one for anything else."""
    supply = line.row.get("days_supply") if line.table == PHARMACY else None
    return int(min(supply, FOREVER.toordinal())) if isinstance(supply, int | float) and supply >= 1 else 1


def covered_days(case: Looks, flag: DaysCovered) -> list[dt.date]:
    """Return the days of the window that some supply covers, in order, each once."""
    window = case.window(flag.window)
    if window is None:
        return []
    days: set[dt.date] = set()
    for source in flag.sources:
        for found in case.events(source.events):
            supply = days_supplied(line_of(case.person, found))
            first, last = max(found.day, window[0]), min(add_days(found.day, supply - 1), window[1])
            days.update(add_days(first, number) for number in range(days_between(first, last) + 1))
    return sorted(days)


def read(case: Looks, reading: Reading) -> DayAndNumber | None:
    """Return the day and the number of a reading; None when no row of the window has a number."""
    window = case.window(reading.source.window)
    numbers = [
        (found.day, number)
        for found in case.events(reading.source.events)
        if inside(found.day, window)
        and (number := result_number(found.table, line_of(case.person, found).row)) is not None
    ]
    if not numbers:
        return None
    days: Iterable[dt.date] = (day for day, _ in numbers)
    day = min(days) if reading.pick is Pick.FIRST else max(days)
    return day, max(number for at, number in numbers if at == day)


def reading_within(case: Looks, flag: ReadingWithin) -> dt.date | None:
    """Return the day of the reading when it keeps the bounds, else None."""
    found = read(case, flag.reading)
    if found is None or not keeps_bounds(found[1], flag.least, flag.most, flag.above, flag.below):
        return None
    return found[0]


def dropped(case: Looks, flag: Dropped) -> dt.date | None:
    """Return the follow-up day when the number has dropped by enough since the baseline, else None."""
    before, after = read(case, flag.baseline), read(case, flag.follow_up)
    if before is None or after is None or after[0] <= before[0]:
        return None
    drop = before[1] - after[1]
    if flag.points is not None and drop < flag.points:
        return None
    if flag.percent is not None and not (before[1] > 0 and drop * 100 >= flag.percent * before[1]):
        return None
    return after[0]
