"""By when the next missing thing must happen, worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from spec.plans import (
    END,
    START,
    YEAR,
    birth,
    birthday,
    code,
    codes,
    count,
    diagnosis,
    first,
    index,
    program,
    rate,
    since,
)
from unit.care_gaps.conftest import Gaps, child, visit
from vbpmeasure.plan.amounts import DaysCovered
from vbpmeasure.plan.dates import Window, Windowed
from vbpmeasure.plan.flags import AllOf, AnyOf, AtLeastOf, CountAtLeast, DateWithin, Not

D = dt.date
BORN = D(2024, 3, 1)
SETS = {
    "well": codes(CPT="99391"),
    "shot": codes(CPT="90700"),
    "lead": codes(CPT="83655"),
    "allergy": codes(ICD10CM="T80511A"),
}
WELL, SHOT, LEAD = code("well"), code("shot"), code("lead")


def rows(*visits: dict, born: dt.date = BORN) -> dict:
    return {"eligibility": [child(born=born)], "medical_claim": list(visits) or [visit(D(2019, 1, 1), "00000")]}


def only(table, *columns: str):
    assert table.height == 1
    row = table.row(0, named=True)
    return tuple(row[name] for name in columns)


STANDING = ("gap_status", "can_still_pass", "missing", "due_by", "days_left")


# --- one thing by the end of a window --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "possible", "left"),
    [
        (D(2025, 12, 30), True, 1),
        (D(2025, 12, 31), True, 0),  # due today: today still counts
        (D(2026, 1, 1), False, -1),  # due yesterday
    ],
)
def test_the_last_day_of_the_window_counts(gaps: Gaps, as_of: dt.date, possible: bool, left: int) -> None:
    asked = program(rate(count(WELL, YEAR)), sets=SETS)
    found = only(gaps(asked, rows(), as_of), *STANDING)
    assert found == ("open", possible, "the service", D(2025, 12, 31), left)


def test_a_closed_gap_has_its_date_and_nothing_missing(gaps: Gaps) -> None:
    asked = program(rate(count(WELL, YEAR)), sets=SETS)
    found = only(gaps(asked, rows(visit(D(2025, 5, 4))), D(2025, 12, 31)), *STANDING, "closed_on")
    assert found == ("closed", None, None, None, None, D(2025, 5, 4))


def test_an_excluded_child_has_the_reason(gaps: Gaps) -> None:
    asked = program(rate(count(WELL, YEAR), exclusions=[("lead", count(LEAD, YEAR))]), sets=SETS)
    found = only(gaps(asked, rows(visit(D(2025, 5, 4), "83655")), D(2025, 6, 1)), "gap_status", "exclusion", "due_by")
    assert found == ("excluded", "lead", None)


def test_a_child_who_fails_a_later_step_is_not_eligible(gaps: Gaps) -> None:
    asked = program(rate(count(WELL, YEAR), population=(DateWithin(START, YEAR), count(LEAD, YEAR))), sets=SETS)
    assert only(gaps(asked, rows(), D(2025, 6, 1)), "gap_status", "can_still_pass") == ("not_eligible", None)


# --- counts with spacing ---------------------------------------------------------------------------------------


def visits_by_15_months():
    # Born 2024-03-01: birthday 1 + 90 days is 2025-05-30.
    return program(rate(count(WELL, Window(birth(), birthday(1, days=90)), n=3, apart=14)), sets=SETS)


@pytest.mark.parametrize(
    ("days", "due", "words"),
    [
        # three visits 14 days apart must end on 05-30: 05-30, 05-16, 05-02
        ([], D(2025, 5, 2), "the service: 3 needed, at least 14 days apart"),
        ([D(2024, 6, 1)], D(2025, 5, 16), "the service: 2 more of 3, at least 14 days apart"),
        # a second visit 13 days after the first does not count
        ([D(2024, 6, 1), D(2024, 6, 14)], D(2025, 5, 16), "the service: 2 more of 3, at least 14 days apart"),
        ([D(2024, 6, 1), D(2024, 6, 15)], D(2025, 5, 30), "the service: 1 more of 3, at least 14 days apart"),
    ],
)
def test_missing_visits_are_laid_out_from_the_end(gaps: Gaps, days: list, due: dt.date, words: str) -> None:
    table = gaps(visits_by_15_months(), rows(*map(visit, days)), D(2025, 5, 1))
    assert only(table, "due_by", "missing", "can_still_pass") == (due, words, True)


@pytest.mark.parametrize(("as_of", "possible"), [(D(2025, 5, 16), True), (D(2025, 5, 17), False)])
def test_two_more_visits_need_two_days_apart(gaps: Gaps, as_of: dt.date, possible: bool) -> None:
    table = gaps(visits_by_15_months(), rows(visit(D(2024, 6, 1))), as_of)
    assert only(table, "can_still_pass") == (possible,)


@pytest.mark.parametrize(
    ("last_visit", "possible"),
    # The third visit is possible from 14 days after the second: 05-16 + 14 = 05-30 is inside, 05-17 + 14 is not.
    [(D(2025, 5, 16), True), (D(2025, 5, 17), False)],
)
def test_a_late_visit_leaves_no_room_for_the_next(gaps: Gaps, last_visit: dt.date, possible: bool) -> None:
    table = gaps(visits_by_15_months(), rows(visit(D(2024, 6, 1)), visit(last_visit)), D(2025, 5, 18))
    assert only(table, "can_still_pass") == (possible,)
    assert only(table, "due_by") == (D(2025, 5, 30) if possible else None,)


def test_windows_with_a_hole_are_filled_from_the_end(gaps: Gaps) -> None:
    # Two dates 20 days apart, until 1 February or from 10 to 20 December: 12-20 is the last; 20 days before that, on
    # 11-30, no window is open, so the first must be on 02-01.
    january = Window(START, birth(months=11))  # born 2024-03-01: 2025-02-01
    december = Window(birth(months=21, days=9), birth(months=21, days=19))  # 2025-12-10 to 2025-12-20
    flag = CountAtLeast((Windowed(WELL, january), Windowed(WELL, december)), 2, 20)
    table = gaps(program(rate(flag), sets=SETS), rows(), D(2025, 1, 15))
    assert only(table, "due_by", "can_still_pass") == (D(2025, 2, 1), True)


def test_an_empty_window_can_never_pass(gaps: Gaps) -> None:
    table = gaps(program(rate(count(WELL, Window(END, START))), sets=SETS), rows(), D(2025, 1, 1))
    assert only(table, "can_still_pass", "due_by", "days_left") == (False, None, None)


# --- parts -----------------------------------------------------------------------------------------------------

SPRING = Window(START, START.__class__(START.anchor, months=5))  # to 2025-06-01


def test_of_all_parts_the_first_due_date_counts(gaps: Gaps) -> None:
    asked = program(rate(AllOf((count(WELL, SPRING), count(SHOT, YEAR)))), sets=SETS)
    assert only(gaps(asked, rows(), D(2025, 2, 1)), "due_by") == (D(2025, 6, 1),)
    # once the spring part is done, the other one is due at the end of the year
    assert only(gaps(asked, rows(visit(D(2025, 3, 1))), D(2025, 7, 1)), "due_by") == (D(2025, 12, 31),)
    # and when it is missed, all is lost
    missed = gaps(asked, rows(visit(D(2025, 3, 1), "90700")), D(2025, 6, 2))
    assert only(missed, "can_still_pass", "due_by") == (False, D(2025, 6, 1))


def test_of_alternatives_the_last_due_date_counts(gaps: Gaps) -> None:
    asked = program(rate(AnyOf((count(WELL, SPRING), count(SHOT, YEAR)))), sets=SETS)
    assert only(gaps(asked, rows(), D(2025, 7, 1)), "due_by", "can_still_pass") == (D(2025, 12, 31), True)


def test_of_two_needed_of_three_the_second_latest_counts(gaps: Gaps) -> None:
    parts = (count(WELL, SPRING), count(SHOT, YEAR), count(LEAD, Window(START, birth(months=18))))  # 2025-09-01
    asked = program(rate(AtLeastOf(2, parts)), sets=SETS)
    assert only(gaps(asked, rows(), D(2025, 1, 1)), "due_by") == (D(2025, 9, 1),)
    assert only(gaps(asked, rows(visit(D(2025, 1, 2))), D(2025, 1, 3)), "due_by") == (D(2025, 12, 31),)


SUMMER = Window(START.__class__(START.anchor, months=6), START.__class__(START.anchor, months=8))  # 07-01 to 09-01
MAY = Window(START.__class__(START.anchor, months=4), START.__class__(START.anchor, months=4, days=30))  # to 05-31


def visits_for(gaps: Gaps, *flags) -> list[int | None]:
    """How many gaps one visit can close, of each of the rates, on 1 February."""
    asked = program(*(rate(flag, rate_id=f"r{n}") for n, flag in enumerate(flags)), sets=SETS)
    return gaps(asked, rows(), D(2025, 2, 1)).sort("rate")["visit_gaps"].to_list()


def test_one_visit_is_for_the_way_that_stays_open_longest(gaps: Gaps) -> None:
    # Well care until June, or the shot from July to September: the latter stays open, and no day of it is in May.
    either = AnyOf((count(WELL, SPRING), count(SHOT, SUMMER)))
    assert visits_for(gaps, either, count(LEAD, MAY)) == [1, 1]
    assert visits_for(gaps, either, count(LEAD, SUMMER)) == [2, 2]


def test_no_visit_closes_what_can_never_pass(gaps: Gaps) -> None:
    # The first way needs what no day allows; the other one is open until June.
    never = AllOf((count(WELL, YEAR), count(LEAD, Window(END, START))))
    either = AnyOf((never, count(SHOT, SPRING)))
    assert visits_for(gaps, either, count(LEAD, SUMMER)) == [1, 1]
    assert visits_for(gaps, either, count(LEAD, MAY)) == [2, 2]


def test_nobody_is_called_in_to_fall_ill(gaps: Gaps) -> None:
    # Two doses 60 days apart, or the allergy: what counts for the due date are the doses.
    allergy = count(diagnosis("allergy"), YEAR)
    asked = program(rate(AnyOf((count(SHOT, YEAR, n=2, apart=60), allergy))), sets=SETS)
    table = gaps(asked, rows(), D(2025, 11, 2))
    assert only(table, "due_by", "can_still_pass") == (D(2025, 11, 1), False)
    assert only(table, "missing") == ("the service: 2 needed, at least 60 days apart",)
    ill = {**visit(D(2025, 4, 1), "00000"), "diagnosis_code_1": "T80511A"}
    assert only(gaps(asked, rows(ill), D(2025, 11, 2)), "gap_status") == ("closed",)


def test_what_has_happened_cannot_be_undone(gaps: Gaps) -> None:
    asked = program(rate(AllOf((count(WELL, YEAR), Not(count(LEAD, YEAR, n=1))))), sets=SETS)
    table = gaps(asked, rows(visit(D(2025, 3, 1), "83655")), D(2025, 4, 1))
    assert only(table, "can_still_pass", "due_by") == (False, None)
    assert only(table, "missing") == ("the service; must not be, but is: the service",)


def test_where_lower_is_better_the_bad_event_is_what_stands_open(gaps: Gaps) -> None:
    asked = program(rate(count(LEAD, YEAR), lower_is_better=True), sets=SETS)
    assert only(gaps(asked, rows(), D(2025, 4, 1)), "gap_status") == ("closed",)
    bad = gaps(asked, rows(visit(D(2025, 3, 1), "83655")), D(2025, 4, 1))
    assert only(bad, "gap_status", "can_still_pass", "missing") == ("open", False, "must not be, but is: the service")


# --- dates that hang on events ---------------------------------------------------------------------------------


def test_a_follow_up_waits_for_its_event(gaps: Gaps) -> None:
    # A second dose within 30 days of the first dose of the year, which has until 31 December.
    started = first(SHOT, YEAR)
    follow_up = count(WELL, Window(started, first(SHOT, YEAR, days=30)))
    asked = program(rate(follow_up), sets=SETS)
    assert only(gaps(asked, rows(), D(2025, 4, 1)), "due_by", "can_still_pass") == (D(2025, 12, 31), True)
    begun = gaps(asked, rows(visit(D(2025, 3, 10), "90700")), D(2025, 4, 9))
    assert only(begun, "due_by", "can_still_pass") == (D(2025, 4, 9), True)


def test_a_first_event_at_the_wrong_time_is_fixed(gaps: Gaps) -> None:
    asked = program(rate(DateWithin(first(SHOT, YEAR), SPRING)), sets=SETS)
    assert only(gaps(asked, rows(), D(2025, 4, 1)), "due_by", "can_still_pass") == (D(2025, 6, 1), True)
    late = gaps(asked, rows(visit(D(2025, 7, 1), "90700")), D(2025, 4, 1))
    assert only(late, "due_by", "can_still_pass") == (None, False)


def test_index_events_are_due_by_themselves(gaps: Gaps) -> None:
    # A well visit 1 to 30 days after each shot.
    asked = program(rate(count(WELL, since(1, 30)), units=index(SHOT), population=(count(SHOT, YEAR),)), sets=SETS)
    table = gaps(
        asked, rows(visit(D(2025, 3, 1), "90700"), visit(D(2025, 5, 1), "90700"), visit(D(2025, 3, 2))), D(2025, 5, 31)
    )
    assert table.select("index_date", "gap_status", "due_by", "days_left").sort("index_date").rows() == [
        (D(2025, 3, 1), "closed", None, None),
        (D(2025, 5, 1), "open", D(2025, 5, 31), 0),
    ]


def test_days_covered_are_due_while_enough_days_are_left(gaps: Gaps) -> None:
    # 8 days of the year, none covered: every eighth is asked, so the date is exact: 12-24 to 12-31 are 8 days.
    flag = DaysCovered((Windowed(SHOT, YEAR),), 8)
    none = gaps(program(rate(flag), sets=SETS), rows(), D(2025, 12, 1))
    assert only(none, "due_by") == (D(2025, 12, 24),)
    three = [visit(D(2025, 3, day), "90700") for day in (1, 2, 3)]
    some = gaps(program(rate(flag), sets=SETS), rows(*three), D(2025, 12, 1))
    assert only(some, "due_by") == (D(2025, 12, 27),)
