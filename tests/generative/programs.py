"""Strategies for small programs at plan level: every node, every filter, all anchors."""

from dataclasses import replace

from hypothesis import strategies as st

from generative import pool
from vbpmeasure.data.contract import BENEFITS, EVENT_TABLES, benefit_column
from vbpmeasure.plan.dates import Anchor, DateExpr, FirstDate, Window, Windowed
from vbpmeasure.plan.events import CLAIM_STATUSES, EventSet, LineFilter, Role, SameClaim, Trigger
from vbpmeasure.plan.flags import (
    AgeBetween,
    AllOf,
    AnyOf,
    AtLeastOf,
    CountAtLeast,
    DateWithin,
    Enrolled,
    Not,
    SpanFlagged,
)
from vbpmeasure.plan.measures import Exclusion, MeasurePlan, Program, Proportion, Step, TotalOf, calendar_year

START, END = DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END)
YEAR = Window(START, END)
WIDE = (
    Window(DateExpr(Anchor.BIRTH), END),
    Window(DateExpr(Anchor.BIRTH), DateExpr(Anchor.BIRTHDAY, years=2)),
    Window(DateExpr(Anchor.BIRTHDAY, years=1), END),
    Window(DateExpr(Anchor.PERIOD_START, months=-24), DateExpr(Anchor.PERIOD_END, months=12)),
)
ALWAYS = DateWithin(START, YEAR)

DAYS = st.sampled_from((0, 0, 0, 1, -1, 31, 42, 90, -90, 91, 180, 365, -365, -120))
MONTHS = st.sampled_from((0, 0, 0, 0, 1, -1, 3, 12, -12, 15, 120))
AGES = st.sampled_from((0, 1, 1, 2, 2, 3, 5, 11, 13, 17, 18, 21))


def some(items, most=2):
    """A tuple of one or more of the items, each once."""
    return st.lists(st.sampled_from(items), min_size=1, max_size=most, unique=True).map(tuple)


def maybe(strategy, otherwise=(), one_in=4):
    """The default mostly, so that filters do not starve every event."""
    return st.integers(0, one_in - 1).flatmap(lambda n: strategy if n == one_in - 1 else st.just(otherwise))


ROLES = st.sampled_from((Role.ANY, Role.ANY, Role.ANY, Role.DIAGNOSIS, Role.PRINCIPAL_DIAGNOSIS))


@st.composite
def coded(draw, make):
    role = draw(ROLES)
    names = pool.EVENT_SETS if role is Role.ANY else pool.DIAGNOSIS_SETS
    return make(role, draw(some(names)))


same_claims = coded(SameClaim)

claims = st.lists(same_claims, min_size=1, max_size=2).map(tuple)
CONDITIONS = {
    "place_in": some(pool.PLACES),
    "place_not_in": some(pool.PLACES, most=1),
    "modifier_in": some(pool.MODIFIERS),
    "modifier_not_in": some(pool.MODIFIERS),
    "provider_in": some(pool.PROVIDERS),
    "statuses": some(CLAIM_STATUSES, most=4),
    "sources": some(EVENT_TABLES, most=4),
    "record_statuses": some(pool.ASKED_STATUSES, most=3),
    "encounter_classes": some(pool.ASKED_CLASSES),
    "encounter_types": some(pool.ASKED_TYPES),
    "same_claim": claims,
    "not_same_claim": claims,
}


@st.composite
def filters(draw):
    """One or two conditions: more of them would starve every event."""
    names = draw(st.lists(st.sampled_from((*CONDITIONS, "provider_in")), min_size=1, max_size=2, unique=True))
    return LineFilter(**{name: draw(CONDITIONS[name]) for name in names}, unknown_provider=draw(st.booleans()))


@st.composite
def triggers(draw):
    where = draw(st.one_of(st.just(LineFilter()), filters()))
    return draw(coded(lambda role, names: Trigger(role, names, where)))


event_sets = st.lists(triggers(), min_size=1, max_size=3).map(lambda found: EventSet(tuple(found)))


@st.composite
def person_dates(draw):
    """A date of any anchor but an event."""
    anchor = draw(
        st.sampled_from(
            (
                Anchor.BIRTH,
                Anchor.BIRTHDAY,
                Anchor.BIRTHDAY,
                Anchor.PERIOD_START,
                Anchor.PERIOD_END,
                Anchor.PERIOD_END,
                Anchor.DEATH,
            )
        )
    )
    years = draw(AGES) if anchor is Anchor.BIRTHDAY else 0
    return DateExpr(anchor, years=years, months=draw(MONTHS), days=draw(DAYS))


@st.composite
def dates(draw, sets, depth=1):
    """A date of any anchor; event dates may hang on windows that hang on event dates, ``depth`` times."""
    if depth and draw(st.integers(0, 5)) == 0:
        source = Windowed(draw(st.sampled_from(sets)), draw(windows(sets, depth - 1)))
        return DateExpr(Anchor.EVENT, event=FirstDate(source), months=draw(MONTHS), days=draw(DAYS))
    return draw(person_dates())


@st.composite
def windows(draw, sets, depth=1):
    """A window: the period, a shared anchor with two offsets, or any two dates (often empty)."""
    kind = draw(st.integers(0, 7))
    if kind in (0, 6):
        return YEAR
    if kind == 7:
        return draw(st.sampled_from(WIDE))
    first = draw(dates(sets, depth))
    if kind <= 3:
        longer = draw(st.sampled_from((0, 1, 13, 30, 45, 90, 364, 365, 730)))
        last = DateExpr(
            first.anchor, years=first.years, event=first.event, months=first.months, days=first.days + longer
        )
        return Window(first, last)
    if kind == 4:
        return Window(DateExpr(Anchor.BIRTH), draw(dates(sets, depth)))
    return Window(first, draw(dates(sets, depth)))


@st.composite
def counts(draw, sets):
    window = draw(windows(sets))
    sources = [Windowed(draw(st.sampled_from(sets)), window)]
    while len(sources) < 3 and draw(st.integers(0, 3)) == 0:
        other = window if draw(st.booleans()) else draw(windows(sets))
        sources.append(Windowed(draw(st.sampled_from(sets)), other))
    n = draw(st.sampled_from((1, 1, 1, 2, 2, 3, 6)))
    return CountAtLeast(tuple(sources), n, draw(st.sampled_from((1, 1, 1, 2, 14, 31, 146))))


@st.composite
def ages(draw):
    youngest = draw(AGES)
    on = draw(st.one_of(st.just(END), person_dates()))
    return AgeBetween(youngest, youngest + draw(st.sampled_from((0, 0, 2, 8, 150))), on)


@st.composite
def enrolled(draw, sets):
    window = draw(windows(sets))
    return Enrolled(
        window,
        on=draw(st.one_of(st.none(), st.just(window.end), dates(sets))),
        max_gaps=draw(st.sampled_from((0, 0, 1, 1, 1, 2, 3))),
        gap_days=draw(st.sampled_from((0, 1, 30, 44, 45, 46, 60))),
        gap_months=draw(st.sampled_from((None, None, None, 0, 1, 1, 2))),
        benefit=draw(maybe(st.sampled_from(BENEFITS), otherwise=None)),
    )


@st.composite
def leaves(draw, sets):
    kind = draw(st.integers(0, 9))
    if kind <= 4:
        return draw(counts(sets))
    if kind <= 6:
        return draw(enrolled(sets))
    if kind == 7:
        return draw(ages())
    if kind == 8:
        return DateWithin(draw(dates(sets)), draw(windows(sets)))
    column = draw(st.sampled_from(("hospice_flag", benefit_column("dental"))))
    return SpanFlagged(column, draw(windows(sets)))


@st.composite
def flags(draw, sets, depth=2):
    """A criterion; parts are drawn from few enough to repeat, so that shared parts are shared."""
    kind = draw(st.integers(0, 7)) if depth else 0
    if kind <= 3:
        return draw(leaves(sets))
    if kind == 4:
        return Not(draw(flags(sets, depth - 1)))
    members = tuple(draw(st.lists(flags(sets, depth - 1), min_size=1, max_size=3)))
    if kind == 5:
        return AllOf(members)
    if kind == 6:
        return AnyOf(members)
    return AtLeastOf(draw(st.integers(1, len(members))), members)


@st.composite
def proportions(draw, sets, rate_id, exclusions):
    """A rate: either one criterion over everybody, which shows all of it, or a whole one."""
    numerator = draw(flags(sets))
    if draw(st.booleans()):
        return Proportion(rate_id, rate_id, (Step("everybody", ALWAYS),), exclusions, numerator)
    steps = [draw(st.one_of(st.just(ALWAYS), flags(sets, 1))) for _ in range(draw(st.integers(1, 3)))]
    population = tuple(Step(f"step {i}", flag) for i, flag in enumerate(steps))
    return Proportion(rate_id, rate_id, population, exclusions, numerator)


@st.composite
def measures(draw, measure_id, sets):
    """A measure of one to four proportions with the same exclusions, and perhaps their totals."""
    reasons = draw(st.lists(flags(sets, 1), max_size=2))
    exclusions = tuple(Exclusion(f"reason_{i}", "", flag) for i, flag in enumerate(reasons))
    rates = [draw(proportions(sets, f"r{i}", exclusions)) for i in range(draw(st.integers(1, 4)))]
    if len(rates) > 1 and draw(st.booleans()):
        members = draw(st.lists(st.sampled_from([rate.id for rate in rates]), min_size=1, unique=True))
        rates.append(TotalOf("total", "total", tuple(members)))
    return MeasurePlan(measure_id, measure_id, "1", "active", tuple(rates))


@st.composite
def probes(draw, measure_id, sets):
    """Many counts or many enrollment rules over everybody and in wide windows: their boundaries, undiluted."""
    kind = draw(st.booleans())
    wide = st.sampled_from((YEAR, *WIDE))
    rates = []
    for i in range(6):
        if kind:
            apart, n = draw(st.sampled_from((1, 2, 14, 31, 146))), draw(st.sampled_from((2, 2, 3)))
            flag = CountAtLeast((Windowed(draw(st.sampled_from(sets)), draw(wide)),), n, apart)
        else:
            flag = replace(draw(enrolled(sets)), window=draw(wide), max_gaps=draw(st.sampled_from((1, 1, 2))), on=None)
        rates.append(Proportion(f"r{i}", f"r{i}", (Step("everybody", ALWAYS),), (), flag))
    return MeasurePlan(measure_id, measure_id, "1", "active", tuple(rates))


@st.composite
def programs(draw, most_measures=3):
    """A program of one or more measures over a few event sets that they share."""
    sets = draw(st.lists(event_sets, min_size=1, max_size=4))
    number = draw(st.integers(1, most_measures))
    return Program(
        tuple(draw(st.one_of(measures(f"m{i}", sets), probes(f"m{i}", sets))) for i in range(number)),
        calendar_year(draw(st.sampled_from((2025, 2024, 2023, 2020)))),
        pool.VALUE_SETS,
        draw(st.sampled_from((("payer", "product_line"), ("payer",), (), ("plan", "payer")))),
    )
