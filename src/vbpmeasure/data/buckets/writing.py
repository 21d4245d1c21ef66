"""Lay one table out by buckets, sorted by person: in two passes over pieces that fit into memory.

The first pass cuts the table into chunks of rows, each a file in the order of the buckets. The second gathers a bucket
from all chunks, as many people at a time as fit, and writes its parts sorted by person. Each file appears whole or not
at all, so that a killed run goes on where it was.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from vbpmeasure.data.bound import BoundTable
from vbpmeasure.data.buckets.chunks import Unfit, packed, portions
from vbpmeasure.data.buckets.hashing import bucket_column
from vbpmeasure.data.buckets.layout import LaidFile
from vbpmeasure.data.buckets.resuming import damaged, forget, recorded
from vbpmeasure.data.errors import guarded, no_memory
from vbpmeasure.data.fingerprint import footer_digest

# Cells (rows times columns) that are held at a time: some 200 MB of claims.
CELLS = 8_000_000
_BUCKET = "bucket of the person"
_ROW_GROUP = 122_880


class TableLayout:
    """The work on one table; ``folder`` is where its files go, ``work`` a folder for what is between."""

    def __init__(self, table: BoundTable, buckets: int, folder: Path, work: Path, cells: int = CELLS) -> None:
        """Name the table and the places; nothing is read or written yet."""
        self.table, self.buckets, self.folder = table, buckets, folder
        self._chunks = work / table.name
        self._done = work / f"{table.name}.json"
        self._rows = max(1, cells // max(len(table.columns), 1))

    def lay_out(self) -> tuple[LaidFile, ...]:
        """Write what is not there yet; return the files of the table. Raises `OSError` for the disk, ``Failure``."""
        files = recorded(self._done, self.folder, self.table, self.buckets)
        if files is not None:
            return files
        places = (self._done, self._chunks, self.folder / self.table.name, self.folder / f"{self.table.name}.parquet")
        left = any(os.path.lexists(place) for place in places)
        if os.path.lexists(self._done):
            forget(*places)  # a record that is not true says nothing of the files beside it either
        try:
            files = self._files()
        except damaged() as error:
            no_memory(error)
            if not left:
                raise
            forget(*places)
            files = self._files()
        record = [{name: getattr(file, name) for name in file.__slots__} for file in files]
        put(self._done, json.dumps(record).encode())
        shutil.rmtree(self._chunks, ignore_errors=True)
        return files

    def _files(self) -> tuple[LaidFile, ...]:
        files = tuple(self._by_person() if "person_id" in self.table.columns else self._beside())
        rows = sum(file.rows for file in files)
        if rows != self.table.rows:
            raise Unfit(f"{self.table.name}: {rows} rows of {self.table.rows} were laid out")
        return files

    def _beside(self) -> Iterator[LaidFile]:
        """Write a table without person ids as it is: the practitioners, the indicators of other entities."""
        path = self.folder / f"{self.table.name}.parquet"
        if not path.is_file():
            with guarded({self.table.name: self.table}):
                rows = self.table.frame.collect(engine="in-memory")
            _write(path, rows)
        yield self._laid(path, None)

    def _by_person(self) -> Iterator[LaidFile]:
        chunks = [self._cut(number) for number in range(math.ceil(self.table.rows / self._rows))]
        empty = self.table.frame.collect_schema().to_frame()
        home = self.folder / self.table.name
        home.mkdir(mode=0o700, exist_ok=True)
        for bucket in range(self.buckets):
            for part, rows in enumerate(self._parts(chunks, bucket, empty, home), start=1):
                path = home / _name(bucket, self.buckets, part)
                if rows is not None:
                    _write(path, rows)
                yield self._laid(path, bucket)

    def _cut(self, number: int) -> Path:
        """Write one chunk of the table, by bucket."""
        path = self._chunks / f"{number:06d}.chunk"
        if path.is_file():
            return path
        self._chunks.mkdir(mode=0o700, exist_ok=True)
        with guarded({self.table.name: self.table}):
            # The in-memory engine keeps the order of rows: a slice is the same rows whenever it is asked for.
            rows = self.table.frame.slice(number * self._rows, self._rows).collect(engine="in-memory")
        rows = rows.with_columns(bucket_column(self.buckets).alias(_BUCKET))
        put(path, packed(rows, _BUCKET, self.buckets))
        return path

    def _parts(self, chunks: list[Path], bucket: int, empty: pl.DataFrame, home: Path) -> Iterator[pl.DataFrame | None]:
        """Yield the parts of a bucket, sorted by person; None for one that is there already."""
        if not chunks:
            yield empty
            return
        found = list(portions(chunks, bucket, self.buckets))
        ids = pl.concat([each for _, each in found] or [empty["person_id"]]).sort(nulls_last=False)
        firsts = [ids[0]] if len(ids) else []
        for place in range(self._rows, len(ids), self._rows):
            if ids[place] is not None and ids[place] != firsts[-1]:
                firsts.append(ids[place])
        for part, first in enumerate(firsts or [None], start=1):
            if (home / _name(bucket, self.buckets, part)).is_file():
                yield None
                continue
            # Rows without a person id come before all others, and are in the first part.
            begins = None if part == 1 else first
            beyond = firsts[part] if part < len(firsts) else None
            of_part = [_between(one.rows(), begins, beyond) for one, _ in found if one.meets(begins, beyond)]
            rows = pl.concat(of_part or [empty], rechunk=True)
            # What came sorted by person is in order when the chunks are put together.
            ordered = rows["person_id"].is_sorted(nulls_last=False)
            yield rows if ordered else rows.sort("person_id", maintain_order=True, nulls_last=False)

    def _laid(self, path: Path, bucket: int | None) -> LaidFile:
        size = path.stat().st_size
        rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
        return LaidFile(path.relative_to(self.folder).as_posix(), bucket, rows, size, footer_digest(path, size))


def _name(bucket: int, buckets: int, part: int) -> str:
    return f"bucket-{bucket:04d}-of-{buckets:04d}-part-{part:03d}.parquet"


def _between(rows: pl.DataFrame, first: Any, beyond: Any) -> pl.DataFrame:
    """Return the rows of the people from ``first`` on and before ``beyond``; None is no bound and takes no id too."""
    kept = [pl.col("person_id") >= first] if first is not None else []
    if beyond is not None:
        kept.append((pl.col("person_id") < beyond).fill_null(value=first is None))
    return rows.filter(kept) if kept else rows


def _write(path: Path, rows: pl.DataFrame) -> None:
    # Polars words errors of the disk in its own way; from memory they are plain errors of the system.
    content = io.BytesIO()
    rows.write_parquet(content, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP)
    put(path, content.getbuffer())


def put(path: Path, content: bytes | memoryview) -> None:
    """Write a file for its owner alone that is there whole or not at all. Raises `OSError`."""
    beside = path.with_name(f".{path.name}.new")
    try:
        fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
