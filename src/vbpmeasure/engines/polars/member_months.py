"""Events per 1,000 member-months: counted days, the months that they make, and the events on them.

Months are summed by subtraction: up to each day a running number of months is known from its date alone, so that no
table of months or days is needed.
"""

from __future__ import annotations

import polars as pl

from vbpmeasure.engines.polars.amounts import FOUND_SCHEMA
from vbpmeasure.engines.polars.days import DayColumns, to_date
from vbpmeasure.engines.polars.enrollment import Coverage
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.nodes import birthdays
from vbpmeasure.plan.measures import MONTH_UNITS, EventRate, MemberMonths, MonthRule


def event_amounts(
    layout: Layout, coverage: Coverage, people: pl.DataFrame, units: pl.DataFrame, days: DayColumns
) -> list[pl.LazyFrame]:
    """Return events and member-months by person (``FOUND_SCHEMA``) for each event rate; day is the first event's."""
    found = []
    for number, (_, rate) in enumerate(layout.rates):
        if isinstance(rate, EventRate):
            counted = _counted_days(rate.months, coverage, people, days)
            scope = layout.scopes[rate.events].number
            events = units.lazy().filter(pl.col("scope") == scope).select("person", "index")
            found.append(_amounts(number, counted, events, rate.months))
    return found


def _counted_days(months: MemberMonths, coverage: Coverage, people: pl.DataFrame, days: DayColumns) -> pl.LazyFrame:
    """Return the runs of counted days: person, lo, hi, and previous_end (of the run before, null where it is none)."""
    first_age, too_old = (days.day(date) for date in birthdays(months.youngest, months.oldest))
    start, end = days.day(months.window.start), days.day(months.window.end)
    asked = people.lazy().select(
        "person",
        pl.when(start.is_not_null() & first_age.is_not_null()).then(pl.max_horizontal(start, first_age)).alias("from"),
        pl.when(end.is_not_null() & too_old.is_not_null()).then(pl.min_horizontal(end, too_old - 1)).alias("to"),
    )
    # The enrollment key does not matter: what one span covers is covered.
    islands = coverage.islands(months.benefit, by_key=False).lazy()
    before = pl.col("previous_end")
    return (
        asked.join(islands, on="person")
        .select(
            "person",
            pl.max_horizontal("start", "from").alias("lo"),
            pl.min_horizontal("end", "to").alias("hi"),
            pl.when(before >= pl.col("from")).then(before).alias("previous_end"),
            (pl.col("from").is_not_null() & pl.col("to").is_not_null()).alias("whole"),
        )
        .filter(pl.col("whole") & (pl.col("lo") <= pl.col("hi")))
    )


def _amounts(number: int, counted: pl.LazyFrame, events: pl.LazyFrame, months: MemberMonths) -> pl.LazyFrame:
    by_person = counted.group_by("person").agg(_months_of(months).sum().cast(pl.Int64).alias("whole"))
    inside = (
        events.join(counted.select("person", "lo", "hi"), on="person")
        .filter((pl.col("index") >= pl.col("lo")) & (pl.col("index") <= pl.col("hi")))
        .group_by("person")
        .agg(pl.len().cast(pl.Int64).alias("part"), pl.col("index").min().alias("day"))
    )
    return (
        by_person.join(inside, on="person", how="left")
        .with_columns(pl.lit(number, dtype=pl.UInt16).alias("rate"), pl.col("part").fill_null(0))
        .select(FOUND_SCHEMA.names())
    )


def _months_of(months: MemberMonths) -> pl.Expr:
    """Return the member-months of a run of counted days, in 1/377,580 month."""
    lo, hi = pl.col("lo"), pl.col("hi")
    match months.rule:
        case MonthRule.DAY_OF_MONTH:
            return (_days_passed(hi, months.day) - _days_passed(lo - 1, months.day)) * MONTH_UNITS
        case MonthRule.ANY_DAY:
            # A month that the run before has reached is counted with that run.
            seen = (_month(pl.col("previous_end")) == _month(lo)).fill_null(False).cast(pl.Int64)
            return (_month(hi) - _month(lo) + 1 - seen) * MONTH_UNITS
        case MonthRule.PRORATED_DAYS:
            return _prorated(hi) - _prorated(lo - 1)


def _month(day: pl.Expr) -> pl.Expr:
    date = to_date(day)
    return date.dt.year().cast(pl.Int64) * 12 + date.dt.month().cast(pl.Int64)


def _days_passed(day: pl.Expr, of_month: int) -> pl.Expr:
    """Return how many months have had their day of the month, up to a day; a short month has it on its last day."""
    date = to_date(day)
    asked = pl.min_horizontal(pl.lit(of_month, dtype=pl.Int64), date.dt.days_in_month().cast(pl.Int64))
    return _month(day) + (date.dt.day().cast(pl.Int64) >= asked).cast(pl.Int64)


def _prorated(day: pl.Expr) -> pl.Expr:
    date = to_date(day)
    part = date.dt.day().cast(pl.Int64) * (MONTH_UNITS // date.dt.days_in_month().cast(pl.Int64))
    return _month(day) * MONTH_UNITS + part
