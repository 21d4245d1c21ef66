"""Two judgements of the same units side by side: what is kept, what is shown, what is not."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from support.published_attack import short_intervals
from support.published_audit import leaks
from support.tables import amounts, published_pair, rate_table
from vbpmeasure.plan.measures import MONTH_UNITS
from vbpmeasure.results.categories.dimensions import Dimension
from vbpmeasure.results.categories.strata import Strata, StrataSet
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import RateKind
from vbpmeasure.results.supplemental import comparison, joined, same_units


def units(met, missed, excluded=0, rate=0):
    outcomes = [{"numerator": True}] * met + [{}] * missed + [{"exclusion": 0}] * excluded
    return [{**unit, "rate": rate, "person": n} for n, unit in enumerate(outcomes)]


def pair(first, second, policy=PUBLIC, strata=StrataSet()):  # noqa: B008 - frozen
    def publish(frame, also):
        return PublishedTable(rate_table(frame, strata), policy, (), {}, (frame, amounts(frame, strata)), also)

    return published_pair(publish, policy, first, second, strata)


def by_payer(sizes):
    labels = tuple((name,) for name in sizes)
    ids = pl.Series([i for i, n in enumerate(sizes.values()) for _ in range(n)], dtype=pl.UInt32)
    return StrataSet((Strata(Dimension(("payer",)), labels, ids, fixed=True),))


@pytest.mark.parametrize(("lost", "shown"), [(0, True), (1, False), (10, False), (11, True), (20, True)])
def test_a_small_difference_hides_the_rate_without(make_frame, lost, shown):
    first, second = make_frame(units(60, 60)), make_frame(units(60 - lost, 60 + lost))
    with_all, without = pair(first, second)
    assert with_all.results["numerator"].to_list() == [60]
    assert without.results["numerator"].to_list() == ([60 - lost] if shown else [None])
    row = comparison(with_all, without).row(0, named=True)
    assert (row["numerator_with"], row["numerator_without"]) == (60, 60 - lost if shown else None)
    assert (row["change"] is None) != shown
    internal = comparison(*pair(first, second, INTERNAL)).row(0, named=True)
    assert internal["numerator_without"] == 60 - lost


def test_a_small_difference_in_one_stratum_hides_the_dimension_and_not_the_total(make_frame):
    # A loses 4 of 40, B 20 of 40.
    strata = by_payer({"A": 100, "B": 100})
    outcome = [p < 40 for p in range(100)]
    first = make_frame([{"person": p, "numerator": outcome[p % 100]} for p in range(200)])
    keep = {**dict.fromkeys(range(36), True), **dict.fromkeys(range(100, 120), True)}
    second = make_frame([{"person": p, "numerator": p in keep} for p in range(200)])
    with_all, without = pair(first, second, PUBLIC, strata)
    assert with_all.results["numerator"].to_list() == [80, 40, 40]
    assert without.results["numerator"].to_list() == [56, None, None]


@pytest.mark.parametrize(("lost", "shown"), [(0, True), (4, False), (11, True)])
def test_the_audit_itself_knows_that_numerators_are_nested(make_frame, lost, shown):
    # No other rule is at work here: 60 with, 60 - lost without, published side by side.
    frame = joined(make_frame(units(60, 60)), make_frame(units(60 - lost, 60 + lost)))
    numerators = PublishedTable(rate_table(frame, StrataSet()), PUBLIC).results["numerator"].to_list()
    assert (None not in numerators) == shown
    if shown:
        assert numerators == [60, 60 - lost]


def test_hidden_strata_stay_wide_although_the_other_judgement_bounds_them(make_frame):
    # Of 30 of A 26 meet with all evidence and 14 without: alone each of the 4 misses of A needs just one partner.
    strata = by_payer({"A": 30, "B": 60, "C": 90})
    met = {"A": (26, 14), "B": (30, 30), "C": (45, 45)}
    start = {"A": 0, "B": 30, "C": 90}
    frames = [
        make_frame(
            [{"person": p, "numerator": any(0 <= p - start[k] < n[i] for k, n in met.items())} for p in range(180)]
        )
        for i in (0, 1)
    ]
    both = PublishedTable(rate_table(joined(*frames), strata), PUBLIC).results
    table = rate_table(joined(*frames), strata)
    assert short_intervals(table, both) == []
    assert leaks(table, both) == []
    for shown in pair(*frames, PUBLIC, strata):
        assert shown.results["numerator"].to_list()[1] is None


def test_what_one_hides_the_other_hides_too(make_frame):
    # With all evidence A has 5 misses; without, 65. B is the partner then, and must be hidden in both.
    strata = by_payer({"A": 100, "B": 100, "C": 150})
    first = make_frame([{"person": p, "numerator": p < 95 or 100 <= p < 150 or 200 <= p < 260} for p in range(350)])
    second = make_frame([{"person": p, "numerator": p < 35 or 100 <= p < 130 or 200 <= p < 230} for p in range(350)])
    with_all, without = pair(first, second, PUBLIC, strata)
    assert [with_all.results["denominator"].to_list(), without.results["denominator"].to_list()] == [
        [350, None, None, 150]
    ] * 2
    for frame, table in ((first, with_all), (second, without)):
        assert leaks(rate_table(frame, strata), table.results) == []


def test_a_total_goes_with_its_member(make_frame, key):
    keys = (key("a"), key("b"), key("t", members=("a", "b")))

    def frame(a, b):
        both = [{**unit, "person": unit["person"] + 200} for unit in units(b, 120 - b, rate=1)]
        rows = [*units(a, 120 - a), *both]
        return make_frame([*rows, *({**row, "rate": 2} for row in rows)], keys)

    _, without = pair(frame(60, 60), frame(55, 40))
    assert without.results["numerator"].to_list() == [None, 40, None]


def test_units_are_those_of_the_base(make_frame):
    base = make_frame(
        [{"numerator": True}, {"numerator": True}, {"exclusion": 0}, {"numerator": True}, {"failed_step": 1}]
    )
    # Without supplemental rows person 1 is no unit, 2 is not excluded, 3 is not met, 4 is in the population.
    judged = make_frame(
        [
            {"person": 0, "numerator": True},
            {"person": 2, "numerator": True},
            {"person": 3},
            {"person": 4, "numerator": True},
        ],
        people=base.people,
    )
    found = same_units(base, judged)
    assert found.rows.drop("numerator").equals(base.rows.drop("numerator"))
    assert found.rows["numerator"].to_list() == [True, False, False, False, False]


def amounts_of(frame, pairs):
    """Return the frame with a part and a whole for each row."""
    part, whole = (pl.Series(list(numbers), dtype=pl.Int64) for numbers in zip(*pairs, strict=True))
    return replace(frame, rows=frame.rows.with_columns(part=part, whole=whole))


def test_parts_of_composites_are_those_that_the_base_could_meet(make_frame, key):
    keys = (key("c", kind=RateKind.OPPORTUNITY), key("e", kind=RateKind.EVENTS_PER_1000), key("p"))
    persons = [{"rate": 0, "person": n} for n in range(4)]
    others = [{"rate": 1, "person": 4}, {"rate": 1, "person": 5}, {"rate": 2, "person": 6}]
    amounts = [(3, 4), (2, 2), (2, 3), (1, 1), (5, 377_580), (6, 377_580), (None, None)]
    base = amounts_of(make_frame([*persons, *others], keys), amounts)
    # Without supplemental rows: one part less; one more, of a component that only now is eligible; all that is left of
    # fewer components; no unit at all. Events may be more than before, or of a person who has no unit now.
    met = {1: True, 2: True, 6: True}
    left = [{**unit, "numerator": met.get(unit["person"], False)} for unit in (*persons[:3], others[0], others[2])]
    now = [(2, 4), (3, 3), (2, 2), (7, 377_580), (None, None)]
    found = same_units(base, amounts_of(make_frame(left, keys, people=base.people), now))
    assert found.rows["part"].to_list() == [2, 2, 2, 0, 7, 0, None]
    assert found.rows["whole"].to_list() == [whole for _, whole in amounts]
    assert found.rows["numerator"].to_list() == [False, True, False, False, False, False, True]


def test_amounts_stand_beside_each_other_as_they_are_read(make_frame, key):
    keys = (key("c", kind=RateKind.OPPORTUNITY), key("e", kind=RateKind.EVENTS_PER_1000))
    rows = [{"rate": rate, "person": person} for rate in (0, 1) for person in range(3)]
    months = [(events, MONTH_UNITS) for events in (1, 0, 0)]
    first = amounts_of(make_frame(rows, keys), [(2, 3), (1, 3), (1, 3), *months])
    second = amounts_of(
        make_frame(rows, keys, people=first.people), [(1, 3), (1, 3), (1, 3), (0, MONTH_UNITS), *months[1:]]
    )
    found = comparison(*pair(first, second, INTERNAL)).tail(2)  # behind the rates that are shares
    # 4 of 9 opportunities and 3 of 9 in per cent, with two decimals; 1 event and none in 3 member-months.
    assert found.select("rate", "value_with", "value_without", "change").rows() == [
        ("c", 44.44, 33.33, -11.11),
        ("e", 333.333333, 0.0, -333.333333),
    ]
