"""Days as small whole numbers, and date expressions as columns of them.

Day numbers count from 1 January 1850, so that they are never negative and fit in 20 bits: two of them and a
rank pack into one 64-bit integer that sorts and aggregates natively. Dates outside are clamped; no rule of a
measure looks beyond them.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import polars as pl

from vbpmeasure.engines.polars.literals import typed
from vbpmeasure.plan.dates import INDEX_ANCHORS, Anchor, DateExpr, FirstDate
from vbpmeasure.plan.measures import Period

DAY_BITS = 20
DAY = pl.Int32
_ZERO = dt.date(1850, 1, 1)
_UNIX_SHIFT = (dt.date(1970, 1, 1) - _ZERO).days
# One below the largest number of 20 bits, so that "one day later" still fits.
LAST_DAY = (1 << DAY_BITS) - 2

_INDEX_COLUMNS = {Anchor.INDEX: "index", Anchor.INDEX_START: "start", Anchor.INDEX_END: "end"}

Base = tuple[Anchor, int, int, FirstDate | None]


def to_day(date: pl.Expr) -> pl.Expr:
    """Return the day number of a Date expression (null stays null)."""
    return (date.to_physical().cast(DAY) + _UNIX_SHIFT).clip(0, LAST_DAY)


def to_date(day: pl.Expr) -> pl.Expr:
    """Return the Date of a day number expression (null stays null)."""
    return (day.cast(DAY) - _UNIX_SHIFT).cast(pl.Date)


def day_number(date: dt.date) -> int:
    """Return the day number of a date."""
    return min(max((date - _ZERO).days, 0), LAST_DAY)


def day_date(day: int) -> dt.date:
    """Return the date of a day number."""
    return _ZERO + dt.timedelta(days=day)


def add_months(date: pl.Expr, months: int) -> pl.Expr:
    """Return a Date expression moved by calendar months, saturating at the month's end."""
    return date.dt.offset_by(f"{months}mo") if months else date


@lru_cache(maxsize=1024)
def month_shift(date: dt.date, months: int) -> dt.date:
    """Return a date moved by calendar months, saturating at the month's end."""
    if not months:
        return date
    moved: dt.date = pl.select(add_months(pl.lit(date), months)).item()
    return moved


class DayColumns:
    """The day columns that a program needs on the table of people.

    A date expression is a base (anchor, birthday, months) plus a constant number of days. Bases that depend on
    the person become columns, made once; period dates are literals.
    """

    def __init__(self, period: Period) -> None:
        """Start without columns."""
        self._period = period
        self._names: dict[Base, str] = {}

    def day(self, date: DateExpr) -> pl.Expr:
        """Return the day number of a date expression, over the table of people (or one that carries its columns)."""
        constant = self.constant(date)
        if constant is not None:
            return typed(constant, DAY)
        column = pl.col(self._names.setdefault(self._base(date), f"day{len(self._names)}"))
        return column + date.days if date.days else column

    def constant(self, date: DateExpr) -> int | None:
        """Return the day number of a date that is the same for everyone, else None."""
        if date.anchor in (Anchor.PERIOD_START, Anchor.PERIOD_END):
            fixed = self._period.start if date.anchor is Anchor.PERIOD_START else self._period.end
            return day_number(month_shift(fixed, date.months)) + date.days
        return None

    def fixed(self, day: int) -> DateExpr:
        """Return a day that is the same for everyone as a date expression."""
        return DateExpr(Anchor.PERIOD_START, days=day - day_number(self._period.start))

    def name(self, date: DateExpr) -> str | None:
        """Return the column that a date expression reads, None for a literal."""
        if self.constant(date) is not None:
            return None
        return self._names.setdefault(self._base(date), f"day{len(self._names)}")

    def with_birth_and_death(self, people: pl.DataFrame) -> pl.DataFrame:
        """Return the people (birth_date, death_date) with the columns that these dates give, in the same order.

        Calendar arithmetic is slow and people share their dates, so it is done once for each date.
        """
        made: dict[str, list[pl.Expr]] = {"birth_date": [], "death_date": []}
        for (anchor, years, months, _), name in self._names.items():
            if anchor is Anchor.EVENT or anchor in INDEX_ANCHORS:
                continue
            column = "death_date" if anchor is Anchor.DEATH else "birth_date"
            # The birthday comes first and then the months: 28 February, not 29, is where a move starts.
            date = add_months(add_months(pl.col(column), 12 * years), months)
            made[column].append(to_day(date).alias(name))
        for column, days in made.items():
            if days:
                dates = people.select(column).unique().with_columns(days)
                people = people.join(dates, on=column, how="left", nulls_equal=True, maintain_order="left")
        return people

    def with_index(self, units: pl.LazyFrame) -> pl.LazyFrame:
        """Return the units (index, start, end) with the columns that dates of their index events give."""
        made = []
        for (anchor, _, months, _), name in self._names.items():
            if anchor in INDEX_ANCHORS:
                day = pl.col(_INDEX_COLUMNS[anchor])
                moved = to_day(add_months(to_date(day), months)) if months else day
                made.append(moved.alias(name))
        return units.with_columns(made)

    def of_event(self, first: FirstDate) -> dict[str, int]:
        """Return the columns based on a first-event date, each with its months of offset."""
        return {name: base[2] for base, name in self._names.items() if base[3] == first}

    @staticmethod
    def _base(date: DateExpr) -> Base:
        return (date.anchor, date.years, date.months, date.event)
