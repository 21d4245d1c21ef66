"""The event pass of the benchmark's SQL: claims and records, joined with the value sets, as thin tables."""

from __future__ import annotations

from pathlib import Path

import duckdb
from tests.bench.duckdb_sets import DIAGNOSIS_SETS, USED_SETS, VISIT_SETS, columns_of, file_of, has_table, listed

# The names of code systems as extracts spell them.
_SYSTEM = """
CASE lower({0}) WHEN 'cvx' THEN 'CVX' WHEN 'cpt' THEN 'HCPCS' WHEN 'hcpcs' THEN 'HCPCS' WHEN 'loinc' THEN 'LOINC'
  WHEN 'snomed-ct' THEN 'SNOMEDCT' WHEN 'icd-10-cm' THEN 'ICD10CM' END
"""
_RECORDS = {
    "immunization": ("source_code", "CVX", "occurrence_date"),
    "lab_result": ("source_component_code", "LOINC", "coalesce(collection_date, result_date)"),
    "condition": ("source_code", "ICD10CM", "coalesce(onset_date, recorded_date)"),
    "observation": ("source_code", "LOINC", "observation_date"),
}
_VOID = "('entered-in-error', 'not-done', 'cancelled', 'in-error')"


_LINE = """
  SELECT person_id, coalesce(claim_line_start_date, claim_start_date)::DATE d, {columns}
  FROM {claims} WHERE lower(claim_status) IS DISTINCT FROM 'reversed'
"""
_NOT_VISITS = f"value_set NOT IN {listed(VISIT_SETS)}"

# A visit counts by the line that carries its code: not a laboratory's, not by telehealth, by a fitting provider.
# The billing provider is looked at only when nothing is known of the rendering one.
_VISIT = """
CREATE TEMP TABLE visit AS
SELECT person_id, d, bool_or(pcp) pcp FROM (
  SELECT person_id, d,
         CASE WHEN rendering_taxonomy IS NOT NULL OR r.npi IS NOT NULL
              THEN coalesce(rt.pcp, false) OR coalesce(r.pcp, false)
              ELSE coalesce(bt.pcp, false) OR coalesce(b.pcp, false) END pcp,
         CASE WHEN rendering_taxonomy IS NOT NULL OR r.npi IS NOT NULL
              THEN coalesce(rt.women, false) OR coalesce(r.women, false)
              ELSE coalesce(bt.women, false) OR coalesce(b.women, false) END women
  FROM ({hits}) hit
  LEFT JOIN npi r ON r.npi = rendering_npi LEFT JOIN taxonomy rt ON rt.code = rendering_taxonomy
  LEFT JOIN npi b ON b.npi = billing_npi LEFT JOIN taxonomy bt ON bt.code = billing_taxonomy
  WHERE (place IS NULL OR place NOT IN (SELECT code FROM code WHERE value_set IN ('laboratory_pos', 'telehealth_pos')))
    AND {modifiers})
WHERE pcp OR women GROUP BY person_id, d
"""


class _Claims:
    """The columns of the claim table that exist, and the queries that look codes up in them."""

    def __init__(self, con: duckdb.DuckDBPyConnection, data: Path) -> None:
        self.file = file_of(data, "medical_claim")
        have = columns_of(con, self.file)
        self.dx = [c for c in (f"diagnosis_code_{i}" for i in range(1, 26)) if c in have]
        self.have = have
        self.procedures = [i for i in range(1, 26) if f"procedure_code_{i}" in have]
        mods = [c for c in (f"hcpcs_modifier_{i}" for i in range(1, 6)) if c in have]
        remote = "(SELECT code FROM code WHERE value_set = 'telehealth_modifier')"
        self.in_person = " AND ".join(["true", *(f"({m} IS NULL OR {m} NOT IN {remote})" for m in mods)])
        self.detail = ", ".join(
            [
                "place_of_service_code place",
                *mods,
                *(self.column(c) for c in ("rendering_npi", "billing_npi", "rendering_taxonomy", "billing_taxonomy")),
            ]
        )

    def column(self, name: str, kind: str = "VARCHAR") -> str:
        return name if name in self.have else f"NULL::{kind} AS {name}"

    def line(self, columns: str) -> str:
        return "(" + _LINE.format(columns=columns, claims=self.file) + ")"

    def direct(self, column: str, system: str, *, detail: str = "") -> str:
        """Lines with a code of the system in one column."""
        return (
            f"SELECT line.*, value_set FROM {self.line(f'{self.column(column)}{detail}')} line"
            f" JOIN code ON code = {column} AND system = '{system}'"
        )

    def others(self) -> list[str]:
        """Hits in the columns of institutional claims: (person, day, value set)."""
        found = [
            f"SELECT person_id, d, value_set FROM ({self.direct(column, system)})"
            for column, system in (("revenue_center_code", "UBREV"), ("discharge_disposition_code", "UBDISP"))
        ]
        for i in self.procedures:
            when = self.column(f"procedure_date_{i}", "DATE")
            hit = self.direct(f"procedure_code_{i}", "ICD10PCS", detail=f", {when}")
            found.append(f"SELECT person_id, coalesce(procedure_date_{i}, d)::DATE d, value_set FROM ({hit})")
        return found


def load_events(con: duckdb.DuckDBPyConnection, data: Path) -> None:
    """One row per (person, day, value set) in `event`, one per (person, day) in `visit`."""
    claims = _Claims(con, data)
    con.execute(_provider_sql(data))
    dx = ", ".join(claims.dx)
    hits = [
        f"SELECT person_id, d, value_set FROM ({claims.direct('hcpcs_code', 'HCPCS')}) WHERE {_NOT_VISITS}",
        f"SELECT person_id, d, value_set FROM (SELECT person_id, d, unnest([{dx}]) one FROM {claims.line(dx)})"
        f" JOIN code ON code = one AND system = 'ICD10CM' WHERE {_NOT_VISITS}",
        *claims.others(),
        *_record_sql(data),
    ]
    con.execute(f"CREATE TEMP TABLE event AS SELECT DISTINCT person_id, d, value_set FROM ({' UNION ALL '.join(hits)})")
    visit_code = f"(SELECT code FROM code WHERE value_set IN {listed(VISIT_SETS)})"
    any_column = " OR ".join(f"{c} IN {visit_code}" for c in ("hcpcs_code", *claims.dx))
    line = claims.line(f"hcpcs_code, {dx}, {claims.detail}")
    con.execute(_VISIT.format(hits=f"SELECT * FROM {line} WHERE {any_column}", modifiers=claims.in_person))


# Who can be in a denominator at all, by age alone.
_COHORTS = """
CREATE TEMP TABLE cohort AS
SELECT person_id, bd2 BETWEEN getvariable('first_day') AND getvariable('last_day') AS two,
       CASE WHEN m15 BETWEEN getvariable('first_day') AND getvariable('last_day')
              OR m30 BETWEEN getvariable('first_day') AND getvariable('last_day') THEN birth
            WHEN band > 0 THEN getvariable('first_day') END AS since
FROM person WHERE two OR since IS NOT NULL;
CREATE TEMP TABLE cohort_two AS SELECT person_id FROM cohort WHERE two;
"""


def load_events_tuned(con: duckdb.DuckDBPyConnection, data: Path) -> None:
    """Load the same tables, thinned at the scan: a cohort for each kind of event, one join per diagnosis column."""
    claims = _Claims(con, data)
    con.execute(_provider_sql(data))
    con.execute(_COHORTS)
    rare = listed([*(v for v in USED_SETS if v.startswith("excl_hospice")), "deceased_discharge_disposition"])
    wanted = f"(value_set IN {listed(VISIT_SETS)} AND d >= since) OR two OR value_set IN {rare}"
    hits = [
        f"SELECT * EXCLUDE ({column}) FROM ({claims.direct(column, system, detail=', ' + claims.detail)})"
        f" JOIN cohort USING (person_id) WHERE {wanted}"
        for column, system in (("hcpcs_code", "HCPCS"), *((c, "ICD10CM") for c in claims.dx))
    ]
    con.execute(f"CREATE TEMP TABLE hit AS {' UNION ALL '.join(hits)}")
    other = [
        f"SELECT person_id, d, value_set FROM hit WHERE {_NOT_VISITS}",
        *claims.others(),
        *_record_sql(data, semi="SEMI JOIN cohort_two USING (person_id)"),
        *_record_sql(data, only=f"AND value_set IN {rare}"),
    ]
    con.execute(
        f"CREATE TEMP TABLE event AS SELECT DISTINCT person_id, d, value_set FROM ({' UNION ALL '.join(other)})"
    )
    hits_of_visits = f"SELECT * FROM hit WHERE value_set IN {listed(VISIT_SETS)} AND d >= since"
    con.execute(_VISIT.format(hits=hits_of_visits, modifiers=claims.in_person))


def _provider_sql(data: Path) -> str:
    npi = f"SELECT npi, taxonomy_code code FROM {file_of(data, 'practitioner')} WHERE taxonomy_code IS NOT NULL"
    none = "SELECT NULL::VARCHAR npi, NULL::VARCHAR code WHERE false"
    return f"""
        CREATE TEMP TABLE taxonomy AS
        SELECT code, bool_or(value_set = 'taxonomy_pcp') pcp, bool_or(value_set = 'taxonomy_obgyn') women
        FROM code WHERE system = 'NUCC' GROUP BY code;
        CREATE TEMP TABLE npi AS
        SELECT npi, bool_or(coalesce(pcp, false)) pcp, bool_or(coalesce(women, false)) women
        FROM ({npi if has_table(data, "practitioner") else none}) LEFT JOIN taxonomy USING (code)
        WHERE npi IS NOT NULL GROUP BY npi
    """


def _record_sql(data: Path, semi: str = "", only: str = "") -> list[str]:
    """Hits in the tables of coded records: (person, day, value set)."""
    parts = []
    for table, (column, default, date) in _RECORDS.items():
        if not has_table(data, table):
            continue
        system = _SYSTEM.format(f"{column}_type")
        # Sets asked for as diagnoses look at claims and problem lists only.
        diagnosis = "" if table == "condition" else f"AND value_set NOT IN {listed(DIAGNOSIS_SETS)}"
        parts.append(f"""
            SELECT person_id, ({date})::DATE d, value_set
            FROM (SELECT * FROM {file_of(data, table)} {semi}) r
            JOIN code ON code.code = {column}
             AND code.system = CASE WHEN {column}_type IS NULL THEN '{default}' ELSE {system} END
            WHERE coalesce(lower(status), '') NOT IN {_VOID} {diagnosis}
              AND {_NOT_VISITS} AND ({date}) IS NOT NULL {only}""")
    return parts
