"""Strategies for criteria as definitions write them: every verb of the language."""

from functools import cache

from generative import chance as st
from generative.definition_events import DATE_NAMES, EVENT_NAMES, bounds, dates, events, listed, number, windows
from vbpmeasure.data.contract import BENEFITS, benefit_column
from vbpmeasure.spec.models.criteria import VERBS

CRITERION_NAMES = ("young", "covered")
INDEX_CRITERION = "quiet_before"  # a piece that names dates of the index event

PICKS = st.sampled_from(("first", "last"))
ages = st.sampled_from((0, 1, 2, 2, 3, 5, 11, 13, 17))


@cache
@st.composite
def enrolled(draw, names=DATE_NAMES):
    """Continuous enrollment, of a window, of each year, or a run of days."""
    body = {}
    if draw(st.integers(0, 3)) == 0:
        run = f"{draw(number(st.sampled_from((1, 30, 180))))} days"
        body = draw(windows(names, single=False)) | {"run": run}
    elif draw(st.booleans()):
        body |= draw(windows(names, single=False))
        if draw(st.integers(0, 3)) == 0:
            body["per"] = "window"
        if draw(st.booleans()):
            body["on"] = draw(st.sampled_from(("period end", "birthday 2", *names)))
    else:
        body |= {"from": "period start - 1 year", "to": "period end", "on": "period end", "per": "year"}
    gaps = draw(st.sampled_from((0, 1, 2)))
    if gaps and "run" not in body:
        body["gaps"] = str(gaps)
        length = draw(st.sampled_from((("gap_days", "45"), ("gap_days", "44"), ("gap_months", "1"))))
        body[length[0]] = length[1]
    if draw(st.integers(0, 3)) == 0:
        body["benefit"] = draw(st.sampled_from(BENEFITS))
    return {"enrolled": body}


@cache
@st.composite
def counts(draw, names=DATE_NAMES):
    """A count of events."""
    counted = draw(st.lists(st.sampled_from(EVENT_NAMES), min_size=1, max_size=2, unique=True))
    body = {"count": counted[0] if len(counted) == 1 else counted} | draw(windows(names))
    if draw(st.booleans()):
        body["at_least"] = draw(number(st.sampled_from((1, 2, 3))))
    if draw(st.integers(0, 2)) == 0:
        body["apart"] = f"{draw(number(st.sampled_from((2, 14, 30))))} days"
    return body


@cache
@st.composite
def different_dates(draw, names=DATE_NAMES):
    """Parts with dates that are all different."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        part = {"count": draw(events(EVENT_NAMES))} | draw(windows(names))
        parts.append(part | {"at_least": str(draw(st.integers(1, 2)))})
    return {"different_dates": parts}


@cache
@st.composite
def age(draw, names=DATE_NAMES):
    """Completed years on a day."""
    youngest = draw(ages)
    body = {"from": str(youngest), "to": str(youngest + draw(st.sampled_from((0, 3, 9)))), "on": draw(dates(names))}
    if draw(st.integers(0, 2)) == 0:
        del body[draw(st.sampled_from(("from", "to")))]
    return {"age": body}


@cache
@st.composite
def numbers_of(draw, names=DATE_NAMES):
    """The first or last number of an event in a window."""
    return {"of": draw(st.sampled_from(EVENT_NAMES)), "pick": draw(PICKS)} | draw(windows(names))


@cache
@st.composite
def criteria(draw, depth=2, rates=(), verb=None, names=DATE_NAMES):  # noqa: PLR0912  one case a verb
    """A criterion of any verb; ``rates`` are those that `met` may name, ``names`` the dates that may stand."""
    verbs = [v for v in VERBS if v != "met" or rates]
    flat = [v for v in verbs if v not in {"all", "any", "not", "at_least_of", "choose"}]
    verb = verb or draw(st.sampled_from((*(verbs if depth else flat), "count", "count", "piece")))
    below = criteria(max(depth - 1, 0), rates, names=names)
    window = windows(names)
    match verb:
        case "all" | "any":
            return {verb: draw(st.lists(below, min_size=1, max_size=3))}
        case "not":
            return {"not": draw(below)}
        case "at_least_of":
            members = draw(st.lists(below, min_size=2, max_size=3))
            return {"at_least_of": {"n": str(draw(st.integers(1, 2))), "of": members}}
        case "choose":
            parameter, values = draw(st.sampled_from((("strict", ("yes", "no")), ("mode", ("day", "month")))))
            either = st.one_of(below, below, below, below, st.sampled_from(("always", "never")))
            return {"choose": {"by": parameter, "cases": {value: draw(either) for value in values}}}
        case "turns":
            return {"turns": draw(dates(names))}
        case "date":
            return {"date": {"is": draw(dates(names))} | draw(window)}
        case "age":
            return draw(age(names))
        case "enrolled":
            return draw(enrolled(names))
        case "count":
            return draw(counts(names))
        case "different_dates":
            return draw(different_dates(names))
        case "died":
            return {"died": draw(window)}
        case "flagged":
            column = draw(st.sampled_from(("hospice_flag", benefit_column("dental"))))
            return {"flagged": {"column": column} | draw(window)}
        case "sex":
            return {"sex": draw(st.sampled_from(("female", "male")))}
        case "covered":
            least = f"{draw(number(st.sampled_from((1, 20, 90))))} days"
            return {"covered": {"by": draw(st.sampled_from(EVENT_NAMES)), "at_least": least} | draw(window)}
        case "reading":
            return {"reading": draw(numbers_of(names)) | draw(bounds())}
        case "dropped":
            drops = {"points": "5", "percent": draw(number(st.just(50)))}
            kept = draw(st.lists(st.sampled_from(sorted(drops)), min_size=1, unique=True))
            ends = {end: {"pick": draw(PICKS)} | draw(window) for end in ("baseline", "follow_up")}
            return {"dropped": {"of": draw(st.sampled_from(EVENT_NAMES))} | ends | {k: drops[k] for k in kept}}
        case "met":
            return {"met": draw(listed(rates))}
        case "piece":
            own = (INDEX_CRITERION,) if "index" in names else ()
            return draw(st.sampled_from((*CRITERION_NAMES, *own)))
        case _:
            raise AssertionError(f"the generator has no `{verb}`: a new verb of the language needs a case here")
