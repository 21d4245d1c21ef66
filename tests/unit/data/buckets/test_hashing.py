"""The bucket of a person: the same on every engine, for ever."""

from __future__ import annotations

import polars as pl
import pytest

from vbpmeasure.data.buckets.hashing import bucket_column, bucket_of


@pytest.mark.parametrize(
    # CRC-32 of the published check text "123456789" is cbf43926 hexadecimal, 3,421,780,262; of "a" it is e8b7be43.
    ("person_id", "buckets", "bucket"),
    [("123456789", 1000, 262), (123456789, 1000, 262), ("a", 16, 3), (None, 16, 0), ("anything", 1, 0)],
)
def test_the_bucket_is_that_of_the_id_as_text(person_id, buckets, bucket):
    assert bucket_of(person_id, buckets) == bucket


@pytest.mark.parametrize("ids", [["123456789", None, "a", "a", "\u00e9"], [123456789, None, 7, 7, -1]])
def test_a_column_of_ids_is_hashed_row_by_row(ids):
    found = pl.DataFrame({"person_id": ids}).lazy().select(bucket_column(1000).alias("b")).collect()["b"]
    assert found.to_list() == [bucket_of(one, 1000) for one in ids]
    assert found.dtype == pl.UInt32
