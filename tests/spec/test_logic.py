"""All, any, at least, not: truth and dates (semantics page, section 4)."""

import pytest

from spec.grids import grid, people
from spec.plans import ALWAYS, END, YEAR, birthday, code, codes, count, program, rate, start
from vbpmeasure.diagnostics import Failure
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.engines.reference.trace import JudgedPerson
from vbpmeasure.plan.dates import Window
from vbpmeasure.plan.flags import AgeBetween, AllOf, AnyOf, AtLeastOf, DateWithin, Not, SpanFlagged

SETS = {"a": codes(CPT="99391"), "b": codes(CPT="99392"), "c": codes(CPT="99393")}
A, B, C = (count(code(name), YEAR) for name in "abc")
AGE, NO_AGE = AgeBetween(0, 99, END), AgeBetween(98, 99, END)  # true and false, without a date

CLAIMS = """
    person | claim | on         | code
    abc    | 1     | 2025-02-01 | 99391
    abc    | 2     | 2025-03-01 | 99392
    abc    | 3     | 2025-04-01 | 99393
    cba    | 4     | 2025-04-01 | 99391
    cba    | 5     | 2025-03-01 | 99392
    cba    | 6     | 2025-02-01 | 99393
    ab     | 7     | 2025-03-01 | 99391
    ab     | 8     | 2025-03-01 | 99392
    c      | 9     | 2025-05-01 | 99393
    """
PEOPLE = ("abc", "cba", "ab", "c", "none")
FEB, MAR, APR, MAY = (f"met 2025-0{month}-01 by medical_claim" for month in (2, 3, 4, 5))


@pytest.mark.parametrize(
    ("flag", "abc", "cba", "ab", "c", "none"),
    [
        (AllOf((A, B)), MAR, APR, MAR, "open", "open"),  # the latest date
        (AllOf((A, B, C)), APR, APR, "open", "open", "open"),
        (AllOf((A, AGE)), FEB, APR, MAR, "open", "open"),  # a part without a date has no say
        (AllOf((A, NO_AGE)), "open", "open", "open", "open", "open"),
        (AllOf((AGE,)), "met", "met", "met", "met", "met"),
        (AnyOf((A, B)), FEB, MAR, MAR, "open", "open"),  # the earliest date
        (AnyOf((A, C)), FEB, FEB, MAR, MAY, "open"),
        (AnyOf((A, NO_AGE)), FEB, APR, MAR, "open", "open"),
        (AnyOf((A, AGE)), FEB, APR, MAR, "met", "met"),  # true without a date, no date to name
        (AnyOf((NO_AGE,)), "open", "open", "open", "open", "open"),
        (AtLeastOf(1, (A, B, C)), FEB, FEB, MAR, MAY, "open"),
        (AtLeastOf(2, (A, B, C)), MAR, MAR, MAR, "open", "open"),
        (AtLeastOf(3, (A, B, C)), APR, APR, "open", "open", "open"),
        (AtLeastOf(2, (A, B, AGE)), FEB, MAR, MAR, "open", "open"),  # parts without a date come first
        (AtLeastOf(1, (A, B, AGE)), "met", "met", "met", "met", "met"),
        (AtLeastOf(2, (A, A)), FEB, APR, MAR, "open", "open"),  # parts are counted, not dates
        (Not(A), "open", "open", "open", "met", "met"),
        (Not(Not(A)), "met", "met", "met", "open", "open"),  # a negation has no date
        (AllOf((B, Not(C))), "open", "open", MAR, "open", "open"),
        (AnyOf((AllOf((A, B, C)), Not(AnyOf((A, B, C))))), APR, APR, "open", "open", "met"),
    ],
)
def test_truth_and_date(judge, flag, abc, cba, ab, c, none):
    plan = program(rate(flag), sets=SETS)
    words = judge(plan, eligibility=people(*PEOPLE), medical_claim=grid("medical_claim", CLAIMS))
    assert words == {"abc": abc, "cba": cba, "ab": ab, "c": c, "none": none}


def test_a_date_within_a_window_has_that_date(judge):
    flag = AllOf((ALWAYS, DateWithin(birthday(5), YEAR)))
    assert judge(program(rate(flag)), eligibility=people(1)) == {"1": "met 2025-06-15 by no table"}


FLAGGED = """
    person    | born       | from       | to         | hospice_flag
    inside    | 2020-06-15 | 2025-03-01 | 2025-03-31 | yes
    last_day  | 2020-06-15 | 2024-01-01 | 2025-01-01 | yes
    day_short | 2020-06-15 | 2024-01-01 | 2024-12-31 | yes
    first_day | 2020-06-15 | 2025-12-31 |            | yes
    too_late  | 2020-06-15 | 2026-01-01 |            | yes
    around    | 2020-06-15 | 2024-01-01 |            | yes
    false     | 2020-06-15 | 2024-01-01 |            | no
    null      | 2020-06-15 | 2024-01-01 |            |
    other     | 2020-06-15 | 2025-01-01 | 2025-12-31 | no
    other     | 2020-06-15 | 2024-01-01 | 2024-12-31 | yes
    """


def test_a_flagged_span_overlaps_the_window(judge):
    plan = program(rate(SpanFlagged("hospice_flag", YEAR)))
    assert judge(plan, eligibility=grid("eligibility", FLAGGED)) == {
        "inside": "met",
        "last_day": "met",
        "day_short": "open",
        "first_day": "met",
        "too_late": "open",
        "around": "met",
        "false": "open",
        "null": "open",
        "other": "open",
    }


def test_no_span_overlaps_an_empty_window_and_an_absent_flag_is_no_flag(judge):
    empty = Window(start(days=200), start(days=100))
    assert set(
        judge(program(rate(SpanFlagged("hospice_flag", empty))), eligibility=grid("eligibility", FLAGGED)).values()
    ) == {"open"}
    assert judge(program(rate(SpanFlagged("hospice_flag", YEAR))), eligibility=people(1)) == {"1": "open"}


def test_one_person_alone_and_nobody_at_all():
    plan = program(rate(SpanFlagged("hospice_flag", YEAR)))
    spans = grid("eligibility", FLAGGED)
    [inside] = JudgedPerson(plan, {"eligibility": [one for one in spans if one["person_id"] == "inside"]}).rows
    assert (inside.person_id, inside.numerator) == ("inside", True)
    with pytest.raises(ValueError, match="one person"):
        JudgedPerson(plan, {"eligibility": spans})
    with pytest.raises(Failure) as failure:
        evaluate(plan, {})
    assert [one.code for one in failure.value.diagnostics] == ["VBM493"]
