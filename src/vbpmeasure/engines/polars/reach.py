"""Which days a cohort can look at: rows outside are left behind while the tables are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from vbpmeasure.engines.polars.days import DayColumns, day_date, day_number, month_shift
from vbpmeasure.engines.polars.layout import Looked
from vbpmeasure.engines.polars.literals import EVERY_BIT, bits_literal
from vbpmeasure.plan.dates import INDEX_ANCHORS, Anchor, DateExpr
from vbpmeasure.plan.index import IndexEvents


@dataclass(frozen=True, slots=True)
class Reach:
    """``ranges``: first day, last day, cohort bits; ``undated``: the bits of cohorts that look at rows without a day.

    A cohort that is in neither may look at any day.
    """

    ranges: tuple[tuple[int, int, int], ...] = ()
    undated: int = 0


EVERYWHERE = Reach()


def reach_of(windows: Mapping[int, Sequence[Looked] | None], undated: int, days: DayColumns) -> Reach:
    """Return the reach of the cohorts whose windows all have fixed bounds.

    Only a bound that is the same for everyone counts: it costs one comparison of a row. A window that is counted from
    index events is bound by the window that these must lie in. Codes with a day of
    their own are not judged by the row's day.
    """
    bits: dict[tuple[int, int], int] = {}
    for bit, looked_at in windows.items():
        if looked_at is None:
            undated &= ~bit
        if not looked_at:
            continue
        first = [_bound(window.start, index, days, last=False) for window, index in looked_at]
        last = [_bound(window.end, index, days, last=True) for window, index in looked_at]
        known_first, known_last = [d for d in first if d is not None], [d for d in last if d is not None]
        if len(known_first) == len(first) and len(known_last) == len(last):
            key = (min(known_first), max(known_last))
            bits[key] = bits.get(key, 0) | bit
        else:
            undated &= ~bit  # the bit is shared with a cohort that may look at any day
    return Reach(tuple((*key, found) for key, found in sorted(bits.items())), undated)


def _bound(date: DateExpr, index: IndexEvents | None, days: DayColumns, *, last: bool) -> int | None:
    """Return the earliest (or last) day that a date can be, None where that depends on the person."""
    if index is None or date.anchor not in INDEX_ANCHORS:
        return days.constant(date)
    if date.anchor is not Anchor.INDEX and index.stays is not None:
        return None  # the other end of a stay may lie anywhere
    end = index.source.window.end if last else index.source.window.start
    fixed = days.constant(end)
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
