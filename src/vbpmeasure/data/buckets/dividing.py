"""Bound data divided into buckets of people, on whatever layout the files have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.buckets.hashing import bucket_column
from vbpmeasure.data.buckets.layout import Layout
from vbpmeasure.data.errors import guarded

# Tables whose rows are counted for themselves, so that they are divided even where nobody of eligibility is meant.
_OWN_ROWS = ("provider_attribution",)


def divided(bound: BoundData, buckets: int, layout: Layout | None = None) -> Iterator[BoundData]:
    """Yield the data of each bucket; together they are everything, and nobody is in two of them.

    Tables of events come whole: an event counts where its person is. What is about nobody, like the lines of indicators
    that are not about persons, is in the first bucket alone. Of a ``layout`` a bucket reads its files alone.
    Raises ``Failure`` when the person ids cannot be read.
    """
    if buckets == 1:
        yield bound
        return
    if layout is not None and layout.buckets % buckets == 0:
        for bucket in range(buckets):
            part = layout.narrowed(bound, buckets, bucket)
            yield replace(part, tables={name: _of_nobody(table, bucket) for name, table in part.tables.items()})
        return
    with guarded(bound.tables):
        ids = bound.tables["eligibility"].frame.select("person_id").unique().collect()
        by_bucket = ids.with_columns(bucket_column(buckets).alias("bucket")).partition_by("bucket", as_dict=True)
    nobody = ids.clear()
    for bucket in range(buckets):
        part = bound if layout is None else layout.narrowed(bound, buckets, bucket)
        people = by_bucket.get((bucket,), nobody)["person_id"].sort()
        tables = {name: _of_bucket(table, people, buckets, bucket) for name, table in part.tables.items()}
        yield replace(part, tables=tables)


def _of_bucket(table: BoundTable, people: pl.Series, buckets: int, bucket: int) -> BoundTable:
    if table.name == "eligibility":
        return replace(table, frame=table.frame.filter(pl.col("person_id").is_in(people.implode())))
    if table.name in _OWN_ROWS:
        return replace(table, frame=table.frame.filter(bucket_column(buckets) == bucket))
    return _of_nobody(table, bucket)


def _of_nobody(table: BoundTable, bucket: int) -> BoundTable:
    """Return the table without the rows that are about nobody, unless this is the bucket that has them."""
    if table.name == "indicator" and bucket:
        return replace(table, frame=table.frame.filter(pl.col("entity_type") == "person"))
    return table
