"""Code columns that hold no text that is looked for: found out first, and not read with the others.

Tables have room for a dozen diagnoses and as many procedures, and the later columns are nearly empty. A reader of
Parquet knows from the dictionaries of a column that nothing in it is looked for, without a look at a row; and where
something is, the first row group most often has it.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from vbpmeasure.engines.polars.columns import Reading
from vbpmeasure.engines.polars.queries import Queries

# Of fewer columns each holds something, or the table is small.
_FEWEST = 4


def carried(
    tables: Mapping[str, pl.LazyFrame], readings: Mapping[str, list[Reading]], queries: Queries
) -> dict[str, list[Reading]]:
    """Return the readings that some row carries a text of, in their order; all of them for tables of few code columns.

    Tables without any are left out.
    """
    asked = [(table, reading) for table, found in readings.items() if len(found) >= _FEWEST for reading in found]
    if not asked:
        return dict(readings)
    first = [
        (f"glance at {table}.{reading.column}", tables[table].filter(reading.matches).select(reading.column).head(1))
        for table, reading in asked
    ]
    empty = {id(reading) for (_, reading), seen in zip(asked, queries.run_all(first), strict=True) if seen.is_empty()}
    left = {table: [r for r in found if id(r) not in empty] for table, found in readings.items()}
    return {table: found for table, found in left.items() if found}
