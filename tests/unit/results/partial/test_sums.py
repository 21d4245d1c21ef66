"""Partial results add up: whatever way people are divided, the sum is what all of them together give."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from functools import reduce
from operator import add

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from support.partials import assert_same
from support.tables import amounts, rate_table, waterfalls
from vbpmeasure.diagnostics import Diagnostic
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.attribution.attribute import Attribution
from vbpmeasure.results.categories.dimensions import ATTRIBUTED, parse_by
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.frame import AMOUNT_SCHEMA, ROW_SCHEMA, RateKey, RateKind, ResultFrame
from vbpmeasure.results.knowledge import BEHIND_SCHEMA, Relations
from vbpmeasure.results.partial.measures import of_measure, of_measures
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.results.partial.wire import from_bytes, to_bytes
from vbpmeasure.results.person_level import person_level
from vbpmeasure.results.supplemental import change_cells, twice

BY = "race,age_band,zip_code,payer*sex"
WORDS = (("is two", "is enrolled"), (("hospice", "Hospice"), ("deceased", "Deceased")))


def key(rate: str, measure: str = "m", **more: object) -> RateKey:
    return RateKey(measure, rate, "M", "R", *WORDS, **more)  # type: ignore[arg-type]


KEYS = (
    key("share"),
    key("visits", kind=RateKind.EVENTS_PER_1000),
    key("pool", kind=RateKind.POOLED, components=(("m", "share"), ("other", "events"))),
    key("events", "other", per_event=True),
)


def whole_frame(people: int = 90) -> ResultFrame:
    """People with everything drawn: strata, units of persons and of events, amounts."""
    draw = random.Random(20)
    table = pl.DataFrame(
        {
            "person_id": [f"p{i:03d}" for i in range(people)],
            "birth_date": [dt.date(2005 + draw.randrange(21), 1, 5) for _ in range(people)],
            "race": [draw.choice(["2106-3", "2054-5", "nonsense", None]) for _ in range(people)],
            "zip_code": [draw.choice(["00001", "00002", "00011", None, "00007"]) for _ in range(people)],
            "payer": [draw.choice(["B", "A", "Unknown"]) for _ in range(people)],
            "gender": [draw.choice(["male", "female", None]) for _ in range(people)],
        }
    )
    rows = []
    for person in range(people):
        for rate in (0, 1):
            part = draw.randrange(4) if rate == 1 else None
            rows.append(unit(draw, rate, person, None, part))
        days = draw.sample(range(1, 28), draw.choice([0, 0, 1, 2, 5]))
        rows += [unit(draw, 3, person, dt.date(2025, 3, day), None) for day in days]
    schema = {**ROW_SCHEMA, **AMOUNT_SCHEMA}
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("rate", "person", "index_date")
    counters = {"people": people, "unknown provider m": 7}
    return ResultFrame(calendar_year(2025), KEYS, frame, table, counters, peaks={"unknown provider m": (7, 4)})


def unit(draw: random.Random, rate: int, person: int, day: dt.date | None, part: int | None) -> tuple[object, ...]:
    failed = draw.choice([None, None, None, 1])
    exclusion = draw.choice([None, None, 0, 1]) if failed is None else None
    met = failed is None and exclusion is None and draw.random() < 0.5
    whole = None if part is None else draw.randrange(300_000, 377_580 * 12)
    return (rate, person, day, failed, exclusion, met, None, None, part, whole)


def part_of(frame: ResultFrame, chosen: list[int]) -> ResultFrame:
    """Return the frame of some of the people, as an engine would have judged them alone."""
    order = sorted(chosen)
    place = {old: new for new, old in enumerate(order)}
    rows = frame.rows.filter(pl.col("person").is_in(order))
    rows = rows.with_columns(pl.col("person").replace_strict(place, return_dtype=pl.UInt32))
    return replace(frame, rows=rows, people=frame.people[order], counters={"people": len(order)}, peaks={})


@pytest.fixture
def frame() -> ResultFrame:
    return whole_frame()


@pytest.fixture
def count(systems):
    dimensions = parse_by(BY, systems)

    def counted(frame: ResultFrame, *, beside: bool = False, keep: bool = False) -> Partial:
        strata = assign_strata(frame, dimensions, systems, tabulated=False)
        other = replace(frame, rows=frame.rows.with_columns(numerator=pl.col("numerator") & (pl.col("person") % 3 > 0)))
        found = Partial.of(frame, strata, other if beside else None)
        return replace(found, frame=frame if keep else None)

    return counted


def groups(frame: ResultFrame, parts: int) -> list[ResultFrame]:
    draw = random.Random(parts)
    bucket = [draw.randrange(parts) for _ in range(frame.people.height)]
    return [part_of(frame, [p for p, b in enumerate(bucket) if b == number]) for number in range(parts)]


@pytest.mark.parametrize("parts", [2, 7, 16])
def test_tables_of_a_sum_are_those_of_everybody(frame, count, systems, parts):
    total = reduce(add, (count(part) for part in groups(frame, parts)))
    strata = assign_strata(frame, parse_by(BY, systems), systems)
    shares = replace(frame, rates=KEYS[:1], rows=frame.rows.filter(pl.col("rate") == 0))
    settled = total.settle(systems)
    table = total.shown.without({"other"}).table(frame.period, total.people, settled, total.links)
    expected = rate_table(shares, strata)
    assert table.dimensions == expected.dimensions
    assert_frame_equal(table.counts, expected.counts)
    assert total.shown.amounts(settled) == amounts(frame, strata)
    assert total.shown.waterfalls(total.people) == waterfalls(frame)
    assert total.unmapped == strata.unmapped
    assert total.people == 90


def test_addition_does_not_depend_on_order_or_brackets(frame, count):
    a, b, c = (to_bytes(count(part, beside=True)) for part in groups(frame, 3))
    one, two, three = from_bytes(a), from_bytes(b), from_bytes(c)
    assert_same((one + two) + three, one + (two + three))
    assert_same(one + two, two + one)


def test_what_differs_between_two_judgements_adds_up(frame, count, systems):
    parts = groups(frame, 5)
    # Each part numbers its people anew, so the second judgement is made of the whole and then divided.
    other = replace(frame, rows=frame.rows.with_columns(numerator=pl.col("numerator") & (pl.col("person") % 3 > 0)))
    dimensions = parse_by(BY, systems)
    found = []
    for part, beside in zip(parts, groups(other, 5), strict=True):
        found.append(Partial.of(part, assign_strata(part, dimensions, systems), beside))
    expected = change_cells(frame, other, assign_strata(frame, dimensions, systems))
    assert expected.height > 10
    assert_frame_equal(reduce(add, found).changes, expected)


def test_rows_of_persons_are_put_together_as_if_judged_at_once(frame, count, systems):
    total = reduce(add, (count(part, keep=True) for part in groups(frame, 4)))
    dimensions = parse_by(BY, systems)
    found = person_level(total.frame, assign_strata(total.frame, dimensions, systems))
    assert_frame_equal(found, person_level(frame, assign_strata(frame, dimensions, systems)))


def test_the_largest_of_several_counts_is_taken_after_the_sum(frame, count):
    first = replace(count(frame), peaks={"unknown provider m": (5, 1)})
    second = replace(count(frame), peaks={"unknown provider m": (0, 6)})
    # 5 + 0 and 1 + 6; the sum of the largest ones would be 11.
    assert (first + second).every_counter["unknown provider m"] == 7
    # One more thing that was counted among other people: nothing of it was seen before.
    third = replace(count(frame), peaks={"unknown provider m": (1, 1, 9)})
    for total in (first + third, third + first):
        assert total.peaks == {"unknown provider m": (6, 2, 9)}


def test_a_measure_that_failed_for_some_people_is_in_no_sum(frame, count):
    one, two = (count(part) for part in groups(frame, 2))
    reason = (Diagnostic("VBM903", "broke"),)
    cut = replace(two, shown=two.shown.without({"other"}), failed={"other": reason})
    for total in (one + cut, cut + one):
        assert [k.rate for k in total.shown.rates] == ["share", "visits", "pool"]
        assert total.failed == {"other": reason}
        assert total.shown.cells["rate"].max() <= 2


def test_a_measure_that_failed_for_some_people_is_in_neither_judgement(frame, count):
    one, two = (count(part, beside=True) for part in groups(frame, 2))
    total = one + replace(two, failed={"other": (Diagnostic("VBM903", "broke"),)})
    assert total.beside is not None
    assert total.as_one is not None
    assert [k.rate for k in total.beside.rates] == ["share", "visits", "pool"]
    assert total.as_one.rates == twice(KEYS[:3])
    assert total.changes["rate"].unique().to_list() == [0]  # the shares of persons that are left


def test_relations_of_rates_are_numbered_as_the_rates_that_are_kept(frame, count):
    behind = pl.DataFrame([(0, 1, 1, 0, 0, 12), (1, 2, 2, 1, 5, 34)], schema=BEHIND_SCHEMA, orient="row")
    shown = replace(count(frame).shown, relations=Relations({(0, 1): (0, 1, 0), (1, 2): (4, 5, 6)}, behind))
    kept = shown.of_positions([1, 2], KEYS[1:3]).relations
    assert kept.pairs == {(0, 1): (4, 5, 6)}
    assert kept.behind.rows() == [(0, 1, 2, 1, 5, 34)]
    assert shown.of_positions([0, 3], (KEYS[0], KEYS[3])).relations.pairs == {}


def test_a_measure_that_failed_for_some_people_has_no_rows_of_persons(frame, count):
    one, two = (count(part, keep=True) for part in groups(frame, 2))
    total = one + replace(two, failed={"m": (Diagnostic("VBM903", "broke"),)})
    assert total.frame is not None
    assert [(k.measure, k.rate) for k in total.frame.rates] == [("other", "events")]
    left = frame.rows.filter(pl.col("rate") == 3).with_columns(rate=pl.lit(0, dtype=pl.UInt16))
    assert_frame_equal(total.frame.rows, left)


def test_other_rates_cannot_be_added(frame, count):
    with pytest.raises(ValueError, match="other rates"):
        count(frame) + count(replace(frame, rates=(*KEYS[:3], key("renamed", "other", per_event=True))))


def test_bytes_hold_everything(frame, count):
    found = replace(count(frame, beside=True, keep=True), failed={"x": (Diagnostic("VBM903", "broke", hint="h"),)})
    back = from_bytes(to_bytes(found))
    assert_same(back, found)
    assert back.as_one is not None
    assert back.as_one.rates == twice(KEYS)
    assert (
        list(back.labels.universes or ())
        == list(found.labels.universes or ())
        == ["race", "age_band", "zip_code", "payer", "sex"]
    )
    assert back.frame is not None
    assert_frame_equal(back.frame.rows, frame.rows)


def test_bytes_tell_of_an_attribution_and_not_who_belongs_to_whom(frame, count):
    people = pl.DataFrame({"person_id": ["p000"], **dict.fromkeys(ATTRIBUTED, "a")})
    told = Attribution(people, "visits", dt.date(2025, 12, 31), {"rule": "visits", "months": 24}, {"VBM447": 3})
    back = from_bytes(to_bytes(replace(count(frame), attribution=told))).attribution
    assert back is not None
    assert back.people.is_empty()
    assert (back.rule, back.on, back.record, back.counters) == (
        "visits",
        dt.date(2025, 12, 31),
        {"rule": "visits", "months": 24},
        {"VBM447": 3},
    )


def test_the_measure_that_owns_a_count_tells_it(frame, count):
    # The other measure was counted without looking for providers: what it says of them is nothing.
    whole = count(frame)
    parts = {
        "m": replace(of_measure(whole, "m", ()), counters={"people": 90, "x m": 7}, peaks={"x m": (7, 4)}),
        "other": replace(of_measure(whole, "other", ()), counters={"people": 90, "x m": 0}, peaks={"x m": (0, 1)}),
    }
    put = of_measures(parts, KEYS, {"m": ("people", "x m"), "other": ("people",)})
    assert put.counters == {"people": 90, "x m": 7}
    assert put.peaks == {"x m": (7, 4)}


def test_counts_of_single_measures_stand_side_by_side_as_if_counted_at_once(frame, count):
    whole = count(frame, beside=True)
    own = {"m": ("people", "unknown provider m"), "other": ("people",)}
    parts = {name: of_measure(whole, name, own[name]) for name in own}
    assert {key.rate for key in parts["other"].as_one.rates} < {key.rate for key in whole.as_one.rates}
    assert len(parts["other"].as_one.rates) == 2, "with supplemental evidence and without"
    assert parts["other"].counters == {"people": 90}
    put = of_measures(parts, KEYS, own)
    assert_same(put, whole)
    assert put.as_one.rates == whole.as_one.rates
    assert_frame_equal(put.as_one.cells, whole.as_one.cells)
