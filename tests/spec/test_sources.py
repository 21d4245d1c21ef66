"""Which tables answer: claims, registry, clinical records, and orders only where they are named (semantics, 3)."""

import pytest

from spec.grids import grid, people
from spec.plans import YEAR, code, codes, count, program, rate
from vbpmeasure.data.contract import SOURCE_GROUPS

SETS = {"v": codes(LOINC="10912-2", SNOMEDCT="185349003", RXNORM="435", NDC="00071015523")}


def words_of(judge, events, **tables):
    """Return the outcome by person of a count of one event in 2025."""
    ids = sorted({row["person_id"] for rows in tables.values() for row in rows})
    return judge(program(rate(count(events, YEAR)), sets=SETS), eligibility=people(*ids), **tables)


def met(judge, events, **tables):
    return {person for person, words in words_of(judge, events, **tables).items() if words.startswith("met")}


ORDERS = {
    "service_request": grid("service_request", "person | on | type | code\nordered | 2025-03-01 | loinc | 10912-2"),
    "medication": grid("medication", "person | on | rxnorm_code\nprescribed | 2025-03-01 | 435"),
    "lab_result": grid("lab_result", "person | on | code\ntested | 2025-03-01 | 10912-2"),
}


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ((), {"tested"}),
        (("service_request",), {"ordered"}),
        (("medication",), {"prescribed"}),
        (("lab_result", "service_request"), {"tested", "ordered"}),
        (SOURCE_GROUPS["orders"], {"ordered", "prescribed"}),
        (SOURCE_GROUPS["clinical"], {"tested"}),
    ],
)
def test_orders_count_only_where_they_are_named(judge, sources, expected):
    assert met(judge, code("v", sources=sources), **ORDERS) == expected


def test_every_code_column_of_a_medication_is_looked_at(judge):
    records = grid(
        "medication",
        """
        person  | on         | source_code_type | source_code | ndc_code    | rxnorm_code
        rxnorm  | 2025-03-01 |                  |             |             | 435
        ndc     | 2025-03-01 |                  |             | 00071015523 |
        named   | 2025-03-01 | rxnorm           | 435         |             |
        untyped | 2025-03-01 |                  | 435         |             |
        swapped | 2025-03-01 |                  |             | 435         | 00071015523
        """,
    )
    assert met(judge, code("v", sources=("medication",)), medication=records) == {"rxnorm", "ndc", "named"}


def test_a_medication_is_dated_by_its_dispensing_its_prescription_its_record(judge):
    records = grid(
        "medication",
        """
        person     | dispensing_date | prescribing_date | recorded_date | rxnorm_code
        dispensed  | 2025-01-01      | 2024-12-31       | 2024-12-31    | 435
        too_late   | 2026-01-01      | 2025-12-31       | 2025-12-31    | 435
        prescribed |                 | 2025-12-31       | 2026-01-01    | 435
        recorded   |                 |                  | 2025-12-31    | 435
        undated    |                 |                  |               | 435
        """,
    )
    assert met(judge, code("v", sources=("medication",)), medication=records) == {
        "dispensed",
        "prescribed",
        "recorded",
    }


def test_an_order_is_dated_by_the_day_it_was_written(judge):
    """The day for which it was planned stands in only when that of writing is not known; no system is guessed."""
    orders = grid(
        "service_request",
        """
        person  | authored_date | occurrence_date | type  | code
        written | 2025-12-31    | 2026-01-10      | loinc | 10912-2
        planned |               | 2025-12-31      | loinc | 10912-2
        late    | 2026-01-01    | 2025-12-31      | loinc | 10912-2
        untyped | 2025-12-31    |                 |       | 10912-2
        """,
    )
    assert met(judge, code("v", sources=("service_request",)), service_request=orders) == {"written", "planned"}


def test_a_record_that_lasts_is_an_event_of_its_first_day_alone(judge):
    """An end in the year does not bring a start before it in, and an end before the start changes nothing."""
    encounters = grid(
        "encounter",
        """
        person   | on         | encounter_end_date | type      | code
        inside   | 2025-03-01 | 2025-03-04         | snomed-ct | 185349003
        leaving  | 2025-12-31 | 2026-01-02         | snomed-ct | 185349003
        arriving | 2024-12-31 | 2025-01-02         | snomed-ct | 185349003
        reversed | 2025-03-04 | 2025-03-01         | snomed-ct | 185349003
        endless  | 2025-03-01 |                    | snomed-ct | 185349003
        startless |           | 2025-03-01         | snomed-ct | 185349003
        """,
    )
    assert words_of(judge, code("v"), encounter=encounters) == {
        "inside": "met 2025-03-01 by encounter",
        "leaving": "met 2025-12-31 by encounter",
        "arriving": "open",
        "reversed": "met 2025-03-04 by encounter",
        "endless": "met 2025-03-01 by encounter",
        "startless": "open",
    }
