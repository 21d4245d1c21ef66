"""Which days events are looked for on: rows outside are left behind while the tables are read, or right after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from vbpmeasure.engines.polars.days import LAST_DAY, DayColumns, day_date, day_number, month_shift
from vbpmeasure.engines.polars.literals import EVERY_BIT, bits_literal
from vbpmeasure.plan.dates import INDEX_ANCHORS, Anchor, DateExpr, Window
from vbpmeasure.plan.index import IndexEvents

# A window in which events are looked for, and the index events that it may be counted from.
Looked = tuple[Window, IndexEvents | None]

# First and last day.
Range = tuple[int, int]
ANY_DAY: Range = (0, LAST_DAY)


@dataclass(frozen=True, slots=True)
class Reach:
    """``ranges``: first day, last day, cohort bits; ``undated``: the bits of cohorts that look at rows without a day.

    A cohort that is in neither may look at any day.
    """

    ranges: tuple[tuple[int, int, int], ...] = ()
    undated: int = 0


EVERYWHERE = Reach()


def reach_of(ranges: Mapping[int, Range | None], undated: int) -> Reach:
    """Return the reach of cohorts by bit, from the days that each looks at (None: any day)."""
    bits: dict[Range, int] = {}
    for bit, days in ranges.items():
        if days is not None:
            bits[days] = bits.get(days, 0) | bit
        else:
            undated &= ~bit  # the bit may be shared with a cohort that looks at rows without a day
    return Reach(tuple((*days, found) for days, found in sorted(bits.items())), undated)


def range_of(windows: Iterable[Looked], days: DayColumns) -> Range | None:
    """Return the days that the windows can hold together, None when some bound depends on the person.

    Only a bound that is the same for everyone counts: it costs one comparison of a row.
    """
    first, last = [], []
    for window, index in windows:
        start, end = bound(window.start, index, days, last=False), bound(window.end, index, days, last=True)
        if start is None or end is None:
            return None
        first.append(start)
        last.append(end)
    return (min(first), max(last)) if first else None


def days_of(windows: Iterable[Looked], days: DayColumns) -> Range:
    """Return the days that the windows can hold together; an end that depends on the person lies anywhere."""
    first, last = ANY_DAY[1], ANY_DAY[0]
    for window, index in windows:
        start, end = bound(window.start, index, days, last=False), bound(window.end, index, days, last=True)
        first, last = min(first, ANY_DAY[0] if start is None else start), max(last, ANY_DAY[1] if end is None else end)
    return first, last


def bound(date: DateExpr, index: IndexEvents | None, days: DayColumns, *, last: bool) -> int | None:
    """Return the earliest (or last) day that a date can be, None where that depends on the person.

    A date that is counted from an event is bound by the window in which that event must lie.
    """
    if date.anchor in INDEX_ANCHORS:
        if index is None or (date.anchor is not Anchor.INDEX and index.stays is not None):
            return None  # the other end of a stay may lie anywhere
        window, within = index.source.window, None
    elif date.event is not None:
        window, within = date.event.source.window, index
    else:
        return days.constant(date)
    fixed = bound(window.end if last else window.start, within, days, last=last)
    if fixed is None or not date.months:
        return None if fixed is None else fixed + date.days
    # The later of two days stays the later one when both are moved by months.
    return day_number(month_shift(day_date(fixed), date.months)) + date.days


def within_reach(day: pl.Expr, reach: Reach) -> pl.Expr:
    """Return the bits of the cohorts that can look at a day; those out of ``reach``'s care keep theirs."""
    bounded = reduce(or_, (bits for _, _, bits in reach.ranges), reach.undated)
    held = bits_literal(EVERY_BIT & ~bounded)
    if reach.undated:
        held = held | pl.when(day.is_null()).then(bits_literal(reach.undated)).otherwise(bits_literal(0))
    for first, last, bits in reach.ranges:
        held = held | pl.when(day.is_between(first, last)).then(bits_literal(bits)).otherwise(bits_literal(0))
    return held
