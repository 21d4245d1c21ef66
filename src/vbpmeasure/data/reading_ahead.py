"""How far ahead of the work Polars reads row groups of Parquet files on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from vbpmeasure.data.bound import BoundData

# Polars looks at it whenever it begins to read.
_VARIABLE = "POLARS_ROW_GROUP_PREFETCH_SIZE"


@contextmanager
def short_reading_ahead(bound: BoundData) -> Iterator[None]:
    """Read one row group ahead for each thread while the block runs, where all data are files on this machine.

    Polars reads up to two for each thread and more, which is wanted where files are far away and the answer is waited
    for. Files that are near come in time as they are asked for, and what lies read and not looked at is memory: of a
    bucket, a tenth of all there is (docs/scale.md). A setting of the user's stays.
    """
    if _VARIABLE in os.environ or not _near(bound):
        yield
        return
    os.environ[_VARIABLE] = str(pl.thread_pool_size())
    try:
        yield
    finally:
        os.environ.pop(_VARIABLE, None)


def _near(bound: BoundData) -> bool:
    return all(
        not table.versions and all(isinstance(file, Path) for file in table.files) for table in bound.tables.values()
    )
