"""The rows between the two passes of a layout: a chunk is one file, the rows of its buckets one after the other.

The rows of a bucket are an Arrow IPC file of their own inside the chunk, so that a bucket is read without the others;
Parquet would be smaller by a tenth and take twice the time. Where each bucket ends stands at the end of the chunk.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl


class Unfit(Exception):
    """What was laid out is not what the table holds."""


def packed(rows: pl.DataFrame, bucket: str, buckets: int) -> memoryview:
    """Return the chunk of rows: ``buckets`` parts by the column ``bucket`` (which is not kept), in their order."""
    parts = rows.partition_by(bucket, maintain_order=True, include_key=False, as_dict=True)
    content, ends = io.BytesIO(), []
    for number in range(buckets):
        if (found := parts.pop((number,), None)) is not None:
            part = io.BytesIO()
            found.write_ipc(part, compression="zstd")
            content.write(part.getbuffer())
        ends.append(content.tell())
    content.write(struct.pack(f"<{buckets}Q", *ends))
    return content.getbuffer()


@dataclass(frozen=True, slots=True)
class Portion:
    """The rows of one bucket in one chunk: the bytes in its file, and the ids from the first to the last.

    ``first`` and ``last`` are None when no row has a person id, which ``nameless`` tells of some rows.
    """

    path: Path
    begin: int
    end: int
    first: Any
    last: Any
    nameless: bool

    def rows(self) -> pl.DataFrame:
        """Return the rows, in the order of the chunk."""
        return _read(self.path, self.begin, self.end, None)

    def meets(self, first: Any, beyond: Any) -> bool:
        """Return whether some id can lie from ``first`` on and before ``beyond``; None is no bound.

        Rows without an id come before all others.
        """
        if first is None and self.nameless:
            return True
        if self.first is None:
            return False
        return (first is None or self.last >= first) and (beyond is None or self.first < beyond)


def portions(chunks: list[Path], bucket: int, buckets: int) -> Iterator[tuple[Portion, pl.Series]]:
    """Yield what chunks hold of a bucket, in their order, with the person id of every row.

    Raises `Unfit` when a chunk does not end as chunks do.
    """
    for path in chunks:
        ends = _ends(path, buckets)
        begin, end = ends[bucket], ends[bucket + 1]
        if begin != end:
            ids = _read(path, begin, end, ["person_id"]).to_series()
            yield Portion(path, begin, end, ids.min(), ids.max(), ids.null_count() > 0), ids


def _ends(path: Path, buckets: int) -> tuple[int, ...]:
    """Return where each bucket begins, and the last one ends."""
    known = 8 * buckets
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END) - known
        file.seek(max(size, 0))
        told = file.read()
    ends = (0, *struct.unpack(f"<{buckets}Q", told)) if len(told) == known else ()
    if not ends or ends[-1] != size or any(one > other for one, other in pairwise(ends)):
        raise Unfit(f"{path.name} is no whole chunk of {buckets} buckets")
    return ends


def _read(path: Path, begin: int, end: int, columns: list[str] | None) -> pl.DataFrame:
    with path.open("rb") as file:
        file.seek(begin)
        return pl.read_ipc(io.BytesIO(file.read(end - begin)), columns=columns)
