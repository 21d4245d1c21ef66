"""Strategies for dates, windows and events as definitions write them; each is made once, to draw faster."""

from functools import cache

from generative import chance as st
from generative import pool
from vbpmeasure.data.contract import SOURCE_GROUPS
from vbpmeasure.plan.events import CLAIM_STATUSES

EVENT_NAMES = ("visit_event", "dx_event", "mixed_event", "shared_event")
DATE_NAMES = ("first_visit", "later_date")
# Where index events are judged their dates stand too, and dates that hang on them.
INDEX_DATES = (*DATE_NAMES, "index", "index", "index", "index start", "index end", "seen_after")

days = st.sampled_from((1, 13, 30, 42, 45, 90, 180, 365))


@cache
def number(strategy):
    """A whole number, sometimes the name of the integer parameter."""
    return st.one_of(strategy.map(str), strategy.map(str), strategy.map(str), st.just("enough"))


@cache
def listed(items, most=2):
    """One item, or a list of some of them."""
    several = st.lists(st.sampled_from(items), min_size=1, max_size=most, unique=True)
    return st.one_of(st.sampled_from(items), several)


@cache
@st.composite
def offsets(draw, *, with_days=True):
    """Months before days, as the language asks for."""
    text = ""
    if draw(st.integers(0, 3)) == 0:
        text += f" {draw(st.sampled_from('+-'))} {draw(st.sampled_from(('1 month', '3 months', '1 year')))}"
    if with_days and draw(st.booleans()):
        text += f" {draw(st.sampled_from('++-'))} {draw(number(days))} days"
    return text


@cache
@st.composite
def dates(draw, names=DATE_NAMES, *, with_days=True):
    """A date; without days where a later date may still add months to it."""
    fixed = ("birth", "birthday 1", "birthday 2", "birthday 13", "birthday enough")
    anchor = draw(st.sampled_from((*fixed, "period start", "period end", "death", *names)))
    return anchor + draw(offsets(with_days=with_days))


@cache
@st.composite
def windows(draw, names=DATE_NAMES, *, single=True):
    """Any form of a window; most of them hold days."""
    form = draw(st.integers(0, 6 if single else 5))
    first = draw(dates(names))
    if form <= 1:
        return {"during": "period"}
    if form == 2:
        return {"between": ["birth", draw(st.sampled_from(("birthday 2", "period end", "birthday 1 + 90 days")))]}
    if form == 3:
        # The other end lies late mostly: checks refuse windows that hold no day whatever the birth date.
        return {"between": [first, draw(st.sampled_from(("period end", "period end + 1 year", "death", *names)))]}
    if form in (4, 5):
        start = draw(st.sampled_from(("from", "after")))
        end = draw(st.sampled_from(("to", "before")))
        base = first.split(" + ")[0].split(" - ")[0]
        return {start: base, end: f"{base} + {draw(days) + 1} days"}
    return {"on": first}


@cache
@st.composite
def bounds(draw):
    """No bound of a number, one, or one on each side."""
    found = {}
    if draw(st.booleans()):
        found[draw(st.sampled_from(("at_least", "above")))] = draw(st.sampled_from(("5", "9.5", "enough")))
    if draw(st.booleans()):
        found[draw(st.sampled_from(("at_most", "below")))] = draw(st.sampled_from(("10", "20")))
    return found


@cache
@st.composite
def results(draw):
    """Conditions on the result of a test."""
    found = draw(bounds())
    if draw(st.integers(0, 2)) == 0:
        found["unit"] = draw(listed(("mg/dL", "score")))
    if draw(st.integers(0, 2)) == 0:
        found["text"] = draw(listed(("Positive", "10")))
    elif draw(st.integers(0, 2)) == 0:
        found["code"] = draw(listed(("sick_dx", "lab_test")))
    return found or {"at_least": "5"}


def _providers(draw):
    found = {"provider": draw(listed(pool.PROVIDERS))}
    if draw(st.booleans()):
        found["unknown_provider"] = draw(st.sampled_from(("include", "exclude", "unknown")))
    return found


def _sources(draw):
    every = [*SOURCE_GROUPS, "medication"]
    return {
        "source": draw(st.sampled_from((["medical_claim", "immunization"], every, ["claims", "clinical"], "claims")))
    }


def _same_claim(draw):
    on_claim = draw(st.sampled_from(("with", "without")))
    what = draw(st.sampled_from(("code", "diagnosis", "principal_diagnosis")))
    return {f"{on_claim}_{what}": draw(listed(("visit", "wide", "shot") if what == "code" else pool.DIAGNOSIS_SETS))}


FILTERS = (
    lambda draw: {"place": draw(listed(pool.PLACES))},
    lambda draw: {"not_place": draw(listed(pool.PLACES))},
    lambda draw: {draw(st.sampled_from(("modifier", "not_modifier"))): "telehealth"},
    _providers,
    lambda draw: {"not_provider": draw(listed(pool.PROVIDERS))},
    lambda draw: {"status": draw(st.lists(st.sampled_from(CLAIM_STATUSES), min_size=1, unique=True))},
    lambda draw: {"record_status": draw(listed(("completed", "final", "Active", "unknown"), most=4))},
    _sources,
    _same_claim,
    _same_claim,
    lambda draw: {"tooth": draw(listed(("3", "14", "03")))},
    lambda draw: {"result": draw(results())},
    lambda draw: {"dated": draw(st.sampled_from(("service", "admission", "discharge")))},
)


def filters(draw, one_in=2):
    """No filter mostly, or one: more would starve every event, and nested ones contradict each other."""
    chosen = draw(st.integers(0, one_in * len(FILTERS) - 1))
    return FILTERS[chosen](draw) if chosen < len(FILTERS) else {}


def _unless(draw):
    """Filters that depend on a parameter."""
    parameter = draw(st.sampled_from(({"strict": "yes"}, {"mode": "day"}, {"strict": "no"})))
    return dict(parameter) | {"filters": filters(draw, one_in=1)}


@cache
@st.composite
def triggers(draw):
    """A role with its value sets, and filters."""
    role = draw(st.sampled_from(("code", "code", "code", "diagnosis", "principal_diagnosis")))
    event = {role: draw(listed(pool.EVENT_SETS if role == "code" else pool.DIAGNOSIS_SETS))} | filters(draw)
    if role == "code" and len(event) == 1 and draw(st.integers(0, 5)) == 0:
        asked = (("encounter_class", ("AMB", "EMER")), ("encounter_type", ("office visit", "Telehealth")))
        key, texts = draw(st.sampled_from(asked))
        event[key] = draw(listed(texts))
    elif draw(st.integers(0, 4)) == 0:
        several = [_unless(draw) for _ in range(draw(st.integers(1, 2)))]
        event["unless"] = several if len(several) > 1 else several[0]
    return event


@cache
@st.composite
def events(draw, names=()):
    """A name, a trigger, or `any` of them with filters for all."""
    if names and draw(st.booleans()):
        return draw(st.sampled_from(names))
    if draw(st.integers(0, 2)):
        return draw(triggers())
    members = draw(
        st.lists(st.one_of(triggers(), *([st.sampled_from(names)] if names else [])), min_size=1, max_size=3)
    )
    return {"any": members} | filters(draw)
