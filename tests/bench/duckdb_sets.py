"""What the SQL of the benchmark needs to know of value sets and files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

ValueSets = Mapping[str, Mapping[str, Collection[str]]]  # name -> code system -> codes

VISIT_SETS = ("well_care_visit", "well_care_dx")
USED_SETS = (
    *VISIT_SETS, "taxonomy_pcp", "taxonomy_obgyn", "laboratory_pos", "telehealth_pos", "telehealth_modifier",
    "excl_hospice_encounter", "excl_hospice_intervention", "deceased_discharge_disposition",
    "excl_scid", "excl_immune_disorder", "excl_hiv", "excl_lymphoid_cancer", "excl_intussusception",
    "imm_dtap", "imm_ipv", "imm_mmr", "imm_hib", "imm_hepb", "imm_hepb_newborn", "imm_vzv", "imm_pcv", "imm_hepa",
    "imm_rv_2dose", "imm_rv_3dose", "imm_flu", "imm_flu_laiv",
    "contra_dtap_anaphylaxis", "contra_dtap_encephalitis", "contra_ipv_anaphylaxis", "contra_mmr_anaphylaxis",
    "contra_hib_anaphylaxis", "contra_hepb_anaphylaxis", "contra_vzv_anaphylaxis", "contra_pcv_anaphylaxis",
    "contra_hepa_anaphylaxis", "contra_rotavirus_anaphylaxis", "contra_flu_anaphylaxis",
    "hx_measles", "hx_mumps", "hx_rubella", "hx_hepatitis_a", "hx_hepatitis_b", "hx_varicella_zoster",
)  # fmt: skip

DIAGNOSIS_SETS = (
    "excl_scid", "excl_immune_disorder", "excl_hiv", "excl_lymphoid_cancer", "excl_intussusception",
    "hx_measles", "hx_mumps", "hx_rubella", "hx_hepatitis_a", "hx_hepatitis_b", "hx_varicella_zoster",
)  # fmt: skip


def listed(names: Collection[str]) -> str:
    """Return names as an SQL list."""
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


def file_of(data: Path, table: str) -> str:
    single = data / f"{table}.parquet"
    return f"'{single}'" if single.is_file() else f"'{data / table}/**/*.parquet'"


def has_table(data: Path, table: str) -> bool:
    return (data / f"{table}.parquet").is_file() or (data / table).is_dir()


def columns_of(con: duckdb.DuckDBPyConnection, file: str) -> set[str]:
    return {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {file}").fetchall()}
