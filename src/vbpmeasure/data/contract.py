"""The data contract: tables, columns, types. Names follow the Tuva input layer, with a few optional columns more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The type a contract column must have; each lists the Parquet types it accepts.

    ID text or integer; TEXT text; DATE date or timestamp (the day is used); INTEGER integer; NUMBER integer,
    float or decimal; FLAG boolean, integer 0/1, or text of 1/0/true/false/yes/no/y/n.
    """

    ID = "id"
    TEXT = "text"
    DATE = "date"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """One contract column."""

    name: str
    kind: Kind
    required: bool = False


@dataclass(frozen=True, slots=True)
class CodePair:
    """A code column with the column that names its code system; ``default_system`` where that is null or absent."""

    type_column: str
    code_column: str
    default_system: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One contract table.

    ``date_columns``: the event date is the first non-null of them. ``code_pairs``: for tables of coded records
    (one code a row); claims have code columns of their own. ``status_column`` holds record status for those.
    ``end_column``: the last day of records that last longer than a day; null when it is open or not known.
    """

    name: str
    columns: tuple[Column, ...]
    required: bool = False
    date_columns: tuple[str, ...] = ()
    code_pairs: tuple[CodePair, ...] = ()
    status_column: str | None = None
    end_column: str | None = None

    def column(self, name: str) -> Column | None:
        """Return the column of that name, or None when the contract has none."""
        return next((c for c in self.columns if c.name == name), None)


DIAGNOSIS_COLUMNS = tuple(f"diagnosis_code_{i}" for i in range(1, 26))
PROCEDURE_COLUMNS = tuple(f"procedure_code_{i}" for i in range(1, 26))
MODIFIER_COLUMNS = tuple(f"hcpcs_modifier_{i}" for i in range(1, 6))
BENEFITS = ("medical", "dental", "pharmacy", "mental_health")

# A record with one of these statuses never happened, was withdrawn, or was entered by mistake: it is no evidence.
# They are the FHIR codes of all record types together, with the American spelling of cancelled.
VOID_STATUSES = (
    "entered-in-error",
    "not-done",
    "cancelled",
    "in-error",
    "canceled",
    "revoked",
    "declined",
    "refuted",
)


def benefit_column(benefit: str) -> str:
    """Return the eligibility column that says whether a span carries the benefit (one of ``BENEFITS``)."""
    return f"{benefit}_benefit"


def _columns(kind: Kind, *names: str, required: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, kind, required) for name in names)


ELIGIBILITY = Table(
    "eligibility",
    (
        Column("person_id", Kind.ID, required=True),
        *_columns(Kind.DATE, "birth_date", "enrollment_start_date", "enrollment_end_date", required=True),
        *_columns(Kind.TEXT, "gender", required=True),
        *_columns(Kind.DATE, "death_date"),
        *_columns(Kind.TEXT, "payer", "payer_type", "plan", "product_line", "subscriber_id", "member_id"),
        *_columns(Kind.TEXT, "race", "ethnicity", "language", "race_source", "ethnicity_source", "language_source"),
        *_columns(Kind.TEXT, "language_spoken", "language_written", "english_proficiency", "geography", "ruca_code"),
        *_columns(Kind.FLAG, "interpreter_needed", "disability_any"),
        *_columns(Kind.TEXT, "zip_code", "state", "data_source"),
        *_columns(Kind.FLAG, "hospice_flag", *(benefit_column(b) for b in BENEFITS)),
    ),
    required=True,
)

MEDICAL_CLAIM = Table(
    "medical_claim",
    (
        *_columns(Kind.ID, "claim_id", "person_id", required=True),
        *_columns(Kind.INTEGER, "claim_line_number"),
        *_columns(Kind.DATE, "claim_start_date", required=True),
        *_columns(Kind.DATE, "claim_end_date", "claim_line_start_date", "claim_line_end_date"),
        *_columns(Kind.DATE, "admission_date", "discharge_date", "paid_date"),
        *_columns(Kind.TEXT, "claim_type", "payer", "plan", "place_of_service_code", "bill_type_code"),
        *_columns(Kind.TEXT, "revenue_center_code", "hcpcs_code", *MODIFIER_COLUMNS, "discharge_disposition_code"),
        *_columns(Kind.TEXT, "diagnosis_code_type", *DIAGNOSIS_COLUMNS),
        *_columns(Kind.TEXT, "procedure_code_type", *PROCEDURE_COLUMNS),
        *_columns(Kind.DATE, *(f"procedure_date_{i}" for i in range(1, 26))),
        *_columns(Kind.TEXT, "rendering_npi", "billing_npi", "facility_npi"),
        *_columns(Kind.TEXT, "rendering_taxonomy", "billing_taxonomy", "claim_status", "data_source"),
        *_columns(Kind.TEXT, "tooth_number"),
        *_columns(Kind.NUMBER, "paid_amount"),
    ),
    required=True,
    date_columns=("claim_line_start_date", "claim_start_date"),
)


def _named_in(pair: CodePair) -> tuple[str, ...]:
    """Return the contract columns of a pair: a column called for its code system needs none to name it."""
    own_system = pair.default_system is not None and pair.code_column == f"{pair.default_system.lower()}_code"
    return (pair.code_column,) if own_system else (pair.type_column, pair.code_column)


def _records(
    name: str,
    dates: tuple[str, ...],
    code: str = "code",
    default_system: str | None = None,
    extra: tuple[Column, ...] = (),
    end: str | None = None,
    pairs: tuple[CodePair, ...] = (),
) -> Table:
    """Return a table of coded records: code pairs (source and normalized unless given), a status, dates, an end."""
    pairs = pairs or tuple(
        CodePair(f"{side}_{code}_type", f"{side}_{code}", default_system) for side in ("source", "normalized")
    )
    return Table(
        name,
        (
            Column("person_id", Kind.ID, required=True),
            *_columns(Kind.ID, *dict.fromkeys((f"{name}_id", "encounter_id"))),
            *_columns(Kind.DATE, *dates, *((end,) if end else ())),
            *(Column(c, Kind.TEXT) for pair in pairs for c in _named_in(pair)),
            *_columns(Kind.TEXT, "status", "data_source"),
            *(c for c in extra if c.name != f"{name}_id"),
        ),
        date_columns=dates,
        code_pairs=pairs,
        status_column="status",
        end_column=end,
    )


IMMUNIZATION = _records("immunization", ("occurrence_date",), default_system="CVX")
LAB_RESULT = _records(
    "lab_result",
    ("collection_date", "collection_datetime", "result_date", "result_datetime"),
    code="component_code",
    default_system="LOINC",
    extra=_columns(Kind.TEXT, "result", "source_units"),
)
OBSERVATION = _records(
    "observation", ("observation_date",), default_system="LOINC", extra=_columns(Kind.TEXT, "result", "source_units")
)
CONDITION = _records(
    "condition",
    ("onset_date", "recorded_date"),
    default_system="ICD10CM",
    extra=_columns(Kind.TEXT, "condition_type"),
    end="resolved_date",
)
PROCEDURE = _records(
    "procedure",
    ("procedure_date",),
    default_system="HCPCS",
    extra=_columns(Kind.TEXT, "practitioner_id"),
    end="procedure_end_date",
)
ENCOUNTER = _records(
    "encounter",
    ("encounter_start_date",),
    extra=_columns(Kind.TEXT, "encounter_type", "encounter_class", "attending_provider_id"),
    end="encounter_end_date",
)
# An order has no usual code system: laboratory orders carry LOINC, CPT or SNOMED CT, and a wrong guess would match.
SERVICE_REQUEST = _records(
    "service_request", ("authored_date", "occurrence_date"), extra=_columns(Kind.TEXT, "practitioner_id")
)
MEDICATION = _records(
    "medication",
    ("dispensing_date", "prescribing_date", "recorded_date"),
    extra=(
        *_columns(Kind.TEXT, "route", "strength", "quantity_unit", "practitioner_id"),
        *_columns(Kind.NUMBER, "quantity", "days_supply"),
    ),
    pairs=(
        CodePair("source_code_type", "source_code"),
        CodePair("ndc_code_type", "ndc_code", "NDC"),
        CodePair("rxnorm_code_type", "rxnorm_code", "RXNORM"),
    ),
)

PHARMACY_CLAIM = Table(
    "pharmacy_claim",
    (
        *_columns(Kind.ID, "claim_id", "person_id", required=True),
        *_columns(Kind.DATE, "dispensing_date", required=True),
        *_columns(Kind.TEXT, "ndc_code", "ndc_code_type", "data_source"),
        *_columns(Kind.NUMBER, "quantity", "days_supply", "paid_amount"),
    ),
    date_columns=("dispensing_date",),
    code_pairs=(CodePair("ndc_code_type", "ndc_code", "NDC"),),
)

PRACTITIONER = Table(
    "practitioner",
    (
        Column("npi", Kind.TEXT, required=True),
        *_columns(Kind.TEXT, "practitioner_id", "specialty", "taxonomy_code", "practice_affiliation", "data_source"),
    ),
)

_ATTRIBUTED = ("provider", "provider_practice", "provider_organization", "provider_lob")

PROVIDER_ATTRIBUTION = Table(
    "provider_attribution",
    (
        # A month as six digits, 202503; some extracts have it as a number.
        *_columns(Kind.ID, "person_id", "year_month", required=True),
        *_columns(Kind.TEXT, "payer", "plan", "data_source"),
        *_columns(Kind.TEXT, *(f"{side}_attributed_{what}" for side in ("payer", "custom") for what in _ATTRIBUTED)),
    ),
)

INDICATOR = Table(
    "indicator",
    (
        *_columns(Kind.TEXT, "indicator_id", "entity_type", required=True),
        Column("entity_id", Kind.ID, required=True),
        Column("period_end", Kind.DATE, required=True),
        *_columns(Kind.DATE, "period_start"),
        *_columns(Kind.NUMBER, "numerator", "denominator", "value"),
        *_columns(Kind.TEXT, "source"),
    ),
    date_columns=("period_end",),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        ELIGIBILITY,
        MEDICAL_CLAIM,
        PHARMACY_CLAIM,
        IMMUNIZATION,
        LAB_RESULT,
        OBSERVATION,
        CONDITION,
        PROCEDURE,
        ENCOUNTER,
        SERVICE_REQUEST,
        MEDICATION,
        PRACTITIONER,
        PROVIDER_ATTRIBUTION,
        INDICATOR,
    )
}

# Tables whose rows can be events, in the order in which evidence sources are named.
EVENT_TABLES = (
    "medical_claim",
    "pharmacy_claim",
    "immunization",
    "lab_result",
    "observation",
    "condition",
    "procedure",
    "encounter",
    "service_request",
    "medication",
)

# What a definition may name together in `source`. An order or a prescription is no proof that the service was done or
# the drug was given, and many extracts mix both in one table: such rows count only where a definition names them.
SOURCE_GROUPS: dict[str, tuple[str, ...]] = {
    "claims": ("medical_claim", "pharmacy_claim"),
    "registry": ("immunization",),
    "clinical": ("lab_result", "observation", "condition", "procedure", "encounter"),
    "orders": ("service_request", "medication"),
}
USUAL_SOURCES = tuple(table for table in EVENT_TABLES if table not in SOURCE_GROUPS["orders"])
