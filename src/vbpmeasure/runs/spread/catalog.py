"""Data that only Spark reads: the contract tables of one schema of its catalog, never as rows in this process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any

import polars as pl

from vbpmeasure.data.bad_rows import Faults, refuse_faults, refuse_nothing_left
from vbpmeasure.data.binding import bind_opened
from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.contract import EVENT_TABLES, TABLES, Kind
from vbpmeasure.data.ranges import Cover
from vbpmeasure.data.year_check import check_covers
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.executors.model import Task
from vbpmeasure.executors.spark import Spark
from vbpmeasure.plan.measures import Period
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.runs.spread import codec, thinning
from vbpmeasure.runs.spread.driver import BUCKETS
from vbpmeasure.runs.spread.job import sealed
from vbpmeasure.runs.spread.needed import needed_columns
from vbpmeasure.runs.spread.replies import content_of
from vbpmeasure.runs.spread.thinning import Checked, Thinned, Thinning
from vbpmeasure.runs.spread.worker import read
from vbpmeasure.runs.work import Work

PREFIX = "spark:"
# The register of providers is about nobody: every worker has all of it.
_WHOLE = "practitioner"


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table as Spark knows it: the name for SQL, its rows, and what it calls each contract column."""

    sql: str
    rows: int
    columns: Mapping[str, str]


class CatalogData:
    """The contract tables of a schema, bound without their rows; ``bound`` is what is known of them."""

    def __init__(self, spark: Spark, schema: str, wanted: Collection[str]) -> None:
        """Find and bind the tables by their names.

        Raises ``Failure``: VBM468 when Spark cannot read the schema or a table, VBM469 when no contract table is in it,
        and those of ``bind`` about columns and types.
        """
        self.spark, self.schema = spark, schema
        self.buckets = BUCKETS
        there = {name.lower(): sql for name, sql in spark.tables(schema).items()}
        found = {name: there[name] for name in TABLES if name in wanted and name in there}
        if not found:
            raise Failure(
                Diagnostic(
                    "VBM469",
                    "the schema holds no table of the data contract",
                    where=f"{PREFIX}{schema}",
                    hint="tables and views are found by their names: eligibility, medical_claim and so on",
                )
            )
        rows = {name: self._rows(sql) for name, sql in found.items()}
        empty = {name: _polars(spark.arrow(sql, rows=False)) for name, sql in found.items()}
        opened = {name: thinning.opened_rows(f"{schema}.{name}", empty[name], rows[name]) for name in found}
        bound = bind_opened(opened, wanted)
        self.tables = {
            name: CatalogTable(sql, rows[name], _sources(bound.tables[name], empty[name]))
            for name, sql in found.items()
        }
        told = {
            name: replace(t, unseen=((f"{PREFIX}{schema}.{name}", rows[name]),)) for name, t in bound.tables.items()
        }
        self.bound: BoundData = replace(bound, tables=told)

    def _rows(self, sql: str) -> int:
        return int(self.spark.rows(sql, "count(*)")[0][0])

    def check_rows(self, *, drop: bool) -> None:
        """Count the eligibility rows that cannot be used, by the workers; leave them out, or refuse them.

        Raises ``Failure`` VBM311, VBM314, VBM315 as a run on files does.
        """
        table = self.bound.tables["eligibility"]
        flags = {c.name for c in TABLES["eligibility"].columns if c.kind is Kind.FLAG}
        read_of = {"eligibility": self._read("eligibility", flags)}
        common = sealed(self.buckets)
        answers = self.spark.exchanged(
            read_of, Task(thinning.PACK_FAULTS, common), Task(thinning.COUNT_FAULTS, common), self.buckets
        )
        checked: list[Checked] = [codec.from_bytes(content_of(answer)) for answer in answers]
        faults = reduce(add, (one.faults for one in checked), Faults({}, {}))
        counts = refuse_faults(table, faults, "drop" if drop else "refuse")
        refuse_nothing_left(table, sum(one.usable for one in checked))
        self.bound = replace(self.bound, bad_rows=counts)

    def check_period(self, period: Period) -> tuple[Diagnostic, ...]:
        """Say what `year_check.check_period` says, from the dates that Spark finds."""
        columns = self.tables["eligibility"].columns
        start, end = (f"CAST(`{columns[f'enrollment_{side}_date']}` AS DATE)" for side in ("start", "end"))
        touches = f"{start} <= {_day(period.end)} AND ({end} IS NULL OR {end} >= {_day(period.start)})"
        row = self._one("eligibility", f"max({touches})", f"min({start})", f"max({end})", f"max({end} IS NULL)")
        spans = Cover(bool(row[0]), row[1], None if row[3] else row[2])
        return check_covers(spans, {t: self._cover(t, period) for t in EVENT_TABLES if t in self.tables}, period)

    def _cover(self, table: str, period: Period) -> Cover:
        named = self.tables[table].columns
        dates = [f"CAST(`{named[c]}` AS DATE)" for c in TABLES[table].date_columns if c in named]
        if not dates or not self.tables[table].rows:
            return Cover(touches=False, first=None, last=None)
        day = f"coalesce({', '.join(dates)})"
        within = f"{day} BETWEEN {_day(period.start)} AND {_day(period.end)}"
        row = self._one(table, f"max({within})", f"min({day})", f"max({day})")
        return Cover(bool(row[0]), row[1], row[2])

    def _one(self, table: str, *what: str) -> Any:
        return self.spark.rows(self.tables[table].sql, *what)[0]

    def count(self, work: Work) -> Partial:
        """Return the counts of everybody: rows thinned and sorted by bucket by workers, buckets judged by workers.

        Raises ``Failure`` with the diagnostics of a worker, VBM465 as the executor does, VBM467 when a worker runs
        another program, VBM345 when a table has other rows afterwards.
        """
        whole = {_WHOLE: self._whole()} if _WHOLE in self.tables else {}
        thinned = self._thinned(work)
        contents = {name: thinning.as_bytes(rows.select(thinned[name].columns)) for name, rows in whole.items()}
        job = sealed(Thinning(work, self.buckets, thinned, self.bound.bad_rows, contents))
        sent = {n: self._read(n, _with_key(n, one)) for n, one in thinned.items() if n not in whole and one.columns}
        answers = self.spark.exchanged(sent, Task(thinning.PACK, job), Task(thinning.JUDGE, job), self.buckets)
        counted = reduce(add, (read(answer) for answer in answers))
        self._refuse_change()
        return counted

    def _whole(self) -> pl.DataFrame:
        table = self.tables[_WHOLE]
        rows = _polars(self.spark.arrow(table.sql, list(table.columns.values())))
        return thinning.bound_rows(_WHOLE, rows).frame.collect()

    def _thinned(self, work: Work) -> dict[str, Thinned]:
        """Return what goes to the workers of each table."""
        schemas = {name: table.frame.collect_schema() for name, table in self.bound.tables.items()}
        return {
            name: Thinned({column: str(dtype) for column, dtype in schemas[name].items()}, columns)
            for name, columns in needed_columns(work, schemas, Plans()).items()
        }

    def _read(self, name: str, columns: Collection[str]) -> tuple[str, list[str]]:
        table = self.tables[name]
        return table.sql, [
            source for column, source in table.columns.items() if column in columns or _needed(name, column)
        ]

    def _refuse_change(self) -> None:
        for name, table in self.tables.items():
            if self._rows(table.sql) != table.rows:
                raise Failure(
                    Diagnostic(
                        "VBM345",
                        "an input table has other rows than when it was first read: results of old and new rows "
                        "together would be of no data at all",
                        where=f"{PREFIX}{self.schema}.{name}",
                        hint="run again when the load is complete",
                    )
                )

    def close(self) -> None:
        """Stop the session when it was started here."""
        self.spark.__exit__(None, None, None)


def _needed(name: str, column: str) -> bool:
    """Return whether rows cannot be bound without a column: required ones, and the dates that say it is a record."""
    found = TABLES[name].column(column)
    return (found is not None and found.required) or column in TABLES[name].date_columns


def _with_key(name: str, thinned: Thinned) -> set[str]:
    keys = {"entity_id", "entity_type"} if name == "indicator" else {"person_id"}
    return {*thinned.columns, *keys}


def _sources(table: BoundTable, rows: pl.DataFrame) -> dict[str, str]:
    """Return what Spark calls each contract column that is there, in contract order."""
    spelled = {name.lower(): name for name in rows.columns}
    columns = TABLES[table.name].columns
    return {c.name: spelled[c.name] for c in columns if c.name in table.columns}


def _polars(rows: object) -> pl.DataFrame:
    found = pl.from_arrow(rows)
    assert isinstance(found, pl.DataFrame)
    return found


def _day(day: dt.date) -> str:
    return f"DATE'{day.isoformat()}'"
