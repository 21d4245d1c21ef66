"""Frames of which some columns stayed behind: nobody reads them, and this makes sure of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl
from polars.io.plugins import register_io_source


def partly(rows: pl.DataFrame, schema: pl.Schema) -> pl.LazyFrame:
    """Return a lazy frame of a schema of which only the columns of ``rows`` are there; to read another is an error.

    It says that it has them, because a column that is not there at all has a meaning of its own.
    """
    there = frozenset(rows.columns)

    def source(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        _refuse(schema.names() if with_columns is None else with_columns, there)
        yield _read(rows, with_columns, predicate, n_rows)

    return register_io_source(source, schema=schema, is_pure=True)


def _refuse(asked: Collection[str], there: Collection[str]) -> None:
    if not set(asked) <= set(there):
        raise RuntimeError("a column is read that nobody was found to need")


def _read(
    rows: pl.DataFrame, with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None
) -> pl.DataFrame:
    found = rows if with_columns is None else rows.select(with_columns)
    if predicate is not None:
        found = found.filter(predicate)
    return found if n_rows is None else found.head(n_rows)
