"""W30, WCV and CIS in hand-written DuckDB SQL, as an analyst would write it: plainly, and with every trick we know.

Both follow `docs/semantics.md` and the definitions in `measures/` for the default parameters of measurement year 2025
(HEDIS reading, telehealth visits not counted, unknown providers excluded, enrollment judged by payer and product line).
They read the same Parquet files as the engines and know nothing of them: equal counts are evidence that both are right.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from tests.bench.duckdb_events import load_events, load_events_tuned
from tests.bench.duckdb_measures import Counts, all_rates
from tests.bench.duckdb_sets import USED_SETS, ValueSets, columns_of, file_of

# Where a code of a system stands in a claim; CPT, HCPCS and CDT share a column.
_FAMILY = {
    "CPT": "HCPCS", "HCPCS": "HCPCS", "CDT": "HCPCS", "ICD10CM": "ICD10CM", "ICD10PCS": "ICD10PCS", "UBREV": "UBREV",
    "UBTOB_PREFIX": "UBTOB_PREFIX", "UBDISP": "UBDISP", "CVX": "CVX", "SNOMEDCT": "SNOMEDCT", "LOINC": "LOINC",
    "POS": "POS", "MODIFIER": "MODIFIER", "NUCC": "NUCC",
}  # fmt: skip


def connect(threads: int = 2) -> duckdb.DuckDBPyConnection:
    """Return a connection set up for speed: ``threads`` threads, no row order to keep."""
    con = duckdb.connect()
    con.execute(f"SET threads = {threads}; SET preserve_insertion_order = false; SET enable_progress_bar = false")
    return con


def evaluate(data: Path, value_sets: ValueSets, year: int, *, tuned: bool = False, threads: int = 2) -> Counts:
    """Return denominator and numerator of every rate of W30, WCV and CIS over the Parquet files in ``data``."""
    with connect(threads) as con:
        _load_codes(con, value_sets)
        con.execute(f"SET VARIABLE first_day = DATE '{year}-01-01'; SET VARIABLE last_day = DATE '{year}-12-31'")
        _open_eligibility(con, data)
        _load_people(con)
        _load_islands(con, tuned=tuned)
        (load_events_tuned if tuned else load_events)(con, data)
        con.execute(_EXCLUDED)
        return all_rates(con)


def _load_codes(con: duckdb.DuckDBPyConnection, value_sets: ValueSets) -> None:
    """Load the value sets; ICD codes in both spellings, with and without the dot."""
    rows: set[tuple[str, str, str]] = set()
    for name in USED_SETS:
        for system, codes in value_sets[name].items():
            for code in codes:
                rows.add((name, _FAMILY[system], code))
                if system == "ICD10CM":
                    bare = code.replace(".", "")
                    rows |= {(name, system, bare), (name, system, f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare)}
    con.execute("CREATE TEMP TABLE code (value_set VARCHAR, system VARCHAR, code VARCHAR)")
    columns = [list(column) for column in zip(*sorted(rows), strict=True)]
    con.execute("INSERT INTO code SELECT unnest(?), unnest(?), unnest(?)", columns)


def _open_eligibility(con: duckdb.DuckDBPyConnection, data: Path) -> None:
    """Make a view of the eligibility file with nulls for optional columns that it lacks."""
    file = file_of(data, "eligibility")
    have = columns_of(con, file)
    optional = {"payer": "VARCHAR", "product_line": "VARCHAR", "death_date": "DATE", "hospice_flag": "BOOLEAN"}
    absent = "".join(f", NULL::{kind} {name}" for name, kind in optional.items() if name not in have)
    con.execute(f"CREATE TEMP VIEW eligibility AS SELECT *{absent} FROM {file}")


def _load_people(con: duckdb.DuckDBPyConnection) -> None:
    """One row per person with its anchor dates; the latest span's birth and death dates win."""
    con.execute("""
        CREATE TEMP TABLE person AS
        WITH one AS (
          SELECT person_id,
                 max_by(birth_date, (s, e, birth_date)) FILTER (WHERE birth_date IS NOT NULL) birth,
                 max_by(death_date, (s, e, death_date)) FILTER (WHERE death_date IS NOT NULL) death
          FROM (SELECT *, enrollment_start_date s, coalesce(enrollment_end_date, DATE '9999-12-31') e
                FROM eligibility)
          GROUP BY person_id)
        SELECT person_id, birth::DATE birth, death::DATE death,
               (birth + INTERVAL 1 YEAR)::DATE bd1, (birth + INTERVAL 2 YEAR)::DATE bd2,
               (birth + INTERVAL 1 YEAR)::DATE + 90 m15, (birth + INTERVAL 2 YEAR)::DATE + 180 m30,
               CASE WHEN birth + INTERVAL 3 YEAR > getvariable('last_day') THEN 0
                    WHEN birth + INTERVAL 12 YEAR > getvariable('last_day') THEN 1
                    WHEN birth + INTERVAL 18 YEAR > getvariable('last_day') THEN 2
                    WHEN birth + INTERVAL 22 YEAR > getvariable('last_day') THEN 3 ELSE 0 END band
        FROM one""")


_ISLANDS = """
CREATE TEMP TABLE island AS
WITH {spans},
marked AS (
  SELECT *, s > 1 + max(e) OVER (PARTITION BY person_id, payer, product_line ORDER BY s, e
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS breaks
  FROM span),
numbered AS (
  -- Of a span that is there twice the row that breaks comes first, or the other one would be of the island before.
  SELECT *, count(*) FILTER (WHERE breaks) OVER (PARTITION BY person_id, payer, product_line
                                                 ORDER BY s, e, breaks DESC NULLS LAST
                                                 ROWS UNBOUNDED PRECEDING) AS island
  FROM marked)
SELECT person_id, payer, product_line, min(s) s, max(e) e FROM numbered GROUP BY person_id, payer, product_line, island
"""
_SPANS = """span AS (
  SELECT person_id, payer, product_line, enrollment_start_date s,
         least(coalesce(enrollment_end_date, DATE '9999-12-31'), DATE '9999-12-30') e
  FROM eligibility)"""
# Neighbours in the file that belong to the same group and touch are one run: no sort is needed for that.
_MERGED_SPANS = """raw AS (
  SELECT person_id, payer, product_line, enrollment_start_date s,
         least(coalesce(enrollment_end_date, DATE '9999-12-31'), DATE '9999-12-30') e
  FROM eligibility),
turn AS (
  SELECT *, coalesce(person_id IS DISTINCT FROM lag(person_id) OVER () OR payer IS DISTINCT FROM lag(payer) OVER ()
                     OR product_line IS DISTINCT FROM lag(product_line) OVER ()
                     OR s > lag(e) OVER () + 1 OR e < lag(s) OVER () - 1, true) AS breaks
  FROM raw),
run AS (SELECT *, count(*) FILTER (WHERE breaks) OVER (ROWS UNBOUNDED PRECEDING) AS run FROM turn),
span AS (SELECT any_value(person_id) person_id, any_value(payer) payer, any_value(product_line) product_line,
                min(s) s, max(e) e FROM run GROUP BY run)"""


def _load_islands(con: duckdb.DuckDBPyConnection, *, tuned: bool) -> None:
    con.execute(_ISLANDS.format(spans=_MERGED_SPANS if tuned else _SPANS))


_EXCLUDED = """
CREATE TEMP TABLE excluded AS
SELECT person_id FROM person WHERE death BETWEEN getvariable('first_day') AND getvariable('last_day')
UNION
SELECT person_id FROM event
WHERE value_set IN ('excl_hospice_encounter', 'excl_hospice_intervention', 'deceased_discharge_disposition')
  AND d BETWEEN getvariable('first_day') AND getvariable('last_day')
UNION
SELECT person_id FROM eligibility
WHERE hospice_flag AND enrollment_start_date <= getvariable('last_day')
  AND (enrollment_end_date IS NULL OR enrollment_end_date >= getvariable('first_day'))
"""
