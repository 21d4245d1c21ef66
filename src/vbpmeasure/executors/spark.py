"""Spark: a task a parcel, by `mapInArrow` on a frame of numbers. Works the same through Spark Connect.

The parcels are in the function that is sent, and nothing asks for a `SparkContext`, which Connect and serverless
clusters do not have.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import reduce
from types import TracebackType
from typing import Any, Self

from vbpmeasure.executors.model import Task
from vbpmeasure.executors.shipped import NOT_INSTALLED, shipped
from vbpmeasure.executors.trouble import (
    gave_up,
    leaving,
    missing,
    not_installed,
    quiet,
    retold,
    unreachable,
    unread,
)

_REMOTE = "sc://"
_CONNECTED = "SPARK_CONNECT_MODE_ENABLED"
# A message of Spark Connect ends at 128 MB, and one value cannot be divided over two: replies come in pieces.
_PIECE = 4 << 20
_REPLIES = "parcel long, piece long, content binary"
# Rows that are packed at a time, whatever number of them Spark hands over at once.
_ROWS = 200_000
_PARTS = "bucket long, name string, content binary"
# A timestamp is the day that it is in UTC, as in a file.
_IN_UTC = {"spark.sql.session.timeZone": "UTC"}
_FASTER = {
    # Spark measures a batch of rows after every row of it, which takes longer than all else, unless any size will do:
    # batches have ten thousand rows at most anyway.
    "spark.sql.execution.arrow.maxBytesPerBatch": str(2**31 - 1),
    # Java never compiles longer methods, and a table of many columns makes one; Spark then writes several.
    "spark.sql.codegen.hugeMethodLimit": "8000",
}

# A table, its columns, and a condition of SQL on its rows.
Asked = tuple[str, Sequence[str], str | None]


class Spark:
    """A session of Spark: the one that is there, or one of its own on ``master``."""

    def __init__(self, master: str | None) -> None:
        """Start or find the session.

        ``master`` is a master of Spark or an address of Spark Connect (``sc://``); without one the session or the
        settings that are there decide. Raises ``Failure``: VBM462 without pyspark, VBM463 when nothing answers.
        """
        try:
            with quiet(), warnings.catch_warnings(action="ignore"):
                from pyspark.sql import SparkSession  # noqa: PLC0415  an extra
        except ImportError:
            raise missing("spark") from None
        hint = "check --master, and that the driver has Java 17 or newer"
        if master is not None and master.startswith(_REMOTE):
            hint = "check --master, and that a Spark Connect server of this version of Spark answers there"
        self._marked = _CONNECTED in os.environ
        with (
            # Whatever Java, py4j and gRPC raise: their texts hold addresses, and tokens in them.
            retold(lambda error: unreachable("spark", error, hint)),
            quiet(),
            warnings.catch_warnings(action="ignore"),
        ):
            there = SparkSession.getActiveSession()
            self._own = there is None
            try:
                self.session: Any = _started(SparkSession, master) if there is None else there
            except Exception:
                self._unmark()
                raise

    def map(self, task: Task, parcels: Sequence[bytes]) -> Iterator[bytes]:
        """Yield the reply to each parcel, in their order; one task of Spark for each."""
        numbers = self.session.range(0, len(parcels), 1, len(parcels))
        judge = _judging(task, list(parcels))
        rows = self._collected(lambda: numbers.mapInArrow(judge, _REPLIES))
        yield from replies(rows, len(parcels))

    def tables(self, schema: str) -> dict[str, str]:
        """Return the tables and views of a schema: name to the name that Spark reads. Raises ``Failure`` (VBM468)."""
        place = ".".join(map(quoted, schema.split(".")))
        with self._asking():
            rows = self.session.sql(f"SHOW TABLES IN {place}").collect()
        return {row[1]: f"{place}.{quoted(row[1])}" for row in rows if not row[2]}

    def told(self, asked: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, Any]:
        """Return one row of each table in one job: ``asked`` has, by name, the table and aggregates of SQL.

        The aggregates of all tables have the same types. Raises ``Failure`` (VBM468) when Spark cannot read a table.
        """
        with self._asking():
            each = [self.session.table(table).selectExpr(f"'{n}'", *what) for n, (table, what) in asked.items()]
            rows = reduce(lambda one, two: one.unionAll(two), each).collect() if each else []
        return {row[0]: tuple(row)[1:] for row in rows}

    def holding(self, asked: Mapping[str, tuple[str, str]]) -> set[str]:
        """Return which tables hold a row as described: ``asked`` has, by name, the table and a condition of SQL.

        A table is read until there is such a row. Raises as `told`.
        """
        with self._asking():
            each = [
                self.session.table(table).where(where).limit(1).selectExpr(f"'{name}'")
                for name, (table, where) in asked.items()
            ]
            rows = reduce(lambda one, two: one.unionAll(two), each).collect() if each else []
        return {row[0] for row in rows}

    def arrow(self, table: str, columns: Sequence[str] | None = None, *, rows: bool = True) -> Any:
        """Return a table as one of PyArrow, with some of its columns, with its rows or without. Raises as `told`."""
        with self._asking():
            found = self.session.table(table)
            found = found if columns is None else found.select(*map(quoted, columns))
            return (found if rows else found.limit(0)).toArrow()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        with (
            retold(lambda error: unread("spark", error)),
            warnings.catch_warnings(action="ignore"),
            self._set(_IN_UTC),
        ):
            yield

    @contextmanager
    def _set(self, settings: Mapping[str, str]) -> Iterator[None]:
        """Set something for a while, and leave a session that is not ours as it was."""
        settable = self.session.conf
        before = {name: settable.get(name, None) for name in settings}
        for name, value in settings.items():
            settable.set(name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                with suppress(Exception):  # a session that has died
                    settable.unset(name) if value is None else settable.set(name, value)

    @contextmanager
    def _faster(self) -> Iterator[None]:
        """Set what saves time alone; some clusters let nobody."""
        with ExitStack() as stack:
            with suppress(Exception):
                stack.enter_context(self._set(_FASTER))
            yield

    def exchanged(self, read: Mapping[str, Asked], pack: Task, judge: Task, buckets: int) -> Iterator[bytes]:
        """Yield the replies of ``judge`` to every bucket that has rows, by bucket.

        ``read``: by name what is read of a table. ``pack`` is called with the name and rows and returns parts,
        ``(bucket, name, content)``; ``judge`` with all parts of a bucket, ``(name, content)``. What goes from
        worker to worker are parts. Raises ``Failure`` as `map` does.
        """

        def frame() -> Any:
            packed = [self._read(one).mapInArrow(_packing(pack, name), _PARTS) for name, one in read.items()]
            parts = reduce(lambda one, two: one.unionAll(two), packed)
            # So many partitions and no fewer, as Spark would have it for parts as small as these.
            return parts.repartition(buckets, "bucket").groupBy("bucket").applyInArrow(_judging_groups(judge), _REPLIES)

        rows = self._collected(frame)
        there = sorted({row[0] for row in rows})
        place = {bucket: n for n, bucket in enumerate(there)}
        yield from replies(((place[row[0]], row[1], row[2]) for row in rows), len(there))

    def _read(self, asked: Asked) -> Any:
        table, columns, where = asked
        rows = self.session.table(table)
        return (rows if where is None else rows.where(where)).select(*map(quoted, columns))

    def _collected(self, frame: Callable[[], Any]) -> list[Any]:
        with (
            retold(lambda error: gave_up("spark", error)),
            # Spark warns of the newest pandas, which nothing here uses.
            warnings.catch_warnings(action="ignore"),
            self._set(_IN_UTC),
            self._faster(),
        ):
            return list(frame().collect())

    def __enter__(self) -> Self:
        """Return the executor."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the session when it was started here."""
        if self._own:
            with leaving():
                self.session.stop()
            self._unmark()

    def _unmark(self) -> None:
        """Let the process start a Spark of its own again: pyspark leaves a mark of Connect behind, and refuses."""
        if not self._marked:
            os.environ.pop(_CONNECTED, None)


def quoted(name: str) -> str:
    """Return a name as SQL of Spark has it."""
    return f"`{name.replace('`', '``')}`"


def _started(kind: Any, master: str | None) -> Any:
    if master is not None and master.startswith(_REMOTE):
        # Without any option: to set one would ask the server, as patiently as the policies below are not.
        session = kind.builder.remote(master).getOrCreate()
        policies = session.client.get_retry_policies()
        from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415

        # The usual policy asks for ten minutes before it says that nobody is there.
        session.client.set_retry_policies([DefaultPolicy(max_retries=3)])
        try:
            _ = session.version
        except Exception:
            session.client.close()  # it would be as patient when the process ends
            raise
        session.client.set_retry_policies(policies)
        return session
    builder = kind.builder.appName("vbpmeasure")
    if master is not None:
        builder = builder.master(master)
        if master.startswith("local"):
            # The workers of this machine are this Python, and nobody else talks to them.
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            for name, value in _ON_THIS_MACHINE.items():
                builder = builder.config(name, value)
    return builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()


_ON_THIS_MACHINE = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def _judging(task: Task, parcels: list[bytes]) -> Any:
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


def _packing(task: Task, table: str) -> Any:
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


def _judging_groups(task: Task) -> Any:
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
