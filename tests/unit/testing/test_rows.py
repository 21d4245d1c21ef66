"""Case people as contract rows."""

import datetime as dt
from pathlib import Path

from vbpmeasure.data.contract import TABLES
from vbpmeasure.testing.deck import parse_deck
from vbpmeasure.testing.rows import case_rows, person_ids

DECK = """\
measure: w30
year: 2025
cases:
  - name: first
    people:
      - born: 2024-01-31
        sex: F
        enrolled: [2024-03-02 .. 2025-12-31, {from: 2026-01-01, payer: a, hospice_flag: yes}]
        events:
          - {on: [2024-02-02, 2024-02-03], code: 99391}
          - {on: 2024-02-02, diagnosis: Z00.129, claim: a}
          - {on: 2024-02-03, code: 99392, claim: a}
        expect: {w30_6: open}
      - born: 2023-01-31
        died: 2025-01-01
        events:
          - {on: 2024-02-03, code: 99392, claim: a}
          - {on: [2024-02-02, 2024-02-03], cvx: 08}
          - {on: 2024-02-02, loinc: 10368-9}
        expect: {w30_6: open}
  - name: second
    born: 2022-01-31
    events: [{on: 2024-02-03, code: 99392, claim: a}, {on: 2024-02-03, snomed: 183919006, table: procedure}]
    expect: {w30_6: open}
"""


def rows():
    cases = parse_deck(DECK, Path("cases.yaml")).cases
    return case_rows(cases, person_ids(cases))


def test_people_are_numbered_through_the_deck():
    cases = parse_deck(DECK, Path("cases.yaml")).cases
    assert person_ids(cases) == {"first": ("p1", "p2"), "second": ("p3",)}


def test_eligibility_has_a_row_a_span():
    first, second, *_ = rows()["eligibility"]
    assert first == {
        "person_id": "p1",
        "birth_date": dt.date(2024, 1, 31),
        "gender": "F",
        "death_date": None,
        "enrollment_start_date": dt.date(2024, 3, 2),
        "enrollment_end_date": dt.date(2025, 12, 31),
    }
    assert (second["enrollment_end_date"], second["payer"], second["hospice_flag"]) == (None, "a", True)
    assert [r["person_id"] for r in rows()["eligibility"]] == ["p1", "p1", "p2", "p3"]
    assert rows()["eligibility"][2]["death_date"] == dt.date(2025, 1, 1)
    assert rows()["eligibility"][2]["enrollment_end_date"] == dt.date(2099, 12, 31)


def test_lines_are_claims_of_their_own_unless_they_share_one():
    claims = [(r["person_id"], r["claim_id"]) for r in rows()["medical_claim"]]
    alone, shared = claims[:2], claims[2:]
    assert len({claim for _, claim in alone}) == 2
    # Lines of one case with one id are one claim, whoever they are about; another case has claims of its own.
    assert shared == [("p1", "first.a"), ("p1", "first.a"), ("p2", "first.a"), ("p3", "second.a")]


def test_a_claim_line_a_date():
    line = rows()["medical_claim"][1]
    assert line["claim_start_date"] == line["claim_line_start_date"] == dt.date(2024, 2, 3)
    assert (line["hcpcs_code"], line["claim_status"]) == ("99391", "paid")


def test_records():
    assert rows()["immunization"] == [
        {
            "person_id": "p2",
            "occurrence_date": dt.date(2024, 2, day),
            "source_code_type": "cvx",
            "source_code": "08",
            "status": "completed",
        }
        for day in (2, 3)
    ]
    (lab,) = rows()["lab_result"]
    assert lab["source_component_code"] == "10368-9"
    assert lab["collection_date"] == dt.date(2024, 2, 2)
    (procedure,) = rows()["procedure"]
    assert (procedure["source_code_type"], procedure["procedure_date"]) == ("snomed-ct", dt.date(2024, 2, 3))


def test_records_of_drugs_orders_and_encounters():
    """Dispensed drugs are claims, without a record status; a drug's code stands in the column of its system."""
    deck = (
        DECK.partition("cases:")[0]
        + """\
cases:
  - name: only
    born: 2022-01-31
    events:
      - {on: [2024-02-03, 2024-02-04], ndc: "00071015523"}
      - {on: 2024-02-03, rxnorm: 435}
      - {on: 2024-02-03, until: 2024-02-05, snomed: 183919006, table: encounter, encounter_class: AMB}
    expect: {w30_6: open}
"""
    )
    cases = parse_deck(deck, Path("cases.yaml")).cases
    found = case_rows(cases, person_ids(cases))
    first = dt.date(2024, 2, 3)
    assert [r["dispensing_date"] for r in found["pharmacy_claim"]] == [first, dt.date(2024, 2, 4)]
    assert len({r["claim_id"] for r in found["pharmacy_claim"]}) == 2
    assert set(found["pharmacy_claim"][0]) == {
        "person_id",
        "claim_id",
        "dispensing_date",
        "ndc_code",
        "ndc_code_type",
    }
    assert found["medication"] == [
        {"person_id": "p1", "dispensing_date": first, "rxnorm_code": "435", "status": "completed"}
    ]
    assert found["encounter"] == [
        {
            "person_id": "p1",
            "encounter_start_date": first,
            "encounter_end_date": dt.date(2024, 2, 5),
            "source_code_type": "snomed-ct",
            "source_code": "183919006",
            "status": "finished",
            "encounter_class": "AMB",
        }
    ]
    for table, table_rows in found.items():
        for row in table_rows:
            assert [name for name in row if TABLES[table].column(name) is None] == []


def test_every_column_is_in_the_contract():
    for table, found in rows().items():
        for row in found:
            assert [name for name in row if TABLES[table].column(name) is None] == []


def test_the_two_required_tables_are_there_without_rows():
    assert case_rows([], {}) == {"eligibility": [], "medical_claim": []}
