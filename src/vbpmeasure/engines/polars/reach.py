"""Which days a cohort can look at: rows outside are left behind while the tables are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

import polars as pl

from vbpmeasure.engines.polars.days import DayColumns
from vbpmeasure.engines.polars.literals import bits_literal
from vbpmeasure.plan.dates import Window

Reach = tuple[tuple[int, int, int], ...]


def reach_of(windows: Mapping[int, Sequence[Window] | None], days: DayColumns) -> Reach:
    """Return (first day, last day, cohort bits) for the cohorts whose windows all have fixed ends.

    Only a bound that is the same for everyone counts: it costs one comparison of a row. A cohort that is not named may
    look at any day. Rows without a code day of their own are judged by the row's day.
    """
    bits: dict[tuple[int, int], int] = {}
    for bit, looked_at in windows.items():
        if not looked_at:
            continue
        first = [days.constant(w.start) for w in looked_at]
        last = [days.constant(w.end) for w in looked_at]
        known_first, known_last = [d for d in first if d is not None], [d for d in last if d is not None]
        if len(known_first) == len(first) and len(known_last) == len(last):
            key = (min(known_first), max(known_last))
            bits[key] = bits.get(key, 0) | bit
    return tuple((*key, found) for key, found in sorted(bits.items()))


def within_reach(day: pl.Expr, reach: Reach, every_bit: int) -> pl.Expr:
    """Return the bits of the cohorts that can look at a day; those out of ``reach``'s care keep theirs."""
    bounded = reduce(or_, (bits for _, _, bits in reach), 0)
    held = bits_literal(every_bit & ~bounded)
    for first, last, bits in reach:
        held = held | pl.when(day.is_between(first, last)).then(bits_literal(bits)).otherwise(bits_literal(0))
    return held
