"""Strategies for definitions: YAML text of measures that uses every construct of the language."""

from generative import chance as st
from generative import definition_rates as rates_of
from generative.definition_criteria import INDEX_CRITERION, age, criteria, enrolled
from generative.definition_events import DATE_NAMES, EVENT_NAMES, INDEX_DATES, dates, events, windows

PARAMETERS = {
    "strict": {"type": "boolean", "values": [{"from": "2000", "value": "yes"}, {"from": "2024", "value": "no"}]},
    "enough": {"type": "integer", "minimum": "1", "maximum": "3", "values": [{"from": "2000", "value": "2"}]},
    "mode": {"type": "choice", "options": ["day", "month"], "values": [{"from": "2000", "value": "month"}]},
    "unknown": {"type": "choice", "options": ["include", "exclude"], "values": [{"from": "2000", "value": "include"}]},
}


def described(name, body):
    """Return a parameter with what every parameter says."""
    return {"about": name} | body | {"values": [value | {"source": "generated"} for value in body["values"]]}


@st.composite
def pieces(draw):
    """What the measure defines itself; the fragment defines `shared_event`, `shared_out` and the parameters."""
    return {
        "visit_event": {"event": draw(events())},
        "dx_event": {"event": draw(events(("visit_event",)))},
        "mixed_event": {"event": draw(events(("dx_event", "shared_event")))},
        "first_visit": {"date": {"first": draw(st.sampled_from(EVENT_NAMES))} | draw(windows(()))},
        "later_date": {"date": draw(dates(("first_visit",), with_days=False))},
        "young": draw(st.one_of(age(), st.just({"age": {"to": "limit", "on": "period end"}}))),
        "covered": draw(enrolled()),
        "own_out": draw(criteria(1, verb=draw(st.sampled_from(("count", "died", "flagged", "any"))))),
        "episodes": {"index": draw(rates_of.index_bodies())},
        "seen_after": {"date": rates_of.index_window(draw)},
        INDEX_CRITERION: {
            "not": {"count": draw(st.sampled_from(EVENT_NAMES)), "from": "index - 90 days", "before": "index"}
        },
    }


def _of_persons(draw):
    """A measure of persons: rates that share population and exclusions, rates of their own, and a total."""
    shared = {"population": rates_of.steps(draw), "exclusions": rates_of.exclusions(draw)}
    rates = rates_of.numerators(draw, "r")
    rates += rates_of.totals(draw, rates)
    if draw(st.booleans()):
        rates.append(rates_of.of_persons(draw, "own"))
    return shared, rates


def _of_events(draw):
    """A measure of index events: rates of the same units, sub-populations, a total, rates of other units."""
    shared = {"index": draw(st.one_of(st.just("episodes"), rates_of.index_bodies()))}
    names = draw(st.sampled_from((INDEX_DATES, INDEX_DATES, DATE_NAMES)))
    shared |= {"population": rates_of.steps(draw, names), "exclusions": rates_of.exclusions(draw, names)}
    rates = rates_of.numerators(draw, "r", INDEX_DATES)
    rates += rates_of.totals(draw, rates)
    if draw(st.booleans()):
        rates.append(rates_of.within(draw, "r0", "sub"))
        if draw(st.integers(0, 2)) == 0:
            rates.append(rates_of.within(draw, "sub", "sub_sub"))
    if draw(st.booleans()):
        rates.append(rates_of.of_persons(draw, "person", {"index": "none"}))
    if draw(st.integers(0, 2)) == 0:
        other = draw(st.one_of(st.just("episodes"), rates_of.index_bodies()))
        rates.append(rates_of.within(draw, "r0", "other") | {"index": other})
        del rates[-1]["within"]
    return shared, rates


@st.composite
def measures(draw, measure_id, lower=False, foreign=()):
    """A measure with rates of any form; ``foreign`` are members of other measures that a composite may name.

    ``lower`` is the direction of all its rates: a composite and its members must have the same.
    """
    shared, rates = draw(st.sampled_from((_of_persons, _of_events, _of_events)))(draw)
    members = [*(rate["id"] for rate in rates), *foreign]
    if draw(st.booleans()):
        rates.append(rates_of.composite(draw, "composite", members))
    if draw(st.booleans()):
        counted = draw(st.one_of(st.just("episodes"), rates_of.index_bodies()))
        rates.append(rates_of.per_thousand(draw, counted))
    if draw(st.integers(0, 2)) == 0:
        rates.append(rates_of.indicator(draw, "indicator"))
    return {
        "id": measure_id,
        "title": measure_id,
        "edition": "2025",
        "basis": "inspired-by",
        "references": [{"title": "made by a generator"}],
        "use": ["common"],
        "parameters": {"limit": described("limit", {"type": "integer", "values": [{"from": "2000", "value": "13"}]})},
        "define": draw(pieces()),
        **shared,
        "rates": [rate | {"lower_is_better": "yes"} for rate in rates] if lower else rates,
    }


@st.composite
def catalogs(draw, name="g"):
    """One or two measures, and which of them are asked for: one that is not may lend rates to a composite."""
    lower, ids = draw(st.booleans()), [f"{name}0", f"{name}1"]
    first = draw(measures(ids[0], lower))
    if draw(st.booleans()):
        return [first], ids[:1]
    lent = [f"{ids[0]}.{rate['id']}" for rate in first["rates"] if "numerator" in rate or "total_of" in rate]
    second = draw(measures(ids[1], lower, lent))
    return [first, second], draw(st.sampled_from((ids, ids[1:])))


@st.composite
def fragments(draw):
    """The fragment that all measures use."""
    return {
        "id": "common",
        "title": "Common parts",
        "references": [{"title": "made by a generator"}],
        "parameters": {name: described(name, body) for name, body in PARAMETERS.items()},
        "define": {"shared_event": {"event": draw(events())}},
        "exclusions": [{"id": "shared_out", "title": "Out", "when": {"died": {"during": "period"}}}],
    }
