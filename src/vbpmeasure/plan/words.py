"""Plans in words: short phrases for labels, and the readable tree behind `explain`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatchmethod

from vbpmeasure.plan.dates import Anchor, DateExpr, Window, Windowed
from vbpmeasure.plan.events import COUNTED_STATUSES, EventSet, LineFilter, Role, SameClaim
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
from vbpmeasure.plan.measures import Exclusion, MeasurePlan, Period, Proportion, Step, TotalOf
from vbpmeasure.plan.offsets import shifted
from vbpmeasure.plan.uses import all_dates_of

_OLD_ENOUGH_FOR_ANYBODY = 150
_ROLE_WORDS = {
    Role.ANY: "a code of",
    Role.DIAGNOSIS: "a diagnosis of",
    Role.PRINCIPAL_DIAGNOSIS: "a principal diagnosis of",
}


def phrase(flag: Flag) -> str:
    """Return one short line for a flag, without looking into named parts."""
    return Words().flag(flag)


def explain(measure: MeasurePlan, period: Period) -> str:
    """Return the measure as a readable tree, dates of the period resolved; the same text for the same plan."""
    return "\n".join(_measure_lines(measure, Words(period))) + "\n"


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
        if where.statuses != COUNTED_STATUSES:
            yield f"claim status {_either(where.statuses)}"
        if where.record_statuses:
            yield f"record status {_either(where.record_statuses)}"
        if where.encounter_classes:
            yield f"encounter class {_either(where.encounter_classes)}"
        if where.encounter_types:
            yield f"encounter type {_either(where.encounter_types)}"
        if where.sources:
            yield f"from {_either(where.sources)}"
        for claim in where.same_claim:
            yield f"on a claim with {_same_claim(claim)}"
        for claim in where.not_same_claim:
            yield f"on a claim without {_same_claim(claim)}"

    @singledispatchmethod
    def flag(self, flag: Flag) -> str:
        """Return one line for a flag; parts appear by their labels."""
        raise TypeError(f"no words for {type(flag).__name__}")

    @flag.register
    def _(self, flag: AllOf) -> str:
        return f"all of: {_listed(flag.parts)}"

    @flag.register
    def _(self, flag: AnyOf) -> str:
        return f"any of: {_listed(flag.parts)}"

    @flag.register
    def _(self, flag: AtLeastOf) -> str:
        return f"at least {flag.n} of: {_listed(flag.parts)}"

    @flag.register
    def _(self, flag: Not) -> str:
        return f"not: {flag.member.label}"

    @flag.register
    def _(self, flag: DateWithin) -> str:
        if flag.date == DateExpr(Anchor.DEATH):
            return f"died {self.window(flag.window)}"
        return f"{self.date(flag.date)} lies {self.window(flag.window)}"

    @flag.register
    def _(self, flag: AgeBetween) -> str:
        on = f"on {self.date(flag.on)}"
        if flag.oldest >= _OLD_ENOUGH_FOR_ANYBODY:
            return f"at least {flag.youngest} years old {on}"
        if flag.youngest == flag.oldest:
            return f"{flag.youngest} years old {on}"
        return f"{flag.youngest} to {flag.oldest} years old {on}"

    @flag.register
    def _(self, flag: Enrolled) -> str:
        benefit = f" with the {flag.benefit.replace('_', ' ')} benefit" if flag.benefit else ""
        text = f"enrolled{benefit} {self.window(flag.window)}, {_allowance(flag)}"
        return text + (f", and on {self.date(flag.on)}" if flag.on else "")

    @flag.register
    def _(self, flag: SpanFlagged) -> str:
        return f"an enrollment span with {flag.column} {self.window(flag.window)}"

    @flag.register
    def _(self, flag: CountAtLeast) -> str:
        windows = {source.window for source in flag.sources}
        names = dict.fromkeys(source.events.name or "an event" for source in flag.sources)
        if len(windows) == 1:
            events = f"{' or '.join(names)} {self.window(flag.sources[0].window)}"
        else:
            events = " or ".join(self.windowed(source) for source in flag.sources)
        if flag.n == 1:
            return events
        dates = "dates" if flag.apart == 1 else f"dates at least {flag.apart} days apart"
        return f"{flag.n} {dates} of {events}"


def _offset(months: int, days: int) -> str:
    years, rest = (months // 12, 0) if months % 12 == 0 else (0, months)
    text = ""
    for number, unit in ((years, "year"), (rest, "month"), (days, "day")):
        if number:
            text += f" {'+' if number > 0 else '-'} {abs(number)} {unit}{'' if abs(number) == 1 else 's'}"
    return text


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def _listed(parts: tuple[Flag, ...]) -> str:
    return ", ".join(part.label for part in parts)


def _same_claim(claim: SameClaim) -> str:
    return f"{_ROLE_WORDS[claim.role]} {_either(claim.value_sets)}"


def _allowance(flag: Enrolled) -> str:
    if flag.max_gaps == 0:
        return "without a gap"
    longest, unit = (flag.gap_months, "month") if flag.gap_months is not None else (flag.gap_days, "day")
    gaps = f"at most {flag.max_gaps} gap{'' if flag.max_gaps == 1 else 's'}"
    return f"{gaps} of at most {longest} {unit}{'' if longest == 1 else 's'}"


# --- the tree -----------------------------------------------------------------------------------------------


def _measure_lines(measure: MeasurePlan, words: Words) -> Iterator[str]:
    period = words.period
    assert period is not None
    yield f"{measure.id}: {measure.title} (edition {measure.edition}, {measure.status})"
    yield f"measurement period {period.start} to {period.end}"
    for name, value in sorted(measure.parameters.items()):
        yield f"parameter {name} = {_value(value)}"
    # What all rates share is told once, before them.
    proportions = [rate for rate in measure.rates if isinstance(rate, Proportion)]
    several = len(proportions) > 1
    shared_steps = several and len({rate.population for rate in proportions}) == 1
    shared_exclusions = several and len({rate.exclusions for rate in proportions}) == 1
    if shared_steps:
        yield ""
        yield from _step_lines(proportions[0].population, words, "population of every rate")
    if shared_exclusions:
        yield ""
        yield from _exclusion_lines(proportions[0].exclusions, words, "exclusions of every rate")
    for rate in measure.rates:
        yield ""
        yield f"rate {rate.id}: {rate.title}"
        if isinstance(rate, TotalOf):
            yield f"  everybody of {', '.join(rate.members)}, each counted once"
        elif not isinstance(rate, Proportion):
            yield "  (this version explains proportions and totals)"
        else:
            blocks: list[Iterator[str]] = []
            if not shared_steps:
                blocks.append(_step_lines(rate.population, words, "population"))
            if not shared_exclusions:
                blocks.append(_exclusion_lines(rate.exclusions, words, "exclusions"))
            blocks.append(_numerator_lines(rate, words))
            for block in blocks:
                yield from (f"  {line}" for line in block)


def _value(value: str | int | bool) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _step_lines(steps: tuple[Step, ...], words: Words, title: str) -> Iterator[str]:
    yield title
    for number, step in enumerate(steps, start=1):
        if step.label in (phrase(step.flag), step.flag.label.replace("_", " ")):
            yield from _flag_lines(step.flag, words, "  ", f"{number}. ")
        else:
            yield f"  {number}. {step.label}"
            yield from _flag_lines(step.flag, words, "     ", "", named=step.flag.label)


def _exclusion_lines(exclusions: tuple[Exclusion, ...], words: Words, title: str) -> Iterator[str]:
    yield title if exclusions else f"no {title}"
    for exclusion in exclusions:
        yield f"  {exclusion.id}: {exclusion.title}"
        yield from _flag_lines(exclusion.flag, words, "    ", "", named=exclusion.id)


def _numerator_lines(rate: Proportion, words: Words) -> Iterator[str]:
    yield "numerator" + (" (lower is better)" if rate.lower_is_better else "")
    yield from _flag_lines(rate.numerator, words, "  ", "")


def _head(flag: Flag, words: Words) -> str:
    """Return the words of a flag whose parts follow on lines of their own."""
    if isinstance(flag, AtLeastOf):
        return f"at least {flag.n} of"
    for kind, head in ((AllOf, "all of"), (AnyOf, "any of"), (Not, "not")):
        if isinstance(flag, kind):
            return head
    return words.flag(flag)


def _flag_lines(flag: Flag, words: Words, indent: str, bullet: str, named: str = "") -> Iterator[str]:
    """Yield a flag and what is below it; the label stands first when it says more than the words."""
    label = flag.label if flag.label not in (phrase(flag), named, "") else ""
    text = _head(flag, words)
    yield indent + bullet + (f"{label}: {text}" if label else text)
    below = indent + " " * len(bullet) + "  "
    for part in flag.parts:
        yield from _flag_lines(part, words, below, "- ")
    if isinstance(flag, CountAtLeast):
        for events in dict.fromkeys(source.events for source in flag.sources):
            yield from (f"{below}| {line}" for line in words.triggers(events))
    for first in dict.fromkeys(date.event for date in all_dates_of(flag) if date.event is not None):
        yield f"{below}| {first.name} is the first {words.windowed(first.source)}"
        yield from (f"{below}|   {line}" for line in words.triggers(first.source.events))
