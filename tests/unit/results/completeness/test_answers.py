"""What each person answered and from where; who was enrolled when."""

import datetime as dt

import polars as pl
import pytest

from vbpmeasure.plan.measures import Period
from vbpmeasure.results.categories.dimensions import parse_by
from vbpmeasure.results.categories.standards import Choice, choose
from vbpmeasure.results.completeness.answers import ANSWERS, answers, columns_of_completeness, fields
from vbpmeasure.results.completeness.limits import CompletenessLimits, descriptor_score
from vbpmeasure.results.completeness.months import enrolled, months_of
from vbpmeasure.results.frame import SPAN_SCHEMA


def kinds(field, chosen, **columns):
    people = pl.DataFrame(columns, schema_overrides=dict.fromkeys(columns, pl.String))
    return [ANSWERS[i] for i in answers([field], chosen, people)[field]]


@pytest.mark.parametrize(
    ("race", "source", "answer"),
    [
        ("2106-3", "20", "direct"),
        ("2106-3", "direct", "direct"),
        ("2106-3", "24", "indirect"),
        ("2106-3", "28", "source_unknown"),
        ("2106-3", None, "source_unknown"),
        ("2106-3", "nobody knows this", "source_unknown"),
        ("ASKU", "20", "declined"),
        ("UNK", "20", "unknown"),
        (None, None, "unknown"),
        ("klingon", "20", "unknown"),
        ("2135-2", "20", "unknown"),  # rule 7: race stays unknown
    ],
)
def test_the_five_kinds(systems, race, source, answer):
    assert kinds("race", systems, race=[race], race_source=[source]) == [answer]


def test_without_a_source_column_nobody_knows_where_a_value_is_from(systems):
    assert kinds("race", systems, race=["2106-3", "ASKU"]) == ["source_unknown", "declined"]


def test_an_ethnicity_from_the_race_column_has_the_source_of_race(systems):
    found = kinds(
        "ethnicity",
        systems,
        race=["2135-2", "2135-2", "2106-3"],
        ethnicity=[None, "2186-5", None],
        race_source=["direct", "direct", "direct"],
        ethnicity_source=["indirect", "indirect", "indirect"],
    )
    assert found == ["direct", "indirect", "unknown"]


def test_the_one_item_has_the_source_of_the_column_that_told_it(systems):
    chosen = choose(systems, Choice("spd15")).by_dimension
    found = kinds(
        "race_ethnicity",
        chosen,
        race=["2106-3", None, "UNK", "ASKU", None],
        ethnicity=["2135-2", "2135-2", "2186-5", None, None],
        race_source=["direct"] * 5,
        ethnicity_source=["indirect"] * 5,
    )
    assert found == ["direct", "indirect", "unknown", "declined", "unknown"]


def test_fields_are_the_strata_whose_values_have_a_source(systems):
    asked = parse_by("sex,race*payer,language", systems)
    assert fields(asked, systems) == ("race", "language")
    columns = ("race", "race_source", "language", "language_spoken", "language_source", "payer")
    assert columns_of_completeness(asked, systems) == columns
    assert columns_of_completeness(parse_by("sex,payer", systems), systems) == ()


@pytest.mark.parametrize(
    ("race", "ethnicity", "score"),
    [
        (2_450, 1_980, 0),  # GB9: 24.5 % and 19.8 %, ethnicity fails
        (2_450, 2_000, 5),
        (1_999, 2_000, 0),
        (2_000, 2_000, 5),
    ],
)
def test_gb9(race, ethnicity, score):
    assert descriptor_score(race, ethnicity, 10_000) == score


def test_no_people_have_no_score():
    assert descriptor_score(0, 0, 0) == 0


def test_a_field_may_have_limits_of_its_own():
    limits = CompletenessLimits(direct=0.3, fields={"race": (0.8, 0.1)})
    assert limits.of("race") == (0.8, 0.1)
    assert limits.of("ethnicity") == (0.3, 0.5)


def test_months_of_a_period():
    found = months_of(Period(dt.date(2024, 1, 15), dt.date(2024, 3, 1)))
    assert found == (
        (dt.date(2024, 1, 15), dt.date(2024, 1, 31)),
        (dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        (dt.date(2024, 3, 1), dt.date(2024, 3, 1)),
    )
    assert len(months_of(Period(dt.date(2025, 1, 1), dt.date(2025, 12, 31)))) == 12


def test_a_period_of_years_has_every_month_of_them():
    """More months than one integer holds: a is enrolled in the second and the 33rd, b in the 36th."""
    spans = pl.DataFrame(
        {
            "person": [0, 0, 1],
            "start": [dt.date(2023, 2, 3), dt.date(2025, 9, 1), dt.date(2025, 12, 31)],
            "end": [dt.date(2023, 2, 3), dt.date(2025, 9, 30), None],
        },
        schema_overrides=SPAN_SCHEMA,
    )
    found = enrolled(spans, 2, Period(dt.date(2023, 1, 1), dt.date(2025, 12, 31)))
    there = [[number for number, month in enumerate(found, start=1) if month[person]] for person in (0, 1)]
    assert len(found) == 36
    assert there == [[2, 33], [36]]


def test_one_day_in_a_month_is_enrollment_in_it():
    spans = pl.DataFrame(
        {
            "person": [0, 0, 1, 2, 2],
            "start": [
                dt.date(2025, 1, 31),
                dt.date(2025, 3, 1),
                dt.date(2024, 1, 1),
                dt.date(2024, 1, 1),
                None,
            ],
            "end": [dt.date(2025, 1, 31), dt.date(2025, 3, 5), None, dt.date(2025, 2, 1), None],
        },
        schema_overrides=SPAN_SCHEMA,
    )
    found = enrolled(spans, 4, Period(dt.date(2025, 1, 1), dt.date(2025, 4, 30)))
    assert [month.to_list() for month in found] == [
        [True, True, True, False],
        [False, True, True, False],
        [True, True, False, False],
        [False, True, False, False],
    ]
