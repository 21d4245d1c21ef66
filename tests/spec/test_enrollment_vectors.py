"""Fact sheet 1.2, the printed test vectors: 2025, anchor 31 December, one gap of at most 45 days.

One person a vector. Where the sheet says "both rules", the calendar-month rule must give the same answer.
"""

import pytest

from spec.grids import grid
from spec.plans import END, YEAR, program, rate
from vbpmeasure.plan.flags import Enrolled

SPANS = """
    person            | from       | to
    all_year          | 2025-01-01 | 2025-12-31
    gap_45            | 2025-01-01 | 2025-03-31
    gap_45            | 2025-05-16 | 2025-12-31
    gap_46            | 2025-01-01 | 2025-03-31
    gap_46            | 2025-05-17 | 2025-12-31
    two_gaps          | 2025-01-01 | 2025-02-28
    two_gaps          | 2025-03-11 | 2025-08-31
    two_gaps          | 2025-09-11 | 2025-12-31
    leading_45        | 2025-02-15 | 2025-12-31
    leading_46        | 2025-02-16 | 2025-12-31
    trailing_1        | 2025-01-01 | 2025-12-30
    february          | 2025-01-01 | 2025-01-31
    february          | 2025-03-01 | 2025-12-31
    february_march    | 2025-01-01 | 2025-01-31
    february_march    | 2025-04-01 | 2025-12-31
    gap_over_new_year | 2024-01-01 | 2024-12-14
    gap_over_new_year | 2025-01-21 | 2025-12-31
    touching          | 2024-01-01 | 2025-06-30
    touching          | 2025-07-01 |
    overlapping       | 2025-01-01 | 2025-08-31
    overlapping       | 2025-03-01 | 2025-12-31
    """

BY_DAYS = {
    "all_year": "met",
    "gap_45": "met",
    "gap_46": "open",
    "two_gaps": "open",
    "leading_45": "met",
    "leading_46": "open",
    "trailing_1": "open",
    "february": "met",
    "february_march": "open",
    "gap_over_new_year": "met",
    "touching": "met",
    "overlapping": "met",
}

# A leading gap of 45 days is more than a month, so the sheet's day answers hold for the first, the whole-month and
# the short ones only. 1 April to 15 May is a month and a half.
BY_MONTHS = BY_DAYS | {"gap_45": "open", "leading_45": "open"}


@pytest.mark.parametrize(
    ("allowance", "expected"),
    [({"gap_days": 45}, BY_DAYS), ({"gap_months": 1}, BY_MONTHS)],
    ids=["at most 45 days", "at most one month"],
)
def test_vectors(judge, allowance, expected):
    plan = program(rate(Enrolled(YEAR, on=END, max_gaps=1, **allowance)))
    eligibility = [row | {"birth_date": row["enrollment_start_date"]} for row in grid("eligibility", SPANS)]
    assert judge(plan, eligibility=eligibility) == expected
