"""Continuous enrollment beyond the printed vectors (semantics page, section 5)."""

import datetime as dt

import pytest

from spec.grids import grid
from spec.plans import END, START, YEAR, birth, birthday, code, death, end, first, program, rate, start
from vbpmeasure.plan.dates import Window
from vbpmeasure.plan.flags import AllOf, Enrolled


def spans(text, born="2020-06-15"):
    return [{"birth_date": dt.date.fromisoformat(born)} | row for row in grid("eligibility", text)]


def test_gap_months_end_before_the_same_day_of_the_next_month(judge):
    """A gap of one month: its last day lies before its first day plus a month, which saturates at the month's end."""
    eligibility = spans("""
        person          | from       | to
        30_of_april     | 2025-01-01 | 2025-03-31
        30_of_april     | 2025-05-01 |
        31_days         | 2025-01-01 | 2025-03-31
        31_days         | 2025-05-02 |
        31_of_march     | 2025-01-01 | 2025-02-28
        31_of_march     | 2025-04-01 |
        from_31_january | 2025-01-01 | 2025-01-30
        from_31_january | 2025-02-28 |
        to_28_february  | 2025-01-01 | 2025-01-30
        to_28_february  | 2025-03-01 |
        """)
    plan = program(rate(Enrolled(YEAR, max_gaps=1, gap_months=1)))
    assert judge(plan, eligibility=eligibility) == {
        "30_of_april": "met",
        "31_days": "open",
        "31_of_march": "met",
        "from_31_january": "met",  # 31 January to 27 February; 31 January + 1 month is 28 February
        "to_28_february": "open",
    }


def test_gap_months_take_the_place_of_gap_days(judge):
    eligibility = spans("""
        person    | from       | to
        one_month | 2025-01-01 | 2025-04-30
        one_month | 2025-06-01 |
        """)
    assert judge(program(rate(Enrolled(YEAR, max_gaps=1, gap_days=5, gap_months=1))), eligibility=eligibility) == {
        "one_month": "met"
    }
    assert judge(program(rate(Enrolled(YEAR, max_gaps=1, gap_days=400, gap_months=0))), eligibility=eligibility) == {
        "one_month": "open"
    }


def test_no_gap_is_allowed_unless_asked_for(judge):
    eligibility = spans("""
        person  | from       | to
        whole   | 2025-01-01 | 2025-12-31
        one_day | 2025-01-01 | 2025-06-29
        one_day | 2025-07-01 | 2025-12-31
        """)
    assert judge(program(rate(Enrolled(YEAR))), eligibility=eligibility) == {"whole": "met", "one_day": "open"}
    # A length without a number of gaps allows none.
    assert judge(program(rate(Enrolled(YEAR, gap_days=45))), eligibility=eligibility)["one_day"] == "open"
    # A number of gaps without a length allows none either.
    assert judge(program(rate(Enrolled(YEAR, max_gaps=3))), eligibility=eligibility)["one_day"] == "open"


def test_every_gap_must_be_short_and_gaps_are_counted_at_both_ends(judge):
    eligibility = spans("""
        person       | from       | to
        ends_missing | 2025-01-11 | 2025-12-21
        three        | 2025-01-11 | 2025-06-30
        three        | 2025-07-11 | 2025-12-21
        one_too_long | 2025-01-12 | 2025-12-21
        """)
    assert judge(program(rate(Enrolled(YEAR, max_gaps=2, gap_days=10))), eligibility=eligibility) == {
        "ends_missing": "met",
        "three": "open",
        "one_too_long": "open",
    }
    assert judge(program(rate(Enrolled(YEAR, max_gaps=3, gap_days=10))), eligibility=eligibility)["three"] == "met"


def test_a_group_without_a_day_in_the_window_has_one_gap_as_long_as_the_window(judge):
    ten_days = Window(start(), start(days=9))
    eligibility = spans("""
        person | from       | to
        later  | 2025-02-01 |
        """)
    assert judge(program(rate(Enrolled(ten_days, max_gaps=1, gap_days=10))), eligibility=eligibility) == {
        "later": "met"
    }
    assert judge(program(rate(Enrolled(ten_days, max_gaps=1, gap_days=9))), eligibility=eligibility) == {
        "later": "open"
    }


def test_the_anchor_day_may_lie_outside_the_window(judge):
    """The year before the second birthday, with the birthday itself as the anchor (fact sheet 7)."""
    window = Window(birthday(1), birthday(2, days=-1))
    eligibility = spans(
        """
        person      | from       | to
        on_birthday | 2024-06-15 | 2025-06-15
        day_before  | 2024-06-15 | 2025-06-14
        back_then   | 2024-06-15 | 2025-06-14
        back_then   | 2025-06-15 | 2025-06-15
        too_late    | 2024-06-15 | 2025-06-14
        too_late    | 2025-06-16 |
        """,
        born="2023-06-15",
    )
    assert judge(program(rate(Enrolled(window, on=birthday(2)))), eligibility=eligibility) == {
        "on_birthday": "met",
        "day_before": "open",
        "back_then": "met",
        "too_late": "open",
    }


def test_a_null_anchor_day_fails_and_a_null_window_end_fails(judge):
    eligibility = spans("""
        person | from       | to         | died
        alive  | 2020-06-15 |            |
        dead   | 2020-06-15 |            | 2025-03-01
        """)
    assert judge(program(rate(Enrolled(YEAR, on=death()))), eligibility=eligibility) == {"alive": "open", "dead": "met"}
    to_death = Window(START, death())
    assert judge(program(rate(Enrolled(to_death))), eligibility=eligibility) == {"alive": "open", "dead": "met"}
    from_death = Window(death(), END)
    assert judge(program(rate(Enrolled(from_death))), eligibility=eligibility) == {"alive": "open", "dead": "met"}


def test_an_anchor_or_window_that_starts_with_an_event(judge):
    sets = {"visit": {"CPT": frozenset({"99391"})}}
    from_first = Window(first(code("visit")), end())
    eligibility = spans("""
        person   | from       | to
        covered  | 2025-03-01 |
        not_yet  | 2025-03-02 |
        no_visit | 2025-01-01 |
        """)
    claims = grid(
        "medical_claim",
        """
        person  | claim | on         | code
        covered | a     | 2025-03-01 | 99391
        covered | b     | 2025-02-01 | 99392
        not_yet | c     | 2025-03-01 | 99391
        not_yet | d     | 2025-04-01 | 99391
        """,
    )
    plan = program(rate(Enrolled(from_first)), sets=sets)
    assert judge(plan, eligibility=eligibility, medical_claim=claims) == {
        "covered": "met",
        "not_yet": "open",
        "no_visit": "open",
    }


def test_an_empty_window_has_no_gaps(judge):
    empty = Window(end(), start())
    eligibility = spans("""
        person    | from       | to
        in_year   | 2025-01-01 | 2025-12-31
        elsewhere | 2030-01-01 | 2030-12-31
        """)
    assert judge(program(rate(Enrolled(empty))), eligibility=eligibility) == {"in_year": "met", "elsewhere": "met"}
    assert judge(program(rate(Enrolled(empty, on=END))), eligibility=eligibility) == {
        "in_year": "met",
        "elsewhere": "open",
    }


def test_an_empty_window_still_needs_a_span(judge):
    """Whoever has no span with the benefit has no group of spans that could pass."""
    empty = Enrolled(Window(end(), start()), benefit="dental")
    eligibility = spans("""
        person  | from       | to         | dental_benefit
        with    | 2030-01-01 | 2030-12-31 | yes
        unknown | 2030-01-01 | 2030-12-31 |
        without | 2025-01-01 | 2025-12-31 | no
        """)
    assert judge(program(rate(empty)), eligibility=eligibility) == {"with": "met", "unknown": "met", "without": "open"}


def test_open_spans_and_spans_that_reach_the_end_of_the_calendar(judge):
    far = Window(START, end(months=12 * 500))
    eligibility = spans("""
        person    | from       | to
        open      | 2020-06-15 |
        last_day  | 2020-06-15 | 9999-12-31
        two_open  | 2020-06-15 |
        two_open  | 2021-06-15 |
        ends      | 2020-06-15 | 2099-12-31
        """)
    assert judge(program(rate(Enrolled(far))), eligibility=eligibility) == {
        "open": "met",
        "last_day": "met",
        "two_open": "met",
        "ends": "open",
    }


def test_many_spans_merge_whatever_their_order(judge):
    """A long span that swallows later ones, touching chains, duplicates, unsorted rows."""
    eligibility = spans("""
        person    | from       | to
        swallowed | 2025-01-01 | 2025-12-31
        swallowed | 2025-02-01 | 2025-02-28
        swallowed | 2025-03-05 | 2025-03-06
        chain     | 2025-10-01 | 2025-12-31
        chain     | 2025-01-01 | 2025-03-31
        chain     | 2025-04-01 | 2025-06-30
        chain     | 2025-07-01 | 2025-09-30
        double    | 2025-01-01 | 2025-06-30
        double    | 2025-01-01 | 2025-06-30
        double    | 2025-07-01 | 2025-12-31
        double    | 2025-07-01 | 2025-12-31
        hidden    | 2025-01-01 | 2025-08-31
        hidden    | 2025-02-01 | 2025-02-28
        hidden    | 2025-09-02 | 2025-12-31
        """)
    assert judge(program(rate(Enrolled(YEAR))), eligibility=eligibility) == {
        "swallowed": "met",
        "chain": "met",
        "double": "met",
        "hidden": "open",
    }


KEYED = """
    person       | from       | to         | payer | product_line
    same         | 2025-01-01 | 2025-06-30 | a     | medicaid
    same         | 2025-07-01 | 2025-12-31 | a     | medicaid
    other_line   | 2025-01-01 | 2025-06-30 | a     | medicaid
    other_line   | 2025-07-01 | 2025-12-31 | a     | chip
    other_payer  | 2025-01-01 | 2025-06-30 | a     | medicaid
    other_payer  | 2025-07-01 | 2025-12-31 | b     | medicaid
    one_of_two   | 2025-01-01 | 2025-06-30 | a     | medicaid
    one_of_two   | 2025-01-01 | 2025-12-31 | b     | medicaid
    null_to_null | 2025-01-01 | 2025-06-30 |       | medicaid
    null_to_null | 2025-07-01 | 2025-12-31 |       | medicaid
    null_to_a    | 2025-01-01 | 2025-06-30 |       | medicaid
    null_to_a    | 2025-07-01 | 2025-12-31 | a     | medicaid
    """


@pytest.mark.parametrize(
    ("key", "broken"),
    [
        (("payer", "product_line"), {"other_line", "other_payer", "null_to_a"}),
        (("payer",), {"other_payer", "null_to_a"}),
        (("product_line",), {"other_line"}),
        ((), set()),
        (("plan",), set()),  # an absent column is null for everybody
    ],
)
def test_a_change_of_the_enrollment_key_breaks_enrollment(judge, key, broken):
    eligibility = spans(KEYED)
    plan = program(rate(Enrolled(YEAR, on=END)), enrollment_key=key)
    everybody = {row["person_id"] for row in eligibility}
    assert judge(plan, eligibility=eligibility) == {p: "open" if p in broken else "met" for p in everybody}


def test_each_group_is_judged_alone_with_its_own_anchor_and_gaps(judge):
    """Two half years of two payers never add up, not even when one covers the gap of the other."""
    eligibility = spans("""
        person  | from       | to         | payer
        patched | 2025-01-01 | 2025-04-30 | a
        patched | 2025-05-01 | 2025-05-31 | b
        patched | 2025-06-01 | 2025-12-31 | a
        anchor  | 2025-01-01 | 2025-12-30 | a
        anchor  | 2025-12-31 | 2025-12-31 | b
        """)
    assert judge(program(rate(Enrolled(YEAR, on=END, max_gaps=1, gap_days=30))), eligibility=eligibility) == {
        "patched": "open",  # 31 days
        "anchor": "open",
    }
    assert judge(program(rate(Enrolled(YEAR, on=END, max_gaps=1, gap_days=31))), eligibility=eligibility) == {
        "patched": "met",
        "anchor": "open",
    }


def test_a_benefit_leaves_out_spans_that_lack_it(judge):
    eligibility = spans("""
        person   | from       | to         | dental_benefit
        has      | 2025-01-01 | 2025-12-31 | yes
        lacks    | 2025-01-01 | 2025-12-31 | no
        unknown  | 2025-01-01 | 2025-12-31 |
        half     | 2025-01-01 | 2025-06-30 | yes
        half     | 2025-07-01 | 2025-12-31 | no
        both     | 2025-01-01 | 2025-12-31 | no
        both     | 2025-01-01 | 2025-12-31 | yes
        """)
    assert judge(program(rate(Enrolled(YEAR, benefit="dental"))), eligibility=eligibility) == {
        "has": "met",
        "lacks": "open",
        "unknown": "met",
        "half": "open",
        "both": "met",
    }
    # An absent column counts as having the benefit.
    assert set(judge(program(rate(Enrolled(YEAR, benefit="pharmacy"))), eligibility=eligibility).values()) == {"met"}
    # Without a span there is no group that could pass, not even over an empty window.
    empty = Window(END, START)
    assert judge(program(rate(Enrolled(empty, benefit="dental"))), eligibility=eligibility)["lacks"] == "open"


def test_a_gap_over_new_year_is_cut_when_each_year_has_its_own_allowance(judge):
    """Fact sheet 1.2, rule 4: 1 December to 31 January is 31 + 31 days, one gap in each year."""
    eligibility = spans("""
        person    | from       | to
        new_year  | 2020-06-15 | 2024-11-30
        new_year  | 2025-02-01 |
        long_2024 | 2020-06-15 | 2024-11-15
        long_2024 | 2025-01-11 |
        two_in_25 | 2020-06-15 | 2024-12-20
        two_in_25 | 2025-01-11 | 2025-05-31
        two_in_25 | 2025-06-11 |
        """)
    last_year = Window(start(months=-12), end(months=-12))
    by_year = AllOf((Enrolled(last_year, max_gaps=1, gap_days=45), Enrolled(YEAR, on=END, max_gaps=1, gap_days=45)))
    assert judge(program(rate(by_year)), eligibility=eligibility) == {
        "new_year": "met",
        "long_2024": "open",
        "two_in_25": "open",
    }
    both_years = Enrolled(Window(start(months=-12), END), on=END, max_gaps=1, gap_days=45)
    assert judge(program(rate(both_years)), eligibility=eligibility)["new_year"] == "open"


def test_windows_that_move_with_the_birth_date(judge):
    """W30: from birth + 31 days to the 15-month date, anchored there (fact sheet 5; 2024-03-02 .. 2025-05-01)."""
    window = Window(birth(days=31), birthday(1, days=90))
    eligibility = spans(
        """
        person     | from       | to
        exact      | 2024-03-02 | 2025-05-01
        day_late   | 2024-03-03 | 2025-05-01
        day_early  | 2024-03-02 | 2025-04-30
        """,
        born="2024-01-31",
    )
    assert judge(program(rate(Enrolled(window, on=birthday(1, days=90)))), eligibility=eligibility) == {
        "exact": "met",
        "day_late": "open",
        "day_early": "open",
    }
    assert judge(
        program(rate(Enrolled(window, on=birthday(1, days=90), max_gaps=1, gap_days=1))), eligibility=eligibility
    ) == {"exact": "met", "day_late": "met", "day_early": "open"}
