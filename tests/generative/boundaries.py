"""The days that matter to a program for a person: every date that its windows begin and end with."""

from vbpmeasure.engines.reference.dates import add_days, add_months, birthday
from vbpmeasure.plan.dates import Anchor
from vbpmeasure.plan.flags import CountAtLeast
from vbpmeasure.plan.measures import Proportion
from vbpmeasure.plan.uses import dates_of, flags_of


def _dates_in(date):
    yield date
    if date.event is not None:
        window = date.event.source.window
        yield from _dates_in(window.start)
        yield from _dates_in(window.end)


def flags_in(program):
    """Yield every criterion of every proportion, parts included."""
    for measure in program.measures:
        for rate in measure.rates:
            if isinstance(rate, Proportion):
                for top in flags_of(rate):
                    yield from top.walk()


def date_expressions(program):
    """Return the distinct date expressions of a program, those behind event dates included."""
    found = {}
    for flag in flags_in(program):
        here = list(dates_of(flag))
        if isinstance(flag, CountAtLeast):
            here += [end for source in flag.sources for end in (source.window.start, source.window.end)]
        found.update((inner, None) for date in here for inner in _dates_in(date))
    return list(found)


def boundary_days(expressions, period, birth, death):
    """Return the days that the expressions mean for a person; event dates are left to chance."""
    days = {period.start, period.end, birth}
    for date in expressions:
        anchor = {
            Anchor.BIRTH: birth,
            Anchor.BIRTHDAY: birthday(birth, date.years),
            Anchor.DEATH: death,
            Anchor.PERIOD_START: period.start,
            Anchor.PERIOD_END: period.end,
        }.get(date.anchor)
        if anchor is not None:
            days.add(add_days(add_months(anchor, date.months), date.days))
    return sorted(days)


def event_offsets(program, expressions):
    """Return the telling distances between rows: what event dates are moved by, and what counts must be apart."""
    moved = {date.days for date in expressions if date.anchor is Anchor.EVENT}
    apart = {flag.apart for flag in flags_in(program) if isinstance(flag, CountAtLeast)}
    return sorted({0, 1} | {days + beside for days in moved | apart for beside in (-1, 0, 0, 1)})
