"""Tables bound to the contract: lazy frames with contract names and types, and what is known of their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from vbpmeasure.data.formats.pins import Pin
from vbpmeasure.data.remote.address import RemoteFolder
from vbpmeasure.data.remote.store import File, Stamp
from vbpmeasure.diagnostics.model import Diagnostic


@dataclass(frozen=True, slots=True)
class TableVersion:
    """A Delta version or an Iceberg snapshot that a table was read at: with the table's own id it pins the content.

    ``name`` holds both, so that two manifests can be compared by it. ``bytes`` are those of its data files.
    """

    table: str
    name: str
    format: str
    version: str | None
    table_id: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class BoundTable:
    """One contract table of the user's data.

    ``frame`` is one plain scan with a select on top: contract names and types, absent columns left out (``columns``
    holds those present). ``rows`` and ``bytes`` are those of the files, before any bad row is dropped. ``audit`` is the
    same scan with the columns that the check of eligibility rows reads; ``file_columns`` are the names in the files.
    ``footers_tell``: the statistics in the files' footers are those of the contract columns, because nothing is mapped.
    ``stamps`` are those of the files before anything of them was read.
    ``sources`` are the records of configured sources for a manifest, empty for a table found in the data folder.
    ``versions`` are those of Delta and Iceberg tables, ``pins`` tell whether they are still what they were;
    ``unpinned`` the files that no version pins. ``unseen`` are the names and rows of sources of which neither
    files nor a version are known: whether they changed cannot be told.
    """

    name: str
    frame: pl.LazyFrame
    columns: frozenset[str]
    files: tuple[File, ...]
    rows: int
    bytes: int
    file_columns: tuple[str, ...] = ()
    audit: pl.LazyFrame | None = field(default=None, repr=False)
    stamps: Mapping[File, Stamp] = field(default_factory=dict, repr=False)
    footers_tell: bool = True
    sources: tuple[Mapping[str, object], ...] = ()
    versions: tuple[TableVersion, ...] = ()
    unpinned: tuple[File, ...] = ()
    pins: tuple[Pin, ...] = ()
    unseen: tuple[tuple[str, int], ...] = ()

    @property
    def unpinned_files(self) -> tuple[File, ...]:
        """The files that are inputs for themselves, and not through a version of a table."""
        return self.unpinned if self.pins else self.files


@dataclass(frozen=True, slots=True)
class BoundData:
    """The tables of one run.

    ``missing_tables``: contract tables that were asked for and are not there. ``missing_columns``: by bound table, the
    optional contract columns that its files lack. ``bad_rows``: what was left out, by fault (empty when nothing was).
    ``warnings`` are diagnostics that stop nothing.
    """

    tables: Mapping[str, BoundTable]
    missing_tables: tuple[str, ...] = ()
    missing_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bad_rows: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    root: Path | RemoteFolder | None = None

    @property
    def frames(self) -> dict[str, pl.LazyFrame]:
        """The lazy frames by table name, as the engines take them."""
        return {name: table.frame for name, table in self.tables.items()}

    def has(self, table: str, *columns: str) -> bool:
        """Return whether the table is bound with all of these columns."""
        bound = self.tables.get(table)
        return bound is not None and bound.columns.issuperset(columns)
