"""What checks stand on: the bound tables, the dates of the run, the shipped code lists, and the questions they ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.contract import TABLES, Table
from vbpmeasure.data.errors import guarded
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.plan.measures import Period, calendar_year
from vbpmeasure.results.categories.crosswalks import CategorySystem, load_category_systems
from vbpmeasure.terminology.value_sets import ValueSetLibrary, load_value_sets
from vbpmeasure.validation.model import CheckInfo, Thresholds
from vbpmeasure.validation.settings import ValidationSettings


@dataclass(frozen=True)
class Ground:
    """The input of a validation: tables, what binding found, and the dates it is judged by."""

    bound: BoundData
    findings: tuple[Diagnostic, ...] = ()
    settings: ValidationSettings = field(default_factory=ValidationSettings)
    year: int | None = None
    as_of: dt.date | None = None
    checksums: bool = False

    @property
    def period(self) -> Period | None:
        """The measurement period, when a year was named."""
        return None if self.year is None else calendar_year(self.year)

    @property
    def today(self) -> dt.date | None:
        """The day after which nothing can have happened: ``as_of``, else the end of the period, else unknown."""
        return self.as_of or (self.period.end if self.period else None)

    def table(self, name: str) -> BoundTable:
        """Return a bound table (`KeyError` when it is not bound)."""
        return self.bound.tables[name]

    def has(self, table: str, *columns: str) -> bool:
        """Return whether the table is bound with all of these columns."""
        return self.bound.has(table, *columns)

    def present(self, table: str, columns: Sequence[str]) -> list[str]:
        """Return those of the columns that the table has, in the order given."""
        return [c for c in columns if c in self.table(table).columns]

    def contract(self, table: str) -> Table:
        """Return the contract of the table."""
        return TABLES[table]

    def day(self, table: str) -> pl.Expr | None:
        """Return the date of an event row: the first non-null of the table's date columns; None without any."""
        columns = self.present(table, TABLES[table].date_columns)
        if not columns:
            return None
        return pl.col(columns[0]) if len(columns) == 1 else pl.coalesce(columns)

    def thresholds(self, check: CheckInfo, table: str | None, column: str | None) -> Thresholds:
        """Return the thresholds in force for a place."""
        return self.settings.thresholds(check, table, column)

    def limit(self, check: CheckInfo) -> float:
        """Return the limit in force (`ValueError` for a check without one)."""
        found = self.settings.limit(check)
        if found is None:
            raise ValueError(f"{check.id} has no limit")
        return found

    @cached_property
    def value_sets(self) -> ValueSetLibrary:
        """The shipped value sets."""
        return load_value_sets([measures_root() / "value_sets"])

    @cached_property
    def category_systems(self) -> Mapping[str, CategorySystem]:
        """The shipped race, ethnicity, language and sex crosswalks by id."""
        return load_category_systems([measures_root() / "crosswalks"])

    def hcpcs_codes(self, value_set: str) -> tuple[str, ...]:
        """Return the codes of a shipped value set that stand in a procedure-code column, sorted."""
        found = self.value_sets.get(value_set)
        systems = ("CPT", "HCPCS", "CDT")
        return tuple(sorted({c for s in systems for c in found.codes.get(s, ())})) if found else ()

    @property
    def root(self) -> Path | None:
        """The data folder, when there is one on this machine."""
        return self.bound.root if isinstance(self.bound.root, Path) else None


class Unreadable(Exception):
    """A table that the answer needs could not be read; the finding is told once, by the check of tables."""

    def __init__(self, table: str) -> None:
        """Name the table."""
        super().__init__(table)
        self.table = table


class Questions:
    """The aggregates that checks ask for, collected so that each table is read in few passes.

    A *scalar* is an expression that gives one value; all scalars of a table are one query. A *frame* is a query of
    its own (a count by value or by person). Both are keyed, and the same key is asked once.
    """

    def __init__(self, ground: Ground) -> None:
        """Start without questions."""
        self.ground = ground
        self._scalars: dict[str, dict[str, pl.Expr]] = {}
        self._frames: dict[str, dict[str, pl.LazyFrame]] = {}
        self._answers: dict[tuple[str, str], object] = {}
        self._tables: dict[tuple[str, str], pl.DataFrame] = {}
        self.broken: dict[str, Failure] = {}

    def scalar(self, table: str, key: str, expr: pl.Expr) -> None:
        """Ask for one value of a table."""
        self._scalars.setdefault(table, {}).setdefault(key, expr)

    def frame(self, table: str, key: str, make: Callable[[pl.LazyFrame], pl.LazyFrame]) -> None:
        """Ask for a small frame made of the table's rows."""
        frames = self._frames.setdefault(table, {})
        if key not in frames:
            frames[key] = make(self.ground.table(table).frame)

    def collect(self) -> None:
        """Read everything that was asked, table by table; a table that cannot be read becomes ``broken``."""
        for name in self.ground.bound.tables:
            scalars, frames = self._scalars.get(name, {}), self._frames.get(name, {})
            if not scalars and not frames:
                continue
            table = self.ground.table(name)
            queries = list(frames.values())
            if scalars:
                queries.append(table.frame.select(expr.alias(key) for key, expr in scalars.items()))
            try:
                with guarded({name: table}):
                    found = pl.collect_all(queries)
            except Failure as failure:
                self.broken[name] = failure
                continue
            self._tables |= {(name, key): frame for key, frame in zip(frames, found, strict=False)}
            if scalars:
                self._answers |= {(name, key): value for key, value in found[-1].row(0, named=True).items()}

    def number(self, table: str, key: str) -> int:
        """Return a scalar as a whole number, null as 0. Raises `Unreadable`, and `KeyError` when never asked."""
        self.need(table)
        value = self._answers[table, key]
        return int(value) if isinstance(value, (int, float)) else 0

    def counted(self, table: str, key: str) -> pl.DataFrame:
        """Return a frame that was asked for. Raises `Unreadable`, and `KeyError` when never asked."""
        self.need(table)
        return self._tables[table, key]

    def need(self, table: str) -> None:
        """Raise `Unreadable` when the table is broken or not bound."""
        if table in self.broken or table not in self.ground.bound.tables:
            raise Unreadable(table)

    def later(self, *tables: str, query: pl.LazyFrame) -> pl.DataFrame:
        """Run a second query, once the first answers have shown that it is needed (`Unreadable` when it breaks)."""
        for name in tables:
            self.need(name)
        try:
            with guarded({name: self.ground.table(name) for name in tables}):
                return query.collect()
        except Failure as failure:
            self.broken[tables[0]] = failure
            raise Unreadable(tables[0]) from None
