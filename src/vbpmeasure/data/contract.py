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
    """

    name: str
    columns: tuple[Column, ...]
    required: bool = False
    date_columns: tuple[str, ...] = ()
    code_pairs: tuple[CodePair, ...] = ()
    status_column: str | None = None

    def column(self, name: str) -> Column | None:
        """Return the column of that name, or None when the contract has none."""
        return next((c for c in self.columns if c.name == name), None)


DIAGNOSIS_COLUMNS = tuple(f"diagnosis_code_{i}" for i in range(1, 26))
PROCEDURE_COLUMNS = tuple(f"procedure_code_{i}" for i in range(1, 26))
MODIFIER_COLUMNS = tuple(f"hcpcs_modifier_{i}" for i in range(1, 6))
BENEFITS = ("medical", "dental", "pharmacy", "mental_health")

# A record with one of these statuses never happened, or was entered by mistake: it is no evidence.
VOID_STATUSES = ("entered-in-error", "not-done", "cancelled", "in-error")


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


def _records(
    name: str,
    dates: tuple[str, ...],
    code: str = "code",
    default_system: str | None = None,
    extra: tuple[Column, ...] = (),
) -> Table:
    """Return a table of coded records: source and normalized code pairs, a status, a date."""
    pairs = tuple(
        CodePair(f"{side}_{code}_type", f"{side}_{code}", default_system) for side in ("source", "normalized")
    )
    return Table(
        name,
        (
            Column("person_id", Kind.ID, required=True),
            *_columns(Kind.ID, *dict.fromkeys((f"{name}_id", "encounter_id"))),
            *_columns(Kind.DATE, *dates),
            *(Column(c, Kind.TEXT) for pair in pairs for c in (pair.type_column, pair.code_column)),
            *_columns(Kind.TEXT, "status", "data_source"),
            *(c for c in extra if c.name != f"{name}_id"),
        ),
        date_columns=dates,
        code_pairs=pairs,
        status_column="status",
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
CONDITION = _records("condition", ("onset_date", "recorded_date"), default_system="ICD10CM")
PROCEDURE = _records("procedure", ("procedure_date",), default_system="HCPCS")
ENCOUNTER = _records(
    "encounter",
    ("encounter_start_date",),
    extra=(
        *_columns(Kind.TEXT, "encounter_type", "attending_provider_id"),
        *_columns(Kind.DATE, "encounter_end_date"),
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
        *_columns(Kind.TEXT, "practitioner_id", "specialty", "taxonomy_code", "data_source"),
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
        PRACTITIONER,
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
)
