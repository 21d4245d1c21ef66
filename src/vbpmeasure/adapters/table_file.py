"""One contract table as a Parquet file that grows row by row in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vbpmeasure.data.contract import Kind, Table

CELLS_PER_GROUP = 2_000_000  # rows times columns held before they are written: some tens of megabytes
_LOOSE = 8_192  # rows held as Python objects, which take ten times the memory of Arrow's

_TYPES: dict[Kind, pa.DataType] = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.bool_(),
}
_WRITING = {"compression": "zstd", "compression_level": 3, "write_page_checksum": True}


class TableFile:
    """The growing file of one table; columns and types are those of the contract.

    `close` finishes it and takes out the optional columns that no row filled: a column that is there and empty would
    look like evidence that was looked for and not found. Files and memory: owner only, one row group at a time.
    """

    def __init__(self, path: Path, table: Table) -> None:
        """Open the file; ``OSError`` when that is not possible."""
        self.path = path
        self.table = table
        self.rows = 0
        self._schema = pa.schema([(c.name, _TYPES[c.kind]) for c in table.columns])
        self._names = [c.name for c in table.columns]
        self._known = frozenset(self._names)
        self._group = max(1, min(122_880, CELLS_PER_GROUP // len(self._names)))
        self._held: list[Mapping[str, object]] = []
        self._batches: list[pa.RecordBatch] = []
        self._filled: set[str] = {c.name for c in table.columns if c.required}
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._writer: pq.ParquetWriter | None = pq.ParquetWriter(self._file, self._schema, **_WRITING)

    def add(self, row: Mapping[str, object]) -> None:
        """Append a row; a contract column that it lacks is null. ``KeyError`` for a name that is no contract column."""
        if not row.keys() <= self._known:
            raise KeyError(next(iter(row.keys() - self._known)))
        self._held.append(row)
        self.rows += 1
        if self.rows % self._group == 0:
            self._flush()
        elif len(self._held) >= _LOOSE:
            self._pack()

    def close(self) -> None:
        """Write the rest, and the file once more without the columns that stayed empty."""
        if self._writer is None:
            return
        self._flush()
        self._writer.close()
        self._writer = None
        self._file.close()
        kept = [name for name in self._names if name in self._filled]
        if kept != self._names:
            self._rewrite(kept)

    def abandon(self) -> None:
        """Let go of the file as it is."""
        self._writer = None
        self._held, self._batches = [], []
        self._file.close()

    def _pack(self) -> None:
        if not self._held:
            return
        arrays = []
        for field in self._schema:
            array = pa.array([row.get(field.name) for row in self._held], field.type)
            if array.null_count < len(array):
                self._filled.add(field.name)
            arrays.append(array)
        self._held = []
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))

    def _flush(self) -> None:
        self._pack()
        if self._writer is not None and self._batches:
            table = pa.Table.from_batches(self._batches).combine_chunks()
            self._batches = []
            self._writer.write_table(table, row_group_size=self._group)

    def _rewrite(self, kept: list[str]) -> None:
        slim = self.path.with_name(f"{self.path.name}.slim")
        with (
            pq.ParquetFile(self.path) as source,
            os.fdopen(os.open(slim, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
            pq.ParquetWriter(file, pa.schema([self._schema.field(n) for n in kept]), **_WRITING) as writer,
        ):
            for group in range(source.num_row_groups):
                writer.write_table(source.read_row_group(group, columns=kept), row_group_size=self._group)
        slim.replace(self.path)
