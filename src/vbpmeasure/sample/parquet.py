"""A Parquet file that grows frame by frame, in row groups of an exact size."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


class TableWriter:
    """Writes frames of one schema one after the other; what does not fill a row group waits for the next frame.

    Written with pyarrow: the streaming sinks of polars read far ahead, and their memory grows with the number of rows.
    Pages carry checksums, so that a damaged file is noticed.
    """

    def __init__(self, path: Path, row_group: int, metadata: dict[str, str]) -> None:
        """Open the file; the metadata goes into its footer. ``OSError`` when it cannot be opened."""
        self._file = path.open("wb")
        self._row_group = row_group
        self._metadata = metadata
        self._held: pl.DataFrame | None = None
        self._writer: pq.ParquetWriter | None = None
        self.rows = 0

    def __enter__(self) -> TableWriter:
        return self

    def add(self, frame: pl.DataFrame) -> None:
        """Append the rows of a frame."""
        self.rows += frame.height
        held = frame if self._held is None else pl.concat([self._held, frame])
        whole = held.height - held.height % self._row_group
        for start in range(0, whole, self._row_group):
            self._write(held.slice(start, self._row_group))
        self._held = held.slice(whole)

    def _write(self, frame: pl.DataFrame) -> None:
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
        if self._writer is None:
            schema = table.schema.with_metadata(self._metadata)
            self._writer = pq.ParquetWriter(
                self._file, schema, compression="zstd", compression_level=3, write_page_checksum=True
            )
        self._writer.write_table(table.cast(pa.schema(self._writer.schema)), row_group_size=self._row_group)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the rest and close; after an error only close."""
        try:
            if kind is None:
                if self._held is not None and (self._held.height or self._writer is None):
                    self._write(self._held)
                if self._writer is not None:
                    self._writer.close()
        finally:
            self._file.close()
