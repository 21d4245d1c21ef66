"""Plans in few words, so that a test shows the rule and not the dataclasses."""

from vbpmeasure.plan.dates import Anchor, DateExpr, FirstDate, Window, Windowed
from vbpmeasure.plan.events import EventSet, LineFilter, Role, SameClaim, Trigger
from vbpmeasure.plan.flags import CountAtLeast, DateWithin
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.measures import CodeSet, Exclusion, MeasurePlan, Program, Proportion, Step, calendar_year

START, END = DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END)
YEAR = Window(START, END)
EVER = Window(DateExpr(Anchor.PERIOD_START, months=-12 * 60), DateExpr(Anchor.PERIOD_END, months=12 * 60))


def start(months=0, days=0):
    return DateExpr(Anchor.PERIOD_START, months=months, days=days)


def end(months=0, days=0):
    return DateExpr(Anchor.PERIOD_END, months=months, days=days)


def birth(months=0, days=0):
    return DateExpr(Anchor.BIRTH, months=months, days=days)


def birthday(years, months=0, days=0):
    return DateExpr(Anchor.BIRTHDAY, years=years, months=months, days=days)


def death(months=0, days=0):
    return DateExpr(Anchor.DEATH, months=months, days=days)


def first(events, window=EVER, months=0, days=0):
    return DateExpr(Anchor.EVENT, event=FirstDate(Windowed(events, window)), months=months, days=days)


def same(role, *names):
    return SameClaim(Role(role), names)


def trigger(role, *names, **where):
    return Trigger(Role(role), names, LineFilter(**where))


def code(*names, **where):
    """An event set of one trigger that looks at every code of a row."""
    return EventSet((trigger("code", *names, **where),))


def diagnosis(*names, **where):
    return EventSet((trigger("diagnosis", *names, **where),))


def principal(*names, **where):
    return EventSet((trigger("principal_diagnosis", *names, **where),))


def count(events, window=EVER, n=1, apart=1):
    """At least n dates of one event set, or of a tuple of event sets with the same window."""
    sets = events if isinstance(events, tuple) else (events,)
    return CountAtLeast(tuple(Windowed(one, window) for one in sets), n, apart)


def at(months=0, days=0, anchor=Anchor.INDEX):
    """The index date, or another day of the index event, with an offset."""
    return DateExpr(anchor, months=months, days=days)


def since(first, last):
    """The days from the first to the last after the index date."""
    return Window(at(days=first), at(days=last))


def index(events, window=YEAR, **more):
    """Index events: the days of an event set in the period unless said otherwise."""
    return IndexEvents(Windowed(events, window), **more)


# A criterion that everybody meets: a date of the period in the period.
ALWAYS = DateWithin(START, YEAR)
EVERYBODY = (ALWAYS,)


def codes(**systems):
    """A code set: CPT="99391 99392"."""
    return {system: frozenset(text.split()) for system, text in systems.items()}


def value_sets(**sets):
    return {name: CodeSet(name, by_system) for name, by_system in sets.items()}


def rate(numerator, population=None, exclusions=(), rate_id="r", **more):
    """A proportion; the population is everybody unless said otherwise, steps and exclusions are named by position."""
    steps = EVERYBODY if population is None else population
    return Proportion(
        rate_id,
        rate_id.upper(),
        tuple(Step(f"step {i}", flag) for i, flag in enumerate(steps)),
        tuple(Exclusion(reason, reason, flag) for reason, flag in exclusions),
        numerator,
        **more,
    )


def program(*rates, sets=None, year=2025, **settings):
    return Program(
        (MeasurePlan("m", "M", "1", "active", tuple(rates)),),
        calendar_year(year),
        value_sets(**(sets or {})),
        **settings,
    )
