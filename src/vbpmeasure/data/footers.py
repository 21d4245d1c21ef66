"""Read the footers of Parquet files: names, types, row counts. No data page is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from vbpmeasure.data.errors import no_memory, read_errors
from vbpmeasure.data.files import metadata_of, scan_one, size_of
from vbpmeasure.data.found import Findings, denied, place
from vbpmeasure.data.remote.store import File, RemotePath, Stamp
from vbpmeasure.data.stamps import stamp_if_there

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Footer:
    """What the footer of one file says; ``schema`` maps column names to the types Polars will see.

    ``stamp`` was taken before the footer was read, so that a later change of the file can be seen.
    """

    file: File
    rows: int
    bytes: int
    schema: pl.Schema
    stamp: Stamp | None = None


def read_footers(
    table: str, files: Sequence[File], findings: Findings, rows_of: Mapping[File, int] | None = None
) -> list[Footer]:
    """Return the footers of the files of a table, in order; files that cannot be read become findings.

    With ``rows_of`` the number of rows of every file is known, and that all of them have the columns of the first.
    Findings: VBM303 (empty, truncated, or no Parquet at all), VBM304 (permission denied), VBM354 (two columns of one
    name, which Polars refuses to tell apart).
    """
    footers: list[Footer] = []
    stamps = {file: stamp_if_there(file) for file in files}
    known: pa.Schema | None = None
    alike: pl.Schema | None = None
    for file in files:
        try:
            size = size_of(file)
            if size == 0:
                findings.error(
                    "VBM303", f"a file of table {table} is empty", where=place(table, file=file), hint="write it again"
                )
                continue
            if rows_of is not None:
                alike = alike or scan_one(file).collect_schema()
                footers.append(Footer(file, rows_of[file], size, alike, stamps[file]))
                continue
            metadata = metadata_of(file)
            rows, arrow = metadata.num_rows, metadata.schema.to_arrow_schema()
            twice = next((name for name, number in Counter(arrow.names).items() if number > 1), None)
            if twice is not None:
                findings.error(
                    "VBM354",
                    f"a file of table {table} has more than one column of the same name",
                    where=place(table, twice, file),
                    hint="give each column of the extract a name of its own, also those that are not asked for",
                )
                continue
            # Most files of a table are alike: the second library reads the footer again only when they are not.
            if known is None or not arrow.equals(known):
                known, alike = arrow, scan_one(file).collect_schema()
            assert alike is not None
            footers.append(Footer(file, rows, size, alike, stamps[file]))
        except PermissionError:
            findings.add(denied(table, file))
        except read_errors() as error:
            no_memory(error)
            if isinstance(file, RemotePath) and (refused := file.reached().damage(file, table)) is not None:
                findings.add(refused)
                continue
            findings.error(
                "VBM303",
                f"a file of table {table} is not readable Parquet: truncated, damaged or of another format",
                where=place(table, file=file),
                hint="a Parquet file begins and ends with the letters PAR1; write the file again or remove it",
            )
    return footers


def null_count(files: Sequence[File], column: str) -> int | None:
    """Return how many nulls a column (in any letter case) has in the files, or None when a footer does not tell."""
    total = 0
    for file in files:
        try:
            metadata = metadata_of(file)
        except read_errors() as error:
            no_memory(error)
            return None
        names = [metadata.schema.column(i).path.lower() for i in range(metadata.num_columns)]
        if column not in names:
            return None
        for number in range(metadata.num_row_groups):
            statistics = metadata.row_group(number).column(names.index(column)).statistics
            if statistics is None or not statistics.has_null_count:
                return None
            total += statistics.null_count
    return total if files else None
