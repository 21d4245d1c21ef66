"""Criteria as expressions: each flag becomes a truth and a day, over a table with one column per leaf."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatchmethod

import polars as pl

from vbpmeasure.engines.polars.days import DAY, DayColumns
from vbpmeasure.engines.polars.nodes import Node, birthdays
from vbpmeasure.plan.amounts import DaysCovered, Dropped, EnrolledRun, ReadingWithin, Sex, SexIs
from vbpmeasure.plan.flags import (
    AgeBetween,
    AllOf,
    AnyOf,
    AtLeastOf,
    CountAtLeast,
    DateWithin,
    Enrolled,
    Flag,
    Not,
    SpanFlagged,
)

# The column of the text of `gender` on the table of people.
SEX = "sex of criteria"
_SEX_SPELLINGS = {Sex.FEMALE: ("female", "f"), Sex.MALE: ("male", "m")}
_NO_DAY = pl.lit(None, dtype=DAY)
# Stands for "true, but without a day" among days; earlier than any of them.
_UNDATED = -1


@dataclass(frozen=True, slots=True)
class Verdict:
    """``truth``: true or false, never null. ``day``: the day number of a true flag; null when false or undated."""

    truth: pl.Expr
    day: pl.Expr


@dataclass(frozen=True, slots=True)
class Criteria:
    """Writes flags as expressions over the columns of ``days`` and the leaf columns `node<number>`."""

    days: DayColumns
    nodes: dict[Node, int]

    @singledispatchmethod
    def write(self, flag: Flag) -> Verdict:
        """Return the verdict of a flag as expressions."""
        raise TypeError(f"no expression for {type(flag).__name__}")

    @write.register
    def _(self, flag: AllOf) -> Verdict:
        parts = [self.write(p) for p in flag.members]
        truth = pl.all_horizontal([p.truth for p in parts])
        return Verdict(truth, pl.when(truth).then(pl.max_horizontal([p.day for p in parts])))

    @write.register
    def _(self, flag: AnyOf) -> Verdict:
        parts = [self.write(p) for p in flag.members]
        return Verdict(pl.any_horizontal([p.truth for p in parts]), pl.min_horizontal([p.day for p in parts]))

    @write.register
    def _(self, flag: AtLeastOf) -> Verdict:
        parts = [self.write(p) for p in flag.members]
        truth = pl.sum_horizontal([p.truth.cast(pl.Int32) for p in parts]) >= flag.n
        days = [pl.when(p.truth).then(p.day.fill_null(_UNDATED)) for p in parts]
        ranked = pl.concat_list(days).list.drop_nulls().list.sort().list.get(flag.n - 1, null_on_oob=True)
        return Verdict(truth, pl.when(truth & (ranked != _UNDATED)).then(ranked))

    @write.register
    def _(self, flag: Not) -> Verdict:
        return Verdict(~self.write(flag.member).truth, _NO_DAY)

    @write.register
    def _(self, flag: DateWithin) -> Verdict:
        day = self.days.day(flag.date)
        truth = (day >= self.days.day(flag.window.start)) & (day <= self.days.day(flag.window.end))
        truth = truth.fill_null(False)
        return Verdict(truth, pl.when(truth).then(day))

    @write.register
    def _(self, flag: AgeBetween) -> Verdict:
        on = self.days.day(flag.on)
        youngest, too_old = (self.days.day(date) for date in birthdays(flag.youngest, flag.oldest))
        return Verdict(((youngest <= on) & (on < too_old)).fill_null(False), _NO_DAY)

    @write.register
    def _(self, flag: SexIs) -> Verdict:
        text = pl.col(SEX).str.strip_chars(" ").str.to_lowercase()
        return Verdict(text.is_in(_SEX_SPELLINGS[flag.sex]).fill_null(False), _NO_DAY)

    @write.register(CountAtLeast)
    @write.register(DaysCovered)
    @write.register(ReadingWithin)
    @write.register(Dropped)
    def _(self, flag: CountAtLeast | DaysCovered | ReadingWithin | Dropped) -> Verdict:
        day = pl.col(node_column(self.nodes[flag]))
        return Verdict(day.is_not_null(), day)

    @write.register(Enrolled)
    @write.register(EnrolledRun)
    @write.register(SpanFlagged)
    def _(self, flag: Enrolled | EnrolledRun | SpanFlagged) -> Verdict:
        return Verdict(pl.col(node_column(self.nodes[flag])).is_not_null(), _NO_DAY)


def node_column(number: int) -> str:
    """Return the name of the column that holds a leaf: its day, or 0 for a leaf without one; null when false."""
    return f"node{number}"


def widen(met: pl.LazyFrame, numbers: list[int], key: str = "person") -> pl.LazyFrame:
    """Return one row per person (or other key) with a column per node, from rows of the key, node, day."""
    return (
        met.filter(pl.col("node").is_in(numbers))
        .group_by(key)
        .agg(pl.when(pl.col("node") == n).then("day").min().alias(node_column(n)) for n in numbers)
    )
