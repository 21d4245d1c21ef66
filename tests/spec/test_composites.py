"""Composites of persons, events per 1,000 member-months, indicators (semantics page, sections 8 to 10)."""

import pytest

from spec.engines import REST
from spec.grids import grid, people
from spec.plans import ALWAYS, YEAR, at, birthday, code, codes, count, index, program, rate, since, start
from vbpmeasure.plan.dates import Window
from vbpmeasure.plan.flags import AgeBetween, DateWithin, Not
from vbpmeasure.plan.index import Stays
from vbpmeasure.plan.measures import (
    MONTH_UNITS,
    Composite,
    CompositeKind,
    EventRate,
    Exclusion,
    Indicator,
    MeasurePlan,
    MemberMonths,
    MonthRule,
    Program,
    Step,
    calendar_year,
)

SETS = {
    "well": codes(CPT="99392"),
    "dental": codes(CDT="D1206"),
    "screen": codes(CPT="96110"),
    "therapy": codes(CPT="97530"),
    "ed": codes(CPT="99283"),
    "stay": codes(UBREV="0120"),
}
WELL, DENTAL, SCREEN, THERAPY, ED, STAY = (code(name) for name in SETS)


def claims(text):
    return {"medical_claim": grid("medical_claim", text)}


def composite(kind, *members, population=(), exclusions=()):
    return Composite(
        "c",
        "C",
        CompositeKind(kind),
        tuple(("m", member) for member in members),
        tuple(Step(f"step {i}", flag) for i, flag in enumerate(population)),
        tuple(Exclusion(reason, reason, flag) for reason, flag in exclusions),
    )


CHILDREN = """
    person | claim | on         | code
    1      | a     | 2025-02-01 | 99392
    1      | b     | 2025-02-01 | D1206
    2      | c     | 2025-02-01 | 99392
    3      | d     | 2025-02-01 | 96110
    3      | e     | 2025-02-20 | 97530
    3      | f     | 2025-08-01 | 96110
    4      | g     | 2025-02-01 | 96110
    4      | h     | 2025-02-20 | 97530
    4      | i     | 2025-03-01 | 99392
    4      | j     | 2025-03-01 | D1206
    5      | k     | 2025-03-01 | 99283
    """


@pytest.mark.parametrize("kind", ["all_or_none", "opportunity"])
def test_a_child_meets_what_it_is_eligible_for(judge_units, kind):
    members = (
        rate(count(WELL, YEAR), rate_id="well", exclusions=(("ed", count(ED, YEAR)),)),
        rate(count(DENTAL, YEAR), rate_id="dental", exclusions=(("ed", count(ED, YEAR)),)),
        rate(count(THERAPY, since(0, 60)), rate_id="follow", units=index(SCREEN)),
    )
    plan = program(*members, composite(kind, "well", "dental", "follow"), sets=SETS)
    found = judge_units(plan, eligibility=people(1, 2, 3, 4, 5), **claims(CHILDREN))["c"]
    assert found == {
        "1": ["met, 2 of 2"],
        "2": ["open, 1 of 2"],
        "3": ["open, 0 of 3"],  # one of two screens was not followed up, so the component is not met
        "4": ["met, 3 of 3"],
        "5": [],  # excluded from both, no screen: no component, and the composite's first step fails
    }


def test_a_composite_narrows_its_persons(judge_units):
    members = (rate(count(WELL, YEAR), rate_id="well"), rate(count(DENTAL, YEAR), rate_id="dental"))
    young = AgeBetween(0, 4, start())
    plan = program(
        *members,
        composite("opportunity", "well", "dental", population=(young,), exclusions=(("ed", count(ED, YEAR)),)),
        sets=SETS,
    )
    eligibility = [*people(1, 2, 5), *people(6, born="2015-01-01")]
    found = judge_units(plan, eligibility=eligibility, **claims(CHILDREN))["c"]
    assert found == {"1": ["met, 2 of 2"], "2": ["open, 1 of 2"], "5": ["excluded: ed"], "6": []}


def test_members_of_other_measures_and_a_person_without_any(judge_units):
    other = MeasurePlan(
        "o",
        "O",
        "1",
        "active",
        (rate(count(WELL, YEAR), (ALWAYS, DateWithin(birthday(5), YEAR)), rate_id="w"),),
        support=True,
    )
    own = MeasurePlan(
        "m",
        "M",
        "1",
        "active",
        (Composite("c", "C", CompositeKind.ALL_OR_NONE, (("o", "w"),), (Step("all", ALWAYS),)),),
    )
    sets = program(sets=SETS).value_sets
    plan = Program((own, other), calendar_year(2025), sets)
    eligibility = [*people(1, born="2020-06-15"), *people(2, born="2019-06-15")]
    found = judge_units(plan, eligibility=eligibility, **claims(CHILDREN))
    assert found["c"] == {"1": ["met, 1 of 1"], "2": ["fails step 1"]}


def per_thousand(months, events=None):
    return EventRate("e", "E", (Step("all", ALWAYS),), (), events or index(ED), months)


SPANS = """
    person | born       | gender | from       | to
    1      | 2020-06-15 | F      | 2025-01-01 | 2025-12-31
    2      | 2020-06-15 | F      | 2025-02-15 | 2025-03-14
    3      | 2020-06-15 | F      | 2025-04-16 | 2025-05-14
    4      | 2024-07-10 | F      | 2025-01-01 | 2025-12-31
    """
VISITS = """
    person | claim | on         | code
    1      | a     | 2025-01-05 | 99283
    1      | b     | 2025-01-05 | 99283
    1      | c     | 2025-03-05 | 99283
    1      | d     | 2024-12-31 | 99283
    2      | e     | 2025-02-14 | 99283
    2      | f     | 2025-02-15 | 99283
    3      | g     | 2025-05-01 | 99283
    4      | h     | 2025-07-09 | 99283
    4      | i     | 2025-07-10 | 99283
    """


@pytest.mark.parametrize(
    ("months", "whole"),
    [
        # Covered on the 15th; on any day; days over the days of the month (14 of 28, 14 of 31; 15 of 30, 14 of 31).
        (MemberMonths(YEAR, MonthRule.DAY_OF_MONTH, 15), (12, 1, 0)),
        (MemberMonths(YEAR, MonthRule.ANY_DAY), (12, 2, 2)),
        (MemberMonths(YEAR, MonthRule.PRORATED_DAYS), (12, 14 / 28 + 14 / 31, 15 / 30 + 14 / 31)),
    ],
    ids=["day_of_month", "any_day", "prorated_days"],
)
def test_member_months(judge_units, months, whole):
    plan = program(per_thousand(months), sets=SETS)
    found = judge_units(plan, eligibility=grid("eligibility", SPANS), **claims(VISITS))
    one, two, three = (round(number * MONTH_UNITS) for number in whole)
    assert found["1"] == [f"met 2025-01-05 by medical_claim, 2 of {one}"]
    assert found["2"] == [f"met 2025-02-15 by medical_claim, 1 of {two}"]
    assert found["3"] == [f"met 2025-05-01 by medical_claim, 1 of {three}"]


def test_the_last_day_stands_for_a_day_that_a_month_does_not_have(judge_units):
    plan = program(per_thousand(MemberMonths(YEAR, MonthRule.DAY_OF_MONTH, 31)), sets=SETS)
    spans = """
        person | born       | gender | from       | to
        1      | 2020-06-15 | F      | 2025-02-28 | 2025-04-30
        2      | 2020-06-15 | F      | 2025-03-01 | 2025-03-30
        """
    found = judge_units(plan, eligibility=grid("eligibility", spans), medical_claim=[])
    assert found == {"1": [f"open, 0 of {3 * MONTH_UNITS}"], "2": ["open, 0 of 0"]}


def test_days_at_the_ages_asked_for(judge_units):
    # The first birthday is 10 July 2025: before it the child is 0, from that day on 1 to 9.
    infants = MemberMonths(YEAR, MonthRule.DAY_OF_MONTH, 9, 0, 0)
    older = MemberMonths(YEAR, MonthRule.DAY_OF_MONTH, 9, 1, 9)
    eligibility = grid("eligibility", SPANS)[3:]
    words = {}
    for name, months in (("infants", infants), ("older", older)):
        words[name] = judge_units(program(per_thousand(months), sets=SETS), eligibility=eligibility, **claims(VISITS))[
            "4"
        ]
    assert words == {
        "infants": [f"met 2025-07-09 by medical_claim, 1 of {7 * MONTH_UNITS}"],
        "older": [f"met 2025-07-10 by medical_claim, 1 of {5 * MONTH_UNITS}"],
    }


def test_events_are_found_as_index_events_are(judge_units):
    admitted = Not(count(STAY, since(0, 1)), label="not admitted")
    plan = program(per_thousand(MemberMonths(YEAR, MonthRule.ANY_DAY), index(ED, when=(admitted,))), sets=SETS)
    table = """
        person | claim | on         | code  | revenue_center_code
        1      | a     | 2025-01-05 | 99283 |
        1      | b     | 2025-01-06 |       | 0120
        1      | c     | 2025-03-05 | 99283 |
        1      | d     | 2025-03-07 |       | 0120
        """
    found = judge_units(plan, eligibility=people(1), **claims(table))
    assert found == {"1": [f"met 2025-03-05 by medical_claim, 1 of {12 * MONTH_UNITS}"]}


INDICATORS = """
    indicator_id | entity_type | entity_id | period_end | numerator | denominator | value | source
    ready        | person      | 1         | 2025-09-30 | 3         | 4           |       | school
    ready        | person      | 1         | 2025-12-31 | 1         | 1           |       | school
    ready        | person      | 2         | 2025-12-31 |           |             | 1     | school
    ready        | person      | 3         | 2025-12-31 | 1         | 0           |       | school
    ready        | person      | 4         | 2025-12-31 | 1         | -2          |       | school
    ready        | person      | 5         | 2026-01-01 | 1         | 1           |       | school
    other        | person      | 5         | 2025-12-31 | 1         | 1           |       | school
    ready        | plan        | x         | 2025-12-31 | 30        | 40          |       | state
    ready        | plan        | x         | 2025-06-30 | 10        | 10          |       | plan
    ready        | plan        | y         | 2025-12-31 |           |             | 0.9   | state
    ready        | plan        | z         | 2025-12-31 | 5         | 4           |       | state
    ready        | person      | 9         | 2025-12-31 | 5         | 4           |       | school
    """


def test_indicators_of_persons(judge_units):
    plan = program(Indicator("i", "I", "ready"), sets=SETS)
    found = judge_units(
        plan, eligibility=people(1, 2, 3, 4, 5), medical_claim=[], indicator=grid("indicator", INDICATORS)
    )
    assert found == {
        "1": ["open, 4 of 5"],
        "2": ["met 2025-12-31 by no table, 1 of 1"],
        "3": [],
        "4": [],
        "5": [],
    }


@pytest.mark.parametrize("rest_of_run", REST.values(), ids=REST)
def test_indicators_of_other_entities_and_rows_that_fit_no_rule(rest_of_run):
    plan = program(Indicator("i", "I", "ready"), Indicator("j", "J", "ready", "plan"), sets=SETS)
    rows = {"eligibility": people(1, 2, 3, 4, 5), "indicator": grid("indicator", INDICATORS)}
    found = rest_of_run(plan, rows)
    assert found.external == [
        ("m", "j", "x", 40, 50, None, "plan+state"),
        ("m", "j", "y", None, None, 0.9, "state"),
    ]
    # A zero and a negative denominator of persons, and more met than there are of a plan; nobody knows person 9.
    assert found.faults == {"indicator rows left out m": 3}


def test_without_the_table_nobody_has_an_indicator(judge_units):
    plan = program(Indicator("i", "I", "ready"), sets=SETS)
    assert judge_units(plan, eligibility=people(1), medical_claim=[]) == {"1": []}


@pytest.mark.parametrize("rest_of_run", REST.values(), ids=REST)
def test_without_the_table_no_entity_has_an_indicator(rest_of_run):
    plan = program(Indicator("i", "I", "ready"), Indicator("j", "J", "ready", "plan"), sets=SETS)
    assert rest_of_run(plan, {"eligibility": people(1)}) == ([], {})


HALF = """
    indicator_id | entity_type | entity_id | period_end | numerator | denominator | value | source
    ready        | person      | 1         | 2025-12-31 | 1         |             | 1     | school
    ready        | person      | 2         | 2025-12-31 |           | 1           | 1     | school
    ready        | plan        | x         | 2025-12-31 | 1         |             | 0.5   | state
    ready        | plan        | y         | 2025-12-31 |           | 2           | 0.5   | state
    """


def test_a_numerator_or_denominator_alone_is_refused_though_there_is_a_value(judge_units):
    plan = program(Indicator("i", "I", "ready"), sets=SETS)
    found = judge_units(plan, eligibility=people(1, 2), medical_claim=[], indicator=grid("indicator", HALF))
    assert found == {"1": [], "2": []}


@pytest.mark.parametrize("rest_of_run", REST.values(), ids=REST)
def test_half_a_row_of_an_entity_is_refused_and_counted(rest_of_run):
    plan = program(Indicator("i", "I", "ready"), Indicator("j", "J", "ready", "plan"), sets=SETS)
    found = rest_of_run(plan, {"eligibility": people(1, 2), "indicator": grid("indicator", HALF)})
    assert found.external == []
    assert found.faults == {"indicator rows left out m": 4}


@pytest.mark.parametrize("rest_of_run", REST.values(), ids=REST)
def test_an_entity_with_several_values_has_none(rest_of_run):
    table = """
        indicator_id | entity_type | entity_id | period_end | numerator | denominator | value | source
        ready        | plan        | x         | 2025-06-30 |           |             | 0.7   | state
        ready        | plan        | x         | 2025-12-31 |           |             | 0.9   | state
        ready        | plan        | y         | 2025-06-30 |           |             | 0.7   | state
        ready        | plan        | y         | 2025-12-31 | 1         | 2           |       |
        ready        | plan        | z         | 2025-12-31 | 1         | 2           |       |
        ready        | plan        |           | 2025-12-31 | 1         | 2           |       | state
        """
    plan = program(Indicator("j", "J", "ready", "plan"), sets=SETS)
    rows = {"eligibility": people(1), "indicator": grid("indicator", table)}
    rows["indicator"].append(rows["indicator"][-2] | {"source": ""})
    assert rest_of_run(plan, rows).external == [
        ("m", "j", "x", None, None, None, "state"),
        ("m", "j", "y", 1, 2, None, "state"),
        ("m", "j", "z", 2, 4, None, None),
    ]


@pytest.mark.parametrize("rest_of_run", REST.values(), ids=REST)
def test_rows_without_a_date_are_counted_whoever_is_in_the_population(rest_of_run):
    """Nobody is old enough for the rate; the rows are counted all the same, each row once."""
    table = """
        person | claim | on         | code  | px1     | procedure_date_1
        1      | a     |            | 96110 |         |
        1      | b     |            | 96110 | 10E0XZZ | 2025-03-01
        1      | b     |            | 99392 |         |
        """
    sets = SETS | {"screen": codes(CPT="96110", ICD10PCS="10E0XZZ")}
    grown = AgeBetween(90, 99, start())
    plan = program(rate(count(THERAPY, since(0, 30)), (grown,), units=index(SCREEN)), sets=sets)
    assert rest_of_run(plan, {"eligibility": people(1), **claims(table)}).faults == {"events without a date m": 1}


@pytest.mark.parametrize("rest_of_run", REST.values(), ids=REST)
def test_faults_of_index_events_are_counted(rest_of_run):
    table = """
        person | claim | on         | code  | revenue_center_code | admission_date | discharge_date
        1      | a     |            | 96110 |                     |                |
        1      | b     | 2025-02-10 |       | 0120                | 2025-02-10     | 2025-02-09
        1      | c     | 2025-03-10 |       | 0120                | 2025-03-10     |
        1      | d     | 2025-04-10 |       | 0120                | 2025-04-10     | 2025-04-12
        9      | e     |            | 96110 |                     |                |
        """
    numerator = count(THERAPY, since(0, 30))
    plan = program(
        rate(numerator, units=index(SCREEN), rate_id="a"),
        rate(numerator, units=index(SCREEN), population=(AgeBetween(0, 9, at()),), rate_id="b"),
        rate(
            numerator,
            units=index(STAY, Window(start(), start(days=360)), stays=Stays()),
            rate_id="c",
        ),
        sets=SETS,
    )
    rows = {"eligibility": people(1), **claims(table)}
    assert rest_of_run(plan, rows).faults == {
        "events without a date m": 1,
        "stays without a date m": 1,
        "stays that end before they start m": 1,
    }
