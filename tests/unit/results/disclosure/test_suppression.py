"""Cell suppression: GB6 of the equity page, the boundary of every rule, and an audit of what is published."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.published_audit import leaks
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC, Status
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import RateKey
from vbpmeasure.results.rates import COUNT_SCHEMA, RateTable, TableDimension

VALUE, NA, NO_DATA = Status.VALUE, Status.NA_SMALL_DENOM, Status.NO_DATA
PRIMARY, SECOND = Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY


def table_of(cells, rates=("r",), members=()):
    """``cells``: {rate: {dimension: {stratum: (numerator, denominator, excluded)}}}; totals sum the first dimension."""
    names = list(next(iter(cells.values())))
    strata = {name: list(cells[rates[0]][name]) for name in names}
    dimensions = [TableDimension("total", (), ((),), ("total",))]
    for name in names:
        labels = tuple(tuple(s.split(" * ")) for s in strata[name])
        dimensions.append(TableDimension(name, tuple(name.split("*")), labels, tuple(strata[name])))
    rows = []
    for number, rate in enumerate(rates):
        parts = list(cells[rate][names[0]].values())
        total = [sum(p[i] for p in parts) for i in range(3)]
        for d, dimension in enumerate(dimensions):
            wanted = [total] if d == 0 else [cells[rate][dimension.name][s] for s in strata[dimension.name]]
            for s, (numerator, denominator, excluded) in enumerate(wanted):
                rows.append((number, d, s, denominator + excluded, excluded, denominator, numerator))
    keys = tuple(
        RateKey("m", r, "M", r, ("s",), (("x", "X"),), members=tuple(members) if r == "total" else ()) for r in rates
    )
    counts = pl.DataFrame(rows, schema=COUNT_SCHEMA, orient="row")
    return RateTable(calendar_year(2025), keys, tuple(dimensions), counts, int(counts["population"].sum()))


def one(strata, name="race"):
    """A table with one rate and one dimension; (numerator, denominator) or with the excluded as a third."""
    return table_of({"r": {name: {k: (*v, 0)[:3] for k, v in strata.items()}}})


def published(table, policy=PUBLIC):
    return PublishedTable(table, policy).results


def statuses(table):
    results = published(table)
    return dict(zip(results["stratum"], results["status"], strict=True))


GB6 = {
    "White": (612, 900),
    "Black": (330, 600),
    "AI/AN": (21, 42),
    "Asian": (118, 160),
    "NHPI": (9, 18),
    "Two+": (66, 120),
}


def test_gb6():
    found = statuses(one(GB6))
    assert found == {
        "total": VALUE,
        "White": VALUE,
        "Black": VALUE,
        "AI/AN": SECOND,
        "Asian": VALUE,
        "NHPI": PRIMARY,
        "Two+": VALUE,
    }
    results = published(one(GB6))
    total = results.row(0, named=True)
    assert (total["denominator"], total["numerator"]) == (1840, 1156)
    assert (total["percent"], total["percent_low"], total["percent_high"]) == (62.83, 60.59, 65.01)
    hidden = results.filter(pl.col("stratum").is_in(["AI/AN", "NHPI"]))
    shown = ("population", "excluded", "denominator", "numerator", "percent", "percent_low", "percent_high")
    assert all(hidden[c].null_count() == 2 for c in shown)
    # What subtraction gives is the pair alone: 30 of 60.
    rest = results.filter((pl.col("dimension") == "race") & pl.col("numerator").is_not_null())
    assert (1156 - rest["numerator"].sum(), 1840 - rest["denominator"].sum()) == (30, 60)


def test_gb6_the_record_says_which_row_another_one_is_hidden_for():
    hidden = PublishedTable(one(GB6), PUBLIC).audit["hidden"]
    of_race = {"measure": "m", "rate": "r", "dimension": "race", "hidden": "rate"}
    assert hidden == [
        {**of_race, "stratum": "AI/AN", "why": "complementary", "protects": ["m.r race: NHPI"]},
        {**of_race, "stratum": "NHPI", "why": "primary"},
    ]


def test_gb6_two_misses_are_hidden_and_no_hits_are_shown():
    assert statuses(one({"A": (38, 40), "B": (50, 100), "C": (60, 110)}))["A"] == PRIMARY
    results = published(one({"A": (0, 35), "B": (50, 100)}))
    row = results.filter(pl.col("stratum") == "A").row(0, named=True)
    assert (row["status"], row["numerator"], row["percent"]) == (VALUE, 0, 0.0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "status"),
    [
        (0, 1, PRIMARY),
        (0, 10, PRIMARY),
        (0, 11, NA),
        (11, 22, NA),
        (0, 29, NA),
        (0, 30, VALUE),
        (29, 29, NA),
        (30, 30, VALUE),
        (1, 100, PRIMARY),
        (10, 100, PRIMARY),
        (11, 100, VALUE),
        (89, 100, VALUE),
        (90, 100, PRIMARY),
        (99, 100, PRIMARY),
        (100, 100, VALUE),
        (0, 0, NO_DATA),
        (9, 18, PRIMARY),  # small and NA at once: small weighs more, the denominator is hidden too
    ],
)
def test_the_boundaries_of_a_single_row(numerator, denominator, status):
    results = published(one({"A": (numerator, denominator)}, "payer"))
    total = results.row(0, named=True)
    assert total["status"] == status
    assert (total["denominator"] is None) == (status == PRIMARY)
    assert (total["numerator"] is None) == (status in (PRIMARY, NA))
    assert (total["percent"] is None) == (status != VALUE)
    assert results["status"].to_list() == [status, status]


@pytest.mark.parametrize("excluded", [0, 1, 10, 11])
def test_a_small_excluded_count_costs_the_population_but_not_the_rate(excluded):
    row = published(one({"A": (50, 100, excluded)}, "payer")).row(0, named=True)
    hidden = 0 < excluded <= 10
    assert row["status"] == VALUE
    assert (row["numerator"], row["denominator"]) == (50, 100)
    assert row["population_status"] == (PRIMARY if hidden else VALUE)
    assert (row["excluded"], row["population"]) == ((None, None) if hidden else (excluded, 100 + excluded))


def test_a_hidden_excluded_count_gets_a_partner():
    results = published(one({"A": (50, 100, 5), "B": (50, 100, 30), "C": (50, 100, 20), "D": (50, 100, 0)}))
    assert dict(zip(results["stratum"], results["population_status"], strict=True)) == {
        "total": VALUE,
        "A": PRIMARY,
        "B": VALUE,
        "C": SECOND,
        "D": VALUE,
    }
    assert results["status"].to_list() == [VALUE] * 5


def test_hidden_parts_must_not_be_small_together():
    # A and B have 4 + 5 = 9 in the numerator: the pair alone would be a small count. C goes too.
    found = statuses(one({"A": (4, 100), "B": (5, 90), "C": (40, 110), "D": (50, 400)}))
    assert found == {"total": VALUE, "A": PRIMARY, "B": PRIMARY, "C": SECOND, "D": VALUE}


def test_hidden_denominators_must_not_be_small_together_under_a_total_without_a_rate():
    # 25 people, none with the numerator: the total is NA but shows its denominator. 25 - 16 would be 4 + 5.
    found = statuses(one({"A": (0, 4), "B": (0, 5), "C": (0, 16)}))
    assert found == {"total": NA, "A": PRIMARY, "B": PRIMARY, "C": SECOND}


def test_hidden_excluded_counts_must_not_be_small_together():
    results = published(one({"A": (50, 100, 4), "B": (50, 100, 5), "C": (50, 100, 30), "D": (50, 100, 0)}))
    assert results["population_status"].to_list() == [VALUE, PRIMARY, PRIMARY, SECOND, VALUE]
    assert results["status"].to_list() == [VALUE] * 5


def test_a_partner_with_nothing_in_the_numerator_is_passed_over():
    # Hiding B (0 of 40) with A (5 of 100) would leave 5 as their sum; C (60 of 120) is enough alone.
    found = statuses(one({"A": (5, 100), "B": (0, 40), "C": (60, 120), "D": (70, 200)}))
    assert found == {"total": VALUE, "A": PRIMARY, "B": VALUE, "C": SECOND, "D": VALUE}


def test_ties_go_to_the_first_category():
    assert statuses(one({"A": (20, 60), "B": (20, 60), "C": (5, 50)}))["A"] == SECOND
    assert statuses(one({"A": (20, 60), "B": (20, 60), "C": (5, 50)}))["B"] == VALUE


def test_when_no_partner_is_left_the_total_goes():
    # B holds no one, so A is the total: once A must be hidden, so must the total.
    cells = {"r": {"payer": {"A": (50, 100, 0), "B": (0, 0, 0)}, "sex": {"F": (45, 92, 0), "M": (5, 8, 0)}}}
    results = published(table_of(cells))
    assert dict(zip(results["stratum"], results["status"], strict=True)) == {
        "total": VALUE,
        "A": VALUE,
        "B": NO_DATA,
        "F": SECOND,
        "M": PRIMARY,
    }


def test_rates_that_share_their_denominator_protect_each_other():
    # C has 8 people in both rates. Alone, rate a needs B as partner; rate b has its own partner D (numerator 5) and
    # would show B: then the denominator of B (from b) would give away that of C (in a).
    shared = {"A": 400, "B": 60, "C": 8, "D": 90}
    a = dict(zip(shared, [(200, 400, 0), (30, 60, 0), (0, 8, 0), (40, 90, 0)], strict=True))
    b = dict(zip(shared, [(100, 400, 0), (30, 60, 0), (0, 8, 0), (5, 90, 0)], strict=True))
    table = table_of({"a": {"race": a}, "b": {"race": b}}, rates=("a", "b"))
    results = published(table)
    assert leaks(table, results) == []
    assert results.filter(pl.col("stratum") == "A")["status"].to_list() == [VALUE, VALUE]


def test_a_total_over_rates_does_not_give_its_members_away():
    cells = {
        "young": {"sex": {"F": (30, 60, 0), "M": (30, 60, 0)}},
        "old": {"sex": {"F": (5, 50, 0), "M": (30, 61, 0)}},
        "total": {"sex": {"F": (35, 110, 0), "M": (60, 121, 0)}},
    }
    table = table_of(cells, rates=("young", "old", "total"), members=("young", "old"))
    results = published(table)
    assert results.filter((pl.col("rate") == "old") & (pl.col("stratum") == "F"))["status"].item() == PRIMARY
    assert leaks(table, results) == []


def test_the_internal_profile_shows_everything():
    results = published(one(GB6), INTERNAL)
    assert results["status"].to_list() == [VALUE] * 7
    assert results["numerator"].to_list() == [1156, 612, 330, 21, 118, 9, 66]


def test_marks_are_the_same_every_time():
    assert published(one(GB6)).equals(published(one(GB6)))


def test_the_audit_itself_finds_a_leak():
    table = one(GB6)
    results = published(table)
    shown = published(table, INTERNAL)
    leaky = pl.concat(
        [
            shown.filter(pl.col("stratum") == s) if s == "AI/AN" else results.filter(pl.col("stratum") == s)
            for s in results["stratum"]
        ]
    )
    assert (5, "numerator") in leaks(table, leaky)
    assert leaks(table, results) == []


cell = st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0, 0, 0, 3, 12]))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(cell, min_size=6, max_size=6), min_size=1, max_size=3), st.booleans())
def test_no_small_count_follows_from_what_is_published(drawn, share):
    """Two dimensions and their crossing, up to three rates, which may share their denominators."""
    labels = [(r, s) for r in ("A", "B", "C") for s in ("F", "M")]
    cells = {}
    for number, counts in enumerate(drawn):
        if share and number:
            first = drawn[0]
            counts = [  # noqa: PLW2901
                (min(c[0], sum(f[:2])), sum(f[:2]) - min(c[0], sum(f[:2])), f[2])
                for c, f in zip(counts, first, strict=True)
            ]
        crossing = {f"{r} * {s}": (n, n + m, x) for (r, s), (n, m, x) in zip(labels, counts, strict=True)}
        margins = {}
        for position, names in ((0, "ABC"), (1, "FM")):
            margins[position] = {
                name: tuple(
                    sum(v[k] for key, v in crossing.items() if key.split(" * ")[position] == name) for k in range(3)
                )
                for name in names
            }
        cells[f"r{number}"] = {"race": margins[0], "sex": margins[1], "race*sex": crossing}
    table = table_of(cells, rates=tuple(cells))
    results = published(table)
    assert leaks(table, results) == []
    small = pl.any_horizontal(pl.col("numerator", "denominator", "excluded", "population").is_between(1, 10))
    assert results.filter(small | (pl.col("denominator") - pl.col("numerator")).is_between(1, 10)).height == 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(cell, cell), min_size=2, max_size=4))
def test_no_small_count_follows_from_a_total_over_rates(drawn):
    strata = [f"S{i}" for i in range(len(drawn))]
    cells = {
        rate: {"payer": {s: (c[k][0], c[k][0] + c[k][1], c[k][2]) for s, c in zip(strata, drawn, strict=True)}}
        for k, rate in enumerate(("a", "b"))
    }
    cells["total"] = {
        "payer": {
            s: tuple(x + y for x, y in zip(cells["a"]["payer"][s], cells["b"]["payer"][s], strict=True)) for s in strata
        }
    }
    table = table_of(cells, rates=("a", "b", "total"), members=("a", "b"))
    assert leaks(table, published(table)) == []


def test_exclusions_may_follow_when_the_policy_says_so():
    # Three of 240 and four of 160 are excluded from `a`; `b` excludes nobody, so it shows the populations of `a`.
    cells = {
        "a": {"race": {"x": (150, 237, 3), "y": (90, 156, 4)}},
        "b": {"race": {"x": (180, 240, 0), "y": (100, 160, 0)}},
    }
    table = table_of(cells, rates=("a", "b"))
    a, b = table.rates
    table = replace(table, rates=(a, replace(b, exclusions=())))
    strict = published(table)
    lenient = published(table, replace(PUBLIC, protect_exclusions=False))
    assert strict["status"].to_list() != [VALUE] * 6
    assert leaks(table, strict) == []
    assert lenient["status"].to_list() == [VALUE] * 6
    assert lenient["excluded"].to_list() == [None, None, None, 0, 0, 0]  # small ones are still not printed


def test_a_few_exclusions_of_one_rate_do_not_cost_the_rates_of_another_with_the_same_population():
    cells = {"a": {"race": {"x": (150, 265, 2)}}, "b": {"race": {"x": (180, 267, 0)}}}
    table = table_of(cells, rates=("a", "b"))
    results = published(table)
    assert set(results["status"]) == {str(VALUE)}
    assert results["denominator"].to_list() == [265, 265, 267, 267]
    assert results["population"].null_count() == results.height
    assert leaks(table, results) == []
