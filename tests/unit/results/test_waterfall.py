"""The waterfall, counted and published."""

from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from support.tables import rate_table, waterfalls
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import ROW_SCHEMA, RateKey, ResultFrame

STEPS = ("is two", "is enrolled", "has benefit")
EXCLUSIONS = (("hospice", "Hospice"), ("deceased", "Deceased"))


def frame(people, *rates):
    """Each rate: (failed step 1, failed step 2, hospice, deceased, misses, numerator), or (id, those, members)."""
    rows, keys = [], []
    for number, rate in enumerate(rates):
        name, counts, members = rate if isinstance(rate[0], str) else (f"r{number}", rate, ())
        keys.append(RateKey("m", name, "M", name, STEPS, EXCLUSIONS, members=members))
        person = 0
        for kind, count in enumerate(counts):
            for _ in range(count):
                row = {**dict.fromkeys(ROW_SCHEMA), "rate": number, "person": person, "numerator": kind == 5}
                row["failed_step"] = kind + 1 if kind < 2 else None
                row["exclusion"] = kind - 2 if kind in (2, 3) else None
                rows.append(row)
                person += 1
    ids = pl.DataFrame({"person_id": [f"p{i}" for i in range(people)]})
    return ResultFrame(calendar_year(2025), tuple(keys), pl.DataFrame(rows, schema=ROW_SCHEMA), ids)


def publish(result, policy=PUBLIC):
    return PublishedTable(rate_table(result), policy, waterfalls(result))


def test_counts_by_hand():
    (found,) = waterfalls(frame(100, (12, 3, 2, 1, 20, 30)))
    assert [(s.kind, s.label, s.removed, s.remaining) for s in found.stages] == [
        ("start", "all people", None, 100),
        ("step", "is two", 32, 68),
        ("step", "is enrolled", 12, 56),
        ("step", "has benefit", 3, 53),
        ("exclusion", "Hospice", 2, 51),
        ("exclusion", "Deceased", 1, 50),
        ("denominator", "denominator", None, 50),
        ("numerator", "numerator", 20, 30),
    ]


def test_a_total_names_the_steps_in_which_its_members_differ():
    import dataclasses

    result = frame(
        900, ("a", (1, 2, 0, 0, 3, 4), ()), ("b", (1, 2, 0, 0, 3, 4), ()), ("t", (2, 4, 0, 0, 6, 8), ("a", "b"))
    )
    other = dataclasses.replace(result.rates[1], steps=("is three", *STEPS[1:]))
    result = dataclasses.replace(result, rates=(result.rates[0], other, result.rates[2]))
    assert [s.label for s in waterfalls(result)[2].stages if s.kind == "step"] == ["is two or three", *STEPS[1:]]


def test_index_events_have_no_start():
    import datetime as dt

    result = frame(3, (0, 0, 0, 0, 0, 3))
    result = ResultFrame(
        result.period, result.rates, result.rows.with_columns(index_date=pl.lit(dt.date(2025, 1, 1))), result.people
    )
    first = waterfalls(result)[0].stages[0]
    assert (first.kind, first.removed, first.remaining) == ("step", None, 3)


def test_a_rate_without_units():
    (found,) = waterfalls(frame(40, (0, 0, 0, 0, 0, 0)))
    assert [s.remaining for s in found.stages] == [40, 0, 0, 0, 0, 0, 0, 0]


def test_large_numbers_are_all_shown():
    table = publish(frame(500, (20, 30, 15, 12, 40, 60)))
    assert table.waterfall["remaining"].to_list() == [500, 177, 157, 127, 112, 100, 100, 60]
    assert table.waterfall["removed"].to_list() == [None, 323, 20, 30, 15, 12, None, 40]
    assert table.people == 500


def test_small_numbers_hide_their_neighborhood():
    # Step 2 removes 3 people: neither it nor what remained before it may be shown, or 3 follows.
    table = publish(frame(500, (20, 3, 15, 12, 40, 60)))
    assert table.waterfall["remaining"].to_list() == [500, 150, None, 127, 112, 100, 100, 60]
    assert table.waterfall["removed"].to_list() == [None, 350, None, None, 15, 12, None, 40]


def test_two_small_exclusions_are_shown_only_as_their_sum():
    table = publish(frame(500, (20, 30, 8, 9, 40, 60)))
    row = table.results.row(0, named=True)
    assert (row["population"], row["excluded"], row["denominator"]) == (117, 17, 100)
    assert table.waterfall.filter(pl.col("kind") == "exclusion")["removed"].to_list() == [None, None]
    assert table.waterfall["remaining"].to_list() == [500, 167, 147, 117, None, 100, 100, 60]


def test_a_hidden_rate_is_hidden_here_too():
    table = publish(frame(500, (20, 30, 15, 12, 40, 5)))
    assert table.waterfall["remaining"].to_list() == [500, 122, 102, None, None, None, None, None]
    assert table.results.row(0, named=True)["denominator"] is None


def test_all_people_are_hidden_when_few_are_outside():
    table = publish(frame(106, (0, 0, 0, 0, 40, 60)))
    assert table.people is None
    assert table.waterfall["remaining"][0] is None


def test_a_stage_is_hidden_in_every_rate_that_shares_it():
    # Both rates have the same steps. In the first, a small rate hides the population; the second shows it.
    table = publish(frame(500, (20, 3, 15, 12, 95, 5), (20, 3, 15, 12, 40, 60)))
    remaining = [table.waterfall.filter(pl.col("rate") == r)["remaining"].to_list() for r in ("r0", "r1")]
    assert remaining[1][3] == 127
    assert [r[2] for r in remaining] == [None, None]  # 130, three more than 127


def test_a_stage_hidden_in_one_rate_is_hidden_where_it_would_be_harmless():
    # After step 2 both rates have 130 left. The first goes on to 127, the second to 87: alone it could show the 130.
    table = publish(frame(500, (20, 3, 15, 12, 40, 60), (20, 43, 15, 12, 20, 40)))
    remaining = [table.waterfall.filter(pl.col("rate") == r)["remaining"].to_list() for r in ("r0", "r1")]
    assert [r[2:4] for r in remaining] == [[None, 127], [None, 87]]


def test_a_total_hides_what_a_member_hides():
    # The 19 who are excluded in b alone are no small count.
    a, b = (20, 30, 4, 14, 40, 60), (20, 30, 25, 12, 40, 60)
    total = tuple(x + y for x, y in zip(a, b, strict=True))
    table = publish(frame(900, ("a", a, ()), ("b", b, ()), ("t", total, ("a", "b"))))
    by_rate = {r: table.waterfall.filter((pl.col("rate") == r) & (pl.col("kind") == "exclusion")) for r in "abt"}
    assert by_rate["a"]["remaining"].to_list() == [None, 100]
    assert by_rate["b"]["remaining"].to_list() == [112, 100]
    assert by_rate["t"]["remaining"].to_list() == [None, 200]


def test_internal_shows_everything():
    table = publish(frame(106, (1, 2, 3, 4, 5, 6)), INTERNAL)
    assert table.waterfall["removed"].to_list() == [None, 85, 1, 2, 3, 4, None, 5]
    assert table.people == 106


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 30)] * 6), min_size=1, max_size=3), st.integers(0, 30))
def test_no_small_difference_is_left(rates, more):
    people = max(sum(r) for r in rates) + more
    table = publish(frame(people, *rates))
    for number in range(len(rates)):
        rows = table.waterfall.filter(pl.col("rate") == f"r{number}")
        shown = [v for v in rows["remaining"].to_list() if v is not None]
        assert all(not 1 <= a - b <= 10 for a, b in pairwise(shown)), shown
        assert not rows["removed"].is_between(1, 10).any()
        result = table.results.row(number, named=True)
        assert rows["remaining"][6] == result["denominator"]
        assert rows["remaining"][7] == result["numerator"]
        if result["population"] is None:
            assert rows["remaining"][3] is None
