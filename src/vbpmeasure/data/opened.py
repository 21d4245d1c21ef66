"""Open one source of a table: Parquet files by their footers, anything else through Polars' own scanners."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from polars.exceptions import PanicException

from vbpmeasure.data.columns import Match
from vbpmeasure.data.contract import Table
from vbpmeasure.data.footers import Footer, read_footers
from vbpmeasure.data.found import Findings, place
from vbpmeasure.data.locate import Location, at_pattern
from vbpmeasure.data.mapping import TableSource
from vbpmeasure.data.partitions import first_odd_file, hive_type, keys_below, keys_of
from vbpmeasure.data.types import CAST_OPTIONS
from vbpmeasure.diagnostics.model import Diagnostic, Failure

_LIBRARIES = {"delta": "deltalake", "iceberg": "pyiceberg"}
_REMOTE = ("s3://", "gs://", "az://", "abfss://", "https://")


@dataclass(frozen=True, slots=True)
class Opened:
    """One source, before its columns are matched.

    ``footers`` say names, types and rows; of a table that only a scanner knows there is one, with the scanner's
    schema. ``files`` are those whose fingerprints a manifest can hold. ``scanned`` is the scanner's frame (None for
    Parquet files); ``version`` its version of the table, where it has one.
    """

    place: Path
    footers: Sequence[Footer]
    files: tuple[Path, ...]
    keys: tuple[str, ...] = ()
    scanned: pl.LazyFrame | None = None
    version: str | None = None

    def scan(self, matches: Sequence[Match]) -> pl.LazyFrame:
        """Return the one scan of the source; types are widened by the reader itself where it can."""
        if self.scanned is not None:
            schema = self.footers[0].schema
            wider = {
                m.source: m.reading.scan_type
                for m in matches
                if m.literal is None and m.reading.scan_type != schema[m.source]
            }
            return self.scanned.with_columns(pl.col(name).cast(dtype) for name, dtype in wider.items())
        from_path = {m.source for m in matches if m.from_path}
        # A key anywhere in the path has to be typed, ours or not, once partition folders are read at all.
        hive = {
            key: next((m.reading.scan_type for m in matches if m.source == key), hive_type(None))
            for key in keys_of(self.footers[0].file)
        }
        return pl.scan_parquet(
            list(self.files),
            glob=False,
            schema={m.source: m.reading.scan_type for m in matches if m.in_files},
            hive_partitioning=bool(from_path),
            hive_schema=hive if from_path else None,
            extra_columns="ignore",
            cast_options=CAST_OPTIONS,
        )


def open_location(table: Table, location: Location, findings: Findings) -> Opened:
    """Open local Parquet files; what is wrong with them goes to ``findings`` (VBM303, VBM304, VBM309)."""
    footers = read_footers(table.name, location.files, findings)
    odd = first_odd_file(location.base, location.files)
    if odd is not None:
        findings.error(
            "VBM309",
            f"the files of {table.name} differ in their partition folders: {odd.name} stands under other keys",
            where=place(table.name, file=odd),
            hint="lay out all files of a table in the same partition folders",
        )
    shown = location.files[0] if len(location.files) == 1 else location.base
    return Opened(shown, footers, location.files, keys_below(location.base, location.files))


def open_source(table: Table, source: TableSource, findings: Findings) -> Opened:
    """Open a source that the configuration places.

    Raises ``Failure``: VBM316 and VBM303 when nothing is there, VBM333 without the library of a format, VBM334 when a
    Delta, Iceberg or remote table cannot be opened; all of them point at the line of the configuration.
    """
    assert source.path is not None
    if source.format == "parquet" and not source.path.startswith(_REMOTE):
        try:
            location = at_pattern(table.name, source.path)
        except Failure as failure:
            raise Failure([_pointing(d, source) for d in failure.diagnostics]) from None
        return open_location(table, location, findings)
    library = _LIBRARIES.get(source.format)
    if library is not None and find_spec(library) is None:
        raise Failure(
            Diagnostic(
                "VBM333",
                f"table {table.name} is a {source.format.capitalize()} table, and the library to read it is missing",
                span=source.span,
                hint=f"install vbpmeasure[{source.format}]",
            )
        )
    try:
        return _scanned(source)
    # The libraries raise errors of many kinds, and their texts can quote credentials and values.
    except (PanicException, Exception):  # noqa: BLE001
        raise Failure(
            Diagnostic(
                "VBM334",
                f"table {table.name} cannot be opened as {source.format} at this address",
                span=source.span,
                where=place(table.name, file=source.written),
                hint="check the address, its format, and the access that the environment grants",
            )
        ) from None


def _scanned(source: TableSource) -> Opened:
    """Open through the scanner of the format, and ask for nothing but the schema and the number of rows."""
    address = source.path or ""
    files: tuple[Path, ...] = ()
    version: str | None = None
    if source.format == "delta":
        from deltalake import DeltaTable  # noqa: PLC0415  an extra

        delta = DeltaTable(address)
        version = str(delta.version())
        files = _local_files(address, delta.file_uris())
        frame = pl.scan_delta(delta)
    elif source.format == "iceberg":
        from pyiceberg.table import StaticTable  # noqa: PLC0415  an extra

        os.environ.setdefault("POLARS_ICEBERG_PLANNER", "pyiceberg")  # the other planner is one more package
        table = StaticTable.from_metadata(address)
        snapshot = table.current_snapshot()
        version = None if snapshot is None else str(snapshot.snapshot_id)
        frame = pl.scan_iceberg(table)
    else:
        frame = pl.scan_parquet(address, cast_options=CAST_OPTIONS, extra_columns="ignore")
    schema = frame.collect_schema()
    rows = int(frame.select(pl.len()).collect().item())
    size = sum(file.stat().st_size for file in files)
    at = Path(source.written or address)
    return Opened(at, [Footer(at, rows, size, schema)], files, scanned=frame, version=version)


def _local_files(address: str, found: Sequence[str]) -> tuple[Path, ...]:
    """Return the data files of a local table below its address; none when they lie elsewhere."""
    base = Path(address)
    root = base.resolve()
    files = []
    for text in found:
        file = Path(text) if Path(text).exists() else Path(unquote(text))
        if not file.is_file():
            return ()
        file = file.resolve()
        files.append(base / file.relative_to(root) if file.is_relative_to(root) else file)
    return tuple(sorted(files))


def _pointing(diagnostic: Diagnostic, source: TableSource) -> Diagnostic:
    return Diagnostic(
        diagnostic.code,
        diagnostic.message,
        diagnostic.severity,
        span=source.span,
        where=diagnostic.where,
        hint=diagnostic.hint,
    )
