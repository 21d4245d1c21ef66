"""Plans in words: short phrases for dates, windows, events and criteria (`plan.explain` makes the tree of them)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatchmethod

from vbpmeasure.plan.amounts import DaysCovered, Dropped, EnrolledRun, Reading, ReadingWithin, SexIs
from vbpmeasure.plan.dates import Anchor, DateExpr, Window, Windowed
from vbpmeasure.plan.events import COUNTED_STATUSES, Dated, EventSet, LineFilter, ResultTest, Role, SameClaim
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
from vbpmeasure.plan.index import IndexEvents, Keep
from vbpmeasure.plan.measures import Period
from vbpmeasure.plan.offsets import shifted

OLD_ENOUGH_FOR_ANYBODY = 150
_ROLE_WORDS = {
    Role.ANY: "a code of",
    Role.DIAGNOSIS: "a diagnosis of",
    Role.PRINCIPAL_DIAGNOSIS: "a principal diagnosis of",
}


def phrase(flag: Flag) -> str:
    """Return one short line for a flag, without looking into named parts."""
    return Words().flag(flag)


class Words:
    """Phrases for dates, windows, events and flags; with a period, its dates are written out."""

    def __init__(self, period: Period | None = None) -> None:
        """Remember the period, if there is one."""
        self.period = period

    def date(self, date: DateExpr) -> str:
        """Return a date in words, such as ``birthday 1 + 90 days`` or ``2025-12-31``."""
        if self.period is not None and date.anchor in (Anchor.PERIOD_START, Anchor.PERIOD_END):
            start = self.period.start if date.anchor is Anchor.PERIOD_START else self.period.end
            return shifted(start, date.months, date.days).isoformat()
        anchor = date.anchor.value
        if date.anchor is Anchor.BIRTHDAY:
            anchor = f"birthday {date.years}"
        if date.event is not None:
            anchor = date.event.name or f"the first {self.windowed(date.event.source)}"
        return anchor + _offset(date.months, date.days)

    def window(self, window: Window) -> str:
        """Return a window in words."""
        if window == Window(DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END)):
            return "in the measurement period"
        if window.start == window.end:
            return f"on {self.date(window.start)}"
        return f"from {self.date(window.start)} to {self.date(window.end)}"

    def windowed(self, source: Windowed) -> str:
        """Return events in a window."""
        return f"{source.events.name or 'an event'} {self.window(source.window)}"

    def triggers(self, events: EventSet) -> Iterator[str]:
        """Yield what an event set looks for, one line for all triggers under the same conditions."""
        for where in dict.fromkeys(trigger.where for trigger in events.triggers):
            alike = [trigger for trigger in events.triggers if trigger.where == where]
            looked_for = [f"{_ROLE_WORDS[trigger.role]} {_either(trigger.value_sets)}" for trigger in alike]
            yield "; ".join([" or ".join(looked_for), *self.conditions(where)])

    def conditions(self, where: LineFilter) -> Iterator[str]:
        """Yield each condition of a filter that is not the default."""
        if where.place_in:
            yield f"place of service in {_either(where.place_in)}"
        if where.place_not_in:
            yield f"place of service not in {_either(where.place_not_in)}"
        if where.modifier_in:
            yield f"with a modifier of {_either(where.modifier_in)}"
        if where.modifier_not_in:
            yield f"without a modifier of {_either(where.modifier_not_in)}"
        if where.provider_in:
            unknown = "unknown providers count" if where.unknown_provider else "unknown providers do not count"
            yield f"by a provider of {_either(where.provider_in)} ({unknown})"
        yield from _row_conditions(where)
        yield from _kind_conditions(where)
        if where.sources:
            yield f"from {_either(where.sources)}"
        for claim in where.same_claim:
            yield f"on a claim with {_same_claim(claim)}"
        for claim in where.not_same_claim:
            yield f"on a claim without {_same_claim(claim)}"
        if where.dated is not Dated.SERVICE:
            yield f"on the day of {where.dated}"

    def index(self, index: IndexEvents) -> Iterator[str]:
        """Yield what the index events are, one line a rule; the conditions themselves are not told."""
        day = self.window(index.source.window)
        name = index.source.events.name or "an event"
        if index.stays is None:
            yield f"the days of {name}, {day}"
        else:
            days = index.stays.chain_days
            yield f"stays of {name}; the index date is the {index.stays.on}, {day}"
            within = f"within {days} day{'' if days == 1 else 's'}" if days else "on the day"
            yield f"stays that overlap, or start {within} of the discharge before, are one"
        if index.apart > 1:
            yield f"the first, then each next at least {index.apart} days after the last kept one"
        if index.keep is not Keep.EVERY:
            yield f"only the {index.keep} of a person"

    def reading(self, reading: Reading) -> str:
        """Return a reading in words."""
        return f"the {reading.pick} number of {self.windowed(reading.source)}"

    def named(self, flag: Flag) -> str:
        """Return what the author called a flag, or its words when it has no name."""
        return flag.label or self.flag(flag)

    @singledispatchmethod
    def flag(self, flag: Flag) -> str:
        """Return one line for a flag; parts appear by their labels, those without one in words."""
        raise TypeError(f"no words for {type(flag).__name__}")

    def _listed(self, parts: tuple[Flag, ...]) -> str:
        return ", ".join(self.named(part) for part in parts)

    @flag.register
    def _(self, flag: AllOf) -> str:
        return f"all of: {self._listed(flag.parts)}"

    @flag.register
    def _(self, flag: AnyOf) -> str:
        return f"any of: {self._listed(flag.parts)}"

    @flag.register
    def _(self, flag: AtLeastOf) -> str:
        return f"at least {flag.n} of: {self._listed(flag.parts)}"

    @flag.register
    def _(self, flag: Not) -> str:
        return f"not: {self.named(flag.member)}"

    @flag.register
    def _(self, flag: DateWithin) -> str:
        if flag.date == DateExpr(Anchor.DEATH):
            return f"died {self.window(flag.window)}"
        return f"{self.date(flag.date)} lies {self.window(flag.window)}"

    @flag.register
    def _(self, flag: AgeBetween) -> str:
        on = f"on {self.date(flag.on)}"
        if flag.oldest >= OLD_ENOUGH_FOR_ANYBODY:
            return f"at least {flag.youngest} years old {on}"
        if flag.youngest == flag.oldest:
            return f"{flag.youngest} years old {on}"
        return f"{flag.youngest} to {flag.oldest} years old {on}"

    @flag.register
    def _(self, flag: Enrolled) -> str:
        text = f"enrolled{_benefit(flag.benefit)} {self.window(flag.window)}, {_allowance(flag)}"
        return text + (f", and on {self.date(flag.on)}" if flag.on else "")

    @flag.register
    def _(self, flag: SpanFlagged) -> str:
        return f"an enrollment span with {flag.column} {self.window(flag.window)}"

    @flag.register
    def _(self, flag: EnrolledRun) -> str:
        days = "1 day" if flag.days == 1 else f"{flag.days} days in a row"
        return f"enrolled{_benefit(flag.benefit)} on {days} {self.window(flag.window)}"

    @flag.register
    def _(self, flag: SexIs) -> str:
        return f"sex is {flag.sex}"

    @flag.register
    def _(self, flag: DaysCovered) -> str:
        names = _either(_names(flag.sources))
        return f"{flag.days} day{'' if flag.days == 1 else 's'} covered by {names} {self.window(flag.window)}"

    @flag.register
    def _(self, flag: ReadingWithin) -> str:
        return f"{self.reading(flag.reading)} is {_bounds(flag)}"

    @flag.register
    def _(self, flag: Dropped) -> str:
        enough = [f"{_number(flag.points)} points"] if flag.points is not None else []
        enough += [f"{flag.percent} %"] if flag.percent is not None else []
        drop = f"is at least {' and '.join(enough)} below"
        return f"{self.reading(flag.follow_up)} {drop} {self.reading(flag.baseline)}"

    @flag.register
    def _(self, flag: CountAtLeast) -> str:
        windows = {source.window for source in flag.sources}
        names = _names(flag.sources)
        if len(windows) == 1:
            events = f"{_either(names)} {self.window(flag.sources[0].window)}"
        else:
            events = " or ".join(self.windowed(source) for source in flag.sources)
        if flag.n == 1:
            return events
        dates = "dates" if flag.apart == 1 else f"dates at least {flag.apart} days apart"
        return f"{flag.n} {dates} of {events}"


def _kind_conditions(where: LineFilter) -> Iterator[str]:
    """Yield the conditions on the status of a claim or record, and on the kind of encounter."""
    if where.statuses != COUNTED_STATUSES:
        yield f"claim status {_either(where.statuses)}"
    if where.record_statuses:
        yield f"record status {_either(where.record_statuses)}"
    if where.encounter_classes:
        yield f"encounter class {_either(where.encounter_classes)}"
    if where.encounter_types:
        yield f"encounter type {_either(where.encounter_types)}"


def _row_conditions(where: LineFilter) -> Iterator[str]:
    if where.provider_not_in:
        yield f"not by a provider of {_either(where.provider_not_in)}"
    if where.teeth:
        yield f"on tooth {_either(where.teeth)}"
    if where.result is not None:
        yield _result(where.result)


def _offset(months: int, days: int) -> str:
    years, rest = (months // 12, 0) if months % 12 == 0 else (0, months)
    text = ""
    for number, unit in ((years, "year"), (rest, "month"), (days, "day")):
        if number:
            text += f" {'+' if number > 0 else '-'} {abs(number)} {unit}{'' if abs(number) == 1 else 's'}"
    return text


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def _same_claim(claim: SameClaim) -> str:
    return f"{_ROLE_WORDS[claim.role]} {_either(claim.value_sets)}"


def _allowance(flag: Enrolled) -> str:
    if flag.max_gaps == 0:
        return "without a gap"
    longest, unit = (flag.gap_months, "month") if flag.gap_months is not None else (flag.gap_days, "day")
    gaps = f"at most {flag.max_gaps} gap{'' if flag.max_gaps == 1 else 's'}"
    return f"{gaps} of at most {longest} {unit}{'' if longest == 1 else 's'}"


def _benefit(benefit: str | None) -> str:
    return f" with the {benefit.replace('_', ' ')} benefit" if benefit else ""


def _names(sources: tuple[Windowed, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source.events.name or "an event" for source in sources))


def _number(number: float) -> str:
    return f"{number:g}"


def _bounds(bounds: ResultTest | ReadingWithin) -> str:
    words = (
        ("at least", bounds.least),
        ("at most", bounds.most),
        ("above", bounds.above),
        ("below", bounds.below),
    )
    return " and ".join(f"{text} {_number(bound)}" for text, bound in words if bound is not None) or "there"


def _result(test: ResultTest) -> str:
    parts = []
    if test.needs_number:
        bounds = _bounds(test)
        parts.append("a number" if bounds == "there" else bounds)
    parts += [f"`{_either(test.texts)}`"] if test.texts else []
    parts += [f"a code of {_either(test.codes)}"] if test.codes else []
    parts += [f"in {_either(test.units)}"] if test.units else []
    return f"with a result that is {', '.join(parts)}"
