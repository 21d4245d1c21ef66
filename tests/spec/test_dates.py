"""Anchors, offsets and windows (semantics page, section 2; fact sheet 1.1)."""

import datetime as dt

import pytest

from spec.grids import grid, people
from spec.plans import (
    END,
    START,
    YEAR,
    birth,
    birthday,
    code,
    count,
    death,
    end,
    first,
    program,
    rate,
    start,
)
from vbpmeasure.plan.dates import DateExpr, Window
from vbpmeasure.plan.flags import AgeBetween, DateWithin

SETS = {"a": {"CPT": frozenset({"99391"})}, "b": {"CPT": frozenset({"99392"})}}


def on(day: str) -> Window:
    """A window of that one day, whatever the person: counted from the period start, as plans have no fixed dates."""
    days = (dt.date.fromisoformat(day) - dt.date(2025, 1, 1)).days
    return Window(start(days=days), start(days=days))


@pytest.mark.parametrize(
    ("born", "expression", "day"),
    [
        # Leap-day births have their birthday on 28 February in common years.
        ("2024-02-29", birthday(1), "2025-02-28"),
        ("2024-02-29", birthday(2), "2026-02-28"),
        ("2024-02-29", birthday(4), "2028-02-29"),
        ("2020-02-29", birthday(5), "2025-02-28"),
        # The birthday comes first, then the offset: 28 February plus a month, not 29.
        ("2024-02-29", birthday(1, months=1), "2025-03-28"),
        ("2024-02-29", birth(months=13), "2025-03-29"),
        ("2024-02-29", birthday(1, days=90), "2025-05-29"),
        # Calendar offsets saturate at the month's end, months before days.
        ("2024-01-31", birth(months=1), "2024-02-29"),
        ("2024-01-31", birth(months=13), "2025-02-28"),
        ("2024-01-31", birth(months=1, days=1), "2024-03-01"),
        ("2024-03-31", birth(months=-1), "2024-02-29"),
        ("2024-03-31", birth(months=-1, days=-29), "2024-01-31"),
        ("2024-12-15", birth(months=1), "2025-01-15"),
        ("2025-01-15", birth(months=-1), "2024-12-15"),
        # Fact sheet 1.1: days of age; the 15-month and 30-month dates of fact sheet 5.
        ("2024-12-31", birth(days=31), "2025-01-31"),
        ("2024-12-31", birth(days=42), "2025-02-11"),
        ("2024-01-31", birthday(1, days=90), "2025-05-01"),
        ("2015-01-09", birthday(1, days=90), "2016-04-08"),
        ("2023-07-04", birthday(2, days=180), "2025-12-31"),
        ("2024-06-15", start(), "2025-01-01"),
        ("2024-06-15", start(days=-1), "2024-12-31"),
        ("2024-06-15", end(), "2025-12-31"),
        ("2024-06-15", end(months=-1), "2025-11-30"),
        ("2024-06-15", end(months=2), "2026-02-28"),
        ("2024-06-15", birthday(0), "2024-06-15"),
    ],
)
def test_a_date_expression_means_a_day(judge, born, expression, day):
    plan = program(
        rate(DateWithin(expression, on(day)), rate_id="that_day"),
        rate(DateWithin(expression, Window(start(months=-1200), on(day).start)), rate_id="not_later"),
        rate(DateWithin(expression, Window(on(day).end, end(months=1200))), rate_id="not_earlier"),
    )
    met = {"1": f"met {day} by no table"}
    assert judge(plan, eligibility=people(1, born=born)) == {"that_day": met, "not_later": met, "not_earlier": met}


def test_turns_a_birthday_in_the_period(judge):
    """Both ends of the period are in it; the dates of birth are those that fact sheet 5 prints for 2025."""
    eligibility = [
        *people("first", born="2023-10-03"),
        *people("before", born="2023-10-02"),
        *people("last", born="2024-10-02"),
        *people("after", born="2024-10-03"),
    ]
    plan = program(rate(DateWithin(birthday(1, days=90), YEAR)))
    assert judge(plan, eligibility=eligibility) == {
        "first": "met 2025-01-01 by no table",
        "before": "open",
        "last": "met 2025-12-31 by no table",
        "after": "open",
    }


def test_a_missing_anchor_makes_a_null_date_that_lies_nowhere(judge):
    eligibility = grid(
        "eligibility",
        """
        person | born       | died       | from       | to
        alive  | 2020-06-15 |            | 2020-06-15 |
        dead   | 2020-06-15 | 2025-03-01 | 2020-06-15 |
        """,
    )
    assert judge(program(rate(DateWithin(death(), YEAR))), eligibility=eligibility) == {
        "alive": "open",
        "dead": "met 2025-03-01 by no table",
    }
    # A window with a null end, on either side, holds no day.
    for window in (Window(START, death()), Window(death(), END), Window(death(), death())):
        words = judge(program(rate(DateWithin(death(), window))), eligibility=eligibility)
        assert words == {"alive": "open", "dead": "met 2025-03-01 by no table"}
    to_death = program(rate(DateWithin(START, Window(start(days=-1), death()))))
    assert judge(to_death, eligibility=eligibility) == {"alive": "open", "dead": "met 2025-01-01 by no table"}


def test_an_empty_window_holds_no_day(judge):
    claims = grid("medical_claim", "person | claim | on | code\n1 | c | 2025-06-01 | 99391")
    empty = Window(start(days=200), start(days=100))
    plan = program(
        rate(DateWithin(start(days=150), empty), rate_id="date"),
        rate(count(code("a"), empty), rate_id="count"),
        sets=SETS,
    )
    assert judge(plan, eligibility=people(1), medical_claim=claims) == {"date": {"1": "open"}, "count": {"1": "open"}}


def test_the_date_of_a_first_event_is_its_earliest_day_inside_its_window(judge):
    claims = grid(
        "medical_claim",
        """
        person  | claim | on         | code
        several | 1     | 2025-05-01 | 99391
        several | 2     | 2025-03-01 | 99391
        several | 3     | 2024-12-31 | 99391
        outside | 4     | 2024-12-31 | 99391
        other   | 5     | 2025-03-01 | 99392
        """,
    )
    eligibility = people("several", "outside", "other", "none")
    plan = program(
        rate(DateWithin(first(code("a"), YEAR), YEAR), rate_id="itself"),
        rate(DateWithin(first(code("a"), YEAR, months=1, days=1), YEAR), rate_id="later"),
        sets=SETS,
    )
    found = judge(plan, eligibility=eligibility, medical_claim=claims)
    others = {"outside": "open", "other": "open", "none": "open"}
    assert found["itself"] == {"several": "met 2025-03-01 by no table", **others}
    assert found["later"] == {"several": "met 2025-04-02 by no table", **others}


def test_windows_around_a_first_event(judge):
    """Thirty days after the first, the day itself not counted: the last day that counts and the first that does not."""
    after_first = Window(first(code("a"), YEAR, days=1), first(code("a"), YEAR, days=30))
    claims = grid(
        "medical_claim",
        """
        person   | claim | on         | code
        same_day | 1     | 2025-03-01 | 99391
        same_day | 2     | 2025-03-01 | 99392
        next_day | 3     | 2025-03-01 | 99391
        next_day | 4     | 2025-03-02 | 99392
        day_30   | 5     | 2025-03-01 | 99391
        day_30   | 6     | 2025-03-31 | 99392
        day_31   | 7     | 2025-03-01 | 99391
        day_31   | 8     | 2025-04-01 | 99392
        no_first | 9     | 2025-03-15 | 99392
        """,
    )
    eligibility = people("same_day", "next_day", "day_30", "day_31", "no_first")
    plan = program(rate(count(code("b"), after_first)), sets=SETS)
    assert judge(plan, eligibility=eligibility, medical_claim=claims) == {
        "same_day": "open",
        "next_day": "met 2025-03-02 by medical_claim",
        "day_30": "met 2025-03-31 by medical_claim",
        "day_31": "open",
        "no_first": "open",
    }


def test_a_first_event_counted_from_another_first_event(judge):
    first_a = first(code("a"), YEAR)
    second_window = Window(DateExpr(first_a.anchor, event=first_a.event, days=1), END)
    plan = program(rate(DateWithin(first(code("b"), second_window, days=7), YEAR)), sets=SETS)
    claims = grid(
        "medical_claim",
        """
        person | claim | on         | code
        both   | 1     | 2025-03-01 | 99391
        both   | 2     | 2025-02-01 | 99392
        both   | 3     | 2025-03-05 | 99392
        only_b | 4     | 2025-03-05 | 99392
        """,
    )
    assert judge(plan, eligibility=people("both", "only_b"), medical_claim=claims) == {
        "both": "met 2025-03-12 by no table",
        "only_b": "open",
    }


AGES = [
    # (born, youngest, oldest, on 31 December 2025)
    ("2022-12-31", 3, 11, "met"),  # third birthday on the day
    ("2023-01-01", 3, 11, "open"),  # a day too young
    ("2014-01-01", 3, 11, "met"),  # eleven for one day more
    ("2013-12-31", 3, 11, "open"),  # twelfth birthday on the day
    ("2025-12-31", 0, 0, "met"),
    ("2026-01-01", 0, 0, "open"),  # not born yet
    ("2024-12-31", 0, 0, "open"),
    ("2025-01-01", 0, 0, "met"),
    ("2020-02-29", 5, 5, "met"),
    ("1900-01-01", 0, 200, "met"),
]


@pytest.mark.parametrize(("born", "youngest", "oldest", "expected"), AGES)
def test_age_in_completed_years(judge, born, youngest, oldest, expected):
    plan = program(rate(AgeBetween(youngest, oldest, END)))
    assert judge(plan, eligibility=people(1, born=born)) == {"1": expected}


def test_the_age_of_a_leap_day_child_changes_on_28_february(judge):
    """2021-02-28 in a common year: the first birthday of a child born on 2020-02-29."""
    eligibility = people(1, born="2020-02-29")
    in_2021 = program(
        rate(AgeBetween(1, 1, start(months=1, days=27)), rate_id="on_28"),
        rate(AgeBetween(1, 1, start(months=1, days=26)), rate_id="on_27"),
        rate(AgeBetween(0, 0, start(months=1, days=26)), rate_id="zero_on_27"),
        year=2021,
    )
    assert judge(in_2021, eligibility=eligibility) == {
        "on_28": {"1": "met"},
        "on_27": {"1": "open"},
        "zero_on_27": {"1": "met"},
    }


def test_an_age_on_a_null_day_is_no_age(judge):
    assert judge(program(rate(AgeBetween(0, 200, death()))), eligibility=people(1)) == {"1": "open"}


def test_a_first_step_on_a_date_that_nobody_has(judge):
    """No column of deaths at all, beside a step that is the same for everybody."""
    visit = count(code("a"), YEAR)
    dead = DateWithin(end(), Window(death(), end()))
    plan = program(rate(visit, rate_id="all"), rate(visit, (dead,), rate_id="died"), sets=SETS)
    found = judge(plan, eligibility=people(1, 2, 3), medical_claim=[])
    assert found["all"] == {"1": "open", "2": "open", "3": "open"}
    assert found["died"] == {"1": "absent", "2": "absent", "3": "absent"}
