"""Partition folders (``plan=a/year=2024``): their keys can be contract columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import unquote

import polars as pl

from vbpmeasure.data.contract import Column, Kind

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def keys_of(path: PurePath) -> dict[str, str]:
    """Return the partition keys in a path with their values, outermost first."""
    found: dict[str, str] = {}
    for part in path.parent.parts:
        key, equals, value = part.partition("=")
        if equals and key:
            found[unquote(key)] = unquote(value)
    return found


def keys_below(base: PurePath, files: Sequence[PurePath]) -> tuple[str, ...]:
    """Return the keys that the folders between ``base`` and the first file carry."""
    first = files[0]
    relative = first.relative_to(base) if first.is_relative_to(base) else first
    return tuple(keys_of(relative))


def first_odd_file(base: PurePath, files: Sequence[PurePath]) -> PurePath | None:
    """Return the first file whose partition keys differ from those of the first one."""
    expected = keys_below(base, files)
    return next((f for f in files if keys_below(base, (f,)) != expected), None)


def hive_type(column: Column | None) -> pl.DataType:
    """Return the type to read a partition key as: a date for date columns, else text (a code keeps its zeros)."""
    return pl.Date() if column is not None and column.kind is Kind.DATE else pl.String()


def first_non_date(key: str, files: Sequence[PurePath]) -> PurePath | None:
    """Return the first file whose value of the key is no ISO date (null partitions pass)."""
    for file in files:
        value = keys_of(file)[key]
        if value == NULL_PARTITION:
            continue
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            return file
    return None
