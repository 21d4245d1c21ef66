"""Counts of dates, spacing and unions (semantics page, section 4; fact sheet 5)."""

import pytest

from spec.grids import grid, people
from spec.plans import YEAR, birth, birthday, code, codes, count, program, rate
from vbpmeasure.plan.dates import Window, Windowed
from vbpmeasure.plan.flags import CountAtLeast

SETS = {"a": codes(CPT="99391"), "b": codes(CPT="99392", CVX="08")}


def visits(*days, person=1, procedure="99391"):
    return [
        row
        for i, day in enumerate(days)
        for row in grid("medical_claim", f"person | claim | on | code\n{person} | {i} | {day} | {procedure}")
    ]


def judge_days(judge, days, n, apart=1, window=YEAR):
    plan = program(rate(count(code("a"), window, n=n, apart=apart)), sets=SETS)
    return judge(plan, eligibility=people(1), medical_claim=visits(*days))["1"]


@pytest.mark.parametrize(
    ("days", "n", "apart", "expected"),
    [
        (["2025-03-01"], 1, 1, "met 2025-03-01 by medical_claim"),
        ([], 1, 1, "open"),
        (["2025-03-01", "2025-03-01"], 2, 1, "open"),  # distinct dates
        (["2025-03-01", "2025-03-02"], 2, 1, "met 2025-03-02 by medical_claim"),
        (["2025-03-01", "2025-03-02"], 1, 1, "met 2025-03-01 by medical_claim"),  # the n-th, not the last
        (["2025-03-03", "2025-03-01", "2025-03-02"], 2, 1, "met 2025-03-02 by medical_claim"),  # any row order
        (["2025-03-01", "2025-03-14"], 2, 14, "open"),  # 13 days
        (["2025-03-01", "2025-03-15"], 2, 14, "met 2025-03-15 by medical_claim"),  # 14 days
        (["2025-03-01", "2025-03-10", "2025-03-15"], 2, 14, "met 2025-03-15 by medical_claim"),  # 10th is dropped
        (["2025-03-01", "2025-03-10", "2025-03-20"], 3, 14, "open"),
        # From the last kept date, not from the last date: 1, 15 and 29 March are kept.
        (
            ["2025-03-01", "2025-03-08", "2025-03-15", "2025-03-22", "2025-03-29"],
            3,
            14,
            "met 2025-03-29 by medical_claim",
        ),
        (["2025-01-01", "2025-12-31"], 2, 364, "met 2025-12-31 by medical_claim"),
        (["2025-01-01", "2025-12-31"], 2, 365, "open"),
        (["2024-12-31", "2025-01-01"], 1, 1, "met 2025-01-01 by medical_claim"),
        (["2024-12-31", "2026-01-01"], 1, 1, "open"),
        # A date outside the window keeps nothing at a distance.
        (["2024-12-31", "2025-01-05"], 1, 14, "met 2025-01-05 by medical_claim"),
    ],
)
def test_kept_dates(judge, days, n, apart, expected):
    assert judge_days(judge, days, n, apart) == expected


WELL_CHILD = Window(birth(), birthday(1, days=90))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (
            ["2024-02-02", "2024-02-14", "2024-03-31", "2024-06-01", "2024-08-01", "2024-11-01", "2025-02-03"],
            "met 2025-02-03 by medical_claim",
        ),
        (
            ["2024-02-02", "2024-03-31", "2024-06-01", "2024-08-01", "2024-11-01", "2025-05-01"],
            "met 2025-05-01 by medical_claim",
        ),
        (["2024-02-02", "2024-03-31", "2024-06-01", "2024-08-01", "2024-11-01", "2025-05-02"], "open"),
        (["2024-02-02", "2024-02-14", "2024-03-31", "2024-06-01", "2024-08-01", "2024-11-01"], "open"),
    ],
    ids=["the visit 12 days later is dropped", "the last day counts", "the day after does not", "five are kept"],
)
def test_six_visits_fourteen_days_apart(judge, days, expected):
    """Fact sheet 5, the printed vectors: born 2024-01-31, the 15-month date is 2025-05-01."""
    plan = program(rate(count(code("a"), WELL_CHILD, n=6, apart=14)), sets=SETS)
    words = judge(plan, eligibility=people(1, born="2024-01-31"), medical_claim=visits(*days))
    assert words == {"1": expected}


def test_the_dates_of_several_event_sets_are_one_list(judge):
    """A claim and a registry record of one day are one date; spacing is over all of them together."""
    eligibility = people("both", "same_day", "close", "a_only")
    claims = [
        *visits("2025-03-01", person="both"),
        *visits("2025-03-01", person="same_day"),
        *visits("2025-03-01", person="close"),
        *visits("2025-03-01", person="a_only"),
    ]
    records = grid(
        "immunization",
        """
        person   | on         | code
        both     | 2025-05-01 | 08
        same_day | 2025-03-01 | 08
        close    | 2025-03-02 | 08
        """,
    )
    tables = {"eligibility": eligibility, "medical_claim": claims, "immunization": records}
    distinct = program(rate(count((code("a"), code("b")), YEAR, n=2)), sets=SETS)
    assert judge(distinct, **tables) == {
        "both": "met 2025-05-01 by immunization",
        "same_day": "open",
        "close": "met 2025-03-02 by immunization",
        "a_only": "open",
    }
    spaced = program(rate(count((code("a"), code("b")), YEAR, n=2, apart=14)), sets=SETS)
    assert judge(spaced, **tables)["close"] == "open"
    one = program(rate(count((code("a"), code("b")), YEAR)), sets=SETS)
    assert judge(one, **tables)["same_day"] == "met 2025-03-01 by medical_claim, immunization"


def test_each_source_of_a_count_is_cut_to_its_own_window(judge):
    """The b of the first half year and the a of the second count; the others do not."""
    early = Window(YEAR.start, birthday(5))
    late = Window(birthday(5, days=1), YEAR.end)
    flag = CountAtLeast((Windowed(code("b"), early), Windowed(code("a"), late)), n=2)
    claims = [
        *visits("2025-06-15", person="right", procedure="99392"),
        *visits("2025-06-16", person="right"),
        *visits("2025-06-15", person="wrong_a"),
        *visits("2025-06-14", person="wrong_a", procedure="99392"),
        *visits("2025-06-16", person="wrong_b", procedure="99392"),
        *visits("2025-06-17", person="wrong_b"),
    ]
    words = judge(
        program(rate(flag), sets=SETS),
        eligibility=people("right", "wrong_a", "wrong_b"),
        medical_claim=claims,
    )
    assert words == {"right": "met 2025-06-16 by medical_claim", "wrong_a": "open", "wrong_b": "open"}


def test_duplicated_rows_and_lines_change_nothing(judge):
    days = ["2025-03-01", "2025-03-15"]
    plan = program(rate(count(code("a"), YEAR, n=2, apart=14)), sets=SETS)
    once = judge(plan, eligibility=people(1), medical_claim=visits(*days))
    thrice = judge(plan, eligibility=people(1) * 2, medical_claim=visits(*days) * 3)
    assert once == thrice == {"1": "met 2025-03-15 by medical_claim"}


def test_windows_that_move_with_the_birthday(judge):
    """On or before the second birthday, from 42 days of age: each first and last day (fact sheet 7)."""
    window = Window(birth(days=42), birthday(2))
    plan = program(rate(count(code("a"), window)), sets=SETS)
    claims = [
        *visits("2023-07-27", person="day_42"),
        *visits("2023-07-26", person="day_41"),
        *visits("2025-06-15", person="birthday"),
        *visits("2025-06-16", person="day_after"),
    ]
    eligibility = people("day_42", "day_41", "birthday", "day_after", born="2023-06-15")
    assert judge(plan, eligibility=eligibility, medical_claim=claims) == {
        "day_42": "met 2023-07-27 by medical_claim",
        "day_41": "open",
        "birthday": "met 2025-06-15 by medical_claim",
        "day_after": "open",
    }
