"""The key of kept counts: another key for everything that decides a count, the same for words alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.steady import Seen
from vbpmeasure.plan.dates import Anchor, DateExpr
from vbpmeasure.plan.flags import AgeBetween
from vbpmeasure.plan.measures import (
    CodeSet,
    Composite,
    CompositeKind,
    MeasurePlan,
    Program,
    Proportion,
    Step,
    calendar_year,
)
from vbpmeasure.plan.supplemental import Supplemental
from vbpmeasure.results.attribution.rule import VisitRule
from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.categories.dimensions import Dimension
from vbpmeasure.runs.attributing import Attributor
from vbpmeasure.runs.cache.keys import input_of, keys_of
from vbpmeasure.runs.work import Work

FILE = Path("/data/eligibility.parquet")
CHILD = AgeBetween(3, 21, DateExpr(Anchor.PERIOD_END))


def plan(name: str, *rates: Any, value_sets: tuple[str, ...] = ("visits",)) -> MeasurePlan:
    every = rates or (Proportion("r", "R", (Step("s", CHILD),), (), CHILD),)
    return MeasurePlan(name, name.upper(), "2025", "active", every, {}, value_sets, digest="d")


def composite(kind: CompositeKind, *members: tuple[str, str]) -> Composite:
    return Composite("both", "Both", kind, members)


CODES = {
    "visits": CodeSet("visits", {"CPT": frozenset({"99381"})}),
    "shots": CodeSet("shots", {"CVX": frozenset({"3"})}),
}
WORK = Work(Program((plan("m"), plan("n")), calendar_year(2025), CODES))
TABLE = BoundTable("eligibility", pl.LazyFrame(), frozenset({"person_id", "race"}), (FILE,), 3, 900)
BOUND = BoundData({"eligibility": TABLE})
SEEN = Seen((), {("eligibility", FILE): (900, 1, 7)})  # type: ignore[dict-item]


def key(work: Work = WORK, bound: BoundData = BOUND, seen: Seen = SEEN, of: str = "m") -> str:
    return keys_of(work, bound, seen)[of]


def with_program(**changes: Any) -> Work:
    return replace(WORK, program=replace(WORK.program, **changes))


def with_table(**changes: Any) -> BoundData:
    return replace(BOUND, tables={"eligibility": replace(TABLE, **changes)})


def test_the_same_twice_has_one_key_and_no_two_measures_have() -> None:
    assert keys_of(WORK, BOUND, SEEN) == keys_of(WORK, BOUND, SEEN)
    assert list(keys_of(WORK, BOUND, SEEN)) == ["m", "n"]
    assert key() != key(of="n")


@pytest.mark.parametrize(
    "work",
    [
        with_program(period=calendar_year(2024)),
        with_program(enrollment_key=()),
        replace(WORK, dimensions=(Dimension(("race",)),)),
        replace(WORK, systems={"race": CategorySystem("omb", "race", "Race", "race", ("White",), "Unknown")}),
        replace(WORK, attributor=Attributor(VisitRule("visits", "Visits", 24, ("visits",)), {})),
        replace(WORK, supplemental="both"),
        replace(WORK, sources_left_out=Supplemental(("immunization",))),
        replace(WORK, sources_left_out=Supplemental(data_sources=("registry",))),
        with_program(value_sets={**CODES, "visits": CodeSet("visits", {"CPT": frozenset({"99381", "99382"})})}),
        with_program(measures=(replace(plan("m"), parameters={"age": 4}), plan("n"))),
        with_program(measures=(plan("m", Proportion("r", "R", (Step("s", CHILD),) * 2, (), CHILD)), plan("n"))),
    ],
)
def test_whatever_decides_a_count_is_in_the_key(work: Work) -> None:
    assert key(work) != key()


@pytest.mark.parametrize(
    ("bound", "seen"),
    [
        (BOUND, replace(SEEN, stamps={("eligibility", FILE): (900, 2, 7)})),
        (BOUND, replace(SEEN, stamps={("eligibility", FILE.with_name("other.parquet")): (900, 1, 7)})),
        (with_table(columns=frozenset({"person_id"})), SEEN),
        (with_table(sources=({"path": "eligibility.parquet", "columns": {"race": "RACE"}},)), SEEN),
        (replace(BOUND, bad_rows={"spans_without_start": 3}), SEEN),
    ],
)
def test_whatever_tells_two_inputs_apart_is_in_the_key_of_counts_and_of_rows(bound: BoundData, seen: Seen) -> None:
    assert key(WORK, bound, seen) != key()
    one, other = input_of(BOUND, SEEN), input_of(bound, seen)
    assert one is not None
    assert other is not None
    assert one.content != other.content


def test_the_place_of_an_input_stays_when_its_files_change() -> None:
    first = input_of(BOUND, SEEN)
    changed = input_of(with_table(rows=4), replace(SEEN, stamps={("eligibility", FILE): (901, 2, 7)}))
    elsewhere = input_of(replace(BOUND, root=Path("/other")), SEEN)
    assert first is not None
    assert changed is not None
    assert elsewhere is not None
    assert (changed.place, elsewhere.place != first.place) == (first.place, True)


def test_of_an_input_that_cannot_be_told_from_another_nothing_is_kept() -> None:
    unseen = with_table(unseen=(("claims.parquet", 30),))
    assert keys_of(WORK, unseen, SEEN) == {}
    assert input_of(unseen, SEEN) is None


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another"},
        {"status": "draft"},
        {"edition": "2026"},
        {"tags": ("new",)},
        {"digest": "another text of the definition"},
    ],
)
def test_words_are_not_in_the_key(change: dict[str, Any]) -> None:
    assert key(with_program(measures=(replace(plan("m"), **change), plan("n")))) == key()


def test_codes_that_the_measure_does_not_use_are_not_in_its_key() -> None:
    other = with_program(value_sets={**CODES, "shots": CodeSet("shots", {"CVX": frozenset({"4"})})})
    assert key(other) == key()
    assert key(with_program(measures=(plan("m"),))) == key()  # nor is whether `n` runs, too


KINDS: list[tuple[CompositeKind, bool]] = [
    (CompositeKind.POOLED, True),
    (CompositeKind.EQUAL_WEIGHT, True),
    (CompositeKind.ALL_OR_NONE, False),  # has rows of its own: nothing more is counted of its members
    (CompositeKind.OPPORTUNITY, False),
]


@pytest.mark.parametrize(("kind", "summed"), KINDS)
def test_the_rates_that_a_composite_sums_up_are_in_the_keys_of_their_measures(
    kind: CompositeKind, summed: bool
) -> None:
    both = plan("c", composite(kind, ("m", "r")))
    found = with_program(measures=(*WORK.program.measures, both))
    assert (key(found) != key()) == summed
    assert key(found, of="n") == key(of="n")
    silent = with_program(measures=(*WORK.program.measures, replace(both, support=True)))
    assert key(silent) == key()


def test_the_measures_that_lend_rates_are_in_the_key_of_a_composite_and_are_not_kept_themselves() -> None:
    def program(lender: MeasurePlan, *, support: bool = True) -> Work:
        both = plan("c", composite(CompositeKind.ALL_OR_NONE, ("m", "r"), ("c", "own")), value_sets=())
        return with_program(measures=(both, replace(lender, support=support), plan("n")))

    before = keys_of(program(plan("m")), BOUND, SEEN)
    assert list(before) == ["c", "n"]
    after = keys_of(program(replace(plan("m"), parameters={"age": 4})), BOUND, SEEN)
    assert (after["c"] != before["c"], after["n"] == before["n"]) == (True, True)
    assert keys_of(program(plan("m"), support=False), BOUND, SEEN)["c"] == before["c"]  # reported itself, too
