"""--by and the strata of people."""

import datetime as dt

import polars as pl
import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.categories.dimensions import Dimension, attributes_needed, parse_by
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.frame import ROW_SCHEMA, ResultFrame


def people_frame(year=2025, **columns):
    height = len(next(iter(columns.values())))
    base = {"person_id": [f"p{i}" for i in range(height)], "birth_date": [dt.date(2020, 1, 1)] * height}
    people = pl.DataFrame({**base, **columns})
    return ResultFrame(calendar_year(year), (), pl.DataFrame(schema=ROW_SCHEMA), people)


def strata_of(frame, systems, by):
    (strata,) = assign_strata(frame, parse_by(by, systems), systems).strata
    return [strata.texts[i] for i in strata.ids]


def test_parse_by(systems):
    asked = parse_by(" race, ethnicity ,race*sex, plan", systems)
    assert [d.name for d in asked] == ["race", "ethnicity", "race*sex", "plan"]
    assert asked[2] == Dimension(("race", "sex"))
    assert parse_by("", systems) == ()
    assert parse_by(["race", "sex"], systems) == parse_by("race,sex", systems)


@pytest.mark.parametrize(
    ("by", "message", "hint"),
    [
        ("rase", "no stratum is called `rase`", "did you mean `race`?"),
        ("xyzzy", "no stratum is called", "a column of eligibility"),
        ("person_id", "identifies persons", ""),
        ("subscriber_id", "identifies persons", ""),
        ("member_id", "identifies persons", ""),
        ("birth_date", "identifies persons", "age_band"),
        ("race*sex*language*payer", "more than 3", ""),
        ("race*race", "with itself", ""),
        ("race*", "without a name", ""),
        ("race,race", "asked for twice", ""),
        ("race*sex,sex*race", "asked for twice", ""),
    ],
)
def test_what_is_refused(systems, by, message, hint):
    with pytest.raises(Failure) as caught:
        parse_by(by, systems)
    (problem,) = caught.value.diagnostics
    assert problem.code == "VBM405"
    assert message in problem.message
    assert hint in (problem.hint or "")


def test_all_mistakes_are_reported_at_once(systems):
    with pytest.raises(Failure) as caught:
        parse_by("rase,person_id,sex", systems)
    assert len(caught.value.diagnostics) == 2


def test_columns_beyond_the_contract(systems):
    assert parse_by("county", systems, columns=["county", "person_id"])
    with pytest.raises(Failure):
        parse_by("person_id", systems, columns=["county", "person_id"])


def test_attributes_needed(systems):
    assert attributes_needed(parse_by("ethnicity,race*sex,age_band,plan", systems), systems) == (
        "ethnicity",
        "race",
        "gender",
        "plan",
    )


def test_categories_are_rolled_up_per_person(systems):
    frame = people_frame(race=["2106-3", "2106-3|2054-5", None, "2135-2", "klingon", "klingon"])
    found = assign_strata(frame, parse_by("race", systems), systems)
    (race,) = found.strata
    assert [race.texts[i] for i in race.ids] == ["White", "Two or More Races", *["Unknown"] * 4]
    assert len(race.labels) == 9
    assert found.unmapped == {"race": 2}


def test_ethnicity_takes_from_race_only_what_is_missing(systems):
    frame = people_frame(race=["2135-2", "2135-2", None, "2106-3"], ethnicity=[None, "2186-5", "2135-2", None])
    assert strata_of(frame, systems, "ethnicity") == [
        "Hispanic or Latino",
        "Not Hispanic or Latino",
        "Hispanic or Latino",
        "Unknown",
    ]


def test_an_absent_column_is_unknown_and_reported(systems):
    frame = people_frame(gender=["F", "M"])
    found = assign_strata(frame, parse_by("ethnicity,plan", systems), systems)
    assert found.absent == ("ethnicity", "race", "plan")
    assert all(one.texts[i] == "Unknown" for one in found.strata for i in one.ids)


def test_raw_columns(systems):
    frame = people_frame(payer=["B", " A ", None, "", "Unknown", "B"])
    (payer,) = assign_strata(frame, parse_by("payer", systems), systems).strata
    assert payer.texts == ("A", "B", "Unknown")
    assert [payer.texts[i] for i in payer.ids] == ["B", "A", "Unknown", "Unknown", "Unknown", "B"]


def test_crossing(systems):
    frame = people_frame(gender=["F", "M", "F"], payer=["A", "A", "B"])
    assert strata_of(frame, systems, "sex*payer") == ["Female * A", "Male * A", "Female * B"]


def test_strata_whose_names_joined_are_the_same_have_texts_of_their_own(systems):
    frame = people_frame(payer=["A * B", "A", "A"], plan=["C", "B * C", "D"])
    assert strata_of(frame, systems, "payer*plan") == ['"A * B" * C', 'A * "B * C"', "A * D"]
    assert strata_of(frame, systems, "payer") == ["A * B", "A", "A"]


def test_three_crossed(systems):
    frame = people_frame(gender=["F", "M"], payer=["A", "A"], race=["2106-3", None])
    assert strata_of(frame, systems, "race*sex*payer") == ["White * Female * A", "Unknown * Male * A"]


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (dt.date(2025, 12, 31), "<1"),
        (dt.date(2025, 1, 1), "<1"),
        (dt.date(2024, 12, 31), "1-2"),
        (dt.date(2023, 1, 1), "1-2"),
        (dt.date(2022, 12, 31), "3-5"),
        (dt.date(2020, 1, 1), "3-5"),
        (dt.date(2019, 12, 31), "6-11"),
        (dt.date(2013, 12, 31), "12-17"),
        (dt.date(2008, 1, 1), "12-17"),
        (dt.date(2007, 12, 31), "18-21"),
        (dt.date(2004, 1, 1), "18-21"),
        (dt.date(2003, 12, 31), "22+"),
        (dt.date(1925, 1, 1), "22+"),
        (dt.date(2026, 1, 1), "Unknown"),
        (dt.date(2061, 7, 4), "Unknown"),
        (None, "Unknown"),
    ],
)
def test_age_bands_at_the_end_of_2025(systems, born, band):
    frame = people_frame(birth_date=pl.Series([born], dtype=pl.Date))
    assert strata_of(frame, systems, "age_band") == [band]


def test_a_leap_day_birthday_is_28_february_in_a_common_year(systems):
    frame = people_frame(birth_date=[dt.date(2024, 2, 29)])
    frame = ResultFrame(type(frame.period)(dt.date(2024, 3, 1), dt.date(2025, 2, 28)), (), frame.rows, frame.people)
    assert strata_of(frame, systems, "age_band") == ["1-2"]


def test_no_stratum_per_person(systems):
    frame = people_frame(zip_code=[str(i) for i in range(2_001)])
    with pytest.raises(Failure) as caught:
        assign_strata(frame, parse_by("zip_code", systems), systems)
    assert caught.value.diagnostics[0].code == "VBM405"


def test_no_people(systems):
    frame = people_frame(race=pl.Series([], dtype=pl.String), birth_date=pl.Series([], dtype=pl.Date))
    found = assign_strata(frame, parse_by("race,age_band,payer,race*sex", systems), systems)
    assert [one.ids.len() for one in found.strata] == [0, 0, 0, 0]
