"""The floor: decode the columns that six measures need, once, and drop them. Nothing can be faster on this reader."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from vbpmeasure.data.contract import DIAGNOSIS_COLUMNS, PROCEDURE_COLUMNS, TABLES

# What the six measures that the ratios are stated for read; the whole set reads more, so its ratio is on the safe side.
TABLES_READ = ("eligibility", "medical_claim", "immunization", "lab_result", "observation", "condition", "practitioner")
_CLAIM_CODES = (
    "person_id",
    "claim_start_date",
    "claim_line_start_date",
    "hcpcs_code",
    "place_of_service_code",
    "claim_status",
    "rendering_taxonomy",
    "rendering_npi",
    "billing_taxonomy",
    "billing_npi",
    "revenue_center_code",
    "discharge_disposition_code",
    "diagnosis_code_type",
    "procedure_code_type",
    *(f"hcpcs_modifier_{i}" for i in range(1, 6)),
    *DIAGNOSIS_COLUMNS,
    *PROCEDURE_COLUMNS,
    *(f"procedure_date_{i}" for i in range(1, 26)),
)
_ELIGIBILITY = (
    "person_id",
    "birth_date",
    "death_date",
    "enrollment_start_date",
    "enrollment_end_date",
    "payer",
    "product_line",
    "hospice_flag",
    "race",
    "ethnicity",
    "language",
)


def needed_columns(table: str, present: list[str]) -> list[str]:
    """Return the columns of a table that the six measures read, in the table's order."""
    if table == "medical_claim":
        wanted = set(_CLAIM_CODES)
    elif table == "eligibility":
        wanted = set(_ELIGIBILITY)
    elif table == "practitioner":
        wanted = {"npi", "taxonomy_code"}
    else:
        contract = TABLES[table]
        codes = {c for pair in contract.code_pairs for c in (pair.type_column, pair.code_column)}
        wanted = {"person_id", *contract.date_columns, *codes, contract.status_column or ""}
    return [c for c in present if c in wanted]


def scan(tables: Mapping[str, pl.LazyFrame]) -> int:
    """Decode every needed column of every table with the streaming engine; return the number of values decoded."""
    queries = []
    for name in TABLES_READ:
        if name not in tables:
            continue
        frame = tables[name]
        columns = needed_columns(name, frame.collect_schema().names())
        queries.append(frame.select(columns).select(pl.all().null_count().cast(pl.Int64)).sum())
    counts = pl.collect_all(queries)
    return sum(int(c.sum_horizontal().item()) for c in counts)
