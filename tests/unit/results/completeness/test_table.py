"""The published table: counts by hand, what is hidden, and the warnings."""

import datetime as dt

import polars as pl
import pytest

from support.tables import rate_table
from vbpmeasure.results.categories.dimensions import parse_by
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.completeness.answers import ANSWERS, answers
from vbpmeasure.results.completeness.counts import Told, told_by_people, told_by_rates
from vbpmeasure.results.completeness.limits import CompletenessLimits
from vbpmeasure.results.completeness.months import months_of
from vbpmeasure.results.completeness.remarks import completeness_remarks
from vbpmeasure.results.completeness.table import COMPLETENESS_SCHEMA, completeness
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable

LIMITS = CompletenessLimits()

# How an answer stands in the file: the code, and its source.
WRITTEN = {
    "direct": ("2106-3", "20"),
    "indirect": ("2054-5", "23"),
    "source_unknown": ("2028-9", None),
    "declined": ("ASKU", "20"),
    "unknown": (None, "28"),
}


def people_of(groups):
    """One mapping of answers to counts per payer."""
    rows = [(payer, *WRITTEN[kind]) for payer, counts in groups.items() for kind, n in counts.items() for _ in range(n)]
    return pl.DataFrame(
        {
            "person_id": [f"p{i:05d}" for i in range(len(rows))],
            "birth_date": [dt.date(2020, 1, 1)] * len(rows),
            "payer": [row[0] for row in rows],
            "race": [row[1] for row in rows],
            "race_source": [row[2] for row in rows],
        },
        schema_overrides=dict.fromkeys(("payer", "race", "race_source"), pl.String),
    )


def told_of(frame, given, there):
    rates = range(len(frame.rates))
    people = told_by_people(given, frame, there)
    return Told(
        tuple(given), frame.period, frame.people.height, frame.rates, people, told_by_rates(given, frame, rates)
    )


def published(make_frame, systems, groups, inside=None, policy=PUBLIC, months=None, by="race", limits=LIMITS):
    """The table of people in groups; ``inside`` says who is in the one denominator (default: everybody)."""
    people = people_of(groups)
    where = range(people.height) if inside is None else [i for i in range(people.height) if inside(i)]
    units = [{"person": i, "numerator": i % 2 == 0} for i in where]
    frame = make_frame(units, people=people)
    results = PublishedTable(rate_table(frame, assign_strata(frame, parse_by(by, systems), systems)), policy)
    there = [pl.Series([True] * people.height) for _ in months_of(frame.period)] if months is None else months
    given = answers(["race"], systems, people)
    return completeness(told_of(frame, given, there), results, systems, limits)


def row(found, scope, **names):
    rows = found.table.filter(pl.col("scope") == scope, *(pl.col(name) == value for name, value in names.items()))
    assert rows.height == 1
    return rows.to_dicts()[0]


BIG = {"A": {"direct": 400, "indirect": 120, "source_unknown": 60, "declined": 50, "unknown": 70}}
TWO = {**BIG, "B": {"direct": 90, "indirect": 40, "source_unknown": 30, "declined": 40, "unknown": 40}}


def test_everyone_by_hand(make_frame, systems):
    found = published(make_frame, systems, TWO)
    assert found.table.schema == COMPLETENESS_SCHEMA
    everyone = row(found, "people")
    assert [everyone[a] for a in ("people", *ANSWERS)] == [940, 490, 160, 90, 90, 110]
    assert everyone["percent_direct"] == 52.13  # 490 / 940
    assert everyone["percent_known"] == 78.72  # 740 / 940
    assert everyone["status"] == "value"
    second = row(found, "payer", group="B")
    assert [second[a] for a in ("people", *ANSWERS)] == [240, 90, 40, 30, 40, 40]
    month = row(found, "month", group="2025-02")
    assert [month[a] for a in ("people", *ANSWERS)] == [940, 490, 160, 90, 90, 110]
    assert (month["measure"], month["rate"], month["field"]) == ("", "", "race")
    rate = row(found, "measure", measure="m", rate="r", field="race")
    assert [rate[a] for a in ("people", *ANSWERS)] == [940, 490, 160, 90, 90, 110]
    assert found.table["scope"].unique(maintain_order=True).to_list() == ["people", "payer", "measure", "month"]


def test_the_denominator_has_its_own_shares(make_frame, systems):
    found = published(make_frame, systems, TWO, inside=lambda i: i < 400 or i >= 700)
    rate = row(found, "measure")
    assert [rate[a] for a in ("people", *ANSWERS)] == [640, 490, 40, 30, 40, 40]


def test_a_small_count_takes_a_second_one_along(make_frame, systems):
    groups = {"A": {"direct": 400, "indirect": 4, "source_unknown": 60, "declined": 50, "unknown": 70}}
    found = row(published(make_frame, systems, groups), "people")
    hidden = [a for a in ANSWERS if found[a] is None]
    assert "indirect" in hidden
    assert len(hidden) >= 2
    shown = sum(found[a] for a in ANSWERS if found[a] is not None)
    assert found["people"] - shown - 4 > 10  # what is hidden beside the four is no small count either


def test_a_payer_does_not_follow_from_the_others(make_frame, systems):
    groups = {**BIG, "B": {"direct": 90, "indirect": 40, "source_unknown": 30, "declined": 3, "unknown": 20}}
    found = published(make_frame, systems, groups)
    hidden = found.table.filter(pl.col("scope") == "payer", pl.col("declined").is_null())["group"].to_list()
    everyone = row(found, "people")
    assert "B" in hidden
    assert hidden == ["A", "B"] or everyone["declined"] is None


def test_what_the_rates_hide_stays_hidden(make_frame, systems):
    # In the denominator five people declined: the rates hide that stratum, so the answers of this rate are hidden.
    five = {"A": {**BIG["A"], "declined": 5}}
    found = row(published(make_frame, systems, {**five, "B": TWO["B"]}, inside=lambda i: i < 655), "measure")
    assert found["people"] == 655
    assert [found[a] for a in ANSWERS] == [None] * 5
    assert found["percent_direct"] is None
    assert found["percent_known"] is None


def test_without_the_stratum_in_the_rates_the_answers_are_hidden(make_frame, systems):
    found = row(published(make_frame, systems, TWO, by="race*payer"), "measure")
    assert [found[a] for a in ANSWERS] == [None] * 5


def test_all_but_a_few_are_hidden(make_frame, systems):
    # Three people with a direct answer are not in the denominator: they would follow from a subtraction.
    found = published(make_frame, systems, TWO, inside=lambda i: i >= 3)
    assert [row(found, "measure")[a] for a in ("people", *ANSWERS)] == [None] * 6
    there = [pl.Series([i >= 3 for i in range(940)])] * 12
    month = row(published(make_frame, systems, TWO, months=there), "month", group="2025-07")
    assert [month[a] for a in ("people", *ANSWERS)] == [None] * 6


def test_one_hidden_row_among_a_total_and_its_members_takes_another_along(make_frame, key, systems):
    # The total leaves out forty of the direct answers and three who declined: those three would follow from everybody,
    # so its answers are hidden. They are those of its two members together, so the smaller one's are hidden too.
    people = people_of(TWO)
    inside = [i for i in range(940) if i >= 40 and i not in (580, 581, 582)]
    units = [{"rate": 0, "person": i, "numerator": i % 2 == 0} for i in inside]
    units += [{"rate": 1 if i < 700 else 2, "person": i, "numerator": i % 2 == 0} for i in inside]
    frame = make_frame(units, (key("all", members=("a", "b")), key("a"), key("b")), people)
    results = PublishedTable(rate_table(frame, assign_strata(frame, parse_by("race", systems), systems)), PUBLIC)
    there = [pl.Series([True] * people.height) for _ in months_of(frame.period)]
    given = answers(["race"], systems, people)
    found = completeness(told_of(frame, given, there), results, systems, LIMITS)
    assert {
        name: [row(found, "measure", rate=name)[a] for a in ("people", *ANSWERS)] for name in ("all", "a", "b")
    } == {
        "all": [897, None, None, None, None, None],
        "a": [657, 360, 120, 60, 47, 70],
        "b": [240, None, None, None, None, None],
    }


def test_internally_everything_is_shown(make_frame, systems):
    groups = {"A": {"direct": 40, "indirect": 4}, "B": {"declined": 1, "unknown": 2}}
    found = published(make_frame, systems, groups, policy=INTERNAL)
    assert [row(found, "payer", group="B")[a] for a in ("people", *ANSWERS)] == [3, 0, 0, 0, 1, 2]
    assert not found.table.select("people", *ANSWERS).null_count().sum_horizontal()[0]


def test_a_denominator_without_anyone(make_frame, systems):
    found = row(published(make_frame, systems, TWO, inside=lambda i: False), "measure")
    assert (found["people"], found["percent_direct"], found["status"]) == (0, None, "NO_DATA")


def codes(found, limits=LIMITS):
    return [d.code for d in completeness_remarks(found, limits)]


def test_no_warning_when_enough_is_known(make_frame, systems):
    assert codes(published(make_frame, systems, TWO)) == []


def test_too_few_direct_answers(make_frame, systems):
    groups = {"A": {"direct": 95, "indirect": 300, "declined": 50, "unknown": 60}}
    (problem,) = completeness_remarks(published(make_frame, systems, groups), LIMITS)
    assert problem.code == "VBM620"
    assert "18.8 %" in problem.message  # 95 / 505
    assert codes(published(make_frame, systems, groups), CompletenessLimits(direct=0.1)) == []


def test_too_many_unknown(make_frame, systems):
    groups = {"A": {"direct": 200, "declined": 50, "unknown": 260}}
    assert codes(published(make_frame, systems, groups)) == ["VBM621"]
    assert codes(published(make_frame, systems, TWO), CompletenessLimits(unknown=0.05)) == ["VBM621"]


def test_too_many_unknown_in_a_denominator(make_frame, systems):
    groups = {"A": {"direct": 400, "indirect": 100, "declined": 60, "unknown": 200}}
    found = published(make_frame, systems, groups, inside=lambda i: i < 100 or i >= 500)
    assert codes(found) == ["VBM623"]


def test_a_payer_that_tells_nothing_is_counted_and_not_named(make_frame, systems):
    found = published(make_frame, systems, {**BIG, "secret plan": {"unknown": 80}})
    (problem,) = completeness_remarks(found, LIMITS)
    assert problem.code == "VBM622"
    assert "1 of 2 payers" in problem.message
    assert "secret" not in problem.message


@pytest.mark.parametrize(("limits", "score", "percent"), [(LIMITS, 5, 20.0), (CompletenessLimits(score=0.6), 0, 60.0)])
def test_the_descriptor_of_a_run(make_frame, systems, limits, score, percent):
    people = people_of(TWO).with_columns(ethnicity=pl.lit("2186-5"), ethnicity_source=pl.lit("20"))
    frame = make_frame([{"person": i} for i in range(people.height)], people=people)
    results = PublishedTable(rate_table(frame, assign_strata(frame, parse_by("race", systems), systems)), PUBLIC)
    given = answers(["race", "ethnicity"], systems, people)
    there = [pl.Series([True] * people.height)] * 12
    found = completeness(told_of(frame, given, there), results, systems, limits)
    assert found.score == score
    assert found.record(limits) == {
        "percent_direct": {"race": 52.13, "ethnicity": 100.0},
        "descriptor": {"score": score, "threshold_percent": percent},
    }
