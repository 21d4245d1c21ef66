"""Rows as plain Python: those of one person for `explain`, and frames from written-down rows for decks and tests."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.contract import TABLES, Column, Kind, Table
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.types import contract_type
from vbpmeasure.diagnostics.model import Diagnostic, Failure

Row = dict[str, Any]

_PLAIN_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")

_PYTHON_TYPES: dict[Kind, set[type]] = {
    Kind.ID: {str},
    Kind.TEXT: {str},
    Kind.DATE: {dt.date},
    Kind.INTEGER: {int},
    Kind.NUMBER: {int, float},
    Kind.FLAG: {bool},
}

_NPI_COLUMNS = ("rendering_npi", "billing_npi")


def person_rows(bound: BoundData, person_id: str) -> dict[str, list[Row]]:
    """Return all rows of one person by table: one dict a row, contract column names, Python values.

    Every bound table has an entry; rows are sorted by their values. The filter goes into each scan, so ordered files
    are read in part only. The practitioner rows are those of the NPIs on the person's claims, the indicator rows those
    about the person. The id is compared in the type that the data has: ``0123`` is no integer id. Raises ``Failure``
    VBM320 when eligibility has no such person; the message does not repeat the id.
    """
    asked = {name: of_person(table, person_id) for name, table in bound.tables.items() if "person_id" in table.columns}
    if "indicator" in bound.tables:
        # Those about the person, not those about a plan or a practice.
        about = of_person(bound.tables["indicator"], person_id, "entity_id")
        asked["indicator"] = about.filter(pl.col("entity_type") == "person")
    with guarded(bound.tables):
        found = pl.collect_all(list(asked.values()))
    rows = {name: frame.sort(frame.columns).to_dicts() for name, frame in zip(asked, found, strict=True)}
    if not rows.get("eligibility"):
        raise Failure(
            Diagnostic(
                "VBM320",
                "no eligibility row has the person id that was asked for",
                where="eligibility.person_id",
                hint="check letter case and leading zeros; rows left out by --bad-rows drop are not there either",
            )
        )
    if "practitioner" in bound.tables:
        rows["practitioner"] = _practitioners(bound, rows.get("medical_claim", []))
    return {name: rows[name] for name in bound.tables}


def frames_from_rows(rows: Mapping[str, Iterable[Mapping[str, object]]]) -> dict[str, pl.LazyFrame]:
    """Return one lazy frame a table, in contract types, from written-down rows; the opposite of ``person_rows``.

    Required columns are always there (null when no row names them), optional ones when some row does. A table of no
    rows gives an empty frame. ID columns are Int64 when all their values are integers, else text. Unknown tables or
    columns and values of a wrong type are a ``ValueError``.
    """
    return {name: _frame(name, [dict(row) for row in found]).lazy() for name, found in rows.items()}


def bound_from_rows(rows: Mapping[str, Iterable[Mapping[str, object]]]) -> BoundData:
    """Return written-down rows as bound data, as ``bind`` would; no file is behind them and nothing is checked."""
    tables: dict[str, BoundTable] = {}
    for name, found in rows.items():
        frame = _frame(name, [dict(row) for row in found])
        tables[name] = BoundTable(
            name=name, frame=frame.lazy(), columns=frozenset(frame.columns), files=(), rows=frame.height, bytes=0
        )
    return BoundData(
        tables=tables,
        missing_tables=tuple(name for name in TABLES if name not in tables),
        missing_columns={
            name: tuple(c.name for c in TABLES[name].columns if c.name not in table.columns)
            for name, table in tables.items()
        },
    )


def of_person(table: BoundTable, person_id: str, column: str = "person_id") -> pl.LazyFrame:
    """Return the rows of a table whose ``column`` is the person; none when the text cannot be an id of its type."""
    dtype = table.frame.collect_schema()[column]
    if dtype == pl.String:
        return table.frame.filter(pl.col(column) == person_id)
    # Only the plain spelling of a number is that number: `007` is not the person 7.
    if not _PLAIN_INTEGER.fullmatch(person_id) or not -(2**63) <= int(person_id) < 2**63:
        return table.frame.limit(0)
    return table.frame.filter(pl.col(column) == pl.lit(int(person_id), dtype=pl.Int64))


def _practitioners(bound: BoundData, claims: Sequence[Row]) -> list[Row]:
    npis = sorted({claim[column] for claim in claims for column in _NPI_COLUMNS if claim.get(column) is not None})
    if not npis:
        return []
    with guarded(bound.tables):
        found = bound.tables["practitioner"].frame.filter(pl.col("npi").is_in(npis)).collect()
    return found.sort(found.columns).to_dicts()


def _frame(name: str, rows: list[Row]) -> pl.DataFrame:
    table = TABLES.get(name)
    if table is None:
        raise ValueError(f"not in the data contract: {name}")
    named = {column for row in rows for column in row}
    unknown = sorted(named - {c.name for c in table.columns})
    if unknown:
        raise ValueError(f"not columns of {name}: {', '.join(unknown)}")
    return pl.DataFrame([_series(column, rows) for column in _present(table, named)])


def _present(table: Table, named: set[str]) -> list[Column]:
    return [c for c in table.columns if c.required or c.name in named]


def _series(column: Column, rows: Sequence[Row]) -> pl.Series:
    values = [row.get(column.name) for row in rows]
    known = [v for v in values if v is not None]
    types = {type(v) for v in known}
    if column.kind is Kind.ID and types == {int}:
        return pl.Series(column.name, values, dtype=pl.Int64)
    # Exact types: a bool is an int to Python, and a datetime a date.
    if types - _PYTHON_TYPES[column.kind]:
        raise ValueError(f"a value of {column.name} is not of kind {column.kind.value}")
    return pl.Series(column.name, values, dtype=contract_type(column.kind))
