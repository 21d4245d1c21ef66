"""Where the parts of a numerator stand: for each part an expression of its value, and by when it must be done.

The columns that the expressions read are the answers to questions (`plan.questions`): ``v3`` says whether question 3
holds for the unit, ``d3`` on which day it came true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Any

import polars as pl

from vbpmeasure.plan.amounts import DaysCovered, Dropped, Pick, Reading, ReadingWithin
from vbpmeasure.plan.dates import Anchor, DateExpr, Window
from vbpmeasure.plan.events import Role
from vbpmeasure.plan.flags import AllOf, AnyOf, AtLeastOf, CountAtLeast, DateWithin, Flag, Not
from vbpmeasure.plan.measures import CodeSet, Period, Proportion
from vbpmeasure.plan.offsets import shifted
from vbpmeasure.plan.questions import Questions
from vbpmeasure.plan.uses import sources_of

NEVER = pl.lit(None, dtype=pl.Date)

# Codes of these systems say what somebody has; those of the others what somebody did.
_CONDITION_SYSTEMS = frozenset({"ICD10CM", "SNOMEDCT"})
_RUNGS = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """One criterion of a numerator for the units of a rate.

    ``value``: whether it holds. ``due``: the last day on which the next missing thing can be done, null when it holds
    or can never hold any more. ``first`` to ``last``: the days on each of which one visit alone makes it hold, null
    when no single day does. ``have``: how many of the things it counts are there (null for those that count nothing).
    """

    flag: Flag
    value: pl.Expr
    due: pl.Expr = NEVER
    first: pl.Expr = NEVER
    last: pl.Expr = NEVER
    have: pl.Expr | None = None
    parts: tuple[Standing, ...] = ()
    plannable: bool = True

    def leaves(self) -> Iterable[Standing]:
        """Yield the criteria without parts, in the order of the definition."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


@dataclass(slots=True)
class Reader:
    """Reads the standing of the numerator of one rate off the plan, and notes the questions that it needs answered.

    ``steps`` are columns to be made one after the other, each from the ones before: written out as one expression, a
    numerator of many doses takes Polars minutes to look through.
    """

    rate: Proportion
    questions: Questions
    period: Period
    value_sets: Mapping[str, CodeSet]
    asked: set[int] = field(default_factory=set)
    steps: list[pl.Expr] = field(default_factory=list)

    def target(self) -> Standing:
        """Return the standing of what closes the gap: the numerator, or its absence where lower is better."""
        wanted = Not(self.rate.numerator) if self.rate.lower_is_better else self.rate.numerator
        return self.standing(wanted)

    def standing(self, flag: Flag) -> Standing:
        """Return the standing of any criterion."""
        match flag:
            case AllOf():
                return self._of_parts(flag, len(flag.members))
            case AnyOf():
                return self._of_parts(flag, 1)
            case AtLeastOf():
                return self._of_parts(flag, flag.n)
            case Not():
                part = self.standing(flag.member)
                # What has happened cannot be undone.
                return self._made(flag, ~part.value, parts=(part,))
            case CountAtLeast():
                return self._count(flag)
            case DaysCovered():
                return self._days_covered(flag)
            case ReadingWithin():
                return self._reading(flag, [flag.reading])
            case Dropped():
                return self._reading(flag, [flag.baseline, flag.follow_up])
            case DateWithin() if flag.date.event is not None:
                return self._event_date(flag, flag.date.event.source.window)
            case _:
                # Ages, enrollment and the like come by themselves or not at all: nobody can be called in for them.
                return self._made(flag, self._value(flag))

    def evaluated(self, units: pl.DataFrame) -> pl.DataFrame:
        """Return the units, which carry the answers, with the columns that the standings read."""
        for step in self.steps:
            units = units.with_columns(step)
        return units

    def _kept(self, expression: pl.Expr) -> pl.Expr:
        """Return a column that will hold what the expression gives."""
        name = f"s{len(self.steps)}"
        self.steps.append(expression.alias(name))
        return pl.col(name)

    def _made(
        self,
        flag: Flag,
        value: pl.Expr,
        due: pl.Expr = NEVER,
        days: tuple[pl.Expr, pl.Expr] = (NEVER, NEVER),
        **more: Any,
    ) -> Standing:
        """Return a standing whose expressions are columns; what holds is not due."""
        value = self._kept(value)
        due = self._kept(pl.when(~value).then(due)) if due is not NEVER else NEVER
        first, last = (self._kept(pl.when(~value).then(day)) if day is not NEVER else NEVER for day in days)
        return Standing(flag, value, due, first, last, **more)

    # --- questions -------------------------------------------------------------------------------------------

    def _ask(self, number: int) -> int:
        self.asked.add(number)
        return number

    def _value(self, flag: Flag) -> pl.Expr:
        return pl.col(f"v{self._ask(self.questions.ask(self.rate, flag))}")

    def _day(self, flag: Flag) -> pl.Expr:
        return pl.col(f"d{self._ask(self.questions.ask(self.rate, flag))}")

    def _date(self, date: DateExpr) -> pl.Expr:
        if date.anchor in (Anchor.PERIOD_START, Anchor.PERIOD_END):
            start = self.period.start if date.anchor is Anchor.PERIOD_START else self.period.end
            return pl.lit(shifted(start, date.months, date.days), dtype=pl.Date)
        return pl.col(f"d{self._ask(self.questions.ask_date(self.rate, date))}")

    def _window(self, window: Window) -> tuple[pl.Expr, pl.Expr]:
        """Return both days of a window, null for both when it is empty or an anchor is missing."""
        start, end = self._date(window.start), self._date(window.end)
        return self._kept(pl.when(start <= end).then(start)), self._kept(pl.when(start <= end).then(end))

    def _awaited(self, window: Window) -> pl.Expr:
        """Return the last day for the event that the window hangs on, where that event has not happened yet."""
        days = [
            pl.when(self._date(date).is_null()).then(self._window(date.event.source.window)[1])
            for date in (window.start, window.end)
            if date.event is not None
        ]
        return _least(days) if days else NEVER

    # --- leaves ----------------------------------------------------------------------------------------------

    def _count(self, flag: CountAtLeast) -> Standing:
        rungs = [CountAtLeast(flag.sources, k, flag.apart) for k in range(1, flag.n + 1)]
        values = [self._value(rung) for rung in rungs]
        have = self._kept(pl.sum_horizontal(value.cast(pl.Int32) for value in values))
        kept = _greatest([self._day(rung) for rung in rungs])
        windows = [self._window(window) for window in dict.fromkeys(source.window for source in flag.sources)]

        # The missing dates are laid into the windows from the end: the last as late as can be, each other one as late
        # as the distance to the next allows. Where the first of them falls is the day by which it must happen.
        latest = [self._kept(_greatest([end for _, end in windows]))]
        for _ in rungs[1:]:
            before = latest[-1].dt.offset_by(f"-{flag.apart}d")
            reached = [pl.when(start <= before).then(_least([before, end])) for start, end in windows]
            latest.append(self._kept(_greatest(reached)))
        due = NEVER
        for missing, day in enumerate(latest, start=1):
            due = pl.when(have == flag.n - missing).then(day).otherwise(due)
        due, earliest = self._kept(due), self._kept(kept.dt.offset_by(f"{flag.apart}d"))
        due = self._kept(pl.when(earliest.is_null() | (due >= earliest)).then(due))
        awaited = pl.coalesce([self._awaited(source.window) for source in flag.sources])
        one_day = have == flag.n - 1
        first = _greatest([_least([start for start, _ in windows]), earliest])
        one_visit = (pl.when(one_day & due.is_not_null()).then(first), pl.when(one_day).then(due))
        by = pl.coalesce(due, awaited)
        return self._made(flag, values[-1], by, one_visit, have=have, plannable=self._plannable(flag))

    def _days_covered(self, flag: DaysCovered) -> Standing:
        # Days covered run to hundreds: a few rungs are asked, so the due date is late by an eighth of the days at most.
        rungs = sorted({max(1, -(-flag.days * rung // _RUNGS)) for rung in range(1, _RUNGS + 1)})
        values = [self._value(DaysCovered(flag.sources, days)) for days in rungs]
        most: pl.Expr = pl.lit(rungs[0] - 1)
        for value, following in zip(values[:-1], rungs[1:], strict=True):
            most = pl.when(value).then(pl.lit(following - 1)).otherwise(most)
        _, end = self._window(flag.window)
        missing = flag.days - most
        due = end - pl.duration(days=missing - 1)
        by = pl.coalesce(due.cast(pl.Date), self._awaited(flag.window))
        return self._made(flag, values[-1], by, plannable=self._plannable(flag))

    def _reading(self, flag: ReadingWithin | Dropped, readings: Sequence[Reading]) -> Standing:
        value = self._value(flag)
        due, first = [], []
        for reading in readings:
            there = self._value(ReadingWithin(reading))
            start, end = self._window(reading.source.window)
            # The first reading is fixed once it is there; the last one gives way to a later one.
            replaceable = there & pl.lit(reading.pick is Pick.LAST)
            is_baseline = isinstance(flag, Dropped) and reading == flag.baseline
            open_ = ~there | (replaceable & pl.lit(not is_baseline))
            done = there & pl.lit(is_baseline)
            due.append(pl.when(done).then(pl.lit(shifted(self.period.end, 12 * 100, 0))).when(open_).then(end))
            first.append(pl.when(~done).then(start))
        possible = reduce(and_, [day.is_not_null() for day in due])
        by = self._kept(pl.when(possible).then(_least(due)))
        days = (pl.when(by.is_not_null()).then(first[0]), by) if len(readings) == 1 else (NEVER, NEVER)
        return self._made(flag, value, by, days)

    def _event_date(self, flag: DateWithin, events: Window) -> Standing:
        value, day = self._value(flag), self._date(flag.date)
        (start, end), (first, last) = self._window(flag.window), self._window(events)
        until = _least([last.dt.offset_by(f"{flag.date.days}d"), end])
        until = until.dt.offset_by(f"{-flag.date.days}d")
        if flag.date.months:
            until = last  # months cannot be taken back exactly; the events' own window still bounds them
        # Its first event is fixed once it is there.
        due = self._kept(pl.when(day.is_null() & start.is_not_null()).then(until))
        return self._made(flag, value, due, (pl.when(due.is_not_null()).then(first), due))

    # --- parts -----------------------------------------------------------------------------------------------

    def _of_parts(self, flag: Flag, needed: int) -> Standing:
        parts = tuple(self.standing(part) for part in flag.parts)
        met = pl.sum_horizontal(part.value.cast(pl.Int32) for part in parts)
        missing = self._kept(needed - met)
        # Nobody can be called in to fall ill: what only a diagnosis can fill is no way to close a gap while there is
        # another.
        ways = [part for part in parts if part.plannable] if needed < len(parts) else list(parts)
        ways = ways or list(parts)
        days = pl.concat_list([pl.when(~part.value).then(part.due) for part in ways]).list.drop_nulls()
        # Enough parts can still be done as long as the day is not past the due date of the n-th latest of them.
        due = days.list.sort(descending=True).list.get(missing - 1, null_on_oob=True)
        first, last = self._one_day(ways, missing, whole=needed == len(parts))
        plannable = any(part.plannable for part in parts)
        return self._made(flag, missing <= 0, due, (first, last), parts=parts, plannable=plannable)

    def _one_day(self, ways: Sequence[Standing], missing: pl.Expr, *, whole: bool) -> tuple[pl.Expr, pl.Expr]:
        """Return the days on each of which one visit does all that is missing."""
        lacking = [~part.value for part in ways]
        if whole:
            able = reduce(and_, [part.value | part.last.is_not_null() for part in ways])
            first = self._kept(_greatest([pl.when(lack).then(p.first) for lack, p in zip(lacking, ways, strict=True)]))
            last = self._kept(_least([pl.when(lack).then(p.last) for lack, p in zip(lacking, ways, strict=True)]))
            fits = able & (first <= last)
            return pl.when(fits).then(first), pl.when(fits).then(last)
        # Of several ways the one that stays open longest.
        last = self._kept(_greatest([pl.when(lack).then(p.last) for lack, p in zip(lacking, ways, strict=True)]))
        first = _least(
            [pl.when(lack & (part.last == last)).then(part.first) for lack, part in zip(lacking, ways, strict=True)]
        )
        alone = missing == 1
        return pl.when(alone).then(first), pl.when(alone).then(last)

    def _plannable(self, flag: Flag) -> bool:
        """Tell whether care can fill the criterion; what only diagnoses fill cannot be planned."""
        triggers = [trigger for source in sources_of(flag) for trigger in source.events.triggers]
        return any(
            trigger.role is Role.ANY and not _only_conditions(self.value_sets.get(name))
            for trigger in triggers
            for name in trigger.value_sets
        )


def _only_conditions(codes: CodeSet | None) -> bool:
    return codes is not None and {system for system, found in codes.codes.items() if found} <= _CONDITION_SYSTEMS


def _greatest(days: Sequence[pl.Expr]) -> pl.Expr:
    """Return the latest day, nulls aside."""
    return pl.max_horizontal(days)


def _least(days: Sequence[pl.Expr]) -> pl.Expr:
    """Return the earliest day, nulls aside."""
    return pl.min_horizontal(days)
