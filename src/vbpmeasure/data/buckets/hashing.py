"""The bucket of a person: CRC-32 of the id as text, modulo the number of buckets.

Every engine can compute it and it never changes: Spark's ``crc32(cast(person_id as string)) % n`` and Python's
``zlib.crc32`` agree, the hash functions of data frame libraries change between versions.
"""

from __future__ import annotations

import zlib

import polars as pl


def bucket_of(person_id: str | int | None, buckets: int) -> int:
    """Return the bucket of a person, from 0; rows without a person id are in the first one."""
    return 0 if person_id is None else zlib.crc32(str(person_id).encode()) % buckets


def bucket_column(buckets: int, name: str = "person_id") -> pl.Expr:
    """Return the bucket of each row (UInt32) from its person id, text or integer."""

    def hashed(ids: pl.Series) -> pl.Series:
        # Rows of a person mostly stand together: few ids make a batch.
        distinct = ids.unique()
        found = pl.Series([bucket_of(one, buckets) for one in distinct.to_list()], dtype=pl.UInt32)
        return ids.replace_strict(distinct, found, return_dtype=pl.UInt32)

    return pl.col(name).map_batches(hashed, return_dtype=pl.UInt32, is_elementwise=True)
