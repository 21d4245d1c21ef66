"""Strata, and what is known beside sums, are those of everybody however people are divided."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import fields as fields_of
from dataclasses import replace
from functools import reduce
from operator import add

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from support.tables import amounts, rate_table
from unit.results.partial.test_sums import assert_same, groups
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.categories.crosswalks import FREQUENT
from vbpmeasure.results.categories.dimensions import parse_by
from vbpmeasure.results.categories.standards import Choice, choose
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.completeness.answers import ANSWERS, answers
from vbpmeasure.results.completeness.months import months_of
from vbpmeasure.results.frame import AMOUNT_SCHEMA, ROW_SCHEMA, RateKey, RateKind, ResultFrame
from vbpmeasure.results.knowledge import Block
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.results.partial.wire import from_bytes, to_bytes
from vbpmeasure.results.reported import shares

WHITE, ASIAN, BLACK, MIXED, BLACK_WHITE = "2106-3", "2028-9", "2054-5", "2106-3|2028-9", "2054-5|2106-3"
RACES = (WHITE, ASIAN, BLACK, MIXED, BLACK_WHITE, "2131-1|2028-9|2106-3", "ASKU", None)
TABULATIONS = ("combined_multiracial", FREQUENT, "alone_or_in_combination")


def key(measure: str, rate: str, **more: object) -> RateKey:
    return RateKey(measure, rate, "M", "R", ("s",), (), **more)  # type: ignore[arg-type]


# Seen within 7 days and within 30: of children, and of stays; and visits, which are no share.
KEYS = (
    key("child", "in_7"),
    key("child", "in_30"),
    key("stay", "in_7", per_event=True),
    key("stay", "in_30", per_event=True),
    key("visits", "visits", kind=RateKind.EVENTS_PER_1000),
)


def whole_frame(people: int = 120) -> ResultFrame:
    draw = random.Random(4)
    provider = [draw.randrange(9) for _ in range(people)]
    table = pl.DataFrame(
        {
            "person_id": [f"p{i:03d}" for i in range(people)],
            "birth_date": [dt.date(2020, 1, 5)] * people,
            "race": [draw.choice(RACES) for _ in range(people)],
            "race_source": [draw.choice(["20", "23", None]) for _ in range(people)],
            "gender": [draw.choice(["male", "female"]) for _ in range(people)],
            "payer": [draw.choice(["A", "B", None]) for _ in range(people)],
            "provider": [f"d{n}" for n in provider],
            "practice": [f"q{n // 3}" for n in provider],
        }
    )
    rows: list[tuple[object, ...]] = []
    for person in range(people):
        days = [None, *(dt.date(2025, 3, day) for day in draw.sample(range(1, 28), draw.choice([0, 1, 2])))]
        for day in days:
            early = draw.random() < 0.4
            met = (early, early or draw.random() < 0.3)
            rates = (0, 1) if day is None else (2, 3)
            rows += [unit(rate, person, day, flag) for rate, flag in zip(rates, met, strict=True)]
        rows.append((4, person, None, None, None, False, None, None, draw.randrange(3), 377_580))
    frame = pl.DataFrame(rows, schema={**ROW_SCHEMA, **AMOUNT_SCHEMA}, orient="row")
    return ResultFrame(calendar_year(2025), KEYS, frame.sort("rate", "person", "index_date"), table)


def unit(rate: int, person: int, day: dt.date | None, met: bool) -> tuple[object, ...]:
    return (rate, person, day, None, None, met, None, None, None, None)


def counted(frame: ResultFrame, by: str, systems: dict, chosen) -> Partial:
    dimensions = parse_by(by, chosen.by_dimension, aliases=chosen.aliases)
    strata = assign_strata(frame, dimensions, chosen.by_dimension, tabulated=False)
    there = [frame.people["payer"].is_not_null()] * len(months_of(frame.period))
    return Partial.of(frame, strata, None, answers(["race"], systems, frame.people), there)


@pytest.mark.parametrize("tabulation", TABULATIONS)
@pytest.mark.parametrize("by", ["race,provider,practice,race*gender*payer", "gender*race,payer"])
def test_the_table_of_a_sum_is_that_of_everybody(systems, tabulation, by):
    by = by.replace("gender", "sex")
    chosen = choose(systems, Choice("spd15", tabulation))
    frame = whole_frame()
    strata = assign_strata(frame, parse_by(by, chosen.by_dimension, aliases=chosen.aliases), chosen.by_dimension)
    expected = rate_table(shares(frame), strata)
    assert {nested.name for nested in expected.nested} >= {"numerator", "misses"}
    assert any(nested.persons for nested in expected.nested)
    if "practice" in by:
        assert expected.blocks
    once = counted(frame, by, systems, chosen)
    parts = [from_bytes(to_bytes(counted(part, by, systems, chosen))) for part in groups(frame, 7)]
    total = reduce(add, parts)
    assert_same(replace(total, counters={}), replace(once, counters={}))
    for found in (once, total, reduce(add, reversed(parts))):
        settled = found.settle(chosen.by_dimension)
        table = found.shown.table(found.period, found.people, settled, found.links)
        for each in fields_of(table):
            ours, theirs = getattr(table, each.name), getattr(expected, each.name)
            if isinstance(ours, pl.DataFrame):
                assert_frame_equal(ours, theirs)
            else:
                assert ours == theirs, each.name
        assert found.shown.amounts(settled) == amounts(frame, strata)


def test_combinations_are_ranked_by_all_people(systems):
    chosen = choose(systems, Choice("spd15", FREQUENT))
    system = chosen.by_dimension["race_ethnicity"]
    enough = system.combinations.at_least
    frame = whole_frame(enough)
    people = frame.people.with_columns(race=pl.lit(MIXED))
    frame = replace(frame, people=people)
    parts = [counted(part, "race", systems, chosen) for part in groups(frame, 3)]
    assert max(part.people for part in parts) < enough

    def texts(found: Partial) -> tuple[str, ...]:
        return found.settle(chosen.by_dimension).strata[0].texts

    assert not any("Asian + White" in texts(part) for part in parts)
    assert "Asian + White" in texts(reduce(add, parts))


def test_what_is_nested_in_one_bucket_alone_is_not_nested(systems):
    chosen = choose(systems, Choice("spd15", None))
    holds = whole_frame(20)
    broken = replace(
        holds,
        rows=holds.rows.with_columns(
            numerator=pl.when(pl.col("rate") < 2).then(pl.col("rate") == 0).otherwise("numerator")
        ),
    )

    def nested(*frames: ResultFrame) -> set[tuple[int, int, str]]:
        found = reduce(add, (counted(frame, "payer", systems, chosen) for frame in frames))
        settled = found.settle(chosen.by_dimension)
        table = found.shown.table(found.period, found.people, settled, found.links)
        return {(n.inner, n.outer, n.name) for n in table.nested if KEYS[n.inner].measure == "child"}

    assert (0, 1, "numerator") in nested(holds)
    assert (0, 1, "numerator") not in nested(holds, broken)
    assert (0, 1, "population") in nested(holds, broken)


def test_strata_are_linked_through_people_of_any_bucket(systems):
    chosen = choose(systems, Choice("spd15", None))
    frame = whole_frame(4)

    def part(providers: list[str], practices: list[str]) -> Partial:
        people = frame.people.with_columns(provider=pl.Series(providers), practice=pl.Series(practices))
        return counted(replace(frame, people=people), "provider,practice", systems, chosen)

    # Alone, each bucket has two blocks; d2 works in both practices, and the second bucket knows it.
    one, two = (
        part(["d1", "d1", "d2", "d3"], ["p", "p", "p", "q"]),
        part(["d2", "d3", "d3", "d4"], ["q", "q", "q", "r"]),
    )
    total = one + two
    table = total.shown.table(total.period, total.people, total.settle(chosen.by_dimension), total.links)
    assert table.blocks == (Block(1, (0, 1, 2), 2, (0, 1)), Block(1, (3,), 2, (2,)))


def test_answers_are_counted_by_bucket(systems):
    chosen = choose(systems, Choice("spd15", None))
    frame = whole_frame()
    told = reduce(add, (counted(part, "race", systems, chosen) for part in groups(frame, 5))).told(("race",))
    everybody = told.by_people.filter(pl.col("scope") == "people")
    asked = frame.people.filter(pl.col("race") == "ASKU").height
    assert everybody.filter(pl.col("answer") == ANSWERS.index("declined"))["people"].to_list() == [asked]
    assert everybody["people"].sum() == frame.people.height
    months = told.by_people.filter(pl.col("scope") == "month").group_by("group").agg(pl.col("people").sum())
    insured = frame.people["payer"].count()
    assert sorted(months.iter_rows()) == [(f"2025-{month:02}", insured) for month in range(1, 13)]
    # A child with three stays is one child in the denominator.
    stays = told.by_rates.filter(pl.col("rate") == 2)["people"].sum()
    assert stays == frame.rows.filter(pl.col("rate") == 2)["person"].n_unique()
