"""What is needed of tables that only Spark reads; the rest stays behind. In doubt a row or a column goes."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from vbpmeasure.data.contract import DIAGNOSIS_COLUMNS, EVENT_TABLES, PROCEDURE_COLUMNS
from vbpmeasure.engines.polars.events import Asked
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.results.attribution.attribute import TABLE as ATTRIBUTION_TABLE
from vbpmeasure.results.attribution.visits import coded_as_visit
from vbpmeasure.runs.work import Work

_CLAIMS = "medical_claim"
# Up to 75 columns of a claim, most of them empty and many not read.
_CODES = frozenset({*DIAGNOSIS_COLUMNS, *PROCEDURE_COLUMNS, *(f"procedure_date_{i}" for i in range(1, 26))})


def needed_rows(work: Work, schemas: Mapping[str, pl.Schema], plans: Plans) -> dict[str, list[pl.Expr]]:
    """Return by table of events the conditions of which a row meets one that matters; no other such table matters.

    Rows matter for a code that the program looks for, those of claims also for one that attribution by visits does.
    """
    readings = _asked(work, schemas, plans).readings
    found = {table: [reading.matches for reading in each] for table, each in readings.items()}
    if work.attributor is not None and ATTRIBUTION_TABLE not in schemas and _CLAIMS in schemas:
        rule, value_sets = work.attributor.rule, work.attributor.value_sets
        visit = coded_as_visit(rule, value_sets, schemas[_CLAIMS].names())
        found.setdefault(_CLAIMS, []).append(pl.lit(False) if visit is None else visit)
    return found


def needed_columns(work: Work, schemas: Mapping[str, pl.Schema], plans: Plans) -> dict[str, tuple[str, ...]]:
    """Return by table the columns that matter, none of tables of events that nobody looks for codes in.

    Left out are code columns of claims that no reading names; attribution by visits reads none of those. What an engine
    reads of tables without rows would tell more, and not everything: a join with nobody is not made.
    """
    rows = needed_rows(work, schemas, plans)
    read = {
        column
        for reading in _asked(work, schemas, plans).readings.get(_CLAIMS, ())
        for column in (reading.column, reading.type_column, reading.date_column)
    }
    unread = {_CLAIMS: _CODES - read}
    return {
        table: tuple(column for column in schema if column not in unread.get(table, ()))
        if table in rows or table not in EVENT_TABLES
        else ()
        for table, schema in schemas.items()
    }


def _asked(work: Work, schemas: Mapping[str, pl.Schema], plans: Plans) -> Asked:
    return plans.of(work.program).asked({name: pl.LazyFrame(schema=schema) for name, schema in schemas.items()})
