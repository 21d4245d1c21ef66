"""Rates of index events: counts of events are judged by the distinct persons behind them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.published_audit import leaks
from support.tables import amounts, rate_table, waterfalls
from vbpmeasure.plan.measures import MONTH_UNITS
from vbpmeasure.results.categories.dimensions import Dimension, parse_by
from vbpmeasure.results.categories.strata import Strata, StrataSet, assign_strata
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC, Status
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import AMOUNT_SCHEMA, RateKind
from vbpmeasure.results.shown_amounts import shown_amounts

# The fixtures only hand out functions without state, so generated examples may share them.
VALUE, PRIMARY, SECOND = Status.VALUE, Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY


def events(persons, each, first=0, **outcome):
    """``each`` events for every one of ``persons``, numbered from ``first``."""
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=31 * n) for n in range(each)]
    return [{"person": first + p, "index_date": day, **outcome} for p in range(persons) for day in days]


def frame_of_events(make_frame, key, units, rates=1, people=None):
    """The events as one rate, or as several with the same events; no person has two events on a day."""
    seen = defaultdict(int)
    rows = []
    for unit in units:
        seen[unit["person"]] += 1
        day = dt.date(2025, 1, 1) + dt.timedelta(days=seen[unit["person"]])
        rows += [{**unit, "index_date": day, "rate": r} for r in range(rates)]
    keys = tuple(key(f"r{r}", per_event=True) for r in range(rates))
    height = people or max((row["person"] for row in rows), default=-1) + 1
    return make_frame(rows, keys, pl.DataFrame({"person_id": [f"p{i}" for i in range(height)]}))


def by_payer(frame, of_person):
    labels = tuple((name,) for name in sorted(set(of_person)))
    ids = pl.Series([labels.index((name,)) for name in of_person], dtype=pl.UInt32)
    return StrataSet((Strata(Dimension(("payer",)), labels, ids, fixed=True),))


def test_persons_are_counted_once_per_cell(make_frame, key):
    units = [
        *events(2, 3, numerator=True),  # persons 0 and 1: three events that count
        *events(1, 2),  # person 0 also has two that do not
        *events(1, 1, first=2, exclusion=0),
        *events(1, 4, first=1, exclusion=1),  # person 1 is also excluded with four
        *events(3, 2, first=5, failed_step=1),  # outside the population
    ]
    table = rate_table(frame_of_events(make_frame, key, units))
    assert table.counts.row(0)[3:] == (13, 5, 8, 6)
    # population 0, 1, 2; excluded 1, 2; denominator 0, 1; numerator 0, 1; misses 0
    assert table.persons.rows() == [(0, 0, 0, 3, 2, 2, 2, 1)]


def test_rates_of_persons_have_no_second_counts(make_frame):
    assert rate_table(make_frame([{"numerator": True}] * 5)).persons.is_empty()


def test_persons_by_stratum_follow_the_strata_that_are_kept(make_frame, key):
    frame = frame_of_events(make_frame, key, [*events(3, 2), *events(1, 5, first=4)])
    ids = pl.Series([2, 2, 1, 0, 3], dtype=pl.UInt32)
    strata = StrataSet((Strata(Dimension(("payer",)), tuple((x,) for x in "WXYZ"), ids, fixed=False),))
    table = rate_table(frame, strata)
    assert table.dimensions[1].texts == ("X", "Y", "Z")  # W has no one in the population
    counted = table.persons.filter(pl.col("dimension") == 1).select("stratum", "denominator").rows()
    assert counted == [(0, 1), (1, 2), (2, 1)]


@pytest.mark.parametrize(("persons", "status"), [(1, PRIMARY), (2, PRIMARY), (10, PRIMARY), (11, VALUE)])
@pytest.mark.parametrize("which", ["denominator", "numerator", "misses"])
def test_few_persons_hide_a_rate_however_many_events_they_have(make_frame, key, which, persons, status):
    few = events(persons, 12, numerator=which != "misses")
    many = {
        "denominator": [],
        "numerator": events(40, 1, first=100),
        "misses": events(40, 1, first=100, numerator=True),
    }[which]
    frame = frame_of_events(make_frame, key, [*few, *many])
    row = PublishedTable(rate_table(frame), PUBLIC).results.row(0, named=True)
    assert row["status"] == status
    assert (row["denominator"] is None) == (status == PRIMARY)
    assert PublishedTable(rate_table(frame), INTERNAL).results["status"].to_list() == [VALUE]


@pytest.mark.parametrize(("persons", "status"), [(10, PRIMARY), (11, VALUE)])
def test_few_persons_among_the_excluded_cost_the_population_alone(make_frame, key, persons, status):
    kept = [*events(40, 1, first=100, numerator=True), *events(40, 1, first=200)]
    frame = frame_of_events(make_frame, key, [*kept, *events(persons, 9, exclusion=0)])
    row = PublishedTable(rate_table(frame), PUBLIC).results.row(0, named=True)
    assert (row["status"], row["population_status"]) == (VALUE, status)
    assert row["excluded"] == (None if status == PRIMARY else 99)


def test_a_stratum_of_two_persons_gets_a_partner(make_frame, key):
    # B has 48 events of two persons, 24 of them met. A is the smaller of the two others.
    both = [
        *events(30, 1, numerator=True),
        *events(30, 1, first=30),
        *events(2, 12, first=60, numerator=True),
        *events(2, 12, first=60),
        *events(50, 1, first=70, numerator=True),
        *events(50, 1, first=120),
    ]
    frame = frame_of_events(make_frame, key, both)
    payer = ["A"] * 60 + ["B"] * 10 + ["C"] * 100
    table = rate_table(frame, by_payer(frame, payer))
    results = PublishedTable(table, PUBLIC).results
    assert dict(zip(results["stratum"], results["status"], strict=True)) == {
        "total": VALUE,
        "A": SECOND,
        "B": PRIMARY,
        "C": VALUE,
    }
    assert leaks(table, results) == []


def test_hidden_strata_must_not_be_few_persons_together(make_frame, key):
    # A and B have 4 and 5 persons with 20 and 25 events that count: together 9 persons, so C goes as well.
    sizes = {"A": (4, 5, 40), "B": (5, 5, 40), "C": (40, 1, 40), "D": (60, 1, 60)}
    units, payer, first = [], [], 0
    for name, (met, each, missed) in sizes.items():
        units += [*events(met, each, first, numerator=True), *events(missed, 1, first + met)]
        payer += [name] * (met + missed)
        first += met + missed
    frame = frame_of_events(make_frame, key, units)
    table = rate_table(frame, by_payer(frame, payer))
    results = PublishedTable(table, PUBLIC).results
    assert results["status"].to_list() == [VALUE, PRIMARY, PRIMARY, SECOND, VALUE]


def test_the_audit_sees_few_persons(make_frame, key):
    frame = frame_of_events(make_frame, key, [*events(2, 20, numerator=True), *events(40, 1, first=10)])
    table = rate_table(frame)
    shown = PublishedTable(table, INTERNAL).results
    assert leaks(table, shown) == [(0, "numerator")]
    assert leaks(table, PublishedTable(table, PUBLIC).results) == []


def test_a_rate_of_persons_beside_one_of_events_is_judged_as_before(make_frame, key):
    rows = [{"rate": 0, "person": p, "numerator": p < 30} for p in range(60)]
    rows += [{"rate": 1, **unit} for unit in events(2, 10, numerator=True)]
    rows += [{"rate": 1, **unit} for unit in events(60, 1, first=10)]
    frame = make_frame(rows, (key("a"), key("b", per_event=True)))
    assert PublishedTable(rate_table(frame), PUBLIC).results["status"].to_list() == [VALUE, PRIMARY]


group = st.tuples(st.integers(0, 25), st.integers(1, 4), st.booleans(), st.sampled_from([None, None, None, 0]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(group, min_size=1, max_size=3), min_size=2, max_size=4), st.integers(1, 2))
def test_no_few_persons_follow_from_what_is_published(make_frame, key, drawn, rates):
    """Strata with groups of persons, each with so many events; persons of a group may have events of two outcomes."""
    units, payer, first = [], [], 0
    for stratum, groups in enumerate(drawn):
        size = max(persons for persons, *_ in groups)
        for persons, each, met, exclusion in groups:
            units += events(persons, each, first, numerator=met, exclusion=exclusion)
        payer += [f"S{stratum}"] * size
        first += size
    frame = frame_of_events(make_frame, key, units, rates, people=first)
    table = rate_table(frame, by_payer(frame, payer))
    results = PublishedTable(table, PUBLIC, waterfalls(frame)).results
    assert leaks(table, results) == []


# The waterfall


def stages(frame, policy=PUBLIC):
    return PublishedTable(rate_table(frame), policy, waterfalls(frame)).waterfall


def test_the_waterfall_counts_persons_and_events(make_frame, key):
    units = [
        *events(3, 2, failed_step=1),
        *events(2, 1, first=3, exclusion=0),
        *events(1, 2, exclusion=1),  # person 0 has failed events too
        *events(4, 3, first=6, numerator=True),
        *events(5, 1, first=6),  # four of those, and one more
    ]
    found = stages(frame_of_events(make_frame, key, units, people=100), INTERNAL)
    assert found.select("kind", "unit", "removed", "remaining", "persons").rows() == [
        # persons 0 to 4 and 6 to 10; then 0, 3, 4 and 6 to 10
        ("step", "events", None, 27, 10),
        ("step", "events", 6, 21, 8),
        ("exclusion", "events", 2, 19, 6),
        ("exclusion", "events", 2, 17, 5),
        ("denominator", "events", None, 17, 5),
        ("numerator", "events", 5, 12, 4),
    ]


def test_persons_of_a_rate_of_persons_are_what_remains(make_frame):
    found = stages(make_frame([{"numerator": n % 2 == 0} for n in range(60)]))
    assert set(found["unit"]) == {"persons"}
    assert found["persons"].to_list() == found["remaining"].to_list()


def test_many_events_of_few_persons_are_not_shown_as_removed(make_frame, key):
    # Hospice removes 30 events of 3 persons, all of whom have other events: persons do not change.
    kept = [*events(40, 1, numerator=True), *events(40, 1, first=40)]
    found = stages(frame_of_events(make_frame, key, [*kept, *events(3, 10, exclusion=0)], people=500))
    assert found["removed"].to_list()[2:4] == [None, None]
    assert found["remaining"].to_list()[4:] == [80, 40]


def test_few_persons_less_are_not_shown(make_frame, key):
    # Every event that counts and 60 that do not; 5 persons have none that counts: 80 - 75 would say so.
    units = [*events(75, 1, numerator=True), *events(60, 1), *events(5, 1, first=75)]
    found = stages(frame_of_events(make_frame, key, units, people=500))
    assert found["remaining"].to_list()[-2:] == [140, 75]
    persons = found["persons"].to_list()
    assert persons[-2] == 80
    assert persons[-1] is None


def test_few_persons_without_an_event_are_not_shown(make_frame, key):
    units = [*events(80, 2, numerator=True), *events(80, 1)]
    found = stages(frame_of_events(make_frame, key, units, people=85))
    assert found["remaining"].to_list()[0] == 240
    assert found["persons"].to_list() == [None] * 6


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(group, min_size=1, max_size=5), st.integers(0, 30), st.integers(1, 2))
def test_no_few_persons_follow_from_the_waterfall(make_frame, key, drawn, more, rates):
    units = [u for persons, each, met, out in drawn for u in events(persons, each, numerator=met, exclusion=out)]
    people = max(persons for persons, *_ in drawn) + more
    frame = frame_of_events(make_frame, key, units, rates, people=people)
    table = PublishedTable(rate_table(frame), PUBLIC, waterfalls(frame))
    for number in range(rates):
        found = table.waterfall.filter(pl.col("rate") == f"r{number}")
        start = [] if table.people is None else [table.people]
        for column, before in (("remaining", []), ("persons", start)):
            shown = [v for v in (*before, *found[column].to_list()) if v is not None]
            assert all(not 1 <= a - b <= 10 for a, b in pairwise(shown)), shown
            assert not any(1 <= v <= 10 for v in shown)


# Rates with amounts


def event_rate(make_frame, key, visits, months=12):
    """Persons with so many visits each; every one with a year of membership."""
    rows = [{"person": p, "numerator": n > 0, "part": n, "whole": months * MONTH_UNITS} for p, n in enumerate(visits)]
    frame = make_frame([{k: v for k, v in row.items() if k not in AMOUNT_SCHEMA} for row in rows])
    parts = pl.DataFrame([{n: row[n] for n in AMOUNT_SCHEMA} for row in rows], schema=AMOUNT_SCHEMA)
    ed = key("ed", kind=RateKind.EVENTS_PER_1000)
    return type(frame)(frame.period, (ed,), pl.concat([frame.rows, parts], how="horizontal"), frame.people)


@pytest.mark.parametrize(("persons", "status"), [(2, PRIMARY), (10, PRIMARY), (11, VALUE)])
def test_visits_of_few_children_are_hidden(make_frame, key, persons, status):
    frame = event_rate(make_frame, key, [6] * persons + [0] * 60)
    (cell,) = shown_amounts(frame, amounts(frame), PUBLIC)
    assert cell.status == status
    assert (cell.part is None) == (status == PRIMARY)


def test_crossings_add_up_to_a_margin_that_is_no_row(make_frame, key, systems):
    # Three girls of A have 12 visits: those of A in the other crossing without those of the boys.
    frame = event_rate(make_frame, key, [4] * 3 + [1] * 157)
    people = frame.people.with_columns(
        payer=pl.Series(["A"] * 40 + ["B"] * 120),
        gender=pl.Series(["F"] * 3 + ["M"] * 37 + ["F"] * 60 + ["M"] * 60),
        race=pl.lit("2106-3"),
    )
    frame = type(frame)(frame.period, frame.rates, frame.rows, people)
    strata = assign_strata(frame, parse_by("payer*sex,payer*race", systems), systems)
    cut = type(frame)(frame.period, (), frame.rows.clear(), people)
    found = PublishedTable(rate_table(cut, strata), PUBLIC, others=(frame, amounts(frame, strata))).amounts
    shown = {cell.stratum: cell.status for cell in found if cell.whole != 0}
    assert shown.pop("A * Female") == PRIMARY
    assert SECOND in shown.values()


def with_amounts(frame, policy=PUBLIC):
    cut = type(frame)(frame.period, (), frame.rows.clear(), frame.people)
    return PublishedTable(rate_table(cut), policy, waterfalls(frame), others=(frame, amounts(frame)))


def test_a_rate_with_amounts_has_a_waterfall_of_persons(make_frame, key):
    frame = event_rate(make_frame, key, [2] * 30 + [0] * 50)
    found = with_amounts(frame).waterfall
    assert found.select("label", "unit", "removed", "remaining", "persons").rows() == [
        ("all people", "persons", None, 80, 80),
        ("is two", "persons", 0, 80, 80),
        ("is enrolled", "persons", 0, 80, 80),
        ("Hospice", "persons", 0, 80, 80),
        ("Deceased", "persons", 0, 80, 80),
        ("denominator", "persons", None, 80, 80),
        ("with an event", "persons", 50, 30, 30),
    ]


def test_the_waterfall_of_a_hidden_amount_stops_before_the_population(make_frame, key):
    found = with_amounts(event_rate(make_frame, key, [20] * 3 + [0] * 77)).waterfall
    assert found["remaining"].to_list() == [80, 80, None, None, None, None, None]


def test_few_children_without_a_visit_are_not_shown(make_frame, key):
    # 76 of 80 children have a visit. The rate itself may be shown: nobody learns the 4 from visits and months.
    table = with_amounts(event_rate(make_frame, key, [2] * 76 + [0] * 4))
    assert table.amounts[0].status is VALUE
    assert table.waterfall["remaining"].to_list()[-2:] == [80, None]
