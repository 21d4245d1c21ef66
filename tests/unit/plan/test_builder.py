"""From definition to plan: names, parameters, filters and fragments resolved."""

from __future__ import annotations

import hashlib

import pytest

from support.definitions import HEAD, RATE, names_of, numerator_of, parameter, plan_of, with_numerator
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.plan.builder.measure import build_measure
from vbpmeasure.plan.dates import Anchor, DateExpr, Window
from vbpmeasure.plan.events import EventSet, LineFilter, Role, SameClaim, Trigger
from vbpmeasure.plan.explain import explain
from vbpmeasure.plan.flags import (
    AgeBetween,
    AllOf,
    AnyOf,
    AtLeastOf,
    CountAtLeast,
    DateWithin,
    Enrolled,
    Flag,
    Not,
    SpanFlagged,
)
from vbpmeasure.plan.measures import Proportion, TotalOf, calendar_year

PERIOD = Window(DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END))


def count(numerator: str, extra: str = "") -> CountAtLeast:
    flag = numerator_of(numerator, extra)
    assert isinstance(flag, CountAtLeast)
    return flag


def events_of(event: str, extra: str = "") -> EventSet:
    return count(f"{{count: {event}, during: period}}", extra).sources[0].events


# --- dates and windows ---


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("birth", DateExpr(Anchor.BIRTH)),
        ("birthday 0", DateExpr(Anchor.BIRTH)),
        ("birthday 2", DateExpr(Anchor.BIRTHDAY, years=2)),
        ("birth + 2 years", DateExpr(Anchor.BIRTHDAY, years=2)),
        ("birth + 24 months", DateExpr(Anchor.BIRTHDAY, years=2)),
        ("birth + 15 months", DateExpr(Anchor.BIRTH, months=15)),
        ("birthday 3 + 1 year", DateExpr(Anchor.BIRTHDAY, years=3, months=12)),  # not birthday 4 for leap-day births
        ("birthday 1 + 90 days", DateExpr(Anchor.BIRTHDAY, years=1, days=90)),
        ("death - 1 month", DateExpr(Anchor.DEATH, months=-1)),
        ("period end - 1 year + 1 day", DateExpr(Anchor.PERIOD_END, months=-12, days=1)),
        ("fifteen_months", DateExpr(Anchor.BIRTHDAY, years=1, days=90)),
        ("fifteen_months + 1 day", DateExpr(Anchor.BIRTHDAY, years=1, days=91)),
        ("birthday age + age days", DateExpr(Anchor.BIRTHDAY, years=3, days=3)),
    ],
)
def test_dates(text: str, date: DateExpr) -> None:
    extra = "define:\n  fifteen_months: {date: birthday 1 + 90 days}\n" + parameter("age", "integer", "3")
    flag = numerator_of(f"{{any: [{{turns: {text}}}, {{turns: birthday age}}, {{turns: fifteen_months}}]}}", extra)
    assert flag.parts[0] == DateWithin(date, PERIOD)


def test_months_cannot_be_added_after_days_of_a_defined_date() -> None:
    extra = "define:\n  d: {date: birth + 3 days}\n"
    names = names_of(with_numerator("{turns: d + 1 month}", extra))
    with pytest.raises(Failure) as refused:
        build_measure(names, 2025)
    assert [d.code for d in refused.value.diagnostics] == ["VBM206"]


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [
        ("between: [birth, birthday 2]", DateExpr(Anchor.BIRTH), DateExpr(Anchor.BIRTHDAY, years=2)),
        ("from: birth, to: birthday 2", DateExpr(Anchor.BIRTH), DateExpr(Anchor.BIRTHDAY, years=2)),
        ("after: birth, to: birthday 2", DateExpr(Anchor.BIRTH, days=1), DateExpr(Anchor.BIRTHDAY, years=2)),
        ("from: birth, before: birthday 2", DateExpr(Anchor.BIRTH), DateExpr(Anchor.BIRTHDAY, years=2, days=-1)),
        ("on: birthday 2", DateExpr(Anchor.BIRTHDAY, years=2), DateExpr(Anchor.BIRTHDAY, years=2)),
        ("during: period", DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END)),
    ],
)
def test_windows_include_both_ends_unless_they_say_otherwise(window: str, start: DateExpr, end: DateExpr) -> None:
    assert count(f"{{count: {{code: x}}, {window}}}").sources[0].window == Window(start, end)


def test_the_date_of_a_first_event() -> None:
    extra = "define:\n  dose: {date: {first: {code: x}, from: birth, to: birth + 7 days}}\n"
    window = count("{count: {code: y}, from: dose + 1 day, to: birthday 2}", extra).sources[0].window
    assert window.start.event is not None
    assert window.start.days == 1
    assert window.start.event.name == "dose"
    assert window.start.event.source.events == events_of("{code: x}")
    assert window.start.event.source.window == Window(DateExpr(Anchor.BIRTH), DateExpr(Anchor.BIRTH, days=7))


# --- verbs ---


def test_every_verb_has_its_node() -> None:
    flag = numerator_of(
        """\
        all:
          - any: [{turns: birthday 2}, {died: {during: period}}]
          - not: {flagged: {column: hospice_flag, during: period}}
          - at_least_of: {n: 2, of: [{turns: birth}, {turns: birthday 1}, {turns: birthday 2}]}
          - date: {is: birthday 2, between: [birth, period end]}
          - age: {from: 3, on: period end}
          - age: {to: 11, on: period end}
          - enrolled: {during: period, on: period end, gaps: 1, gap_months: 1, benefit: dental}
        """
    )
    turns, died = DateWithin(DateExpr(Anchor.BIRTHDAY, years=2), PERIOD), DateWithin(DateExpr(Anchor.DEATH), PERIOD)
    assert flag == AllOf(
        (
            AnyOf((turns, died)),
            Not(SpanFlagged("hospice_flag", PERIOD)),
            AtLeastOf(
                2,
                (
                    DateWithin(DateExpr(Anchor.BIRTH), PERIOD),
                    DateWithin(DateExpr(Anchor.BIRTHDAY, years=1), PERIOD),
                    turns,
                ),
            ),
            DateWithin(DateExpr(Anchor.BIRTHDAY, years=2), Window(DateExpr(Anchor.BIRTH), DateExpr(Anchor.PERIOD_END))),
            AgeBetween(3, 150, DateExpr(Anchor.PERIOD_END)),
            AgeBetween(0, 11, DateExpr(Anchor.PERIOD_END)),
            Enrolled(PERIOD, DateExpr(Anchor.PERIOD_END), 1, 0, 1, "dental"),
        )
    )


def test_a_count_takes_several_events_and_merges_nothing_but_names() -> None:
    extra = "define:\n  a: {event: {code: x}}\n  same: {event: {code: [x]}}\n  b: {event: {diagnosis: y}}\n"
    flag = count("{count: [a, same, b], at_least: 3, apart: 14 days, during: period}", extra)
    assert (len(flag.sources), flag.n, flag.apart) == (2, 3, 14)
    assert {source.events.triggers[0].role for source in flag.sources} == {Role.ANY, Role.DIAGNOSIS}


def test_equal_plans_are_equal_whatever_their_pieces_are_called() -> None:
    one = numerator_of("{count: [a, b], during: period}", "define:\n  a: {event: {code: x}}\n  b: {event: {code: y}}\n")
    two = numerator_of("{count: [c, d], during: period}", "define:\n  d: {event: {code: x}}\n  c: {event: {code: y}}\n")
    assert one == two
    assert hash(one) == hash(two)


def test_met_is_the_numerators_of_the_rates() -> None:
    text = HEAD + (
        "population: [{turns: birthday 2}]\n"
        "rates:\n"
        "  - {id: a, title: A, numerator: {count: {code: x}, during: period}}\n"
        "  - {id: b, title: B, numerator: {count: {code: y}, during: period}}\n"
        "  - {id: both, title: Both, numerator: {met: [a, b]}}\n"
        "  - {id: same, title: Same, numerator: {met: a}}\n"
        "  - {id: all, title: All, total_of: [a, b], lower_is_better: yes}\n"
    )
    a, b, both, same, total = plan_of(text).rates
    assert isinstance(a, Proportion)
    assert isinstance(b, Proportion)
    assert isinstance(both, Proportion)
    assert isinstance(same, Proportion)
    assert both.numerator == AllOf((a.numerator, b.numerator))
    assert [part.label for part in both.numerator.parts] == ["a", "b"]
    assert same.numerator == a.numerator
    assert total == TotalOf("all", "All", ("a", "b"), lower_is_better=True)


# --- parameters ---

SWITCH = (
    "parameters:\n  p: {about: x, type: boolean, values: "
    "[{from: 2020, value: yes, source: S}, {from: 2025, value: no, source: S}]}\n"
)


@pytest.mark.parametrize(("year", "taken"), [(2020, "birth"), (2024, "birth"), (2025, "death"), (2030, "death")])
def test_the_value_in_force_is_the_latest_that_has_started(year: int, taken: str) -> None:
    text = with_numerator("{choose: {by: p, cases: {yes: {turns: birth}, no: {turns: death}}}}", SWITCH)
    plan = plan_of(text, year=year)
    assert isinstance(plan.rates[0], Proportion)
    assert plan.rates[0].numerator == DateWithin(DateExpr(Anchor(taken)), PERIOD)
    assert plan.parameters == {"p": taken == "birth"}


def test_an_override_beats_the_year() -> None:
    text = with_numerator("{choose: {by: p, cases: {yes: {turns: birth}, no: {turns: death}}}}", SWITCH)
    assert plan_of(text, year=2025, overrides={"p": "yes"}).parameters == {"p": True}


def test_a_value_without_a_case_is_refused() -> None:
    names = names_of(with_numerator("{choose: {by: p, cases: {yes: {turns: birth}}}}", SWITCH))
    with pytest.raises(Failure) as refused:
        build_measure(names, 2025, {})
    [found] = refused.value.diagnostics
    assert (found.code, found.message) == ("VBM228", "no case for the value `no` of `p`")
    assert found.span is not None


@pytest.mark.parametrize(
    ("overrides", "codes"),
    [({"p": "maybe"}, ["VBM231"]), ({"q": "1"}, ["VBM212"]), ({"q": "1", "p": "2"}, ["VBM212", "VBM231"])],
)
def test_bad_overrides_are_refused_together(overrides: dict[str, str], codes: list[str]) -> None:
    names = names_of(with_numerator("{choose: {by: p, cases: {yes: {turns: birth}, no: {turns: death}}}}", SWITCH))
    with pytest.raises(Failure) as refused:
        build_measure(names, 2025, overrides)
    assert [d.code for d in refused.value.diagnostics] == codes
    assert all("maybe" not in (d.where or "") for d in refused.value.diagnostics)


def test_integers_stand_wherever_numbers_do() -> None:
    flag = numerator_of(
        "{count: {code: x}, at_least: n, apart: n days, from: birth, to: birthday n}", parameter("n", "integer", "4")
    )
    assert isinstance(flag, CountAtLeast)
    assert (flag.n, flag.apart, flag.sources[0].window.end.years) == (4, 4, 4)


# --- always and never ---


@pytest.mark.parametrize(
    ("criterion", "same_as"),
    [
        ("{any: [never, A, {not: always}]}", "{any: [A]}"),
        ("{all: [A, always, {all: [always]}, {not: never}]}", "{all: [A]}"),
        ("{any: [A, {all: [B, never]}]}", "{any: [A]}"),
        ("{all: [A, {any: [B, always]}]}", "{all: [A]}"),
        ("{at_least_of: {n: 2, of: [always, A, B, never]}}", "{at_least_of: {n: 1, of: [A, B]}}"),
        ("{any: [A, {at_least_of: {n: 2, of: [never, B, never]}}]}", "{any: [A]}"),
        ("{all: [A, {at_least_of: {n: 1, of: [always, B]}}]}", "{all: [A]}"),
        ("{any: [A, off]}", "{any: [A]}"),
        ("{any: [A, {choose: {by: p, cases: {yes: B, no: never}}}]}", "{any: [A]}"),
    ],
)
def test_what_is_the_same_for_everybody_is_left_out(criterion: str, same_as: str) -> None:
    pieces = "  a: {turns: birth}\n  b: {turns: death}\n  off: never\n  keep: {any: [a, b, off]}\n"
    extra = "define:\n" + pieces + parameter("p", "boolean", "no")
    flags = [
        numerator_of(f"{{all: [{text}, keep]}}".replace("A", "a").replace("B", "b"), extra)
        for text in (criterion, same_as)
    ]
    assert flags[0] == flags[1]


def test_steps_and_exclusions_that_change_nothing_are_left_out() -> None:
    text = HEAD + (
        "population: [{turns: birthday 2}, always]\n"
        "exclusions: [{id: off, when: never}, {id: dead, when: {died: {during: period}}}]\n"
        "rates: [{id: r, title: R, numerator: {turns: birth}}]\n"
    )
    plan = plan_of(text)
    assert isinstance(plan.rates[0], Proportion)
    assert len(plan.rates[0].population) == 1
    assert [e.id for e in plan.rates[0].exclusions] == ["dead"]


@pytest.mark.parametrize(
    ("population", "exclusion", "numerator"),
    [
        ("always", "never", "{turns: birth}"),
        ("never", "never", "{turns: birth}"),
        ("{turns: birth}", "always", "{turns: birth}"),
        ("{turns: birth}", "never", "always"),
        ("{turns: birth}", "never", "{not: always}"),
    ],
)
def test_a_rate_that_says_nothing_is_refused(population: str, exclusion: str, numerator: str) -> None:
    text = HEAD + (
        f"rates: [{{id: r, title: R, population: [{population}], "
        f"exclusions: [{{id: e, when: {exclusion}}}], numerator: {numerator}}}]\n"
    )
    with pytest.raises(Failure) as refused:
        build_measure(names_of(text), 2025)
    assert [d.code for d in refused.value.diagnostics] == ["VBM232"]


# --- events ---


def test_outer_filters_reach_every_trigger() -> None:
    extra = "define:\n  other: {event: {diagnosis: z, not_place: lab}}\n"
    events = events_of(
        "{any: [{code: x}, {code: y, modifier: m}, other], provider: pcp, not_place: tele, status: [paid]}", extra
    )
    common = {"provider_in": ("pcp",), "statuses": ("paid",)}
    assert set(events.triggers) == {
        Trigger(Role.ANY, ("x",), LineFilter(place_not_in=("tele",), **common)),
        Trigger(Role.ANY, ("y",), LineFilter(place_not_in=("tele",), modifier_in=("m",), **common)),
        Trigger(Role.DIAGNOSIS, ("z",), LineFilter(place_not_in=("lab", "tele"), **common)),
    }


def test_triggers_that_differ_by_value_set_only_are_one() -> None:
    assert events_of("{any: [{code: y}, {code: x}, {code: [x, z]}]}").triggers == (Trigger(Role.ANY, ("x", "y", "z")),)


def test_what_counts_by_default() -> None:
    (trigger,) = events_of("{principal_diagnosis: x}").triggers
    assert trigger == Trigger(Role.PRINCIPAL_DIAGNOSIS, ("x",))
    assert trigger.where.statuses == ("paid", "pending", "denied")
    assert not trigger.where.unknown_provider


def test_lists_of_statuses_and_sources_are_cut_to_what_both_allow() -> None:
    inner = "{code: x, status: [denied, paid], source: [condition, medical_claim]}"
    event = f"{{any: [{inner}], status: [paid, reversed], source: [medical_claim]}}"
    (trigger,) = events_of(event).triggers
    assert (trigger.where.statuses, trigger.where.sources) == (("paid",), ("medical_claim",))


def test_conditions_on_the_claim() -> None:
    (trigger,) = events_of(
        "{code: x, with_diagnosis: [b, a], with_code: c, without_code: d, without_diagnosis: e}"
    ).triggers
    assert set(trigger.where.same_claim) == {SameClaim(Role.DIAGNOSIS, ("a", "b")), SameClaim(Role.ANY, ("c",))}
    assert set(trigger.where.not_same_claim) == {SameClaim(Role.DIAGNOSIS, ("e",)), SameClaim(Role.ANY, ("d",))}


@pytest.mark.parametrize(
    ("word", "extra", "verdict"),
    [
        ("include", "", True),
        ("exclude", "", False),
        ("p", parameter("p", "choice", "include", "options: [include, exclude], "), True),
        ("p", parameter("p", "choice", "exclude", "options: [include, exclude], "), False),
    ],
)
def test_the_verdict_on_unknown_providers(word: str, extra: str, verdict: bool) -> None:
    (trigger,) = events_of(f"{{code: x, provider: pcp, unknown_provider: {word}}}", extra).triggers
    assert trigger.where.unknown_provider is verdict
    (inner,) = events_of(f"{{any: [{{code: x}}], provider: pcp, unknown_provider: {word}}}", extra).triggers
    assert inner == trigger


@pytest.mark.parametrize(("value", "filtered"), [("yes", False), ("no", True)])
def test_unless_drops_its_filters_when_the_parameter_has_the_value(value: str, filtered: bool) -> None:
    event = "{code: x, not_place: lab, unless: {p: yes, filters: {not_place: tele, not_modifier: mod}}}"
    (trigger,) = events_of(event, parameter("p", "boolean", value)).triggers
    expected = (
        LineFilter(place_not_in=("lab", "tele"), modifier_not_in=("mod",))
        if filtered
        else LineFilter(place_not_in=("lab",))
    )
    assert trigger.where == expected


# --- the whole ---

SHARED = """\
id: shared
title: Shared parts
references: [{title: A source}]
define:
  care: {event: {code: care_codes, place: home}}
exclusions:
  - {id: hospice, title: Hospice care, when: {count: care, during: period}}
  - {id: gone, when: {died: {during: period}}}
"""


def test_exclusions_come_from_fragments_pieces_and_the_measure() -> None:
    text = (
        HEAD
        + "use: [shared]\ndefine: {born_before: {turns: birth}}\n"
        + "exclusions: [gone, hospice, born_before, {id: own_one, when: {turns: death}}]\n"
        + RATE
    )
    plan = plan_of(text, {"shared": SHARED})
    assert isinstance(plan.rates[0], Proportion)
    assert [(e.id, e.title) for e in plan.rates[0].exclusions] == [
        ("gone", "Gone"),
        ("hospice", "Hospice care"),
        ("born_before", "Born before"),
        ("own_one", "Own one"),
    ]
    assert plan.value_sets == ("care_codes", "home", "visits")


def test_a_rate_may_replace_what_is_shared() -> None:
    text = HEAD + (
        "population: [{turns: birthday 2}]\n"
        "exclusions: [{id: dead, when: {died: {during: period}}}]\n"
        "rates:\n"
        "  - {id: a, title: A, numerator: {turns: birth}}\n"
        "  - {id: b, title: B, population: [{turns: birthday 3}], exclusions: [], numerator: {turns: birth}}\n"
    )
    a, b = plan_of(text).rates
    assert isinstance(a, Proportion)
    assert isinstance(b, Proportion)
    assert ([e.id for e in a.exclusions], [e.id for e in b.exclusions]) == (["dead"], [])
    assert a.population != b.population


def test_steps_are_labelled_by_their_words_their_name_or_the_criterion() -> None:
    text = (HEAD + "define: {turns_two: {turns: birthday 2}}\n" + RATE).replace(
        "population: [{age: {from: 3, to: 11, on: period end}}]",
        "population: [turns_two, {step: Is alive, when: {not: {died: {during: period}}}}, {age: {from: 3, on: birth}}]",
    )
    plan = plan_of(text)
    assert isinstance(plan.rates[0], Proportion)
    assert [step.label for step in plan.rates[0].population] == [
        "turns two",
        "Is alive",
        "at least 3 years old on birth",
    ]


def every_flag(flag: Flag) -> list[Flag]:
    return list(flag.walk())


def test_every_flag_has_a_label() -> None:
    extra = "define:\n  visit: {count: {code: x}, during: period}\n"
    flag = numerator_of(
        "{any: [visit, {not: visit}, {different_dates: ["
        "{count: {code: x}, during: period}, {count: {code: y}, during: period}]}]}",
        extra,
    )
    assert all(part.label for part in every_flag(flag))
    assert flag.parts[0].label == "visit"


def test_the_digest_covers_the_measure_and_its_fragments() -> None:
    text = HEAD + "use: [shared]\nexclusions: [hospice]\n" + RATE
    digest = plan_of(text, {"shared": SHARED}).digest
    assert len(digest) == len(hashlib.sha256().hexdigest())
    assert digest == plan_of(text, {"shared": SHARED}).digest
    assert digest != plan_of(text + "# changed\n", {"shared": SHARED}).digest
    assert digest != plan_of(text, {"shared": SHARED + "# changed\n"}).digest


def test_the_tags_of_a_measure_are_in_its_plan() -> None:
    """A gap of a measure tagged `dental` is closed elsewhere than at the next visit."""
    assert plan_of(HEAD + "tags: [dental, prevention]\n" + RATE).tags == ("dental", "prevention")


@pytest.mark.parametrize(("value", "word"), [("no", "no"), ("yes", "yes")])
def test_the_plan_in_words_says_what_a_parameter_is(value: str, word: str) -> None:
    extra = parameter("strict", "boolean", value)
    numerator = "{count: {code: x, unless: {strict: yes, filters: {place: p}}}, during: period}"
    assert f"parameter strict = {word}" in explain(plan_of(with_numerator(numerator, extra)), calendar_year(2025))


def test_value_sets_of_filters_claims_and_first_dates_are_named() -> None:
    extra = "define:\n  d: {date: {first: {code: first_codes, place: p}, during: period}}\n"
    event = "{code: c, not_place: np, modifier: m, not_modifier: nm, provider: t, with_code: wc, without_diagnosis: wd}"
    text = with_numerator(f"{{count: {event}, from: d, to: period end}}", extra)
    assert plan_of(text).value_sets == tuple(sorted(["first_codes", "p", "c", "np", "m", "nm", "t", "wc", "wd"]))


def test_value_sets_behind_the_window_of_member_months_are_named() -> None:
    extra = "define:\n  d: {date: {first: {code: first_codes}, during: period}}\n"
    rate = """rates:
  - id: events
    title: Events
    population: [{age: {from: 3, to: 11, on: period end}}]
    events: {event: {code: c}, during: period}
    member_months: {rule: any_day, from: period start, to: d}
"""
    assert plan_of(HEAD + extra + rate).value_sets == ("c", "first_codes")


# --- sources, records and encounters ---


@pytest.mark.parametrize(
    ("written", "tables"),
    [
        ("claims", ("medical_claim", "pharmacy_claim")),
        ("registry", ("immunization",)),
        ("clinical", ("lab_result", "observation", "condition", "procedure", "encounter")),
        ("orders", ("service_request", "medication")),
        ("[immunization, claims, medical_claim]", ("medical_claim", "pharmacy_claim", "immunization")),
        ("[medication, registry]", ("immunization", "medication")),
    ],
)
def test_sources_are_tables_and_groups_of_them(written: str, tables: tuple[str, ...]) -> None:
    assert events_of(f"{{code: x, source: {written}}}").triggers[0].where.sources == tables


def test_groups_are_cut_like_tables() -> None:
    event = "{any: [{code: x, source: clinical}], source: [claims, condition]}"
    assert events_of(event).triggers[0].where.sources == ("condition",)


def test_conditions_of_records_are_read_in_lower_case_and_cut_to_what_both_allow() -> None:
    inner = "{code: x, record_status: [Finished, unknown], encounter_class: [AMB, VR], encounter_type: Office Visit}"
    where = events_of(f"{{any: [{inner}], record_status: [finished, active], encounter_class: amb}}").triggers[0].where
    assert where.record_statuses == ("finished",)
    assert where.encounter_classes == ("amb",)
    assert where.encounter_types == ("office visit",)
    assert events_of(inner).triggers[0].where.record_statuses == ("finished", "unknown")
