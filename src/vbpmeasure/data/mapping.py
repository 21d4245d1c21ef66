"""What a user's configuration says about the sources of a contract table. No Polars here: everybody may read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vbpmeasure.diagnostics.model import Span

Unmapped = Literal["keep", "null", "error"]
SourceFormat = Literal["parquet", "delta", "iceberg"]
Constant = str | int | float | bool | dt.date
LABEL_COLUMN = "data_source"


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """How the rows of one source become rows of a contract table; contract columns are the keys throughout.

    ``columns`` name the source's column; ``constants`` fill the whole column; ``values`` translate texts, and
    ``unmapped`` says for each of them what becomes of other texts; ``dates`` are formats of text dates.
    ``places`` tells where each entry stands in the configuration: ``("dates", "birth_date")``.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Constant] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unmapped: Mapping[str, Unmapped] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[tuple[str, str], Span] = field(default_factory=dict, repr=False, compare=False)

    def source_of(self, column: str) -> str:
        """Return what the source calls a contract column."""
        return self.columns.get(column, column)

    def place(self, part: str, column: str) -> Span | None:
        """Return where the configuration says this about the column."""
        return self.places.get((part, column))

    @property
    def empty(self) -> bool:
        """Whether the source is in the contract's shape already."""
        return not (self.columns or self.constants or self.values or self.dates)

    def record(self) -> dict[str, object]:
        """Return the mapping for a manifest: plain values, only what was said."""
        said: dict[str, object] = {
            "columns": dict(self.columns),
            "constants": {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in self.constants.items()},
            "values": {k: dict(v) for k, v in self.values.items()},
            "unmapped": dict(self.unmapped),
            "dates": dict(self.dates),
        }
        return {name: part for name, part in said.items() if part}


@dataclass(frozen=True, slots=True)
class TableSource:
    """One source of a contract table.

    ``path`` is a file, folder, glob or address, ready to open; None when the table lies in the data folder. ``written``
    is the path as the configuration has it, for the manifest; ``span`` is where it stands there. ``version`` is the
    Delta version or Iceberg snapshot to read (None: the newest); with ``catalog``, an Iceberg catalog, the path is a
    name in it.
    """

    path: str | None = None
    format: SourceFormat = "parquet"
    label: str | None = None
    mapping: SourceMapping = field(default_factory=SourceMapping)
    written: str | None = None
    span: Span | None = None
    version: int | None = None
    catalog: str | None = None

    def record(self) -> dict[str, object]:
        """Return the source for a manifest."""
        head = {"path": self.written, "format": self.format, "label": self.label, "catalog": self.catalog}
        return {**{k: v for k, v in head.items() if v is not None}, **self.mapping.record()}


TableSources = Mapping[str, tuple[TableSource, ...]]
