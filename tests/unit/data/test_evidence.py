"""What measures lose when optional tables and columns are absent."""

from __future__ import annotations

import pytest

from vbpmeasure.data.contract import MEDICAL_CLAIM
from vbpmeasure.data.evidence import EvidenceNote, evidence_notes
from vbpmeasure.data.rows import bound_from_rows
from vbpmeasure.plan.dates import Anchor, DateExpr, FirstDate, Window, Windowed
from vbpmeasure.plan.events import EventSet, LineFilter, Role, Trigger
from vbpmeasure.plan.flags import AllOf, CountAtLeast, DateWithin, Enrolled, Flag, Not, SpanFlagged
from vbpmeasure.plan.measures import CodeSet, Exclusion, MeasurePlan, Program, Proportion, Step, calendar_year

YEAR = Window(DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END))
BORN_BEFORE = DateWithin(DateExpr(Anchor.BIRTH), YEAR)
SETS = {
    name: CodeSet(name, {system: frozenset({code})})
    for name, system, code in (
        ("visit", "CPT", "99391"),
        ("visit_dx", "ICD10CM", "Z00129"),
        ("vaccine", "CVX", "20"),
        ("lab", "LOINC", "5671-3"),
        ("pcp", "NUCC", "208000000X"),
        ("pos", "POS", "81"),
        ("cat2", "MODIFIER", "1P"),
        ("bill", "UBTOB_PREFIX", "11"),
        ("seen", "SNOMEDCT", "185349003"),
    )
}


def found(name: str, role: Role = Role.ANY, **where: object) -> Windowed:
    return Windowed(EventSet((Trigger(role, (name,), LineFilter(**where)),)), YEAR)  # type: ignore[arg-type]


def measure(name: str, numerator: Flag, exclusions: tuple[Flag, ...] = ()) -> MeasurePlan:
    listed = tuple(Exclusion(f"e{i}", f"e{i}", flag) for i, flag in enumerate(exclusions))
    rate = Proportion("r", "r", (Step("born", BORN_BEFORE),), listed, numerator)
    return MeasurePlan(name, name, "2025", "active", (rate,))


def notes(*measures: MeasurePlan, key: tuple[str, ...] = (), **tables: tuple[str, ...]) -> list[EvidenceNote]:
    """Return the notes for tables that have their required columns and those named; claims have all but ``without``."""
    program = Program(measures, calendar_year(2025), SETS, key)
    rows = {name: [dict.fromkeys(columns)] for name, columns in tables.items()}
    return evidence_notes(program, bound_from_rows({"eligibility": [], "medical_claim": [], **rows}))


ALL_CLAIM_COLUMNS = tuple(c.name for c in MEDICAL_CLAIM.columns)


def claims_without(*absent: str) -> tuple[str, ...]:
    return tuple(c for c in ALL_CLAIM_COLUMNS if not any(c.startswith(a) for a in absent))


def missing(found_notes: list[EvidenceNote]) -> set[str]:
    return {note.missing for note in found_notes}


def test_only_what_a_measure_uses_is_told_and_equal_losses_share_a_note() -> None:
    dose, visit = CountAtLeast((found("vaccine"),)), CountAtLeast((found("visit"),))
    told = notes(
        measure("cis", dose),
        measure("wcv", visit),
        measure("ima", dose),
        medical_claim=ALL_CLAIM_COLUMNS,
        procedure=("source_code", "status"),
    )
    assert [(n.measures, n.missing) for n in told] == [(("cis", "ima"), "table immunization")]
    assert told[0].text.startswith("cis, ima: no table immunization: registry doses are not seen")


def test_nothing_is_told_when_all_that_is_used_is_there() -> None:
    visit = CountAtLeast((found("visit", provider_in=("pcp",), place_not_in=("pos",)),))
    dose = CountAtLeast((found("vaccine"),))
    told = notes(
        measure("m", AllOf((visit, dose))),
        medical_claim=ALL_CLAIM_COLUMNS,
        immunization=("source_code", "status", "occurrence_date"),
        procedure=("source_code", "status"),
    )
    assert told == []


def test_a_record_table_needs_a_code_column_and_a_status() -> None:
    dose = measure("cis", CountAtLeast((found("vaccine"),)))
    claims = {"medical_claim": ALL_CLAIM_COLUMNS}
    assert missing(notes(dose, immunization=("status",), **claims)) == {"code column in immunization"}
    assert missing(notes(dose, immunization=("source_code",), **claims)) == {"immunization.status"}


@pytest.mark.parametrize(
    ("windowed", "absent", "named", "words"),
    [
        (found("visit"), "hcpcs_code", "hcpcs_code", "not seen"),
        (found("visit_dx", Role.DIAGNOSIS), "diagnosis_code_", "diagnosis_code_1", "diagnoses of claims are not seen"),
        (found("bill"), "bill_type_code", "bill_type_code", "not seen"),
        (found("visit", place_in=("pos",)), "place_of", "place_of_service_code", "in certain places are not seen"),
        (found("visit", place_not_in=("pos",)), "place_of", "place_of_service_code", "cannot be told apart"),
        (found("visit", modifier_in=("cat2",)), "hcpcs_modifier", "hcpcs_modifier_1", "are not seen"),
        (found("visit", modifier_not_in=("cat2",)), "hcpcs_modifier", "hcpcs_modifier_1", "cannot be told apart"),
        (found("visit"), "claim_status", "claim_status", "reversed claims cannot be told apart"),
        (found("visit", statuses=("paid",)), "claim_status", "claim_status", "pending and denied and reversed"),
    ],
)
def test_claim_columns(windowed: Windowed, absent: str, named: str, words: str) -> None:
    told = notes(
        measure("m", CountAtLeast((windowed,))),
        medical_claim=claims_without(absent),
        procedure=("source_code", "status"),
        condition=("source_code", "status"),
    )
    assert [n.missing for n in told] == [f"medical_claim.{named}"]
    assert words in told[0].consequence


def test_one_diagnosis_column_is_told_to_those_who_look_at_all() -> None:
    claims = (*claims_without("diagnosis_code_"), "diagnosis_code_1")
    more = {"medical_claim": claims, "condition": ("source_code", "status")}
    any_place = measure("m", CountAtLeast((found("visit_dx", Role.DIAGNOSIS),)))
    principal = measure("p", CountAtLeast((found("visit_dx", Role.PRINCIPAL_DIAGNOSIS),)))
    assert [(n.measures, n.missing) for n in notes(any_place, principal, **more)] == [
        (("m",), "medical_claim.diagnosis_code_2")
    ]


@pytest.mark.parametrize(
    ("columns", "practitioner", "unknown", "words"),
    [
        (("rendering_taxonomy",), False, False, None),
        (("rendering_npi",), True, False, None),
        (("rendering_npi",), False, False, "are not seen"),
        (("billing_taxonomy",), False, False, "billing provider's taxonomy is used"),
        (("billing_npi",), True, False, "billing provider's taxonomy is used"),
        ((), True, False, "are not seen"),
        ((), False, True, "is not checked"),
    ],
)
def test_provider_filters(columns: tuple[str, ...], practitioner: bool, unknown: bool, words: str | None) -> None:
    visit = measure("w30", CountAtLeast((found("visit", provider_in=("pcp",), unknown_provider=unknown),)))
    tables = {
        "medical_claim": (*claims_without("rendering", "billing"), *columns),
        "procedure": ("source_code", "status"),
    }
    if practitioner:
        tables["practitioner"] = ("npi", "taxonomy_code")
    told = [n for n in notes(visit, **tables) if "taxonomy" in n.missing]
    assert [words in n.consequence for n in told if words] == ([] if words is None else [True])
    assert bool(told) == (words is not None)


def test_filters_that_no_record_can_meet_make_no_record_table_missed() -> None:
    """Record rows have no place, modifier, provider or claim (semantics section 3)."""
    for where in ({"place_in": ("pos",)}, {"modifier_in": ("cat2",)}, {"provider_in": ("pcp",)}):
        told = notes(measure("m", CountAtLeast((found("vaccine", **where),))), medical_claim=ALL_CLAIM_COLUMNS)
        assert told == []
    told = notes(measure("m", CountAtLeast((found("vaccine", sources=("lab_result",)),))))
    assert told == []


def test_eligibility_columns_that_criteria_name() -> None:
    death = DateWithin(DateExpr(Anchor.DEATH), YEAR)
    enrolled = Enrolled(YEAR, benefit="dental")
    plan = measure("m", AllOf((enrolled, SpanFlagged("hospice_flag", YEAR))), (Not(death),))
    assert missing(notes(plan, key=("payer",))) == {
        "eligibility.death_date",
        "eligibility.hospice_flag",
        "eligibility.dental_benefit",
        "eligibility.payer",
    }
    all_there = ("death_date", "hospice_flag", "dental_benefit", "payer")
    assert notes(plan, key=("payer",), eligibility=all_there) == []
    assert notes(measure("m", BORN_BEFORE), key=("payer",)) == []


def test_events_behind_dates_are_found_too() -> None:
    first_lab = DateExpr(Anchor.EVENT, event=FirstDate(found("lab")), days=30)
    after = Window(first_lab, DateExpr(Anchor.PERIOD_END))
    visit = CountAtLeast((Windowed(found("visit").events, after),))
    told = notes(measure("m", visit), medical_claim=ALL_CLAIM_COLUMNS, procedure=("source_code", "status"))
    assert missing(told) == {"table lab_result", "table observation"}
    on_death = DateExpr(Anchor.DEATH, days=-1)
    within = DateWithin(DateExpr(Anchor.BIRTH), Window(DateExpr(Anchor.PERIOD_START), on_death))
    assert missing(notes(measure("m", within))) == {"eligibility.death_date"}


def test_records_that_are_asked_for_by_status_or_class() -> None:
    claims = {"medical_claim": ALL_CLAIM_COLUMNS}

    def told(windowed: Windowed, **tables: tuple[str, ...]) -> list[tuple[str, str]]:
        found_notes = notes(measure("m", CountAtLeast((windowed,))), **claims, **tables)
        return [(note.missing, note.consequence) for note in found_notes]

    final = found("lab", sources=("lab_result",), record_statuses=("final",))
    loose = found("lab", sources=("lab_result",), record_statuses=("final", "unknown"))
    assert told(final, lab_result=("source_component_code",)) == [
        ("lab_result.status", "records asked for with a certain status are not seen")
    ]
    assert "and count" in told(loose, lab_result=("source_component_code",))[0][1]
    assert told(final, lab_result=("source_component_code", "status")) == []

    visit = found("seen", encounter_classes=("amb",), encounter_types=("office visit",))
    assert told(visit) == [("table encounter", "encounters recorded outside claims are not seen")]
    assert told(visit, encounter=("source_code", "status", "encounter_type")) == [
        ("encounter.encounter_class", "encounters asked for by their class are not seen")
    ]


def test_orders_are_missed_only_by_those_who_name_them() -> None:
    claims = {"medical_claim": ALL_CLAIM_COLUMNS, "lab_result": ("source_component_code", "status")}
    usual = measure("m", CountAtLeast((found("lab", sources=("lab_result",)), found("lab"))))
    assert "table service_request" not in missing(notes(usual, **claims))
    ordered = measure("m", CountAtLeast((found("lab", sources=("service_request",)),)))
    assert missing(notes(ordered, **claims)) == {"table service_request"}
