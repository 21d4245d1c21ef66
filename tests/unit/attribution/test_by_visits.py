"""The provider of the plurality of visits, from rows written by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from spec.engines import lazy_tables
from vbpmeasure.plan.measures import CodeSet
from vbpmeasure.results.attribution.rule import VisitRule
from vbpmeasure.results.attribution.visits import by_visits

D = dt.date
YEAR_END = D(2025, 12, 31)
SETS = {
    "well": CodeSet("well", {"CPT": frozenset({"99391", "99392"}), "UBREV": frozenset({"0521"})}),
    "lab": CodeSet("lab", {"POS": frozenset({"81"})}),
    "pcp": CodeSet("pcp", {"NUCC": frozenset({"208000000X"})}),
}
RULE = VisitRule("r", "R", 12, ("well",))


def line(day: dt.date, npi: str | None, person: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "claim_id": f"{person}{day}{npi}",
        "person_id": person,
        "claim_start_date": day,
        "hcpcs_code": "99391",
        "rendering_npi": npi,
        **more,
    }


def attributed(
    *lines: dict[str, Any], rule: VisitRule = RULE, on: dt.date = YEAR_END, practitioners: list | None = None
) -> list[tuple[str, str, str | None]]:
    tables = lazy_tables({"medical_claim": list(lines), "practitioner": practitioners or []})
    found = by_visits(tables["medical_claim"], tables["practitioner"] if practitioners else None, rule, SETS, on)
    return found.select("person_id", "provider", "practice").collect().sort("person_id").rows()


def test_most_visits_win_over_the_latest() -> None:
    assert attributed(line(D(2025, 1, 5), "2"), line(D(2025, 2, 5), "2"), line(D(2025, 9, 5), "1")) == [
        ("a", "2", None)
    ]


def test_days_count_and_not_lines() -> None:
    same_day = [line(D(2025, 1, 5), "2"), line(D(2025, 1, 5), "2", hcpcs_code="99392"), line(D(2025, 1, 5), "2")]
    assert attributed(*same_day, line(D(2025, 1, 4), "1"), line(D(2025, 1, 6), "1")) == [("a", "1", None)]


def test_ties_go_to_the_most_recent_visit() -> None:
    assert attributed(line(D(2025, 3, 1), "1"), line(D(2025, 3, 2), "2")) == [("a", "2", None)]


def test_ties_of_one_day_go_to_the_lowest_id_as_text() -> None:
    assert attributed(line(D(2025, 3, 1), "9"), line(D(2025, 3, 1), "10")) == [("a", "10", None)]


@pytest.mark.parametrize(
    ("day", "counts"),
    [(D(2024, 12, 31), False), (D(2025, 1, 1), True), (D(2025, 12, 31), True), (D(2026, 1, 1), False)],
)
def test_the_look_back_has_whole_months_and_ends_with_the_day(day: dt.date, counts: bool) -> None:
    assert attributed(line(day, "1")) == ([("a", "1", None)] if counts else [])


@pytest.mark.parametrize(("day", "counts"), [(D(2024, 6, 15), False), (D(2024, 6, 16), True), (D(2025, 6, 16), False)])
def test_the_look_back_of_a_day_in_a_month(day: dt.date, counts: bool) -> None:
    assert bool(attributed(line(day, "1"), on=D(2025, 6, 15))) is counts


def test_the_line_s_own_date_comes_first() -> None:
    early = line(D(2024, 12, 30), "1", claim_line_start_date=D(2025, 1, 2))
    assert attributed(early) == [("a", "1", None)]


def test_without_a_rendering_provider_the_billing_one_counts() -> None:
    rows = [line(D(2025, 3, 1), None, billing_npi="7"), line(D(2025, 4, 1), " ", billing_npi="7")]
    assert attributed(*rows) == [("a", "7", "7")]


def test_a_visit_without_any_provider_attributes_to_nobody() -> None:
    assert attributed(line(D(2025, 3, 1), None, billing_npi=None)) == []


def test_claims_without_provider_columns_attribute_nobody() -> None:
    claims = pl.LazyFrame({"person_id": ["a"], "claim_start_date": [D(2025, 1, 1)], "hcpcs_code": ["99391"]})
    found = by_visits(claims, None, RULE, SETS, D(2025, 12, 31)).collect()
    assert found.columns == ["person_id", "provider", "practice", "organization"]
    assert found.is_empty()


def test_only_visits_of_the_value_sets_count() -> None:
    assert attributed(line(D(2025, 3, 1), "1", hcpcs_code="99999")) == []
    revenue = line(D(2025, 3, 1), "1", hcpcs_code=None, revenue_center_code="521")
    assert attributed(revenue) == [("a", "1", None)]


def test_places_that_are_ruled_out_and_refused_claims() -> None:
    rule = VisitRule("r", "R", 12, ("well",), not_place=("lab",))
    rows = [line(D(2025, 3, 1), "1", place_of_service_code="81"), line(D(2025, 3, 2), "2", place_of_service_code=None)]
    assert attributed(*rows, rule=rule) == [("a", "2", None)]
    reversed_ = [line(D(2025, 3, 1), "1", claim_status="Reversed"), line(D(2025, 2, 1), "2", claim_status="denied")]
    assert attributed(*reversed_) == [("a", "2", None)]
    paid_only = VisitRule("r", "R", 12, ("well",), claim_statuses=("paid",))
    assert attributed(*reversed_, rule=paid_only) == []


@pytest.mark.parametrize(
    ("more", "practitioners", "unknown", "counts"),
    [
        ({"rendering_taxonomy": "208000000X"}, None, False, True),
        ({"rendering_taxonomy": "207X00000X"}, None, True, False),
        ({}, None, True, True),
        ({}, None, False, False),
        # the register knows the rendering provider
        ({}, [{"npi": "1", "taxonomy_code": "208000000X"}], False, True),
        ({}, [{"npi": "1", "taxonomy_code": "207X00000X"}], True, False),
        # one fitting taxonomy of several is enough
        ({}, [{"npi": "1", "taxonomy_code": "207X00000X"}, {"npi": "1", "taxonomy_code": "208000000X"}], False, True),
        # the billing provider speaks only where nothing is known of the rendering one
        ({"billing_taxonomy": "208000000X"}, None, False, True),
        ({"rendering_taxonomy": "207X00000X", "billing_taxonomy": "208000000X"}, None, True, False),
    ],
)
def test_the_taxonomy_of_the_provider(more: dict, practitioners: list | None, unknown: bool, counts: bool) -> None:
    rule = VisitRule("r", "R", 12, ("well",), taxonomies=("pcp",), unknown_taxonomy=unknown)
    assert bool(attributed(line(D(2025, 3, 1), "1", **more), rule=rule, practitioners=practitioners)) is counts


def test_the_practice_is_the_affiliation_else_who_billed_last() -> None:
    rows = [line(D(2025, 3, 1), "1", billing_npi="70"), line(D(2025, 4, 1), "1", billing_npi="80")]
    assert attributed(*rows) == [("a", "1", "80")]
    register = [{"npi": "1", "practice_affiliation": "North Pediatrics", "taxonomy_code": None}]
    assert attributed(*rows, practitioners=register) == [("a", "1", "North Pediatrics")]
    stranger = [{"npi": "5", "practice_affiliation": "North Pediatrics", "taxonomy_code": None}]
    assert attributed(*rows, practitioners=stranger) == [("a", "1", "80")]


def test_everybody_is_attributed_alone() -> None:
    assert attributed(line(D(2025, 3, 1), "1"), line(D(2025, 3, 1), "2", person="b")) == [
        ("a", "1", None),
        ("b", "2", None),
    ]
