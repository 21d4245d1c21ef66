"""The days that matter to a program for a person: every date that its windows begin and end with."""

from vbpmeasure.engines.reference.dates import add_days, add_months, birthday
from vbpmeasure.plan.dates import INDEX_ANCHORS, Anchor
from vbpmeasure.plan.flags import CountAtLeast
from vbpmeasure.plan.measures import EventRate
from vbpmeasure.plan.uses import all_dates_of, flags_of, index_of


def _dates_in(date):
    yield date
    if date.event is not None:
        window = date.event.source.window
        yield from _dates_in(window.start)
        yield from _dates_in(window.end)


def flags_in(program):
    """Yield every criterion of every rate, parts and those of index events included."""
    for measure in program.measures:
        for rate in measure.rates:
            for top in flags_of(rate):
                yield from top.walk()


def index_events_in(program):
    """Yield every definition of index events."""
    for measure in program.measures:
        for rate in measure.rates:
            index = index_of(rate)
            if index is not None:
                yield index


def date_expressions(program):
    """Return the distinct date expressions of a program, those behind event dates included."""
    found = {}
    windows = [index.source.window for index in index_events_in(program)]
    windows += [r.months.window for m in program.measures for r in m.rates if isinstance(r, EventRate)]
    here = [date for flag in flags_in(program) for date in all_dates_of(flag)]
    here += [date for window in windows for date in (window.start, window.end)]
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
    moved = {date.days for date in expressions if date.anchor in (Anchor.EVENT, *INDEX_ANCHORS)}
    apart = {flag.apart for flag in flags_in(program) if isinstance(flag, CountAtLeast)}
    for index in index_events_in(program):
        apart |= {index.apart, index.stays.chain_days if index.stays else 0}
    return sorted({0, 1} | {days + beside for days in moved | apart for beside in (-1, 0, 0, 1)})
