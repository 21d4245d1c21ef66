"""What is asked of a session of Spark: replies to parcels, tables, and replies to buckets of their rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any

from vbpmeasure.executors.model import Task
from vbpmeasure.executors.spark.sent import PARTS, REPLIES, judging, judging_groups, packing, replies
from vbpmeasure.executors.spark.session import Session
from vbpmeasure.executors.spark.settings import IN_UTC, faster, setting
from vbpmeasure.executors.trouble import gave_up, retold, unread

# A table, its columns, and a condition of SQL on its rows.
Asked = tuple[str, Sequence[str], str | None]


class Spark(Session):
    """A session of Spark whose workers judge: parcels, or the buckets of tables that it reads."""

    def map(self, task: Task, parcels: Sequence[bytes]) -> Iterator[bytes]:
        """Yield the reply to each parcel, in their order; one task of Spark for each."""
        numbers = self.session.range(0, len(parcels), 1, len(parcels))
        judge = judging(task, list(parcels))
        rows = self._collected(lambda: numbers.mapInArrow(judge, REPLIES))
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
            setting(self.session, IN_UTC),
        ):
            yield

    def exchanged(self, read: Mapping[str, Asked], pack: Task, judge: Task, buckets: int) -> Iterator[bytes]:
        """Yield the replies of ``judge`` to every bucket that has rows, by bucket.

        ``read``: by name what is read of a table. ``pack`` is called with the name and rows and returns parts,
        ``(bucket, name, content)``; ``judge`` with all parts of a bucket, ``(name, content)``. What goes from
        worker to worker are parts. Raises ``Failure`` as `map` does.
        """

        def frame() -> Any:
            packed = [self._read(one).mapInArrow(packing(pack, name), PARTS) for name, one in read.items()]
            parts = reduce(lambda one, two: one.unionAll(two), packed)
            # So many partitions and no fewer, as Spark would have it for parts as small as these.
            return parts.repartition(buckets, "bucket").groupBy("bucket").applyInArrow(judging_groups(judge), REPLIES)

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
            setting(self.session, IN_UTC),
            faster(self.session),
        ):
            return list(frame().collect())


def quoted(name: str) -> str:
    """Return a name as SQL of Spark has it."""
    return f"`{name.replace('`', '``')}`"
