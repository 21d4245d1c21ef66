"""Profiles, sizes and rounding: what each shows, and what no policy can have."""

import polars as pl
import pytest

from unit.results.disclosure.test_suppression import GB6, PRIMARY, one, table_of
from vbpmeasure.diagnostics import Failure
from vbpmeasure.results.amounts import Amount
from vbpmeasure.results.disclosure.entity import Own
from vbpmeasure.results.disclosure.policy import PUBLIC
from vbpmeasure.results.disclosure.profiles import Disclosure
from vbpmeasure.results.disclosure.published import PublishedTable


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"min_cell": 10}, "VBM475"),
        ({"min_cell": 1001}, "VBM475"),
        ({"min_denominator": 0}, "VBM475"),
        ({"round_to": 0}, "VBM475"),
        ({"round_to": -5}, "VBM475"),
        ({"profile": "entity"}, "VBM476"),
        ({"entity": "x"}, "VBM476"),
        ({"profile": "internal", "min_cell": 20}, "VBM476"),
        ({"profile": "entity", "entity": "x", "min_cell": 0}, "VBM475"),
    ],
)
def test_impossible_policies_are_refused(asked, code):
    with pytest.raises(Failure) as failure:
        Disclosure(**asked).policy()
    assert [d.code for d in failure.value.diagnostics] == [code]


def test_the_default_is_public():
    assert Disclosure().policy() == PUBLIC


def test_a_larger_smallest_cell_hides_more():
    table = one({"A": (15, 100), "B": (50, 100), "C": (60, 110)})
    assert PublishedTable(table, PUBLIC).results["status"].to_list() == ["value"] * 4
    strict = PublishedTable(table, Disclosure(min_cell=20).policy()).results
    assert strict["status"].to_list()[1] == PRIMARY
    assert strict["numerator"].null_count() == 2


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (11, 15), (12, 15), (17, 15), (18, 20), (112, 110), (113, 115)])
def test_rounding_to_five(count, shown):
    assert Disclosure(round_to=5).policy().rounded(count) == shown


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (11, 12), (12, 12), (13, 14), (15, 16), (20, 20)])
def test_rounding_to_two(count, shown):
    assert Disclosure(round_to=2).policy().rounded(count) == shown


def test_rates_come_from_rounded_counts():
    results = PublishedTable(one(GB6), Disclosure(round_to=5).policy()).results
    black = results.filter(pl.col("stratum") == "Asian").row(0, named=True)
    # 118 of 160: shown as 120 of 160.
    assert (black["numerator"], black["denominator"], black["percent"]) == (120, 160, 75.0)
    total = results.row(0, named=True)
    assert (total["numerator"], total["denominator"]) == (1155, 1840)
    assert results.filter(pl.col("stratum").is_in(["NHPI", "AI/AN"]))["numerator"].null_count() == 2


def entity_table(numbers):
    strata = {name: (*pair, 0) for name, pair in numbers.items()}
    total = {"F": (sum(p[0] for p in numbers.values()), sum(p[1] for p in numbers.values()), 0)}
    return table_of({"r": {"provider": strata, "sex": total}})


def test_an_entity_sees_its_own_small_rows_and_no_other():
    table = entity_table({"me": (3, 8), "you": (40, 90), "they": (50, 90)})
    results = PublishedTable(table, Disclosure(profile="entity", entity="me").policy()).results
    assert results["stratum"].to_list() == ["total", "me", "F"]
    mine = results.row(1, named=True)
    assert (mine["numerator"], mine["denominator"], mine["percent"], mine["status"]) == (3, 8, 37.5, "value")
    assert results.row(0, named=True)["denominator"] == 188


def test_an_entity_cannot_subtract_itself_from_the_total():
    # All but mine are 4 of 9: the totals must not be shown to me.
    table = entity_table({"me": (30, 80), "you": (4, 9)})
    results = PublishedTable(table, Disclosure(profile="entity", entity="me").policy()).results
    assert results["stratum"].to_list() == ["total", "me", "F"]
    assert results["denominator"].to_list() == [None, 80, None]


def test_the_smallest_own_cell_is_a_parameter():
    table = entity_table({"me": (3, 8), "you": (40, 90), "they": (50, 90)})
    results = PublishedTable(table, Disclosure(profile="entity", entity="me", min_cell=5).policy()).results
    assert results.row(1, named=True)["status"] == PRIMARY
    assert results.row(1, named=True)["numerator"] is None


def test_few_own_excluded_members_hide_the_population_and_not_the_rate():
    strata = {"me": (30, 80, 3), "you": (40, 90, 20), "they": (50, 90, 20)}
    table = table_of({"r": {"provider": strata, "sex": {"F": (120, 260, 43)}}})
    results = PublishedTable(table, Disclosure(profile="entity", entity="me", min_cell=5).policy()).results
    mine = results.row(1, named=True)
    assert (mine["numerator"], mine["denominator"], mine["status"]) == (30, 80, "value")
    assert (mine["excluded"], mine["population"], mine["population_status"]) == (None, None, PRIMARY)


@pytest.mark.parametrize("payer", ["P", "P * Q"])
def test_an_entity_stands_in_crossings_of_other_rates_too(payer):
    crossed = [
        Amount(0, "payer*provider", f"{payer} * {name}", 40, 20, 40, parts=(payer, name)) for name in ("me", "you")
    ]
    own = Own.of(Disclosure(profile="entity", entity="me").policy(), one(GB6), crossed)
    assert own.mine == {("payer*provider", f"{payer} * me")}
    assert own.others == {("payer*provider", f"{payer} * you")}


def test_an_unknown_entity_is_refused():
    with pytest.raises(Failure) as failure:
        PublishedTable(one(GB6), Disclosure(profile="entity", entity="nobody").policy())
    assert [d.code for d in failure.value.diagnostics] == ["VBM477"]
