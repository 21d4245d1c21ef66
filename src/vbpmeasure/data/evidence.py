"""Which measures lose which evidence because optional tables or columns are absent. Told, never guessed around."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.contract import (
    DIAGNOSIS_COLUMNS,
    EVENT_TABLES,
    MODIFIER_COLUMNS,
    PROCEDURE_COLUMNS,
    TABLES,
    USUAL_SOURCES,
    benefit_column,
)
from vbpmeasure.data.demands import Demands, demands_of
from vbpmeasure.plan.events import CLAIM_STATUSES, UNKNOWN_STATUS, Role, Trigger
from vbpmeasure.plan.measures import CodeSet, Program

_PROCEDURE_SYSTEMS = frozenset({"CPT", "HCPCS", "CDT", "CDT_PREFIX"})

# The code systems that a source is known for: its absence is told to the measures that look for such codes.
_KNOWN_FOR: dict[str, tuple[frozenset[str], str]] = {
    "pharmacy_claim": (frozenset({"NDC", "RXNORM", "INGREDIENT"}), "filled prescriptions are not seen"),
    "immunization": (frozenset({"CVX"}), "registry doses are not seen, only those billed on claims"),
    "lab_result": (frozenset({"LOINC"}), "laboratory results are not seen"),
    "observation": (frozenset({"LOINC"}), "recorded observations and screenings are not seen"),
    "condition": (frozenset({"ICD10CM", "SNOMEDCT"}), "problem lists are not seen, only diagnoses on claims"),
    "procedure": (
        _PROCEDURE_SYSTEMS | {"ICD10PCS", "SNOMEDCT"},
        "procedures recorded outside claims are not seen",
    ),
    "encounter": (frozenset({"SNOMEDCT"}), "encounters recorded outside claims are not seen"),
    "service_request": (_PROCEDURE_SYSTEMS | {"LOINC", "SNOMEDCT"}, "orders are not seen"),
    "medication": (frozenset({"NDC", "RXNORM"}), "prescriptions and given drugs are not seen"),
}

# Claim columns that carry the codes of a system, alone.
_CLAIM_CODES: tuple[tuple[str, frozenset[str], str], ...] = (
    ("hcpcs_code", _PROCEDURE_SYSTEMS, "procedure codes of claims are not seen"),
    ("procedure_code_1", frozenset({"ICD10PCS"}), "inpatient procedure codes of claims are not seen"),
    ("revenue_center_code", frozenset({"UBREV"}), "revenue codes of claims are not seen"),
    ("bill_type_code", frozenset({"UBTOB_PREFIX"}), "bill types of claims are not seen"),
    ("discharge_disposition_code", frozenset({"UBDISP"}), "discharge dispositions of claims are not seen"),
)


@dataclass(frozen=True, slots=True)
class EvidenceNote:
    """What some measures lose: their ids, what is missing in the data, and the consequence, in words."""

    measures: tuple[str, ...]
    missing: str
    consequence: str

    @property
    def text(self) -> str:
        """The note as one line."""
        return f"{', '.join(self.measures)}: no {self.missing}: {self.consequence}"


def evidence_notes(program: Program, bound: BoundData) -> list[EvidenceNote]:
    """Return what the selected measures lose with these tables, one note per missing thing and consequence.

    Only what a measure of the program really uses is told. Notes stand in the order of the measures, then of the
    contract; measures with the same loss share a note. Nothing is read: a column that is there and null throughout
    is not noticed here.
    """
    grouped: dict[tuple[str, str], list[str]] = {}
    for measure in program.measures:
        demands = demands_of(measure)
        for loss in dict.fromkeys(_losses(demands, program, bound)):
            grouped.setdefault(loss, []).append(measure.id)
    return [EvidenceNote(tuple(ids), missing, consequence) for (missing, consequence), ids in grouped.items()]


def _losses(demands: Demands, program: Program, bound: BoundData) -> Iterator[tuple[str, str]]:
    yield from _eligibility_losses(demands, program, bound)
    for trigger in demands.triggers:
        systems = _systems(trigger, program.value_sets)
        yield from _record_losses(trigger, systems, bound)
        if _looks_at(trigger, "medical_claim") and "medical_claim" in bound.tables:
            yield from _claim_code_losses(trigger, systems, bound)
            yield from _filter_losses(trigger, bound)
            yield from _provider_losses(trigger, bound)


def _eligibility_losses(demands: Demands, program: Program, bound: BoundData) -> Iterator[tuple[str, str]]:
    if demands.deaths and not bound.has("eligibility", "death_date"):
        yield "eligibility.death_date", "nobody is known to have died"
    for column in sorted(demands.span_flags):
        if not bound.has("eligibility", column):
            yield f"eligibility.{column}", "no span carries the flag; only codes can say it"
    for benefit in sorted(demands.benefits):
        column = benefit_column(benefit)
        if not bound.has("eligibility", column):
            yield f"eligibility.{column}", f"every span counts as having the {benefit} benefit"
    if demands.enrollment:
        for column in program.enrollment_key:
            if not bound.has("eligibility", column):
                yield f"eligibility.{column}", "a change of it does not break continuous enrollment"


def _record_losses(trigger: Trigger, systems: frozenset[str], bound: BoundData) -> Iterator[tuple[str, str]]:
    """Tell of record tables that could have held the codes of the trigger."""
    for name in EVENT_TABLES:
        known = _KNOWN_FOR.get(name)
        if known is None or not known[0] & systems or not _looks_at(trigger, name):
            continue
        table = bound.tables.get(name)
        if table is None:
            yield f"table {name}", known[1]
        elif not any(p.code_column in table.columns for p in TABLES[name].code_pairs):
            yield f"code column in {name}", known[1]
        elif (status := TABLES[name].status_column) is not None and status not in table.columns:
            yield f"{name}.{status}", _without_status(trigger)
        elif name == "encounter":
            for column, asked in _encounter_texts(trigger):
                if asked and column not in table.columns:
                    yield f"{name}.{column}", f"encounters asked for by their {column.split('_')[1]} are not seen"


def _without_status(trigger: Trigger) -> str:
    asked = trigger.where.record_statuses
    if asked and UNKNOWN_STATUS not in asked:
        return "records asked for with a certain status are not seen"
    return "records entered in error or not done cannot be told apart, and count"


def _encounter_texts(trigger: Trigger) -> tuple[tuple[str, tuple[str, ...]], ...]:
    where = trigger.where
    return (("encounter_class", where.encounter_classes), ("encounter_type", where.encounter_types))


def _looks_at(trigger: Trigger, table: str) -> bool:
    """Return whether a row of the table could pass the trigger's filters (semantics section 3)."""
    where = trigger.where
    if table not in (where.sources or USUAL_SOURCES):
        return False
    if any(asked for _, asked in _encounter_texts(trigger)) and table != "encounter":
        return False
    if table == "medical_claim":
        return True
    if trigger.role is Role.PRINCIPAL_DIAGNOSIS or (trigger.role is Role.DIAGNOSIS and table != "condition"):
        return False
    # A record row has no place, modifier, provider or claim.
    needs_claim = where.place_in or where.modifier_in or where.same_claim
    return not needs_claim and (not where.provider_in or where.unknown_provider)


def _claim_code_losses(trigger: Trigger, systems: frozenset[str], bound: BoundData) -> Iterator[tuple[str, str]]:
    if "ICD10CM" in systems:
        present = [c for c in DIAGNOSIS_COLUMNS if bound.has("medical_claim", c)]
        needed = DIAGNOSIS_COLUMNS[:1] if trigger.role is Role.PRINCIPAL_DIAGNOSIS else DIAGNOSIS_COLUMNS
        if not set(present) & set(needed):
            yield f"medical_claim.{needed[0]}", "diagnoses of claims are not seen"
        elif len(needed) > 1 and present == [DIAGNOSIS_COLUMNS[0]]:
            yield "medical_claim.diagnosis_code_2", "secondary diagnoses of claims are not seen"
    if trigger.role is not Role.ANY:
        return
    for column, carried, consequence in _CLAIM_CODES:
        columns = PROCEDURE_COLUMNS if column in PROCEDURE_COLUMNS else (column,)
        if carried & systems and not any(bound.has("medical_claim", c) for c in columns):
            yield f"medical_claim.{column}", consequence


def _filter_losses(trigger: Trigger, bound: BoundData) -> Iterator[tuple[str, str]]:
    where = trigger.where
    if (where.place_in or where.place_not_in) and not bound.has("medical_claim", "place_of_service_code"):
        if where.place_in:
            yield "medical_claim.place_of_service_code", "events asked for in certain places are not seen"
        if where.place_not_in:
            yield "medical_claim.place_of_service_code", "services in places that do not count cannot be told apart"
    if not any(bound.has("medical_claim", c) for c in MODIFIER_COLUMNS):
        if where.modifier_in:
            yield "medical_claim.hcpcs_modifier_1", "events asked for with certain modifiers are not seen"
        if where.modifier_not_in:
            yield "medical_claim.hcpcs_modifier_1", "services with a modifier that voids them cannot be told apart"
    if not bound.has("medical_claim", "claim_status"):
        refused = [s for s in CLAIM_STATUSES if s not in where.statuses]
        if refused:
            yield "medical_claim.claim_status", f"{' and '.join(refused)} claims cannot be told apart, and count"


def _provider_losses(trigger: Trigger, bound: BoundData) -> Iterator[tuple[str, str]]:
    if not trigger.where.provider_in:
        return
    register = bound.has("practitioner", "taxonomy_code")
    known = {
        side: bound.has("medical_claim", f"{side}_taxonomy") or (register and bound.has("medical_claim", f"{side}_npi"))
        for side in ("rendering", "billing")
    }
    if known["rendering"]:
        return
    missing = "rendering provider taxonomy (medical_claim.rendering_taxonomy, or rendering_npi with table practitioner)"
    if known["billing"]:
        yield missing, "the billing provider's taxonomy is used instead"
    elif trigger.where.unknown_provider:
        yield missing, "the kind of provider is not checked"
    else:
        yield missing, "events asked for from certain kinds of provider are not seen"


def _systems(trigger: Trigger, value_sets: Mapping[str, CodeSet]) -> frozenset[str]:
    return frozenset(
        system
        for name in trigger.value_sets
        if name in value_sets
        for system, codes in value_sets[name].codes.items()
        if codes
    )
