"""Data that only Spark reads: the contract tables of one schema of its catalog, never as rows in this process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
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
from vbpmeasure.executors.spark import Asked, Spark, quoted
from vbpmeasure.plan.measures import Period
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.runs.spread import codec, thinning
from vbpmeasure.runs.spread.driver import BUCKETS
from vbpmeasure.runs.spread.job import sealed
from vbpmeasure.runs.spread.needed import needed_columns, sought
from vbpmeasure.runs.spread.replies import content_of
from vbpmeasure.runs.spread.sought import Sought, condition, doubtful
from vbpmeasure.runs.spread.thinning import Checked, Thinned, Thinning
from vbpmeasure.runs.spread.worker import read
from vbpmeasure.runs.work import Work

PREFIX = "spark:"
# The register of providers is about nobody: every worker has all of it.
_WHOLE = "practitioner"


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table as Spark knows it: the name for SQL, its rows, what it calls each contract column, and their types."""

    sql: str
    rows: int
    columns: Mapping[str, str]
    types: Mapping[str, pl.DataType]


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
        rows = self._rows(found)
        empty = {name: _polars(spark.arrow(sql, rows=False)) for name, sql in found.items()}
        opened = {name: thinning.opened_rows(f"{schema}.{name}", empty[name], rows[name]) for name in found}
        bound = bind_opened(opened, wanted)
        self.tables = {
            name: CatalogTable(
                sql, rows[name], sources, {column: empty[name].schema[s] for column, s in sources.items()}
            )
            for name, sql in found.items()
            for sources in [_sources(bound.tables[name], empty[name])]
        }
        told = {
            name: replace(t, unseen=((f"{PREFIX}{schema}.{name}", rows[name]),)) for name, t in bound.tables.items()
        }
        self.bound: BoundData = replace(bound, tables=told)

    def _rows(self, tables: Mapping[str, str]) -> dict[str, int]:
        told = self.spark.told({name: (sql, ["count(*)"]) for name, sql in tables.items()})
        return {name: int(row[0]) for name, row in told.items()}

    def check_rows(self, *, drop: bool) -> None:
        """Count the eligibility rows that cannot be used, and leave them out, or refuse them.

        Spark looks whether any row may be such a one; only then workers judge all of them. Raises ``Failure`` VBM311,
        VBM314, VBM315 as a run on files does.
        """
        table = self.bound.tables["eligibility"]
        checked = Checked(Faults({}, {}), table.rows)
        if table.rows and self._doubted():
            of_required = {c.name for c in TABLES["eligibility"].columns if c.required or c.kind is Kind.FLAG}
            common = sealed(self.buckets)
            answers = self.spark.exchanged(
                {"eligibility": self._read("eligibility", of_required)},
                Task(thinning.PACK_FAULTS, common),
                Task(thinning.COUNT_FAULTS, common),
                self.buckets,
            )
            each: list[Checked] = [codec.from_bytes(content_of(answer)) for answer in answers]
            checked = Checked(reduce(add, (one.faults for one in each)), sum(one.usable for one in each))
        counts = refuse_faults(table, checked.faults, "drop" if drop else "refuse")
        refuse_nothing_left(table, checked.usable)
        self.bound = replace(self.bound, bad_rows=counts)

    def _doubted(self) -> bool:
        """Return whether some row of eligibility may be faulty; when none may, none is."""
        table = self.tables["eligibility"]
        doubt = doubtful({name: quoted(source) for name, source in table.columns.items()}, table.types)
        return bool(self._told({"eligibility": [f"max({doubt})"]})["eligibility"][0])

    def check_period(self, period: Period) -> tuple[Diagnostic, ...]:
        """Say what `year_check.check_period` says, from the dates that Spark finds.

        Whether a table has a date in the period is known from its first such row; all dates are looked at only where
        there is none, for what is said of it then.
        """
        columns = self.tables["eligibility"].columns
        start, end = (f"CAST({quoted(columns[f'enrollment_{side}_date'])} AS DATE)" for side in ("start", "end"))
        touches = {"eligibility": f"{start} <= {_day(period.end)} AND ({end} IS NULL OR {end} >= {_day(period.start)})"}
        dated = {name: day for name in EVENT_TABLES if (day := self._day_of(name)) is not None}
        for name, day in dated.items():
            touches[name] = f"{day} BETWEEN {_day(period.start)} AND {_day(period.end)}"
        found = self.spark.holding({name: (self.tables[name].sql, where) for name, where in touches.items()})
        asked = {name: [f"min({day})", f"max({day})", "false"] for name, day in dated.items() if name not in found}
        if "eligibility" not in found:
            asked["eligibility"] = [f"min({start})", f"max({end})", f"coalesce(max({end} IS NULL), false)"]
        runs = {name: (first, None if is_open else last) for name, (first, last, is_open) in self._told(asked).items()}
        covers = {
            name: Cover(name in found, *runs.get(name, (None, None)))
            for name in ("eligibility", *EVENT_TABLES)
            if name in self.tables
        }
        return check_covers(covers.pop("eligibility"), covers, period)

    def _day_of(self, table: str) -> str | None:
        """Return the day of a row of events as SQL; None for a table without any."""
        if table not in self.tables or not self.tables[table].rows:
            return None
        named = self.tables[table].columns
        dates = [f"CAST({quoted(named[c])} AS DATE)" for c in TABLES[table].date_columns if c in named]
        return f"coalesce({', '.join(dates)})" if dates else None

    def _told(self, asked: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        return self.spark.told({name: (self.tables[name].sql, what) for name, what in asked.items()})

    def count(self, work: Work) -> Partial:
        """Return the counts of everybody: rows thinned and sorted by bucket by workers, buckets judged by workers.

        Raises ``Failure`` with the diagnostics of a worker, VBM465 as the executor does, VBM467 when a worker runs
        another program, VBM345 when a table has other rows afterwards.
        """
        whole = {_WHOLE: self._whole()} if _WHOLE in self.tables else {}
        thinned = self._thinned(work)
        contents = {name: thinning.as_bytes(rows.select(thinned[name].columns)) for name, rows in whole.items()}
        job = sealed(Thinning(work, self.buckets, thinned, self.bound.bad_rows, contents))
        looked_for = sought(work, self._schemas(), Plans())
        sent = {
            name: self._read(name, _with_key(name, one), looked_for.get(name))
            for name, one in thinned.items()
            if name not in whole and one.columns
        }
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
        schemas = self._schemas()
        return {
            name: Thinned({column: str(dtype) for column, dtype in schemas[name].items()}, columns)
            for name, columns in needed_columns(work, schemas, Plans()).items()
        }

    def _schemas(self) -> dict[str, pl.Schema]:
        return {name: table.frame.collect_schema() for name, table in self.bound.tables.items()}

    def _read(self, name: str, columns: Collection[str], looked_for: Sequence[Sought] | None = None) -> Asked:
        """Return what Spark reads of a table: the columns, of the rows that may hold something that is looked for."""
        table = self.tables[name]
        where = None
        if looked_for is not None:
            where = condition(looked_for, {column: quoted(source) for column, source in table.columns.items()})
        return table.sql, [source for column, source in table.columns.items() if column in columns], where

    def _refuse_change(self) -> None:
        now = self._rows({name: table.sql for name, table in self.tables.items()})
        for name, table in self.tables.items():
            if now[name] != table.rows:
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
