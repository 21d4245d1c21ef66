"""Every check passes sound data and finds its own fault, with the right counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from unit.validation.conftest import DAY, Check, N, Rows
from vbpmeasure.validation.registry import CHECKS

# Check -> spoiling, then table, column, rows found, rows looked at, status.
Spoil = Callable[[Rows], object]
FAULTS: dict[str, tuple[Spoil, tuple[str, str | None, int, int, str]]] = {}


def fault(name: str, table: str, column: str | None, found: int, rows: int, status: str) -> Callable[[Spoil], Spoil]:
    def register(spoil: Spoil) -> Spoil:
        FAULTS[f"{name}-{spoil.__name__.strip('_')}"] = (spoil, (table, column, found, rows, status))
        return spoil

    return register


LINES = N * 12


def put(rows: Rows, table: str, column: str, values: dict[int, Any]) -> None:
    for position, value in values.items():
        rows[table][column][position] = value


def again(rows: Rows, table: str, *positions: int) -> None:
    for column in rows[table].values():
        column.extend(column[p] for p in positions)


@fault("table_empty", "immunization", None, 1, 1, "warn")
def _no_rows(rows):
    rows["immunization"] = {c: v[:0] for c, v in rows["immunization"].items()}


@fault("column_missing", "medical_claim", "claim_status", 1, 1, "warn")
def _no_status(rows):
    del rows["medical_claim"]["claim_status"]


@fault("flag_unknown", "eligibility", "hospice_flag", 2, N, "warn")
def _maybe(rows):
    put(rows, "eligibility", "hospice_flag", {3: "maybe", 4: "perhaps", 5: "", 6: None})


@fault("period_covered", "eligibility", "enrollment_start_date", 1, 1, "fail")
def _other_year(rows):
    rows["eligibility"]["enrollment_start_date"] = [DAY(2023, 1, 1)] * N
    rows["eligibility"]["enrollment_end_date"] = [DAY(2023, 12, 31)] * N


@fault("key_null", "eligibility", "person_id", 1, N, "fail")
def _span_without_person(rows):
    put(rows, "eligibility", "person_id", {0: None})


@fault("key_null", "medical_claim", "claim_id", 2, LINES, "warn")
def _lines_without_claim(rows):
    put(rows, "medical_claim", "claim_id", {0: None, 7: None})


@fault("key_duplicate", "medical_claim", None, 3, LINES + 3, "fail")
def _lines_twice(rows):
    again(rows, "medical_claim", 1, 2, 2)


@fault("key_duplicate", "immunization", None, 1, N, "fail")
def _record_id_twice(rows):
    put(rows, "immunization", "immunization_id", {0: "I7"})


@fault("span_duplicate", "eligibility", None, N, 2 * N, "fail")
def _every_span_twice(rows):
    again(rows, "eligibility", *range(N))


@fault("row_duplicate", "immunization", None, 20, N + 20, "fail")
def _rows_twice_without_ids(rows):
    del rows["immunization"]["immunization_id"]
    again(rows, "immunization", *range(20))


@fault("person_unknown", "medical_claim", "person_id", 12, LINES, "warn")
def _stranger(rows):
    put(rows, "medical_claim", "person_id", dict.fromkeys(range(12), "X"))


@fault("birth_unknown", "eligibility", "birth_date", 1, N, "fail")
def _no_birth(rows):
    put(rows, "eligibility", "birth_date", {0: None})


@fault("birth_conflict", "eligibility", "birth_date", 1, N, "warn")
def _two_births(rows):
    again(rows, "eligibility", 0)
    put(rows, "eligibility", "birth_date", {N: DAY(2017, 3, 1)})


@fault("registry_presence", "immunization", "person_id", 20, N, "warn")
def _half_a_registry(rows):
    rows["immunization"] = {c: v[:20] for c, v in rows["immunization"].items()}


@fault("end_before_start", "eligibility", "enrollment_end_date", 1, N, "fail")
def _span_ends_early(rows):
    put(rows, "eligibility", "enrollment_end_date", {0: DAY(2024, 12, 31)})


@fault("end_before_start", "medical_claim", "claim_end_date", 2, LINES, "warn")
def _claim_ends_early(rows):
    put(rows, "medical_claim", "claim_end_date", {0: DAY(2024, 12, 31), 1: DAY(2024, 12, 31)})


@fault("spans_overlap", "eligibility", None, 5, N + 5, "warn")
def _overlap(rows):
    again(rows, "eligibility", *range(5))
    put(rows, "eligibility", "enrollment_start_date", {N + i: DAY(2025, 12, 31) for i in range(5)})
    put(rows, "eligibility", "enrollment_end_date", {N + i: DAY(2026, 6, 30) for i in range(5)})


@fault("date_null", "medical_claim", "claim_start_date", 10, LINES, "warn")
def _undated(rows):
    put(rows, "medical_claim", "claim_start_date", dict.fromkeys(range(10)))


@fault("date_future", "medical_claim", "claim_start_date", 1, LINES, "warn")
def _tomorrow(rows):
    put(rows, "medical_claim", "claim_start_date", {0: DAY(2026, 2, 1), 1: DAY(2026, 1, 31)})


@fault("date_implausible", "eligibility", "birth_date", 1, N, "fail")
def _placeholder_birth(rows):
    put(rows, "eligibility", "birth_date", {0: DAY(1900, 1, 1)})


@fault("service_before_birth", "immunization", "occurrence_date", 1, N, "fail")
def _dose_before_birth(rows):
    put(rows, "immunization", "occurrence_date", {0: DAY(2018, 2, 28), 1: DAY(2018, 3, 1)})


@fault("service_after_death", "pharmacy_claim", "dispensing_date", 1, N, "fail")
def _fill_after_death(rows):
    put(rows, "pharmacy_claim", "dispensing_date", {N - 1: DAY(2026, 1, 31)})


@fault("code_format", "medical_claim", "hcpcs_code", 4, LINES, "warn")
def _spoiled_codes(rows):
    put(rows, "medical_claim", "hcpcs_code", {1: "9921", 2: "9.92E+04", 3: "99213 ", 4: "d0120", 5: "D0120"})


@fault("code_format", "medical_claim", "diagnosis_code_1..2", 2, 2 * LINES, "warn")
def _spoiled_diagnoses(rows):
    put(rows, "medical_claim", "diagnosis_code_1", {1: "99213", 2: "Z00.129"})
    put(rows, "medical_claim", "diagnosis_code_2", {1: "z00129"})


@fault("code_format", "immunization", "source_code", 3, N, "fail")
def _lost_zeros(rows):
    put(rows, "immunization", "source_code", {0: "8", 1: "8", 2: "3"})


@fault("code_type_unknown", "immunization", "source_code_type", 2, N, "warn")
def _local_type(rows):
    put(
        rows,
        "immunization",
        "source_code_type",
        {0: "house list", 1: "house list", 2: None, 3: "URN:OID:2.16.840.1.113883.12.292"},
    )


@fault("code_missing", "immunization", "source_code", 4, N, "warn")
def _uncoded(rows):
    put(rows, "immunization", "source_code", dict.fromkeys(range(4)))


@fault("npi_format", "medical_claim", "rendering_npi", 5, LINES, "warn")
def _short_npi(rows):
    put(
        rows,
        "medical_claim",
        "rendering_npi",
        {0: "123", 1: "123456789A", 2: "12345678901", 3: "x", 4: "900000000\u0661"},
    )


@fault("age_for_code", "medical_claim", "hcpcs_code", 1, N, "warn")
def _forty_years_old(rows):
    put(rows, "eligibility", "birth_date", {0: DAY(1985, 1, 1)})


@fault("claim_status_unknown", "medical_claim", "claim_status", 6, LINES - 1, "warn")
def _void(rows):
    put(rows, "medical_claim", "claim_status", {**dict.fromkeys(range(6), "void"), 7: None, 8: "Reversed"})


@fault("record_status_unknown", "immunization", "status", 3, N, "warn")
def _erroneous(rows):
    put(rows, "immunization", "status", {0: "bad", 1: "bad", 2: "wrong", 3: "Not-Done"})


@fault("category_unmapped", "eligibility", "race", 2, N, "warn")
def _house_race(rows):
    put(rows, "eligibility", "race", {0: "R7", 1: "2106-3|R7", 2: "2106-3|2054-5", 3: "ASKU"})


@fault("demographics_complete", "eligibility", "ethnicity", 20, N, "warn")
def _half_unknown(rows):
    put(rows, "eligibility", "ethnicity", dict.fromkeys(range(20), "UNK"))


@fault("null_share", "medical_claim", "claim_status", 60, LINES, "warn")
def _status_lost(rows):
    put(rows, "medical_claim", "claim_status", dict.fromkeys(range(60)))


@fault("paid_amount", "medical_claim", "paid_amount", 3, LINES, "warn")
def _odd_money(rows):
    put(
        rows,
        "medical_claim",
        "paid_amount",
        {0: -1.0, 1: 2_000_000.0, 2: float("nan"), 3: -80.0, 4: 0.0, 5: 1_000_000.0},
    )
    put(rows, "medical_claim", "claim_status", {3: "Reversed"})


@fault("days_supply", "pharmacy_claim", "days_supply", 2, N, "warn")
def _no_days(rows):
    put(rows, "pharmacy_claim", "days_supply", {0: 0, 1: 900, 2: 366})


@fault("provider_taxonomy", "medical_claim", "rendering_taxonomy", 10, N, "warn")
def _unknown_provider(rows):
    put(rows, "medical_claim", "rendering_npi", dict.fromkeys(range(0, 120, 12), "9000000999"))


def _drop_month(rows: Rows, month: int, source: str | None = None) -> None:
    table = rows["medical_claim"]
    keep = [
        i
        for i, day in enumerate(table["claim_start_date"])
        if day.month != month or (source and table["data_source"][i] != source)
    ]
    rows["medical_claim"] = {c: [v[i] for i in keep] for c, v in table.items()}


def more(rows: Rows) -> None:
    """Make the claims three times as many, so that months are worth judging."""
    again(rows, "medical_claim", *range(LINES), *range(LINES))


@fault("month_missing", "medical_claim", "claim_start_date", 1, 12, "fail")
def _no_july(rows):
    more(rows)
    _drop_month(rows, 7)


@fault("month_doubled", "medical_claim", "claim_start_date", 1, 12, "warn")
def _march_twice(rows):
    more(rows)
    march = [i for i, day in enumerate(rows["medical_claim"]["claim_start_date"]) if day.month == 3]
    again(rows, "medical_claim", *march)


GROUND = {"year": 2025, "as_of": dt.date(2026, 1, 31)}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_is_found_where_it_is(check: Check, name: str) -> None:
    spoil, (table, column, found, rows, status) = FAULTS[name]
    results = check(name.partition("-")[0], spoil, **GROUND)
    told = [(r.column, r.found, r.rows, r.status) for r in results if r.table == table]
    assert (column, found, rows, status) in told


@pytest.mark.parametrize("name", sorted({n.split("-")[0] for n in FAULTS}))
def test_sound_data_passes(check: Check, name: str) -> None:
    results = check(name, more if name.startswith("month_") else None, **GROUND)
    assert results
    assert {r.status for r in results} == {"pass"}
    assert {r.found for r in results} == {0}


def test_no_check_is_left_out() -> None:
    tested = {name.split("-")[0] for name in FAULTS}
    elsewhere = {"table_readable", "page_checksum", "sha256sums"}  # test_bad_files.py
    assert {c.info.name for c in CHECKS} == tested | elsewhere


def test_a_month_that_one_source_lacks_is_told_of_that_source(check: Check) -> None:
    def spoil(rows: Rows) -> None:
        more(rows)
        more(rows)
        _drop_month(rows, 7, "west")

    failed = [r for r in check("month_missing", spoil, **GROUND) if r.status == "fail"]
    assert [(r.group, r.found) for r in failed] == [("data_source west", 1)]
    assert failed[0].text.startswith("2025-07")


def test_a_month_at_the_end_of_the_year_shows_only_up_to_the_day_of_the_extract(check: Check) -> None:
    def spoil(rows: Rows) -> None:
        more(rows)
        _drop_month(rows, 12)

    late = check("month_missing", spoil, year=2025, as_of=DAY(2026, 1, 31))
    assert [r.found for r in late if r.group is None] == [1]


@pytest.mark.parametrize("day", [DAY(1, 1, 1), DAY(9999, 12, 31)])
def test_a_day_that_is_none_makes_no_months_to_be_judged(check: Check, day: dt.date) -> None:
    def spoil(rows: Rows) -> None:
        more(rows)
        _drop_month(rows, 7)
        put(rows, "medical_claim", "claim_start_date", {0: day})
        put(rows, "eligibility", "enrollment_end_date", {3: day})

    # Twelve months from the first row to the last, of which July is missing.
    [found] = [r for r in check("month_missing", spoil) if r.group is None]
    assert (found.found, found.rows) == (1, 12)
    assert found.text.startswith("2025-07:")


def test_without_a_day_nothing_is_said_about_the_future(check: Check) -> None:
    assert check("date_future") == []


def test_days_of_grace_after_a_death_can_be_moved(check: Check) -> None:
    def spoil(rows: Rows) -> None:
        put(rows, "pharmacy_claim", "dispensing_date", {N - 1: DAY(2026, 1, 30)})

    assert {r.found for r in check("service_after_death", spoil)} == {0}
    strict = check("service_after_death", spoil, settings={"checks": {"service_after_death": {"limit": 29}}})
    assert {r.table: r.found for r in strict}["pharmacy_claim"] == 1


def test_small_groups_and_small_counts_of_persons_are_not_shown(check: Check) -> None:
    def spoil(rows: Rows) -> None:
        put(rows, "eligibility", "race", dict.fromkeys(range(3), "UNK"))  # 3 of the 20 persons of payer a
        put(rows, "eligibility", "payer", dict.fromkeys(range(30, 40), "c"))  # 10 persons: too few to name

    results = {(r.column, r.group): r for r in check("demographics_complete", spoil)}
    assert ("race", "payer c") not in results
    hidden = results["race", "payer a"]
    assert (hidden.found, hidden.share) == (None, None)
    assert "15" not in hidden.text
    assert ("race", "payer b") not in results  # the 10 that are left


def test_several_codings_of_one_record_are_no_repetition(check: Check) -> None:
    def spoil(rows: Rows) -> None:
        again(rows, "immunization", 0)
        put(rows, "immunization", "source_code", {-1: "999"})

    assert [r.found for r in check("key_duplicate", spoil) if r.table == "immunization"] == [0]
