"""Strategies for small programs at plan level: every node, every filter, all anchors."""

from dataclasses import replace

from generative import chance as st
from generative import pool
from vbpmeasure.data.contract import BENEFITS, EVENT_TABLES, benefit_column
from vbpmeasure.plan.amounts import (
    DaysCovered,
    Dropped,
    EnrolledRun,
    Pick,
    Reading,
    ReadingWithin,
    Sex,
    SexIs,
)
from vbpmeasure.plan.dates import Anchor, DateExpr, FirstDate, Window, Windowed
from vbpmeasure.plan.events import CLAIM_STATUSES, Dated, EventSet, LineFilter, ResultTest, Role, SameClaim, Trigger
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
from vbpmeasure.plan.grain import Grain
from vbpmeasure.plan.index import IndexEvents, Keep, Stays
from vbpmeasure.plan.measures import (
    Composite,
    CompositeKind,
    EventRate,
    Exclusion,
    Indicator,
    MeasurePlan,
    MemberMonths,
    MonthRule,
    Program,
    Proportion,
    Step,
    TotalOf,
    calendar_year,
)

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
BOUNDS = st.one_of(st.none(), st.sampled_from(pool.BOUNDS))


@st.composite
def result_tests(draw):
    bounds = {name: draw(maybe(BOUNDS, otherwise=None, one_in=2)) for name in ("least", "most", "above", "below")}
    return ResultTest(
        **bounds,
        units=draw(maybe(some(pool.ASKED_UNITS))),
        texts=draw(maybe(some(pool.ASKED_TEXTS))),
        codes=draw(maybe(some(("sick_dx", "lab_test")))),
    )


results = result_tests()
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
    "provider_not_in": some(pool.PROVIDERS, most=1),
    "teeth": some(pool.ASKED_TEETH),
    "result": results,
    "dated": st.sampled_from((Dated.ADMISSION, Dated.DISCHARGE)),
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
def dates(draw, sets, depth=1, index=False):
    """A date of any anchor; event dates may hang on windows that hang on event dates, ``depth`` times.

    With ``index`` dates of index events are drawn too, and often.
    """
    if index and draw(st.integers(0, 2)):
        anchor = draw(st.sampled_from((Anchor.INDEX, Anchor.INDEX, Anchor.INDEX, Anchor.INDEX_START, Anchor.INDEX_END)))
        return DateExpr(anchor, months=draw(MONTHS), days=draw(DAYS))
    if depth and draw(st.integers(0, 5)) == 0:
        source = Windowed(draw(st.sampled_from(sets)), draw(windows(sets, depth - 1, index)))
        return DateExpr(Anchor.EVENT, event=FirstDate(source), months=draw(MONTHS), days=draw(DAYS))
    return draw(person_dates())


@st.composite
def windows(draw, sets, depth=1, index=False):
    """A window: the period, a shared anchor with two offsets, or any two dates (often empty)."""
    kind = draw(st.integers(0, 7))
    if kind in (0, 6):
        return YEAR
    if kind == 7:
        return draw(st.sampled_from(WIDE))
    first = draw(dates(sets, depth, index))
    if kind <= 3:
        longer = draw(st.sampled_from((0, 1, 13, 30, 45, 90, 364, 365, 730)))
        last = DateExpr(
            first.anchor, years=first.years, event=first.event, months=first.months, days=first.days + longer
        )
        return Window(first, last)
    if kind == 4:
        return Window(DateExpr(Anchor.BIRTH), draw(dates(sets, depth, index)))
    return Window(first, draw(dates(sets, depth, index)))


@st.composite
def counts(draw, sets, index=False):
    window = draw(windows(sets, 1, index))
    sources = [Windowed(draw(st.sampled_from(sets)), window)]
    while len(sources) < 3 and draw(st.integers(0, 3)) == 0:
        other = window if draw(st.booleans()) else draw(windows(sets, 1, index))
        sources.append(Windowed(draw(st.sampled_from(sets)), other))
    n = draw(st.sampled_from((1, 1, 1, 2, 2, 3, 6)))
    return CountAtLeast(tuple(sources), n, draw(st.sampled_from((1, 1, 1, 2, 14, 31, 146))))


@st.composite
def ages(draw, index=False):
    youngest = draw(AGES)
    on = draw(st.one_of(st.just(DateExpr(Anchor.INDEX)) if index else st.just(END), person_dates()))
    return AgeBetween(youngest, youngest + draw(st.sampled_from((0, 0, 2, 8, 150))), on)


@st.composite
def enrolled(draw, sets, index=False):
    window = draw(windows(sets, 1, index))
    return Enrolled(
        window,
        on=draw(st.one_of(st.none(), st.just(window.end), dates(sets, 1, index))),
        max_gaps=draw(st.sampled_from((0, 0, 1, 1, 1, 2, 3))),
        gap_days=draw(st.sampled_from((0, 1, 30, 44, 45, 46, 60))),
        gap_months=draw(st.sampled_from((None, None, None, 0, 1, 1, 2))),
        benefit=draw(maybe(st.sampled_from(BENEFITS), otherwise=None)),
    )


@st.composite
def readings(draw, sets, index=False):
    source = Windowed(draw(st.sampled_from(sets)), draw(windows(sets, 1, index)))
    return Reading(source, draw(st.sampled_from(Pick)))


@st.composite
def read_numbers(draw, sets, index=False):
    """A criterion on one reading, or on two."""
    if draw(st.booleans()):
        bounds = {name: draw(BOUNDS) for name in ("least", "most", "above", "below")}
        return ReadingWithin(draw(readings(sets, index)), **bounds)
    enough = draw(st.sampled_from(((0.0, None), (1.0, None), (5.0, None), (None, 10), (None, 50), (1.0, 25))))
    return Dropped(draw(readings(sets, index)), draw(readings(sets, index)), *enough)


@st.composite
def covered(draw, sets, index=False):
    window = draw(windows(sets, 1, index))
    sources = draw(st.lists(st.sampled_from(sets), min_size=1, max_size=2))
    days = draw(st.sampled_from((1, 2, 30, 31, 60, 61, 90, 200)))
    return DaysCovered(tuple(Windowed(events, window) for events in sources), days)


@st.composite
def runs(draw, sets, index=False):
    days = draw(st.sampled_from((1, 2, 30, 90, 180, 365, 366)))
    benefit = draw(maybe(st.sampled_from(BENEFITS), otherwise=None))
    return EnrolledRun(draw(windows(sets, 1, index)), days, benefit)


@st.composite
def leaves(draw, sets, index=False):
    kind = draw(st.integers(0, 13))
    if kind == 10:
        return draw(read_numbers(sets, index))
    if kind == 11:
        return draw(covered(sets, index))
    if kind == 12:
        return draw(runs(sets, index))
    if kind == 13:
        return SexIs(draw(st.sampled_from(Sex)))
    if kind <= 4:
        return draw(counts(sets, index))
    if kind <= 6:
        return draw(enrolled(sets, index))
    if kind == 7:
        return draw(ages(index))
    if kind == 8:
        return DateWithin(draw(dates(sets, 1, index)), draw(windows(sets, 1, index)))
    column = draw(st.sampled_from(("hospice_flag", benefit_column("dental"))))
    return SpanFlagged(column, draw(windows(sets, 1, index)))


@st.composite
def flags(draw, sets, depth=2, index=False):
    """A criterion; parts are drawn from few enough to repeat, so that shared parts are shared."""
    kind = draw(st.integers(0, 7)) if depth else 0
    if kind <= 3:
        return draw(leaves(sets, index))
    if kind == 4:
        return Not(draw(flags(sets, depth - 1, index)))
    members = tuple(draw(st.lists(flags(sets, depth - 1, index), min_size=1, max_size=3)))
    if kind == 5:
        return AllOf(members)
    if kind == 6:
        return AnyOf(members)
    return AtLeastOf(draw(st.integers(1, len(members))), members)


@st.composite
def index_events(draw, sets):
    """Index events: days or stays, with conditions, a distance and a choice."""
    stays = draw(maybe(st.builds(Stays, CHAINS, STAY_ENDS), otherwise=None, one_in=2))
    # Mostly from events that people have, in windows that hold them: what is asked of the units is the point.
    window = draw(maybe(windows(sets), otherwise=None)) or draw(st.sampled_from((YEAR, *WIDE)))
    source = Windowed(draw(st.sampled_from((*sets, *COMMON))), window)
    when = tuple(draw(maybe(st.lists(flags(sets, 1, index=True), min_size=1, max_size=2), otherwise=())))
    keep = draw(st.sampled_from((Keep.EVERY, Keep.EVERY, Keep.FIRST, Keep.LAST)))
    return IndexEvents(source, stays, when, keep, draw(st.sampled_from((1, 1, 2, 31, 91, 365))))


COMMON = tuple(
    EventSet((Trigger(Role.ANY, names),)) for names in (("visit", "wide"), ("sick_dx",), ("well_dx", "shot"))
)
CHAINS = st.sampled_from((0, 0, 1, 30, 31))
STAY_ENDS = st.sampled_from((Dated.ADMISSION, Dated.DISCHARGE))


@st.composite
def proportions(draw, sets, rate_id, exclusions, units=None):
    """A rate: either one criterion over everybody, which shows all of it, or a whole one."""
    index = isinstance(units, IndexEvents)
    more = {"units": units} if index else {}
    numerator = draw(flags(sets, index=index))
    if draw(st.booleans()):
        return Proportion(rate_id, rate_id, (Step("everybody", ALWAYS),), exclusions, numerator, **more)
    steps = [draw(st.one_of(st.just(ALWAYS), flags(sets, 1, index))) for _ in range(draw(st.integers(1, 3)))]
    population = tuple(Step(f"step {i}", flag) for i, flag in enumerate(steps))
    return Proportion(rate_id, rate_id, population, exclusions, numerator, **more)


@st.composite
def months(draw, sets):
    youngest = draw(st.sampled_from((0, 0, 1, 2, 13)))
    return MemberMonths(
        draw(st.one_of(st.just(YEAR), windows(sets))),
        draw(st.sampled_from(MonthRule)),
        draw(st.sampled_from((1, 15, 28, 29, 30, 31))),
        youngest,
        youngest + draw(st.sampled_from((0, 1, 150))),
        draw(maybe(st.sampled_from(BENEFITS), otherwise=None)),
    )


@st.composite
def event_rates(draw, sets, rate_id, exclusions):
    steps = [draw(st.one_of(st.just(ALWAYS), flags(sets, 1))) for _ in range(draw(st.integers(1, 2)))]
    population = tuple(Step(f"step {i}", flag) for i, flag in enumerate(steps))
    return EventRate(rate_id, rate_id, population, exclusions, draw(index_events(sets)), draw(months(sets)))


@st.composite
def own_persons(draw, sets):
    """The population and exclusions that composites and indicators may have."""
    steps = draw(st.lists(st.one_of(st.just(ALWAYS), flags(sets, 1)), max_size=2))
    reasons = draw(st.lists(flags(sets, 1), max_size=1))
    return {
        "population": tuple(Step(f"step {i}", flag) for i, flag in enumerate(steps)),
        "exclusions": tuple(Exclusion(f"reason_{i}", "", flag) for i, flag in enumerate(reasons)),
    }


@st.composite
def composites(draw, sets, rate_id, members):
    kind = draw(st.sampled_from((*CompositeKind, CompositeKind.ALL_OR_NONE, CompositeKind.OPPORTUNITY)))
    chosen = tuple(draw(st.lists(st.sampled_from(members), min_size=1, max_size=4, unique=True)))
    return Composite(rate_id, rate_id, kind, chosen, **(draw(own_persons(sets)) if kind.per_person else {}))


@st.composite
def indicators(draw, sets, rate_id):
    entity = draw(st.sampled_from(pool.ENTITIES))
    own = draw(own_persons(sets)) if entity == "person" else {}
    return Indicator(rate_id, rate_id, draw(st.sampled_from(pool.INDICATORS)), entity, **own)


@st.composite
def measures(draw, measure_id, sets):
    """A measure of one to four proportions with the same exclusions, and perhaps their totals."""
    reasons = draw(st.lists(flags(sets, 1), max_size=2))
    exclusions = tuple(Exclusion(f"reason_{i}", "", flag) for i, flag in enumerate(reasons))
    rates = [draw(proportions(sets, f"r{i}", exclusions)) for i in range(draw(st.integers(1, 4)))]
    if len(rates) > 1 and draw(st.booleans()):
        rates.append(draw(totals(rates, "total")))
    return MeasurePlan(measure_id, measure_id, "1", "active", tuple(rates))


@st.composite
def totals(draw, rates, rate_id):
    members = draw(st.lists(st.sampled_from([rate.id for rate in rates]), min_size=1, unique=True))
    return TotalOf(rate_id, rate_id, tuple(members))


@st.composite
def index_measures(draw, measure_id, sets):
    """A measure of index events: rates of the same units, a sub-population, totals, and what is made of them."""
    units = draw(index_events(sets))
    reasons = draw(st.lists(flags(sets, 1, index=True), max_size=2))
    exclusions = tuple(Exclusion(f"reason_{i}", "", flag) for i, flag in enumerate(reasons))
    rates = [draw(proportions(sets, f"r{i}", exclusions, units)) for i in range(draw(st.integers(1, 3)))]
    if draw(st.booleans()):
        # A sub-population: the steps of the first rate, then one of its own.
        own = Step("own", draw(flags(sets, 1, index=True)))
        rates.append(replace(rates[0], id="sub", population=(*rates[0].population, own), within=rates[0].id))
    if len(rates) > 1 and draw(st.booleans()):
        rates.append(draw(totals(rates, "total")))
    if draw(st.booleans()):
        rates.append(draw(proportions(sets, "other", (), draw(index_events(sets)))))
    if draw(st.booleans()):
        rates.append(draw(proportions(sets, "person", ())))
    members = [(measure_id, rate.id) for rate in rates]
    for_persons = () if any(reason.grain is Grain.INDEX for reason in reasons) else exclusions
    if draw(st.booleans()):
        rates.append(draw(event_rates(sets, "events", for_persons)))
    if draw(st.booleans()):
        rates.append(draw(composites(sets, "composite", members)))
    if draw(st.booleans()):
        rates.append(draw(indicators(sets, "indicator")))
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


YEARS = st.sampled_from((2025, 2024, 2023, 2020))
KEYS = st.sampled_from((("payer", "product_line"), ("payer",), (), ("plan", "payer")))


@st.composite
def programs(draw, most_measures=3, index=True, number=None):
    """A program of one or more measures; without ``index`` of persons only.

    Up to ``most_measures`` share the same few event sets; ``number`` says how many there are in all.
    """
    plans, wanted = [], number or draw(st.integers(1, most_measures))
    kinds = (measures, probes, index_measures, index_measures) if index else (measures, probes)
    while len(plans) < wanted:
        sets = draw(st.lists(event_sets, min_size=1, max_size=4))
        for _ in range(min(most_measures, wanted - len(plans))):
            plans.append(draw(draw(st.sampled_from(kinds))(f"m{len(plans)}", sets)))
    return Program(tuple(plans), calendar_year(draw(YEARS)), pool.VALUE_SETS, draw(KEYS))
