"""Strategies for definitions: YAML text of measures that uses every construct of the language."""

from pathlib import Path

import yaml
from hypothesis import strategies as st

from generative import pool
from vbpmeasure.data.contract import BENEFITS, SOURCE_GROUPS, benefit_column
from vbpmeasure.plan.events import CLAIM_STATUSES
from vbpmeasure.spec.models.criteria import VERBS

PARAMETERS = {
    "strict": {"type": "boolean", "values": [{"from": "2000", "value": "yes"}, {"from": "2024", "value": "no"}]},
    "enough": {"type": "integer", "values": [{"from": "2000", "value": "2"}]},
    "mode": {"type": "choice", "options": ["day", "month"], "values": [{"from": "2000", "value": "month"}]},
    "unknown": {"type": "choice", "options": ["include", "exclude"], "values": [{"from": "2000", "value": "include"}]},
}
EVENT_NAMES = ("visit_event", "dx_event", "mixed_event", "shared_event")
DATE_NAMES = ("first_visit", "later_date")
CRITERION_NAMES = ("young", "covered")
EXCLUSION_NAMES = ("shared_out", "own_out")

days = st.sampled_from((1, 13, 30, 42, 45, 90, 180, 365))
PICKS = st.sampled_from(("first", "last"))
ages = st.sampled_from((0, 1, 2, 2, 3, 5, 11, 13, 17))


def number(strategy):
    """A whole number, sometimes the name of the integer parameter."""
    return st.one_of(strategy.map(str), strategy.map(str), strategy.map(str), st.just("enough"))


def listed(items, most=2):
    """One item, or a list of some of them."""
    several = st.lists(st.sampled_from(items), min_size=1, max_size=most, unique=True)
    return st.one_of(st.sampled_from(items), several)


@st.composite
def offsets(draw, *, with_days=True):
    """Months before days, as the language asks for."""
    text = ""
    if draw(st.integers(0, 3)) == 0:
        text += f" {draw(st.sampled_from('+-'))} {draw(st.sampled_from(('1 month', '3 months', '1 year')))}"
    if with_days and draw(st.booleans()):
        text += f" {draw(st.sampled_from('++-'))} {draw(number(days))} days"
    return text


@st.composite
def dates(draw, names=DATE_NAMES, *, with_days=True):
    """A date; without days where a later date may still add months to it."""
    anchor = draw(
        st.sampled_from(
            (
                "birth",
                "birthday 1",
                "birthday 2",
                "birthday 13",
                "birthday enough",
                "period start",
                "period end",
                "death",
                *names,
            )
        )
    )
    return anchor + draw(offsets(with_days=with_days))


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
        return {"between": [first, draw(dates(names))]}
    if form in (4, 5):
        start = draw(st.sampled_from(("from", "after")))
        end = draw(st.sampled_from(("to", "before")))
        base = first.split(" + ")[0].split(" - ")[0]
        return {start: base, end: f"{base} + {draw(days) + 1} days"}
    return {"on": first}


def filters(draw):
    """Some filters; each at most once, so that nested filters rarely contradict each other."""
    found = {}
    kind = draw(st.integers(0, 15))
    if kind == 0:
        found["not_place"] = draw(listed(pool.PLACES))
    elif kind == 1:
        found["not_modifier"] = "telehealth"
    elif kind == 2:
        found["provider"] = draw(listed(pool.PROVIDERS))
        if draw(st.booleans()):
            found["unknown_provider"] = draw(st.sampled_from(("include", "exclude", "unknown")))
    elif kind == 3:
        found["status"] = draw(st.lists(st.sampled_from(CLAIM_STATUSES), min_size=1, unique=True))
    elif kind == 4:
        every = [*SOURCE_GROUPS, "medication"]
        found["source"] = draw(st.sampled_from((["medical_claim", "immunization"], every, ["claims", "clinical"])))
    elif kind == 5:
        name = draw(st.sampled_from(("with_diagnosis", "without_diagnosis")))
        found[name] = draw(listed(pool.DIAGNOSIS_SETS))
    elif kind == 6:
        found[draw(st.sampled_from(("with_code", "without_code")))] = draw(listed(("visit", "wide", "shot")))
    elif kind == 7:
        found[draw(st.sampled_from(("place", "modifier")))] = "telehealth"
        if "place" in found:
            found["place"] = draw(listed(pool.PLACES))
    elif kind == 8:
        found["record_status"] = draw(listed(("completed", "final", "Active", "unknown"), most=4))
    return found


@st.composite
def triggers(draw):
    role = draw(st.sampled_from(("code", "code", "code", "diagnosis", "principal_diagnosis")))
    event = {role: draw(listed(pool.EVENT_SETS if role == "code" else pool.DIAGNOSIS_SETS))} | filters(draw)
    if role == "code" and len(event) == 1 and draw(st.integers(0, 5)) == 0:
        asked = (("encounter_class", ("AMB", "EMER")), ("encounter_type", ("office visit", "Telehealth")))
        key, texts = draw(st.sampled_from(asked))
        event[key] = draw(listed(texts))
    if draw(st.integers(0, 4)) == 0:
        unless = draw(st.sampled_from(({"strict": "yes"}, {"mode": "day"}, {"strict": "no"})))
        event["unless"] = dict(unless) | {"filters": {"not_place": "lab_place"}}
    return event


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


@st.composite
def enrolled(draw):
    body = {}
    if draw(st.booleans()):
        body |= draw(windows(single=False))
        if draw(st.booleans()):
            body["on"] = draw(st.sampled_from(("period end", "birthday 2", "first_visit")))
    else:
        body |= {"from": "period start - 1 year", "to": "period end", "on": "period end", "per": "year"}
    gaps = draw(st.sampled_from((0, 1, 2)))
    if gaps:
        body["gaps"] = str(gaps)
        length = draw(st.sampled_from((("gap_days", "45"), ("gap_days", "44"), ("gap_months", "1"))))
        body[length[0]] = length[1]
    if draw(st.integers(0, 3)) == 0:
        body["benefit"] = draw(st.sampled_from(BENEFITS))
    return {"enrolled": body}


@st.composite
def counts(draw):
    names = draw(st.lists(st.sampled_from(EVENT_NAMES), min_size=1, max_size=2, unique=True))
    body = {"count": names[0] if len(names) == 1 else names} | draw(windows())
    if draw(st.booleans()):
        body["at_least"] = draw(number(st.sampled_from((1, 2, 3))))
    if draw(st.integers(0, 2)) == 0:
        body["apart"] = f"{draw(number(st.sampled_from((2, 14, 30))))} days"
    return body


@st.composite
def different_dates(draw):
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        part = {"count": draw(events(EVENT_NAMES))} | draw(windows())
        parts.append(part | {"at_least": str(draw(st.integers(1, 2)))})
    return {"different_dates": parts}


@st.composite
def age(draw):
    youngest = draw(ages)
    body = {"from": str(youngest), "to": str(youngest + draw(st.sampled_from((0, 3, 9)))), "on": draw(dates())}
    if draw(st.integers(0, 2)) == 0:
        del body[draw(st.sampled_from(("from", "to")))]
    return {"age": body}


@st.composite
def numbers_of(draw):
    """The first or last number of an event in a window."""
    return {"of": draw(st.sampled_from(EVENT_NAMES)), "pick": draw(PICKS)} | draw(windows())


@st.composite
def bounds(draw):
    """No bound of a number, one, or one on each side."""
    found = {}
    if draw(st.booleans()):
        found[draw(st.sampled_from(("at_least", "above")))] = draw(st.sampled_from(("5", "9.5")))
    if draw(st.booleans()):
        found[draw(st.sampled_from(("at_most", "below")))] = draw(st.sampled_from(("10", "20")))
    return found


@st.composite
def criteria(draw, depth=2, rates=(), verb=None):  # noqa: PLR0912  one case a verb
    """A criterion of any verb; ``rates`` are those that `met` may name."""
    verbs = [v for v in VERBS if v != "met" or rates]
    flat = [v for v in verbs if v not in {"all", "any", "not", "at_least_of", "choose"}]
    verb = verb or draw(st.sampled_from((*(verbs if depth else flat), "count", "count", "piece")))
    below = criteria(max(depth - 1, 0), rates)
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
            either = st.one_of(below, below, st.sampled_from(("always", "never")))
            return {"choose": {"by": parameter, "cases": {value: draw(either) for value in values}}}
        case "turns":
            return {"turns": draw(dates())}
        case "date":
            return {"date": {"is": draw(dates())} | draw(windows())}
        case "age":
            return draw(age())
        case "enrolled":
            return draw(enrolled())
        case "count":
            return draw(counts())
        case "different_dates":
            return draw(different_dates())
        case "died":
            return {"died": draw(windows())}
        case "flagged":
            column = draw(st.sampled_from(("hospice_flag", benefit_column("dental"))))
            return {"flagged": {"column": column} | draw(windows())}
        case "sex":
            return {"sex": draw(st.sampled_from(("female", "male")))}
        case "covered":
            least = f"{draw(number(st.sampled_from((1, 20, 90))))} days"
            return {"covered": {"by": draw(st.sampled_from(EVENT_NAMES)), "at_least": least} | draw(windows())}
        case "reading":
            return {"reading": draw(numbers_of()) | draw(bounds())}
        case "dropped":
            drops = {"points": "5", "percent": "50"}
            kept = draw(st.lists(st.sampled_from(sorted(drops)), min_size=1, unique=True))
            ends = {end: {"pick": draw(PICKS)} | draw(windows()) for end in ("baseline", "follow_up")}
            return {"dropped": {"of": draw(st.sampled_from(EVENT_NAMES))} | ends | {k: drops[k] for k in kept}}
        case "met":
            return {"met": draw(listed(rates))}
        case "piece":
            return draw(st.sampled_from(CRITERION_NAMES))
        case _:
            raise AssertionError(f"the generator has no `{verb}`: a new verb of the language needs a case here")


@st.composite
def pieces(draw):
    """What the measure defines itself; the fragment defines `shared_event`, `shared_out` and the parameters."""
    return {
        "visit_event": {"event": draw(events())},
        "dx_event": {"event": draw(events(("visit_event",)))},
        "mixed_event": {"event": draw(events(("dx_event", "shared_event")))},
        "first_visit": {"date": {"first": draw(st.sampled_from(EVENT_NAMES))} | draw(windows(()))},
        "later_date": {"date": draw(dates(("first_visit",), with_days=False))},
        "young": draw(age()),
        "covered": draw(enrolled()),
        "own_out": draw(criteria(1, verb=draw(st.sampled_from(("count", "died", "flagged", "any"))))),
    }


def _own_exclusion(draw, number):
    return {"id": f"reason_{number}", "title": f"Reason {number}", "when": draw(criteria(1))}


@st.composite
def measures(draw, measure_id):
    """A measure: rates that share population and exclusions and combine (`met`), rates of their own, and a total."""
    steps = [draw(criteria(1)) if draw(st.booleans()) else {"turns": "period start"}]
    if draw(st.booleans()):
        steps.append({"step": "a step with words", "when": draw(criteria(1))})
    exclusions = draw(st.lists(st.sampled_from(EXCLUSION_NAMES), max_size=2, unique=True))
    if draw(st.integers(0, 2)) == 0:
        exclusions.append(_own_exclusion(draw, len(exclusions)))
    rates = []
    for i in range(draw(st.integers(1, 3))):
        before = tuple(rate["id"] for rate in rates)
        rates.append({"id": f"r{i}", "title": f"Rate {i}", "numerator": draw(criteria(2, before))})
    together = [rate["id"] for rate in rates]
    if len(together) > 1 and draw(st.booleans()):
        rates.append({"id": "total", "title": "Total", "total_of": together})
    if draw(st.booleans()):
        everybody = {"date": {"is": "period start", "during": "period"}}
        own = {"id": "own", "title": "Own", "population": [everybody], "exclusions": [], "numerator": draw(criteria(2))}
        rates.append(own)
    return {
        "id": measure_id,
        "title": measure_id,
        "edition": "2025",
        "basis": "inspired-by",
        "references": [{"title": "made by a generator"}],
        "use": ["common"],
        "define": draw(pieces()),
        "population": steps,
        "exclusions": exclusions,
        "rates": rates,
    }


@st.composite
def fragments(draw):
    """The fragment that all measures use."""
    parameters = {
        name: {"about": name} | body | {"values": [value | {"source": "generated"} for value in body["values"]]}
        for name, body in PARAMETERS.items()
    }
    return {
        "id": "common",
        "title": "Common parts",
        "references": [{"title": "made by a generator"}],
        "parameters": parameters,
        "define": {"shared_event": {"event": draw(events())}},
        "exclusions": [{"id": "shared_out", "title": "Out", "when": {"died": {"during": "period"}}}],
    }


class _NoAliases(yaml.SafeDumper):
    """Writes repeated parts in full: the language has no aliases."""

    def ignore_aliases(self, data):
        return True


def text_of(definition):
    """Return a definition as YAML text."""
    return yaml.dump(definition, Dumper=_NoAliases, sort_keys=False, default_flow_style=None)


def write_value_sets(folder: Path):
    """Write the value sets of the pool as a root of the catalog."""
    (folder / "value_sets").mkdir(parents=True)
    for code_set in pool.VALUE_SETS.values():
        body = {
            "name": code_set.name,
            "title": code_set.name,
            "source": "made for tests",
            "licence": "codes only",
            "confidence": "high",
            "codes": {system: sorted(codes) for system, codes in code_set.codes.items()},
        }
        (folder / "value_sets" / f"{code_set.name}.yaml").write_text(text_of(body), encoding="utf-8")
    return folder


def write_measures(folder: Path, definitions, fragment):
    """Write definitions and their fragment as a root of the catalog."""
    (folder / "shared").mkdir(parents=True)
    (folder / "shared" / "common.yaml").write_text(text_of(fragment), encoding="utf-8")
    for definition in definitions:
        (folder / definition["id"]).mkdir()
        (folder / definition["id"] / "measure.yaml").write_text(text_of(definition), encoding="utf-8")
    return folder
