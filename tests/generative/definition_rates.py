"""Strategies for rates as definitions write them: every form of the language, of persons and of index events."""

from functools import cache

from generative import chance as st
from generative import pool
from generative.definition_criteria import criteria
from generative.definition_events import DATE_NAMES, EVENT_NAMES, INDEX_DATES, days, events, number, windows
from vbpmeasure.data.contract import BENEFITS

EVERYBODY = {"date": {"is": "period start", "during": "period"}}
OF_COUNTS, OF_PERSONS = ("pooled", "equal_weight"), ("all_or_none", "opportunity")
EXCLUSION_NAMES = ("shared_out", "own_out")


@cache
@st.composite
def index_bodies(draw):
    """Index events: the days of an event, or stays; mostly in windows that hold some."""
    kept = draw(st.sampled_from(("every", "every", "first", "last")))
    body = {draw(st.sampled_from(("event", "stays"))): draw(events(EVENT_NAMES))}
    body |= draw(st.one_of(st.just({"during": "period"}), st.just({"from": "birth", "to": "period end"}), windows()))
    if "stays" in body:
        if draw(st.booleans()):
            body["chain"] = f"{draw(number(st.sampled_from((0, 1, 30))))} days"
        if draw(st.booleans()):
            body["dated"] = draw(st.sampled_from(("discharge", "admission")))
    if draw(st.integers(0, 2)) == 0:
        when = draw(st.lists(criteria(1, names=INDEX_DATES), min_size=1, max_size=2))
        body["when"] = when if len(when) > 1 else when[0]
    if draw(st.booleans()):
        body["apart"] = f"{draw(number(st.sampled_from((2, 31, 91))))} days"
    return body | ({"keep": kept} if kept != "every" or draw(st.booleans()) else {})


def steps(draw, names=DATE_NAMES):
    """A population of one or two steps, one of them with words maybe."""
    found = [draw(criteria(1, names=names)) if draw(st.booleans()) else draw(st.sampled_from(POPULATIONS))]
    if draw(st.booleans()):
        found.append({"step": "a step with words", "when": draw(criteria(1, names=names))})
    return found


POPULATIONS = ({"turns": "period start"}, EVERYBODY)


def exclusions(draw, names=DATE_NAMES):
    """Exclusions by name, and one of its own maybe."""
    found = draw(st.lists(st.sampled_from(EXCLUSION_NAMES), max_size=2, unique=True))
    if draw(st.integers(0, 2)) == 0:
        own = {"id": f"reason_{len(found)}", "title": "A reason", "when": draw(criteria(1, names=names))}
        found.append({key: own[key] for key in own if key != "title" or draw(st.booleans())})
    return found


def some_persons(draw, needed=False):
    """A population and exclusions of its own; without ``needed`` maybe none."""
    found = {"population": steps(draw)} if needed or draw(st.booleans()) else {}
    return found | ({"exclusions": exclusions(draw)} if needed or draw(st.booleans()) else {})


def numerators(draw, prefix, names=DATE_NAMES):
    """One to three rates that share what the measure declares, and combine (`met`)."""
    rates = []
    for i in range(draw(st.integers(1, 3))):
        before = tuple(rate["id"] for rate in rates)
        rates.append({"id": f"{prefix}{i}", "title": f"Rate {i}", "numerator": draw(criteria(2, before, names=names))})
    return rates


def totals(draw, rates):
    """A total of all the rates, when there are several."""
    if len(rates) < 2 or not draw(st.booleans()):
        return []
    return [{"id": "total", "title": "Total", "total_of": [rate["id"] for rate in rates]}]


def within(draw, outer, rate_id):
    """A sub-population of a rate of index events."""
    rate = {"id": rate_id, "title": "Within", "within": outer, "population": steps(draw, INDEX_DATES)}
    if draw(st.integers(0, 2)) == 0:
        rate["exclusions"] = exclusions(draw, INDEX_DATES)
    return rate | {"numerator": draw(criteria(1, names=INDEX_DATES))}


def of_persons(draw, rate_id, more=None):
    """A rate of persons with everything of its own; ``more`` says so where the measure has index events."""
    return {"id": rate_id, "title": "Own"} | (more or {}) | some_persons(draw, needed=True) | {
        "numerator": draw(criteria(2))
    }  # fmt: skip


def per_thousand(draw, events_of):
    """Events per 1,000 member-months."""
    months = {"rule": draw(st.sampled_from(("day_of_month", "any_day", "prorated_days")))}
    if months["rule"] == "day_of_month":
        months["day"] = draw(number(st.sampled_from((1, 15, 31))))
    months |= draw(st.one_of(st.just({"during": "period"}), windows(single=False)))
    if draw(st.booleans()):
        ages = {"from": draw(number(st.sampled_from((0, 1, 2)))), "to": draw(number(st.sampled_from((2, 13, 17))))}
        months["ages"] = {key: ages[key] for key in draw(st.sampled_from((("from", "to"), ("from",), ("to",))))}
    if draw(st.integers(0, 2)) == 0:
        months["benefit"] = draw(st.sampled_from(BENEFITS))
    body = {"id": "events", "title": "Events"} | some_persons(draw, needed=True)
    return body | {"events": events_of, "member_months": months}


def composite(draw, rate_id, members):
    """A composite of any kind of some of the members."""
    kind = draw(st.sampled_from((*OF_COUNTS, *OF_PERSONS, *OF_PERSONS)))
    of = draw(st.lists(st.sampled_from(members), min_size=1, max_size=4, unique=True))
    body = {"id": rate_id, "title": "Composite", "composite": kind, "of": of if len(of) > 1 else of[0]}
    return body | (some_persons(draw) if kind in OF_PERSONS else {})


def indicator(draw, rate_id):
    """An indicator about persons, or about something else."""
    body = {"id": rate_id, "title": "Indicator", "indicator": draw(st.sampled_from(pool.INDICATORS))}
    entity = draw(st.sampled_from(("", *pool.ENTITIES)))
    return body | ({"entity": entity} if entity else {}) | (some_persons(draw) if entity != "plan" else {})


def index_window(draw):
    """The date of the first event of a window that starts at the index event."""
    return {"first": draw(st.sampled_from(EVENT_NAMES)), "from": "index", "to": f"index + {draw(days)} days"}
