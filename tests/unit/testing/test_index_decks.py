"""Decks of rates of index events, stays, results, and amounts: what is expected by index date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from support.definitions import HEAD
from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.engines import reference
from vbpmeasure.testing.deck import parse_deck
from vbpmeasure.testing.engines import programs_of, reference_engine
from vbpmeasure.testing.runner import run_deck

MEASURE = (
    HEAD.replace("id: m\n", "id: stays\n")
    + """\
define:
  screen: {event: {code: dev_screen}}
  service: {event: {code: dev_followup_service}}
index: {event: screen, during: period}
population: [{age: {from: 0, on: index}}]
rates:
  - {id: e, title: E, numerator: {count: service, from: index, to: index + 30 days}}
  - id: k
    title: K
    population: [{age: {from: 0, on: period end}}]
    events: {event: screen, during: period}
    member_months: {rule: prorated_days, during: period}
  - {id: c, title: C, composite: opportunity, of: e}
"""
)
PERSON = """\
    born: 2023-03-15
    enrolled: [2025-02-01 .. 2025-03-14]
    events:
      - {on: [2025-02-05, 2025-03-10], code: 96110}
      - {on: 2025-03-20, code: 92523}
"""
RIGHT = (
    "e: [{index: 2025-02-05, result: open}, {index: 2025-03-10, result: met, on: 2025-03-20}], "
    "k: {result: met, on: 2025-02-05, part: 2, whole: 1.45}, c: {result: open, part: 0, whole: 1}"
)


def findings(tmp_path: Path, expect: str) -> list[str]:
    folder = tmp_path / "stays"
    folder.mkdir()
    (folder / "measure.yaml").write_text(MEASURE, encoding="utf-8")
    text = f"measure: stays\nyear: 2025\ncases:\n  - name: a\n{PERSON}    expect: {{{expect}}}\n"
    deck = parse_deck(text, folder / "cases.yaml")
    catalog = Catalog.open([folder])
    report = run_deck(deck, programs_of(catalog), reference_engine, reference.evaluate)
    return [f"{d.code} {d.message}" for d in report.findings]


def test_what_is_expected_by_index_date(tmp_path: Path) -> None:
    # 28 of 28 days of February and 14 of 31 of March are 1.45 months.
    assert findings(tmp_path, RIGHT) == []


@pytest.mark.parametrize(
    ("expect", "finding"),
    [
        ("e: [{index: 2025-02-05, result: open}]",
         "VBM720 a: e of 2025-03-10: no index event is expected, got met on 2025-03-20 from medical_claim"),
        ("e: open", "VBM720 a: e: there are 2 index events (2025-02-05, 2025-03-10)"),
        ("e: no_event", "VBM720 a: e: there are 2 index events (2025-02-05, 2025-03-10)"),
        ("e: [{index: 2025-02-05, result: open}, {index: 2025-03-10, result: open}]",
         "VBM720 a: e of 2025-03-10: expected open, got met on 2025-03-20 from medical_claim"),
        ("k: {result: met, part: 1}",
         "VBM720 a: k: expected met part 1, got met on 2025-02-05 from medical_claim part 2 whole 1.45 months"),
        ("k: {result: met, whole: 1.4}",
         "VBM720 a: k: expected met whole 1.4, got met on 2025-02-05 from medical_claim part 2 whole 1.45 months"),
        ("c: {result: open, whole: 2}", "VBM720 a: c: expected open whole 2, got open part 0 whole 1"),
    ],
)  # fmt: skip
def test_what_is_not_as_expected_is_told(tmp_path: Path, expect: str, finding: str) -> None:
    assert findings(tmp_path, expect) == [finding]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("{on: 2025-01-01, code: 99213, result: '7'}", "VBM709"),
        ("{on: 2025-01-01, cvx: 08, result: '7'}", "VBM709"),
        ("{on: 2025-01-01, loinc: 44261-6, days_supply: 3}", "VBM709"),
        ("{on: 2025-01-01, revenue: '0120', admitted: soon}", "VBM704"),
    ],
)
def test_keys_of_events_stand_where_they_mean_something(event: str, code: str) -> None:
    text = f"measure: m\nyear: 2025\ncases:\n  - {{name: a, born: 2023-01-01, events: [{event}], expect: {{r: met}}}}\n"
    with pytest.raises(Failure) as failure:
        parse_deck(text, Path("cases.yaml"))
    assert [d.code for d in failure.value.diagnostics] == [code]


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        ("[{result: met}]", "VBM703"),
        ("[]", "VBM703"),
        ("{result: excluded, part: 1}", "VBM711"),
        ("{result: no_event, index: 2025-01-01}", "VBM711"),
    ],
)
def test_expectations_that_make_no_sense(expect: str, code: str) -> None:
    case = f"{{name: a, born: 2023-01-01, events: [{{on: 2025-01-01, code: 99213}}], expect: {{r: {expect}}}}}"
    text = f"measure: m\nyear: 2025\ncases:\n  - {case}\n"
    with pytest.raises(Failure) as failure:
        parse_deck(text, Path("cases.yaml"))
    assert [d.code for d in failure.value.diagnostics] == [code]


def test_stays_results_and_supplies_become_rows() -> None:
    text = """\
measure: m
year: 2025
cases:
  - name: a
    born: 2023-01-01
    events:
      - {on: 2025-01-02, revenue: "0120", admitted: 2025-01-01, discharged: 2025-01-05, tooth: "03"}
      - {on: 2025-01-02, loinc: 44261-6, table: observation, result: "12", unit: "{score}"}
      - {on: 2025-01-02, ndc: "00000000001", days_supply: 30}
    expect: {r: met}
"""
    from vbpmeasure.testing.rows import case_rows, person_ids

    deck = parse_deck(text, Path("cases.yaml"))
    rows = case_rows(deck.cases, person_ids(deck.cases))
    (claim,) = rows["medical_claim"]
    days = (claim["admission_date"], claim["discharge_date"])
    assert days == (dt.date(2025, 1, 1), dt.date(2025, 1, 5))
    assert claim["tooth_number"] == "03"
    (observation,) = rows["observation"]
    assert (observation["result"], observation["source_units"]) == ("12", "{score}")
    (supply,) = rows["pharmacy_claim"]
    assert (supply["days_supply"], supply["ndc_code"]) == (30.0, "00000000001")
    assert "status" not in supply
