"""The functions that go to the workers of Spark, and how what they reply is put together again.

As with `shipped`, the functions inside these are sent as their code, with the values that they hold; they name nothing
of this module, and a worker without this package can still say that it lacks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from vbpmeasure.executors.model import Task
from vbpmeasure.executors.shipped import NOT_INSTALLED, shipped
from vbpmeasure.executors.trouble import not_installed

REPLIES = "parcel long, piece long, content binary"
PARTS = "bucket long, name string, content binary"
# A message of Spark Connect ends at 128 MB, and one value cannot be divided over two: replies come in pieces.
_PIECE = 4 << 20
# Rows that are packed at a time, whatever number of them Spark hands over at once.
_ROWS = 200_000


def judging(task: Task, parcels: list[bytes]) -> Any:
    """Return the function of batches of numbers of parcels (``mapInArrow``) that yields batches of `REPLIES`."""
    call, size = shipped(task), _PIECE

    def judge(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa  # noqa: PLC0415  of the worker
        from pyspark import TaskContext  # noqa: PLC0415

        context = TaskContext.get()
        threads = 1 if context is None else context.cpus()
        for batch in batches:
            for parcel in batch.column(0).to_pylist():
                reply = call(threads, parcels[parcel])
                for piece, start in enumerate(range(0, len(reply), size)):
                    columns = {"parcel": pa.array([parcel], pa.int64()), "piece": pa.array([piece], pa.int64())}
                    yield pa.RecordBatch.from_pydict(columns | {"content": pa.array([reply[start : start + size]])})

    return judge


def packing(task: Task, table: str) -> Any:
    """Return the function of batches of rows of a table (``mapInArrow``) that yields batches of `PARTS`.

    The part of a worker without this program is `NOT_INSTALLED`, of bucket 0 and a table without a name.
    """
    call, most, not_here = shipped(task), _ROWS, NOT_INSTALLED

    def pack(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa  # noqa: PLC0415  of the worker
        from pyspark import TaskContext  # noqa: PLC0415

        context = TaskContext.get()
        threads = 1 if context is None else context.cpus()

        def packed(held: list[Any]) -> Any:
            found = call(threads, table, pa.Table.from_batches(held))
            parts = [(0, "", found)] if found == not_here else found
            for bucket, name, content in parts:
                columns = {"bucket": pa.array([bucket], pa.int64()), "name": pa.array([name], pa.string())}
                yield pa.RecordBatch.from_pydict(columns | {"content": pa.array([content], pa.binary())})

        held: list[Any] = []
        rows = 0
        for batch in batches:
            held.append(batch)
            rows += batch.num_rows
            if rows >= most:
                yield from packed(held)
                held, rows = [], 0
        if rows:
            yield from packed(held)

    return pack


def judging_groups(task: Task) -> Any:
    """Return the function of a table of all `PARTS` of a bucket (``applyInArrow``) that gives one of `REPLIES`."""
    call, size = shipped(task), _PIECE

    def judge(parts: Any) -> Any:
        import pyarrow as pa  # noqa: PLC0415  of the worker
        from pyspark import TaskContext  # noqa: PLC0415

        context = TaskContext.get()
        bucket = parts.column("bucket")[0].as_py()
        given = list(zip(parts.column("name").to_pylist(), parts.column("content").to_pylist(), strict=True))
        del parts
        reply = call(1 if context is None else context.cpus(), given)
        pieces = [reply[start : start + size] for start in range(0, len(reply), size)]
        return pa.table(
            {
                "parcel": pa.array([bucket] * len(pieces), pa.int64()),
                "piece": pa.array(range(len(pieces)), pa.int64()),
                "content": pa.array(pieces, pa.binary()),
            }
        )

    return judge


def replies(rows: Iterable[Any], number: int) -> Iterator[bytes]:
    """Yield the replies in the order of parcels, put together from their pieces; raises ``Failure`` VBM464."""
    pieces: dict[int, list[tuple[int, bytes]]] = {}
    for row in rows:
        pieces.setdefault(row[0], []).append((row[1], bytes(row[2])))
    for parcel in range(number):
        reply = b"".join(content for _, content in sorted(pieces.pop(parcel, [])))
        if reply == NOT_INSTALLED:
            raise not_installed("spark")
        yield reply
