"""Which tables answer: claims, registry, clinical records, and orders only where they are named (semantics, 3)."""

import pytest

from spec.grids import grid, people
from spec.plans import YEAR, code, codes, count, program, rate, trigger
from vbpmeasure.data.contract import EVENT_TABLES, SOURCE_GROUPS
from vbpmeasure.plan.events import EventSet

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


RECORDS = grid(
    "immunization",
    """
    person    | on         | type      | code      | status
    completed | 2025-03-01 | snomed-ct | 185349003 | completed
    capital   | 2025-03-01 | snomed-ct | 185349003 | Completed
    active    | 2025-03-01 | snomed-ct | 185349003 | active
    unknown   | 2025-03-01 | snomed-ct | 185349003 | Unknown
    null      | 2025-03-01 | snomed-ct | 185349003 |
    not_done  | 2025-03-01 | snomed-ct | 185349003 | not-done
    """,
)
STATUSES = {
    "immunization": [*RECORDS, RECORDS[0] | {"person_id": "empty", "status": ""}],
    "medical_claim": grid(
        "medical_claim",
        """
        person | claim | on         | diagnosis_code_type | dx1       | status
        claim  | 1     | 2025-03-01 | snomed-ct           | 185349003 | paid
        """,
    ),
    "pharmacy_claim": grid("pharmacy_claim", "person | claim | on | ndc_code\nfilled | 1 | 2025-03-01 | 00071015523"),
}
CLAIMS = {"claim", "filled"}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((), {"completed", "capital", "active", "unknown", "null", "empty"}),
        (("completed",), {"completed", "capital"}),
        (("active", "completed"), {"completed", "capital", "active"}),
        (("unknown",), {"unknown", "null", "empty"}),
        (("completed", "unknown"), {"completed", "capital", "unknown", "null", "empty"}),
        (("not-done",), set()),
    ],
)
def test_record_status(judge, statuses, expected):
    """Claims are not concerned, and void records stay out even when a plan names their status."""
    assert met(judge, code("v", record_statuses=statuses), **STATUSES) == expected | CLAIMS


def test_a_table_without_a_status_column_has_unknown_statuses(judge):
    records = {"lab_result": grid("lab_result", "person | on | code\ntested | 2025-03-01 | 10912-2")}
    assert met(judge, code("v", record_statuses=("final",)), **records) == set()
    assert met(judge, code("v", record_statuses=("final", "unknown")), **records) == {"tested"}


ENCOUNTERS = {
    "encounter": grid(
        "encounter",
        """
        person    | on         | type      | code      | encounter_class | encounter_type | status
        office    | 2025-03-01 | snomed-ct | 185349003 | AMB             | office visit   | finished
        lower     | 2025-03-01 | snomed-ct | 185349003 | amb             | Office Visit   |
        emergency | 2025-03-01 | snomed-ct | 185349003 | EMER            |                | finished
        virtual   | 2025-03-01 | snomed-ct | 185349003 | VR              | telehealth     | planned
        null      | 2025-03-01 | snomed-ct | 185349003 |                 |                |
        """,
    ),
    "observation": grid("observation", "person | on | code\nobserved | 2025-03-01 | 10912-2"),
    "pharmacy_claim": STATUSES["pharmacy_claim"],
}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, {"office", "lower", "emergency", "virtual", "null", "observed", "filled"}),
        ({"encounter_classes": ("amb",)}, {"office", "lower"}),
        ({"encounter_classes": ("amb", "vr")}, {"office", "lower", "virtual"}),
        ({"encounter_types": ("office visit", "telehealth")}, {"office", "lower", "virtual"}),
        ({"encounter_classes": ("vr", "emer"), "encounter_types": ("telehealth",)}, {"virtual"}),
        ({"encounter_classes": ("amb", "vr"), "record_statuses": ("finished",)}, {"office"}),
        ({"encounter_classes": ("amb", "vr"), "record_statuses": ("finished", "unknown")}, {"office", "lower"}),
        ({"encounter_classes": ("amb",), "sources": ("observation", "pharmacy_claim")}, set()),
        ({"encounter_classes": ("imp",)}, set()),
    ],
)
def test_class_and_type_of_encounters(judge, where, expected):
    """Nulls fail, and so does every row of another table."""
    assert met(judge, code("v", **where), **ENCOUNTERS) == expected


def test_encounters_without_the_columns_have_no_class(judge):
    bare = [
        {key: cell for key, cell in row.items() if not key.startswith("encounter_class")}
        for row in ENCOUNTERS["encounter"]
    ]
    assert met(judge, code("v", encounter_classes=("amb",)), encounter=bare) == set()
    assert met(judge, code("v", encounter_types=("telehealth",)), encounter=bare) == {"virtual"}


def test_each_trigger_has_its_own_record_conditions(judge):
    """A claim, or a finished ambulatory encounter: the conditions of one do not touch the other."""
    events = EventSet(
        (
            trigger("code", "v", sources=SOURCE_GROUPS["claims"], record_statuses=("final",)),
            trigger("code", "v", encounter_classes=("amb",), record_statuses=("finished",)),
        )
    )
    assert met(judge, events, **ENCOUNTERS) == {"filled", "office"}


def test_an_unknown_provider_of_a_record_together_with_its_status(judge):
    sets = {"pcp": codes(NUCC="208000000X"), **SETS}
    for unknown, expected in ((True, "met 2025-03-01 by encounter"), (False, "open")):
        events = code("v", provider_in=("pcp",), unknown_provider=unknown, encounter_classes=("amb",))
        plan = program(rate(count(events, YEAR)), sets=sets)
        words = judge(plan, eligibility=people("office"), encounter=ENCOUNTERS["encounter"][:1])
        assert words == {"office": expected}


DOSE = "2025-03-01"
EVERYWHERE = {
    "medical_claim": grid("medical_claim", f"person | claim | on | code\nchild | 1 | {DOSE} | 90707"),
    "immunization": grid("immunization", f"person | on | code\nchild | {DOSE} | 03"),
    "procedure": grid("procedure", f"person | on | type | code\nchild | {DOSE} | cpt | 90707"),
    "medication": grid("medication", f"person | on | ndc_code\nchild | {DOSE} | 00006468101"),
}
DOSE_SETS = {"mmr": codes(CVX="03", CPT="90707", NDC="00006468101")}


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ((), "met 2025-03-01 by medical_claim, immunization, procedure"),
        (SOURCE_GROUPS["claims"], "met 2025-03-01 by medical_claim"),
        (SOURCE_GROUPS["registry"], "met 2025-03-01 by immunization"),
        (SOURCE_GROUPS["clinical"], "met 2025-03-01 by procedure"),
        (SOURCE_GROUPS["orders"], "met 2025-03-01 by medication"),
        (EVENT_TABLES, "met 2025-03-01 by medical_claim, immunization, procedure, medication"),
    ],
)
def test_every_table_that_holds_the_dose_of_a_day_is_named(judge, sources, expected):
    """One dose, told by four tables, is one date; only the tables that a definition looks at answer."""
    one = program(rate(count(code("mmr", sources=sources), YEAR)), sets=DOSE_SETS)
    assert judge(one, eligibility=people("child"), **EVERYWHERE) == {"child": expected}
    two = program(rate(count(code("mmr", sources=sources), YEAR, n=2)), sets=DOSE_SETS)
    assert judge(two, eligibility=people("child"), **EVERYWHERE) == {"child": "open"}


def test_a_void_record_answers_nothing(judge):
    """A table whose row of that day is void is not named as a source."""
    void = EVERYWHERE | {"immunization": [row | {"status": "not-done"} for row in EVERYWHERE["immunization"]]}
    plan = program(rate(count(code("mmr"), YEAR)), sets=DOSE_SETS)
    words = judge(plan, eligibility=people("child"), **void)
    assert words == {"child": "met 2025-03-01 by medical_claim, procedure"}
