"""What Spark does for tables that only it reads, done by DuckDB and this process: rows in batches, parts by bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from vbpmeasure.executors.model import Task
from vbpmeasure.executors.shipped import shipped
from vbpmeasure.executors.spark import Asked


class SparkAlone:
    """The tables are the Parquet files of a folder, whatever schema is asked for."""

    def __init__(self, folder: Path, batch: int) -> None:
        """Take the folder, and how many rows are packed at once."""
        self.batch = batch
        self.handed_over: dict[str, int] = {}
        self.session = duckdb.connect()
        for file in folder.glob("*.parquet"):
            self.session.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM read_parquet('{file}')")

    def tables(self, schema: str) -> dict[str, str]:
        """Return the names."""
        return {name: name for (name,) in self.session.execute("SELECT view_name FROM duckdb_views()").fetchall()}

    def told(self, asked: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, Any]:
        """Return one row of aggregates of each table."""
        each = [f"SELECT '{name}', {_sql(', '.join(what))} FROM {table}" for name, (table, what) in asked.items()]
        return {row[0]: row[1:] for row in self.session.execute(" UNION ALL ".join(each)).fetchall()} if each else {}

    def holding(self, asked: Mapping[str, tuple[str, str]]) -> set[str]:
        """Return which tables hold a row as described."""
        found = {
            name: self.session.execute(f"SELECT 1 FROM {table} WHERE {_sql(where)} LIMIT 1").fetchall()
            for name, (table, where) in asked.items()
        }
        return {name for name, rows in found.items() if rows}

    def arrow(
        self, table: str, columns: Sequence[str] | None = None, *, rows: bool = True, where: str | None = None
    ) -> pa.Table:
        """Return a table, some of its columns, or some or none of its rows."""
        named = "*" if columns is None else ", ".join(f'"{name}"' for name in columns)
        kept = "" if where is None else f"WHERE {_sql(where)}"
        return self.session.sql(f"SELECT {named} FROM {table} {kept} LIMIT {'ALL' if rows else 0}").to_arrow_table()

    def exchanged(self, read: Mapping[str, Asked], pack: Task, judge: Task, buckets: int) -> Iterator[bytes]:
        """Yield the replies of ``judge``, by bucket."""
        packing, judging = shipped(pack), shipped(judge)
        parts: dict[int, list[tuple[str, bytes]]] = {}
        for name, (table, columns, where) in read.items():
            rows = self.arrow(table, columns, where=where)
            self.handed_over[name] = rows.num_rows
            for batch in rows.to_batches(self.batch):
                for bucket, of_table, content in packing(1, name, pa.Table.from_batches([batch])):
                    parts.setdefault(bucket, []).append((of_table, content))
        assert len(parts) <= buckets
        for bucket in sorted(parts):
            yield judging(1, parts[bucket])

    def __exit__(self, *told: object) -> None:
        """Leave."""
        self.session.close()


def _sql(text: str) -> str:
    return text.replace("`", '"')
