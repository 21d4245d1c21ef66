"""Open one source of a table: Parquet files by their footers, anything else through Polars' own scanners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException

from vbpmeasure.data.columns import Match
from vbpmeasure.data.contract import Table
from vbpmeasure.data.files import scan_options
from vbpmeasure.data.footers import Footer, read_footers
from vbpmeasure.data.formats.delta import open_delta
from vbpmeasure.data.formats.iceberg import open_iceberg, open_in_catalog
from vbpmeasure.data.formats.versioned import Spot, Versioned
from vbpmeasure.data.found import Findings, place
from vbpmeasure.data.locate import Location, at_pattern
from vbpmeasure.data.mapping import TableSource
from vbpmeasure.data.partitions import first_odd_file, hive_type, keys_below, keys_of
from vbpmeasure.data.remote.address import TABLE_FORMATS, parse
from vbpmeasure.data.remote.locate import at_address
from vbpmeasure.data.remote.store import File, RemotePath, Stores
from vbpmeasure.data.types import CAST_OPTIONS
from vbpmeasure.diagnostics.model import Diagnostic, Failure


@dataclass(frozen=True, slots=True)
class Opened:
    """One source, before its columns are matched.

    ``footers`` say names, types and rows; of a table that only a scanner knows there is one, with the scanner's
    schema. ``files`` are those whose fingerprints a manifest can hold. ``scanned`` is the scanner's frame (None for
    Parquet files); ``versioned`` what pins a table that has versions.
    """

    place: File
    footers: Sequence[Footer]
    files: tuple[File, ...]
    keys: tuple[str, ...] = ()
    scanned: pl.LazyFrame | None = None
    versioned: Versioned | None = None

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
            [str(file) for file in self.files],
            glob=False,
            schema={m.source: m.reading.scan_type for m in matches if m.in_files},
            hive_partitioning=bool(from_path),
            hive_schema=hive if from_path else None,
            extra_columns="ignore",
            cast_options=CAST_OPTIONS,
            **scan_options(self.files),
        )


def open_location(
    table: Table,
    location: Location,
    findings: Findings,
    version: int | None = None,
    spot: Spot | None = None,
    rows_of: Mapping[File, int] | None = None,
) -> Opened:
    """Open what lies in the data folder: Parquet files, or a Delta or Iceberg table at a version.

    ``rows_of`` as in ``read_footers``.
    What is wrong with Parquet files goes to ``findings`` (VBM303, VBM304, VBM309). Raises ``Failure``: VBM411 for a
    version of a table that has none, and those of ``open_delta`` and ``open_iceberg``.
    """
    spot = spot or Spot(table.name, str(location.base))
    if location.format == "delta":
        return _versioned(location.base, open_delta(location.base, version, spot), spot)
    if location.format == "iceberg":
        return _versioned(location.base, open_iceberg(location.base, version, spot), spot)
    _refuse_version(version, spot)
    footers = read_footers(table.name, location.files, findings, rows_of)
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


def open_source(
    table: Table, source: TableSource, findings: Findings, stores: Stores, version: int | None = None
) -> Opened:
    """Open a source that the configuration places; ``version`` wins over the source's own.

    Raises ``Failure``: VBM316 and VBM303 when nothing is there, VBM334 when an address cannot be opened, and those of
    ``open_location``; all of them point at the line of the configuration.
    """
    assert source.path is not None
    version = source.version if version is None else version
    spot = Spot(table.name, source.written or source.path, source.span)
    try:
        if source.catalog is not None:
            found = open_in_catalog(source.path, source.catalog, stores.access, version, spot)
            return _versioned(Path(source.path), found, spot)
        location = _location(table.name, source, stores)
        if location is not None:
            return open_location(table, location, findings, version, spot)
    except Failure as failure:
        raise Failure([_pointing(d, source) for d in failure.diagnostics]) from None
    _refuse_version(version, spot)
    try:
        read = _scanned(source)
    # The library raises errors of many kinds, and their texts can quote credentials and values.
    except (PanicException, Exception):  # noqa: BLE001
        raise spot.failure(
            "VBM334",
            f"table {table.name} cannot be opened as {source.format} at this address",
            "check the address, its format, and the access that the environment grants",
        ) from None
    findings.warning(
        "VBM398",
        f"whether table {table.name} changes at this address while it is read, or has changed since, cannot be told",
        where=spot.where,
        hint="its counts are not kept; copy it to a disk or an object store to have it watched",
    )
    return read


def _location(table: str, source: TableSource, stores: Stores) -> Location | None:
    """Return where a source lies; None for an address that only Polars reads. The user's format wins."""
    assert source.path is not None
    address = parse(source.path)
    kind = source.format
    if address is None:
        local = source.path.removeprefix("file://")
        for one in TABLE_FORMATS:
            local = local.removeprefix(f"{one}+file://")
        if kind == "parquet":
            return at_pattern(table, local)
        return Location(table, (), Path(local), kind)
    if address.service is None:
        return None
    if kind == "parquet":
        return at_address(table, address, stores)
    return Location(table, (), RemotePath.listed(address.text.rstrip("/"), stores.of(address)), kind)


def _refuse_version(version: int | None, spot: Spot) -> None:
    if version is not None:
        raise spot.failure(
            "VBM411",
            f"a version of table {spot.table} was asked for, and Parquet files have none",
            "name the tables that are Delta or Iceberg: `--as-of-version TABLE=VERSION`",
        )


def _versioned(at: File, found: Versioned, spot: Spot) -> Opened:
    """Ask the scanner of the format for the schema and the number of rows, and nothing else."""
    try:
        schema = found.frame.collect_schema()
        rows = int(found.frame.select(pl.len()).collect().item())
    except (PanicException, Exception):  # noqa: BLE001  as in open_source
        raise spot.failure(
            "VBM334",
            f"table {spot.table} cannot be opened as {found.format} at this address",
            "its log can be read; check that its data files can be, too",
        ) from None
    return Opened(at, [Footer(at, rows, found.bytes, schema)], found.files, scanned=found.frame, versioned=found)


def _scanned(source: TableSource) -> Opened:
    """Open through Polars' scanner, and ask for nothing but the schema and the number of rows."""
    address = source.path or ""
    frame = pl.scan_parquet(address, cast_options=CAST_OPTIONS, extra_columns="ignore")
    schema = frame.collect_schema()
    rows = int(frame.select(pl.len()).collect().item())
    at = RemotePath(address)
    return Opened(at, [Footer(at, rows, 0, schema)], (), scanned=frame)


def _pointing(diagnostic: Diagnostic, source: TableSource) -> Diagnostic:
    return Diagnostic(
        diagnostic.code,
        diagnostic.message,
        diagnostic.severity,
        span=source.span,
        where=diagnostic.where,
        hint=diagnostic.hint,
    )
