"""Reading decks: the facts of docs/decks.md, and every finding with its place."""

import datetime as dt
from pathlib import Path

import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.testing.deck import parse_deck, read_deck
from vbpmeasure.testing.model import ClaimLine, EnrolledSpan, Record, Result

FULL = """\
measure: w30
year: 2025
cases:
  - name: alone
    about: why
    year: 2024
    parameters: {telehealth_allowed: yes}
    enrollment_key: []
    born: 2024-01-31
    sex: F
    died: 2025-05-01
    enrolled:
      - 2024-03-02 .. 2025-12-31
      - 2026-01-01 ..
      - {from: 2024-01-01, to: 2024-12-31, payer: a, product_line: medicaid, hospice_flag: yes, dental_benefit: no}
      - {from: 2027-01-01, birth_date: 2024-02-01}
    events:
      - {on: [2024-02-02, 2024-03-31], code: 99391, provider: 208000000X, claim: a}
      - {on: 2024-06-01, diagnosis: [Z00.129, B20], place: 81, modifier: [95, GT], status: denied}
      - {on: 2024-06-02, procedure: 3E0234Z, revenue: 0450, bill_type: 0111, disposition: 20}
      - {on: 2024-06-01, cvx: 08}
      - {on: 2024-06-01, cpt: 90723, table: immunization, status: not-done}
      - {on: 2024-06-01, loinc: 10368-9}
      - {on: 2024-06-01, loinc: 10368-9, table: observation}
      - {on: 2024-06-01, snomed: 183919006}
      - {on: 2024-06-01, snomed: 183919006, table: encounter}
      - {on: 2024-06-01, icd10: B20, table: condition}
    expect:
      w30_6: {result: met, on: 2025-05-01, from: [medical_claim, immunization]}
      w30_2: not_eligible
  - name: together
    people:
      - {born: 2020-02-29, expect: {w30_6: {result: excluded, reason: hospice}}}
      - {born: 2021-01-01, expect: {w30_6: {result: not_eligible, step: 2}, w30_2: open}}
"""


def parse(text, measure=None):
    return parse_deck(text, Path("d/cases.yaml"), measure)


def findings(text, measure=None):
    with pytest.raises(Failure) as caught:
        parse(text, measure)
    return caught.value.diagnostics


def day(text):
    return dt.date.fromisoformat(text)


def test_cases():
    deck = parse(FULL)
    assert (deck.measure, deck.path) == ("w30", Path("d/cases.yaml"))
    alone, together = deck.cases
    assert (alone.name, alone.about, alone.year) == ("alone", "why", 2024)
    assert alone.parameters == {"telehealth_allowed": "yes"}
    assert alone.enrollment_key == ()
    assert (together.name, together.year, together.enrollment_key, together.parameters) == ("together", 2025, None, {})
    assert [p.born for p in together.people] == [day("2020-02-29"), day("2021-01-01")]
    assert deck.warnings == ()


def test_person_and_spans():
    (person,) = parse(FULL).cases[0].people
    assert (person.born, person.sex, person.died) == (day("2024-01-31"), "F", day("2025-05-01"))
    assert person.enrolled == (
        EnrolledSpan(day("2024-03-02"), day("2025-12-31")),
        EnrolledSpan(day("2026-01-01"), None),
        EnrolledSpan(
            day("2024-01-01"),
            day("2024-12-31"),
            {"payer": "a", "product_line": "medicaid", "hospice_flag": True, "dental_benefit": False},
        ),
        EnrolledSpan(day("2027-01-01"), None, {"birth_date": day("2024-02-01")}),
    )


def test_a_person_without_spans_is_enrolled_from_birth():
    person = parse(FULL).cases[1].people[0]
    assert person.enrolled == (EnrolledSpan(day("2020-02-29"), day("2099-12-31")),)


def test_events():
    events = parse(FULL).cases[0].people[0].events
    on = (day("2024-06-01"),)
    assert events == (
        ClaimLine(
            (day("2024-02-02"), day("2024-03-31")),
            {"hcpcs_code": "99391", "rendering_taxonomy": "208000000X", "claim_status": "paid"},
            "a",
        ),
        ClaimLine(
            on,
            {
                "diagnosis_code_1": "Z00.129",
                "diagnosis_code_2": "B20",
                "place_of_service_code": "81",
                "hcpcs_modifier_1": "95",
                "hcpcs_modifier_2": "GT",
                "claim_status": "denied",
            },
        ),
        ClaimLine(
            (day("2024-06-02"),),
            {
                "procedure_code_1": "3E0234Z",
                "revenue_center_code": "0450",
                "bill_type_code": "0111",
                "discharge_disposition_code": "20",
                "claim_status": "paid",
            },
        ),
        Record(on, "immunization", "cvx", "08", "completed"),
        Record(on, "immunization", "cpt", "90723", "not-done"),
        Record(on, "lab_result", "loinc", "10368-9", "final"),
        Record(on, "observation", "loinc", "10368-9", "final"),
        Record(on, "condition", "snomed-ct", "183919006", "active"),
        Record(on, "encounter", "snomed-ct", "183919006", "finished"),
        Record(on, "condition", "icd-10-cm", "B20", "active"),
    )


def test_expectations():
    met, not_eligible = parse(FULL).cases[0].people[0].expect
    assert (met.rate, met.result, met.on) == ("w30_6", Result.MET, day("2025-05-01"))
    assert met.sources == frozenset({"medical_claim", "immunization"})
    assert (not_eligible.rate, not_eligible.result, not_eligible.step) == ("w30_2", Result.NOT_ELIGIBLE, None)
    excluded, second = (p.expect for p in parse(FULL).cases[1].people)
    assert (excluded[0].result, excluded[0].reason) == (Result.EXCLUDED, "hospice")
    assert [(e.rate, e.result, e.step) for e in second] == [("w30_6", "not_eligible", 2), ("w30_2", "open", None)]


CASE = """\
measure: w30
year: 2025
cases:
  - name: one
    born: 2024-01-31
    enrolled: [2024-01-31 .. 2025-12-31]
    events: [{on: 2024-06-01, code: 99391}]
    expect: {w30_6: met}
"""


def test_the_small_case_is_sound():
    assert len(parse(CASE).cases) == 1


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ("measure: w30\n", "", "VBM703", 1, 1),
        ("measure: w30", "measure: {a: b}", "VBM701", 1, 10),
        ("measure: w30", "measures: w30", "VBM702", 1, 1),
        ("year: 2025", "year: soon", "VBM705", 2, 7),
        ("year: 2025", "year: 1899", "VBM705", 2, 7),
        ("year: 2025\n", "", "VBM703", 3, 5),
        ("name: one", "nam: one", "VBM702", 4, 5),
        ("- name: one\n    born", "- born", "VBM703", 4, 5),
        ("name: one", "name: One", "VBM706", 4, 11),
        ("born: 2024-01-31", "born: 2024-02-30", "VBM704", 5, 11),
        ("born: 2024-01-31", "born: 31.1.2024", "VBM704", 5, 11),
        ("    born: 2024-01-31\n", "", "VBM703", 4, 5),
        ("born: 2024-01-31", "born: 2024-01-31\n    birth: 2024-01-31", "VBM702", 6, 5),
        ("2024-01-31 .. 2025-12-31", "2025-12-31 .. 2024-01-31", "VBM708", 6, 16),
        ("2024-01-31 .. 2025-12-31", "2024-01-31", "VBM708", 6, 16),
        ("2024-01-31 .. 2025-12-31", ".. 2025-12-31", "VBM708", 6, 16),
        ("2024-01-31 .. 2025-12-31", "2024-01-31 .. someday", "VBM704", 6, 16),
        ("2024-01-31 .. 2025-12-31", "{to: 2025-12-31}", "VBM703", 6, 17),
        ("2024-01-31 .. 2025-12-31", "{from: 2024-01-01, to: 2023-12-31}", "VBM708", 6, 16),
        ("2024-01-31 .. 2025-12-31", "{from: 2024-01-01, payor: a}", "VBM702", 6, 35),
        ("2024-01-31 .. 2025-12-31", "{from: 2024-01-01, hospice_flag: maybe}", "VBM705", 6, 49),
        ("[2024-01-31 .. 2025-12-31]", "[]", "VBM708", 6, 15),
        ("[2024-01-31 .. 2025-12-31]", "2024-01-31 .. 2025-12-31", "VBM701", 6, 15),
        ("on: 2024-06-01, ", "", "VBM703", 7, 15),
        ("on: 2024-06-01", "on: []", "VBM703", 7, 19),
        ("on: 2024-06-01", "on: [2024-06-01, 2024-6-2]", "VBM704", 7, 32),
        ("code: 99391", "cod: 99391", "VBM702", 7, 31),
        (", code: 99391", "", "VBM709", 7, 15),
        ("code: 99391", "place: 81", "VBM709", 7, 15),
        ("code: 99391", "code: [99391, 99392]", "VBM701", 7, 37),
        ("code: 99391", "code: 99391, cvx: 08", "VBM709", 7, 31),
        ("code: 99391", "cvx: 08, loinc: 10368-9", "VBM709", 7, 40),
        ("code: 99391", "cvx: 08, provider: 208000000X", "VBM709", 7, 40),
        ("code: 99391", "cvx: 08, table: condition", "VBM709", 7, 31),
        ("code: 99391", "cvx: 08, table: shots", "VBM709", 7, 47),
        ("code: 99391", "cpt: 90723", "VBM709", 7, 31),
        ("code: 99391", "code: 99391, table: observation", "VBM709", 7, 15),
        ("code: 99391", "code: 99391, until: 2024-06-02", "VBM709", 7, 44),
        ("code: 99391", "cvx: 08, until: 2024-06-02", "VBM709", 7, 40),
        ("code: 99391", "snomed: 183919006, encounter_class: AMB", "VBM709", 7, 50),
        ("code: 99391", "code: 99391, modifier: [11, 12, 13, 14, 15, 16]", "VBM705", 7, 44),
        ("    expect: {w30_6: met}\n", "", "VBM703", 4, 5),
        ("{w30_6: met}", "{}", "VBM703", 8, 13),
        ("w30_6: met", "w30_6: yes", "VBM711", 8, 21),
        ("w30_6: met", "w30_6: {on: 2025-01-01}", "VBM703", 8, 22),
        ("w30_6: met", "w30_6: {result: met, when: 2025-01-01}", "VBM702", 8, 35),
        ("w30_6: met", "w30_6: {result: open, on: 2025-01-01}", "VBM711", 8, 36),
        ("w30_6: met", "w30_6: {result: met, reason: hospice}", "VBM711", 8, 35),
        ("w30_6: met", "w30_6: {result: excluded, step: 1}", "VBM711", 8, 40),
        ("w30_6: met", "w30_6: {result: not_eligible, step: 0}", "VBM705", 8, 50),
        ("w30_6: met", "w30_6: {result: met, from: [claims]}", "VBM711", 8, 41),
        ("    expect: {w30_6: met}", "    expect: {w30_6: met}\n    people: []", "VBM703", 9, 13),
        ("    expect: {w30_6: met}", "    expect: {w30_6: met}\n    enrollment_key: [paier]", "VBM702", 9, 22),
        ("    expect: {w30_6: met}", "    expect: {w30_6: met}\n    parameters: [a]", "VBM701", 9, 17),
    ],
)
def test_findings_have_a_place(old, new, code, line, column):
    assert old in CASE
    found = [d for d in findings(CASE.replace(old, new)) if d.code == code]
    assert (line, column) in [(d.span.line, d.span.column) for d in found]
    assert all(d.source_line for d in found)


def test_all_findings_at_once():
    text = (
        CASE.replace("one", "One").replace("2024-01-31\n", "x\n").replace("99391", "99391, cvx: 08").replace("met", "m")
    )
    assert [d.code for d in findings(text)] == ["VBM706", "VBM704", "VBM709", "VBM711"]


def test_a_bad_year_is_said_once():
    assert [d.code for d in findings(CASE.replace("2025\n", "x\n"))] == ["VBM705"]


def test_no_cases():
    assert [d.code for d in findings("measure: w30\ncases: []\n")] == ["VBM707"]
    assert [d.code for d in findings("measure: w30\nyear: 2025\n")] == ["VBM703"]


def test_duplicate_case_names():
    found = findings(CASE + CASE[CASE.index("  - name") :])
    assert [(d.code, d.span.line, d.message) for d in found] == [
        ("VBM706", 9, "the case `one` is already there, on line 4")
    ]


def test_people_and_a_person_do_not_mix():
    text = CASE.replace("    expect: {w30_6: met}", "    people: [{born: 2024-01-01, expect: {w30_6: met}}]")
    assert {d.code for d in findings(text)} == {"VBM702"}


def test_a_deck_beside_another_measure():
    assert [d.code for d in findings(CASE, "wcv")] == ["VBM714"]
    assert parse(CASE, "w30").measure == "w30"


@pytest.mark.parametrize(
    "event", ["code: 9939", "diagnosis: Z0", "cvx: 8", "provider: 208000000, code: 99391", "revenue: 99999"]
)
def test_a_code_that_does_not_look_like_one_is_a_warning(event):
    (warning,) = parse(CASE.replace("code: 99391", event)).warnings
    assert (warning.code, warning.severity, warning.span.line) == ("VBM713", "warning", 7)
    assert warning.source_line


@pytest.mark.parametrize("event", ["revenue: 450", "code: D0120", "code: G0438", "diagnosis: Z00129"])
def test_spellings_that_data_has_are_no_warning(event):
    assert parse(CASE.replace("code: 99391", event)).warnings == ()


@pytest.mark.parametrize(
    "text", ["- a\n", "x\n", "measure: w30\ncases: {a: b}\n", "measure: w30\nyear: 2025\ncases: [a]\n"]
)
def test_wrong_shapes(text):
    assert [d.code for d in findings(text)] == ["VBM701"]


def test_a_deck_that_is_not_there(tmp_path):
    with pytest.raises(Failure, match="VBM101"):
        read_deck(tmp_path / "cases.yaml")


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[3] / "measures").glob("*/cases.yaml")), ids=lambda p: p.parent.name
)
def test_shipped_decks_have_no_findings(path):
    assert read_deck(path, path.parent.name).warnings == ()


def test_records_of_every_table():
    """Each key with a table of its own; the code of a drug stands in the column of its system."""
    events = """\
    events:
      - {on: 2024-06-01, until: 2024-06-03, snomed: 183919006, table: encounter, encounter_class: AMB,
         encounter_type: office visit}
      - {on: 2024-06-01, until: 2024-07-01, icd10: B20, status: resolved}
      - {on: 2024-06-01, loinc: 10368-9, table: service_request}
      - {on: 2024-06-01, cpt: 83655, table: service_request, status: completed}
      - {on: 2024-06-01, ndc: "00071015523"}
      - {on: 2024-06-01, ndc: "00071015523", table: medication}
      - {on: 2024-06-01, rxnorm: 435}
    """
    deck = parse(CASE.replace("    events: [{on: 2024-06-01, code: 99391}]\n", events.rstrip() + "\n"))
    on = (day("2024-06-01"),)
    visit = {
        "encounter_end_date": day("2024-06-03"),
        "encounter_class": "AMB",
        "encounter_type": "office visit",
    }
    assert deck.cases[0].people[0].events == (
        Record(on, "encounter", "snomed-ct", "183919006", "finished", visit),
        Record(on, "condition", "icd-10-cm", "B20", "resolved", {"resolved_date": day("2024-07-01")}),
        Record(on, "service_request", "loinc", "10368-9", "active"),
        Record(on, "service_request", "cpt", "83655", "completed"),
        Record(on, "pharmacy_claim", "ndc", "00071015523", "completed"),
        Record(on, "medication", "ndc", "00071015523", "completed"),
        Record(on, "medication", "rxnorm", "435", "completed"),
    )
