"""Index events: candidates, stays, windows, conditions, distance, choice (semantics page, section 7)."""

import pytest

from spec.grids import grid, people
from spec.plans import (
    EVER,
    YEAR,
    at,
    code,
    codes,
    count,
    end,
    first,
    index,
    principal,
    program,
    rate,
    since,
    start,
)
from vbpmeasure.plan.dates import Anchor, DateExpr, Window, Windowed
from vbpmeasure.plan.events import Dated
from vbpmeasure.plan.flags import AgeBetween, AllOf, DateWithin, Enrolled, Not
from vbpmeasure.plan.grain import GrainError
from vbpmeasure.plan.index import Keep, Stays
from vbpmeasure.plan.measures import TotalOf

SETS = {
    "screen": codes(CPT="96110"),
    "visit": codes(CPT="99213"),
    "therapy": codes(CPT="97530"),
    "stay": codes(UBREV="0120"),
    "mental": codes(ICD10CM="F32.9"),
}
SCREEN, VISIT, THERAPY, STAY = (code(name) for name in ("screen", "visit", "therapy", "stay"))
FOLLOWED = count(THERAPY, since(0, 30))


def claims(text):
    return {"medical_claim": grid("medical_claim", text)}


def judged(judge_units, units, table, *, numerator=FOLLOWED, **more):
    """The words of each unit of person 1."""
    plan = program(rate(numerator, units=units, **more), sets=SETS)
    return judge_units(plan, eligibility=people(1), **claims(table))["1"]


def test_each_day_of_the_event_is_a_unit(judge_units):
    table = """
        person | claim | on         | code
        1      | a     | 2025-01-01 | 96110
        1      | b     | 2025-01-01 | 96110
        1      | c     | 2025-03-01 | 96110
        1      | d     | 2024-12-31 | 96110
        1      | e     | 2025-03-20 | 97530
        """
    assert judged(judge_units, index(SCREEN), table) == [
        "2025-01-01 open",
        "2025-03-01 met 2025-03-20 by medical_claim",
    ]


@pytest.mark.parametrize(
    ("first_day", "last_day", "therapy", "met"),
    [
        (0, 7, "2025-03-01", True),
        (1, 7, "2025-03-01", False),
        (1, 7, "2025-03-02", True),
        (1, 7, "2025-03-08", True),
        (1, 7, "2025-03-09", False),
        (0, 7, "2025-02-28", False),
    ],
)
def test_a_follow_up_window_has_the_same_day_in_or_out(judge_units, first_day, last_day, therapy, met):
    table = f"""
        person | claim | on         | code
        1      | a     | 2025-03-01 | 96110
        1      | b     | {therapy} | 97530
        """
    words = f"met {therapy} by medical_claim" if met else "open"
    numerator = count(THERAPY, since(first_day, last_day))
    assert judged(judge_units, index(SCREEN), table, numerator=numerator) == [f"2025-03-01 {words}"]


DAYS = """
    person | claim | on         | code
    1      | a     | 2025-01-01 | 96110
    1      | b     | 2025-01-31 | 96110
    1      | c     | 2025-02-01 | 96110
    1      | d     | 2025-03-03 | 96110
    1      | e     | 2025-03-04 | 96110
    """


@pytest.mark.parametrize(
    ("apart", "keep", "expected"),
    [
        (1, Keep.EVERY, ["2025-01-01", "2025-01-31", "2025-02-01", "2025-03-03", "2025-03-04"]),
        # 30 days after the first is dropped and 31 kept; the dropped one does not lengthen the wait.
        (31, Keep.EVERY, ["2025-01-01", "2025-02-01", "2025-03-04"]),
        (30, Keep.EVERY, ["2025-01-01", "2025-01-31", "2025-03-03"]),
        (1, Keep.FIRST, ["2025-01-01"]),
        (1, Keep.LAST, ["2025-03-04"]),
        (30, Keep.LAST, ["2025-03-03"]),
    ],
)
def test_events_are_thinned_and_then_chosen(judge_units, apart, keep, expected):
    found = judged(judge_units, index(SCREEN, apart=apart, keep=keep), DAYS)
    assert found == [f"{day} open" for day in expected]


def test_what_fails_a_condition_does_not_stand_in_the_way(judge_units):
    quiet = Not(count(THERAPY, since(1, 10)), label="no therapy within 10 days")
    table = """
        person | claim | on         | code
        1      | a     | 2025-01-01 | 96110
        1      | b     | 2025-01-05 | 97530
        1      | c     | 2025-01-20 | 96110
        """
    assert judged(judge_units, index(SCREEN, when=(quiet,), apart=31), table) == ["2025-01-20 open"]
    assert judged(judge_units, index(SCREEN, apart=31), table) == ["2025-01-01 met 2025-01-05 by medical_claim"]


@pytest.mark.parametrize(
    ("before", "units"), [("2024-11-01", 0), ("2024-10-31", 1), ("2025-02-28", 0), ("2025-03-01", 1)]
)
def test_a_negative_look_back(judge_units, before, units):
    new = Not(count(VISIT, since(-120, -1)), label="no visit in the 120 days before")
    table = f"""
        person | claim | on         | code
        1      | a     | 2025-03-01 | 96110
        1      | b     | {before} | 99213
        """
    assert len(judged(judge_units, index(SCREEN, when=(new,)), table)) == units


def test_first_in_the_period_and_first_ever_are_two_things(judge_units):
    table = """
        person | claim | on         | code
        1      | a     | 2024-06-01 | 96110
        1      | b     | 2025-02-01 | 96110
        """
    assert judged(judge_units, index(SCREEN, keep=Keep.FIRST), table) == ["2025-02-01 open"]
    ever = index(SCREEN, EVER, keep=Keep.FIRST)
    in_period = (DateWithin(at(), YEAR),)
    assert judged(judge_units, ever, table, population=in_period) == []


STAYS = """
    person | claim | on         | revenue_center_code | admission_date | discharge_date | dx1
    1      | a     | 2025-01-10 | 0120                | 2025-01-10     | 2025-01-15     | F32.9
    1      | b     | 2025-01-15 | 0120                | 2025-01-15     | 2025-01-20     | F32.9
    1      | c     | 2025-02-19 | 0120                | 2025-02-19     | 2025-02-21     | F32.9
    """


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # The transfer on the day of discharge is one stay; the readmission 30 days after is one only with a chain.
        (Stays(), ["2025-01-20", "2025-02-21"]),
        (Stays(29), ["2025-01-20", "2025-02-21"]),
        (Stays(30), ["2025-02-21"]),
        (Stays(30, Dated.ADMISSION), ["2025-01-10"]),
        (Stays(0, Dated.ADMISSION), ["2025-01-10", "2025-02-19"]),
    ],
)
def test_stays_are_chained(judge_units, rule, expected):
    assert judged(judge_units, index(STAY, stays=rule), STAYS) == [f"{day} open" for day in expected]


def test_overlapping_stays_and_lines_of_one_stay_are_one(judge_units):
    table = """
        person | claim | on         | revenue_center_code | admission_date | discharge_date
        1      | a     | 2025-01-10 | 0120                | 2025-01-10     | 2025-01-30
        1      | a     | 2025-01-11 | 0120                | 2025-01-10     | 2025-01-30
        1      | b     | 2025-01-12 | 0120                | 2025-01-12     | 2025-01-15
        1      | c     | 2025-01-30 | 0120                | 2025-01-30     | 2025-02-02
        1      | d     | 2025-02-03 | 0120                | 2025-02-03     | 2025-02-03
        """
    assert judged(judge_units, index(STAY, stays=Stays()), table) == ["2025-02-02 open", "2025-02-03 open"]


def test_a_chain_that_leaves_the_window_is_no_unit(judge_units):
    to_the_middle = Window(start(), DateExpr(Anchor.PERIOD_START, days=45))  # 15 February
    assert judged(judge_units, index(STAY, to_the_middle, stays=Stays()), STAYS) == ["2025-01-20 open"]
    assert judged(judge_units, index(STAY, to_the_middle, stays=Stays(30)), STAYS) == []


def test_rows_that_are_no_stay(judge_units):
    table = """
        person | claim | on         | revenue_center_code | admission_date | discharge_date | claim_end_date
        1      | a     | 2025-01-10 | 0120                | 2025-01-10     |                |
        1      | b     | 2025-02-10 | 0120                | 2025-02-10     | 2025-02-09     |
        1      | c     | 2025-03-10 | 0120                |                |                | 2025-03-12
        """
    assert judged(judge_units, index(STAY, stays=Stays()), table) == ["2025-03-12 open"]


def test_dates_of_a_stay(judge_units):
    # A visit while in hospital, and one after: windows from the admission, to the discharge, from the discharge.
    table = STAYS + "    1      | v     | 2025-01-12 |                     |                |                |\n"
    rows = claims(table)
    rows["medical_claim"][-1]["hcpcs_code"] = "99213"
    inside = Window(at(anchor=Anchor.INDEX_START), at(anchor=Anchor.INDEX_END))
    after = Window(at(anchor=Anchor.INDEX_END), at(days=30))
    units = index(STAY, stays=Stays())
    plan = program(
        rate(count(VISIT, inside), units=units, rate_id="in"),
        rate(count(VISIT, after), units=units, rate_id="out"),
        sets=SETS,
    )
    found = judge_units(plan, eligibility=people(1), **rows)
    assert found["in"]["1"] == ["2025-01-20 met 2025-01-12 by medical_claim", "2025-02-21 open"]
    assert found["out"]["1"] == ["2025-01-20 open", "2025-02-21 open"]


def test_an_event_may_be_dated_by_its_admission(judge_units):
    # The readmission's line starts in the second week; its admission lies in the first.
    table = """
        person | claim | on         | revenue_center_code | admission_date | discharge_date | code
        1      | a     | 2025-03-01 |                     |                |                | 96110
        1      | b     | 2025-03-12 | 0120                | 2025-03-06     | 2025-03-20     |
        """
    for dated, met in ((Dated.ADMISSION, "2025-03-06"), (Dated.SERVICE, "2025-03-12"), (Dated.DISCHARGE, "2025-03-20")):
        flag = count(code("stay", dated=dated), since(0, 30))
        found = judged(judge_units, index(SCREEN), table, numerator=flag)
        assert found == [f"2025-03-01 met {met} by medical_claim"]


def test_enrollment_age_and_exclusions_around_the_index(judge_units):
    eligibility = grid(
        "eligibility",
        """
        person | born       | gender | from       | to
        1      | 2020-06-15 | F      | 2025-01-01 | 2025-06-30
        """,
    )
    table = """
        person | claim | on         | code
        1      | a     | 2025-02-01 | 96110
        1      | b     | 2025-06-14 | 96110
        1      | c     | 2025-05-31 | 96110
        1      | d     | 2025-02-03 | 99213
        """
    enrolled = Enrolled(since(0, 30), on=at())
    four = AgeBetween(4, 4, at())
    visited = count(VISIT, since(0, 7))
    plan = program(
        rate(FOLLOWED, units=index(SCREEN), population=(four, enrolled), exclusions=(("seen", visited),)), sets=SETS
    )
    found = judge_units(plan, eligibility=eligibility, **claims(table))
    # 30 days after 14 June reach past the last covered day, those after 31 May end on it.
    assert found["1"] == ["2025-02-01 excluded: seen", "2025-05-31 open", "2025-06-14 fails step 1"]


def test_an_exclusion_of_the_person_takes_out_all_events(judge_units):
    table = DAYS + "    1      | z     | 2025-12-31 | 99213\n"
    found = judged(judge_units, index(SCREEN, apart=31), table, exclusions=(("seen", count(VISIT, YEAR)),))
    assert found == [f"{day} excluded: seen" for day in ("2025-01-01", "2025-02-01", "2025-03-04")]


def test_the_first_event_after_the_index(judge_units):
    # A second visit within 14 days of the first visit that follows the screen.
    table = """
        person | claim | on         | code
        1      | a     | 2025-01-01 | 96110
        1      | b     | 2025-01-20 | 99213
        1      | c     | 2025-02-03 | 99213
        1      | d     | 2025-06-01 | 96110
        1      | e     | 2025-06-10 | 99213
        1      | f     | 2025-06-25 | 99213
        """
    visit_days = first(VISIT, since(0, 60))
    second = count(
        VISIT,
        Window(
            DateExpr(Anchor.EVENT, event=visit_days.event, days=1),
            DateExpr(Anchor.EVENT, event=visit_days.event, days=14),
        ),
    )
    assert judged(judge_units, index(SCREEN), table, numerator=second) == [
        "2025-01-01 met 2025-02-03 by medical_claim",
        "2025-06-01 open",
    ]


def test_a_total_of_event_rates_counts_each_event_once(judge_units):
    units = index(SCREEN)
    early, late = AgeBetween(4, 4, at()), AgeBetween(4, 5, at())
    plan = program(
        rate(count(THERAPY, since(0, 7)), units=units, population=(early,), rate_id="a"),
        rate(FOLLOWED, units=units, population=(late,), rate_id="b"),
        TotalOf("t", "T", ("a", "b")),
        sets=SETS,
    )
    table = """
        person | claim | on         | code
        1      | a     | 2025-06-01 | 96110
        1      | b     | 2025-06-10 | 97530
        1      | c     | 2025-07-01 | 96110
        """
    found = judge_units(plan, eligibility=people(1), **claims(table))
    assert found["a"]["1"] == ["2025-06-01 open"]
    assert found["b"]["1"] == ["2025-06-01 met 2025-06-10 by medical_claim", "2025-07-01 open"]
    assert found["t"]["1"] == ["2025-06-01 met 2025-06-10 by medical_claim", "2025-07-01 open"]


def test_the_principal_diagnosis_of_a_stay(judge_units):
    table = STAYS.replace("2025-02-21     | F32.9", "2025-02-21     | J45.901")
    found = judged(judge_units, index(principal("mental"), stays=Stays(30)), table)
    assert found == ["2025-01-20 open"]


def test_persons_and_events_do_not_mix():
    with pytest.raises(GrainError, match="index-level criterion in a person-level rate"):
        rate(FOLLOWED)
    with pytest.raises(GrainError, match="person-level windows"):
        index(SCREEN, since(0, 30))
    assert rate(AllOf((FOLLOWED, count(VISIT, YEAR))), units=index(SCREEN)).units.grain.name == "INDEX"
    assert Windowed(SCREEN, Window(at(), end())).grain.name == "INDEX"
