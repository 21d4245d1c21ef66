"""Gap status and the person-level table."""

import datetime as dt

import polars as pl
import pytest

from vbpmeasure.results.categories.dimensions import parse_by
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.gaps import gap_status
from vbpmeasure.results.person_level import person_level


@pytest.mark.parametrize(
    ("unit", "lower", "want"),
    [
        ({"numerator": True}, False, "closed"),
        ({}, False, "open"),
        ({"numerator": True}, True, "open"),
        ({}, True, "closed"),
        ({"exclusion": 0}, False, "excluded"),
        ({"failed_step": 1}, False, "not_eligible"),
        ({"failed_step": 1}, True, "not_eligible"),
    ],
)
def test_gap_status(make_frame, key, unit, lower, want):
    frame = make_frame([{**unit, "rate": 1}], rates=(key("a"), key("b", lower_is_better=lower)))
    assert frame.rows.select(gap_status(frame.rates)).item() == want


def test_names_instead_of_numbers(make_frame, systems, key):
    people = pl.DataFrame({"person_id": [70, 80], "gender": ["F", "M"]})
    units = [
        {"rate": 0, "person": 0, "numerator": True, "evidence_date": dt.date(2025, 3, 4), "evidence_sources": 0b101},
        {"rate": 0, "person": 1, "exclusion": 1},
        {"rate": 1, "person": 1, "failed_step": 1},
    ]
    rates = (key("a", "w30"), key("b", "cis", exclusions=(("hiv", "HIV"),)))
    frame = make_frame(reversed(units), rates=rates, people=people)
    table = person_level(frame, assign_strata(frame, parse_by("sex", systems), systems))
    assert table.columns == [
        "measure",
        "rate",
        "person_id",
        "unit_id",
        "index_date",
        "population",
        "exclusion",
        "numerator",
        "evidence_date",
        "evidence_sources",
        "gap_status",
        "sex",
    ]
    evidence = (dt.date(2025, 3, 4), "medical_claim+immunization")
    assert table.rows() == [
        ("w30", "a", 70, "70", None, True, None, True, *evidence, "closed", "Female"),
        ("w30", "a", 80, "80", None, True, "deceased", False, None, None, "excluded", "Male"),
        ("cis", "b", 80, "80", None, False, None, False, None, None, "not_eligible", "Male"),
    ]


def test_index_events_have_a_unit_of_their_own(make_frame):
    days = [dt.date(2025, 2, 1), dt.date(2025, 1, 1)]
    table = person_level(make_frame([{"person": 0, "index_date": day} for day in days]))
    assert table["unit_id"].to_list() == ["p00000@2025-01-01", "p00000@2025-02-01"]


def test_without_anyone(make_frame):
    assert person_level(make_frame([])).height == 0
