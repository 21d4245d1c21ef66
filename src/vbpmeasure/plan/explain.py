"""The readable tree behind `explain`: a measure in words, everything told once."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.plan.flags import AllOf, AnyOf, AtLeastOf, Flag, Not
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.measures import (
    Composite,
    CompositeKind,
    EventRate,
    Exclusion,
    Indicator,
    MeasurePlan,
    MemberMonths,
    MonthRule,
    Period,
    Proportion,
    Rate,
    Step,
    TotalOf,
)
from vbpmeasure.plan.uses import all_dates_of, index_of, sources_of
from vbpmeasure.plan.words import OLD_ENOUGH_FOR_ANYBODY, Words, phrase


def explain(measure: MeasurePlan, period: Period) -> str:
    """Return the measure as a readable tree, dates of the period resolved; the same text for the same plan."""
    return "\n".join(_measure_lines(measure, Words(period))) + "\n"


def _measure_lines(measure: MeasurePlan, words: Words) -> Iterator[str]:
    period = words.period
    assert period is not None
    yield f"{measure.id}: {measure.title} (edition {measure.edition}, {measure.status})"
    yield f"measurement period {period.start} to {period.end}"
    for name, value in sorted(measure.parameters.items()):
        yield f"parameter {name} = {_value(value)}"
    # What all rates share is told once, before them.
    judged = [rate for rate in measure.rates if isinstance(rate, (Proportion, EventRate))]
    several = len(judged) > 1
    indexes = dict.fromkeys(index_of(rate) for rate in judged)
    shared_index = several and len(indexes) == 1 and None not in indexes
    shared_steps = several and len({rate.population for rate in judged}) == 1
    shared_exclusions = several and len({rate.exclusions for rate in judged}) == 1
    if shared_index:
        yield ""
        yield from _index_lines(index_of(judged[0]), words, "index events of every rate")
    if shared_steps:
        yield ""
        yield from _step_lines(judged[0].population, words, "population of every rate")
    if shared_exclusions:
        yield ""
        yield from _exclusion_lines(judged[0].exclusions, words, "exclusions of every rate")
    for rate in measure.rates:
        yield ""
        yield f"rate {rate.id}: {rate.title}"
        blocks = [_own_lines(rate)]
        if isinstance(rate, (Proportion, EventRate)):
            if not shared_index:
                blocks.append(_index_lines(index_of(rate), words, "index events"))
            if not shared_steps:
                blocks.append(_step_lines(rate.population, words, "population"))
            if not shared_exclusions:
                blocks.append(_exclusion_lines(rate.exclusions, words, "exclusions"))
            blocks.append(_counted_lines(rate, words))
        elif isinstance(rate, (Composite, Indicator)) and (rate.population or rate.exclusions):
            blocks.append(_step_lines(rate.population, words, "population"))
            blocks.append(_exclusion_lines(rate.exclusions, words, "exclusions"))
        for block in blocks:
            yield from (f"  {line}" for line in block)


_COMPOSITE_WORDS = {
    CompositeKind.POOLED: "the numerators and the denominators of these rates, each added up",
    CompositeKind.EQUAL_WEIGHT: "the mean of these rates",
    CompositeKind.ALL_OR_NONE: "persons who meet all of these rates for which they are eligible",
    CompositeKind.OPPORTUNITY: "met over eligible components, for each person those of these rates",
}


def _own_lines(rate: Rate) -> Iterator[str]:
    """Yield what a rate is beside its criteria."""
    if isinstance(rate, Proportion) and rate.within is not None:
        yield f"within {rate.within}"
    if isinstance(rate, TotalOf):
        yield f"everybody of {', '.join(rate.members)}, each counted once"
    if isinstance(rate, Composite):
        better = " (lower is better)" if rate.lower_is_better else ""
        yield f"{rate.kind.value.replace('_', ' ')}: {_COMPOSITE_WORDS[rate.kind]}{better}"
        yield from (f"  {measure}.{member}" for measure, member in rate.members)
    if isinstance(rate, Indicator):
        yield f"rows of the indicator table: `{rate.indicator}` of {rate.entity.replace('_', ' ')}"


def _index_lines(index: IndexEvents | None, words: Words, title: str) -> Iterator[str]:
    if index is None:
        return
    yield title
    yield from (f"  {line}" for line in words.index(index))
    yield from (f"    | {line}" for line in words.triggers(index.source.events))
    for flag in index.when:
        yield from _flag_lines(flag, words, "  ", "when ")


def _counted_lines(rate: Proportion | EventRate, words: Words) -> Iterator[str]:
    if isinstance(rate, Proportion):
        yield from _numerator_lines(rate, words)
        return
    yield "events per 1,000 member-months" + (" (lower is better)" if rate.lower_is_better else "")
    yield f"  member-months: {month_words(rate.months)}, {words.window(rate.months.window)}"


def month_words(months: MemberMonths) -> str:
    """Return in words which days of a month count, and how they become member-months."""
    match months.rule:
        case MonthRule.DAY_OF_MONTH:
            rule = f"enrolled on day {months.day} of the month"
        case MonthRule.ANY_DAY:
            rule = "enrolled on any day of the month"
        case MonthRule.PRORATED_DAYS:
            rule = "enrolled days over the days of the month"
    benefit = f" with the {months.benefit.replace('_', ' ')} benefit" if months.benefit else ""
    if months.oldest < OLD_ENOUGH_FOR_ANYBODY:
        return f"{rule}{benefit}, ages {months.youngest} to {months.oldest}"
    return f"{rule}{benefit}" + (f", age {months.youngest} or more" if months.youngest else "")


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
    for events in dict.fromkeys(source.events for source in sources_of(flag)):
        yield from (f"{below}| {line}" for line in words.triggers(events))
    for first in dict.fromkeys(date.event for date in all_dates_of(flag) if date.event is not None):
        yield f"{below}| {first.name} is the first {words.windowed(first.source)}"
        yield from (f"{below}|   {line}" for line in words.triggers(first.source.events))
