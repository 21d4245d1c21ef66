"""People, spans and demographics (semantics page, section 1)."""

import datetime as dt

from spec.grids import grid, people
from spec.plans import START, YEAR, birth, code, codes, count, death, program, rate, start
from vbpmeasure.plan.dates import Window
from vbpmeasure.plan.flags import DateWithin

LONG_AGO = Window(start(months=-1200), YEAR.end)


def birth_dates(judge, text):
    """Return the birth date that an engine takes, per person: the evidence date of being born at all."""
    words = judge(program(rate(DateWithin(birth(), LONG_AGO))), eligibility=grid("eligibility", text))
    return {person: text.split()[1] for person, text in words.items()}


def test_the_birth_date_of_the_latest_span_wins(judge):
    found = birth_dates(
        judge,
        """
        person       | born       | from       | to
        latest_start | 2020-01-01 | 2024-01-01 | 2024-12-31
        latest_start | 2020-02-02 | 2025-01-01 | 2025-01-31
        latest_start | 2020-03-03 | 2023-01-01 |
        latest_end   | 2020-01-01 | 2025-01-01 | 2025-06-30
        latest_end   | 2020-02-02 | 2025-01-01 | 2025-07-31
        open_end     | 2020-02-02 | 2025-01-01 | 2025-07-31
        open_end     | 2020-01-01 | 2025-01-01 |
        greatest     | 2020-02-02 | 2025-01-01 | 2025-07-31
        greatest     | 2020-01-01 | 2025-01-01 | 2025-07-31
        null_latest  | 2020-01-01 | 2024-01-01 | 2024-12-31
        null_latest  |            | 2025-01-01 |
        future_span  | 2020-01-01 | 2025-01-01 | 2025-12-31
        future_span  | 2020-02-02 | 2026-07-01 |
        """,
    )
    assert found == {
        "latest_start": "2020-02-02",
        "latest_end": "2020-02-02",
        "open_end": "2020-01-01",
        "greatest": "2020-02-02",
        "null_latest": "2020-01-01",
        "future_span": "2020-02-02",  # for birth and death all spans are looked at
    }


def test_the_death_date_may_stand_on_an_earlier_span(judge):
    plan = program(rate(DateWithin(death(), YEAR)))
    eligibility = grid(
        "eligibility",
        """
        person    | born       | died       | from       | to
        earlier   | 2020-06-15 | 2025-03-01 | 2024-01-01 | 2024-12-31
        earlier   | 2020-06-15 |            | 2025-01-01 |
        corrected | 2020-06-15 | 2025-03-01 | 2024-01-01 | 2024-12-31
        corrected | 2020-06-15 | 2024-03-01 | 2025-01-01 |
        alive     | 2020-06-15 |            | 2025-01-01 |
        """,
    )
    assert judge(plan, eligibility=eligibility) == {
        "earlier": "met 2025-03-01 by no table",
        "corrected": "open",
        "alive": "open",
    }


def test_people_are_the_distinct_ids_of_eligibility(judge):
    """Whole numbers or text; several spans are one person; a null id is nobody."""
    plan = program(rate(count(code("a"), YEAR)), sets={"a": codes(CPT="99391")})
    claims = grid(
        "medical_claim",
        """
        person | claim | on         | code
        7      | 1     | 2025-03-01 | 99391
               | 2     | 2025-03-01 | 99391
        """,
    )
    nobody = [row | {"person_id": None} for row in people(1)]
    assert judge(plan, eligibility=[*people(7, 10, 9), *people(7), *nobody], medical_claim=claims) == {
        "7": "met 2025-03-01 by medical_claim",
        "9": "open",
        "10": "open",
    }


def test_ids_as_text_are_not_numbers(judge):
    plan = program(rate(count(code("a"), YEAR)), sets={"a": codes(CPT="99391")})
    day = dt.date(2025, 3, 1)
    claims = [{"person_id": "07", "claim_id": "1", "claim_start_date": day, "hcpcs_code": "99391"}]
    assert judge(plan, eligibility=people("7", "07"), medical_claim=claims) == {
        "07": "met 2025-03-01 by medical_claim",
        "7": "open",
    }


def test_nobody_in_no_data(judge):
    assert judge(program(rate(DateWithin(START, YEAR))), eligibility=[]) == {}


def test_absent_and_empty_tables_hold_no_events(judge):
    plan = program(rate(count(code("a"), YEAR)), sets={"a": codes(CPT="99391", CVX="08")})
    assert judge(plan, eligibility=people(1)) == {"1": "open"}
    assert judge(plan, eligibility=people(1), medical_claim=[], immunization=[]) == {"1": "open"}
