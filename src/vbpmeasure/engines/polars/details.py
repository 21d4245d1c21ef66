"""Details: the rows of event sets of which more is asked than their day, one by one and even without a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from vbpmeasure.engines.polars.days import LAST_DAY
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.nodes import readings_of
from vbpmeasure.engines.polars.result_texts import result_number
from vbpmeasure.engines.polars.stays import stay_days
from vbpmeasure.plan.amounts import DaysCovered
from vbpmeasure.plan.dates import Windowed
from vbpmeasure.plan.events import Dated

# One row per input row and event set: source and row name the input row. start and end are those of its stay, result
# its number, supply its days.
DETAIL_SCHEMA = pl.Schema(
    {
        "person": pl.UInt32,
        "day": pl.Int32,
        "event": pl.UInt16,
        "source": pl.UInt8,
        "row": pl.UInt32,
        "start": pl.Int32,
        "end": pl.Int32,
        "result": pl.Float64,
        "supply": pl.Int32,
    }
)
_WITH_NUMBERS = ("lab_result", "observation")
_WITH_SUPPLY = "pharmacy_claim"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which event sets details are asked for (``events``, by number), and which columns besides the row's day."""

    events: tuple[int, ...] = ()
    stays: bool = False
    numbers: bool = False
    supplies: bool = False

    def columns(self, table: str, present: Collection[str], day: pl.Expr) -> list[pl.Expr]:
        """Return the columns of the thin rows of a table that details are made of."""
        made: list[pl.Expr] = []
        if self.stays:
            start, end = stay_days(table, present, day)
            made += [start.alias("start"), end.alias("end")]
        if self.numbers and table in _WITH_NUMBERS and "result" in present:
            made.append(result_number().alias("result"))
        if self.supplies and table == _WITH_SUPPLY and "days_supply" in present:
            days = pl.col("days_supply").cast(pl.Float64).fill_nan(None).floor().clip(1, LAST_DAY)
            made.append(days.fill_null(1).cast(pl.Int32).alias("supply"))
        return made


def wanted_details(layout: Layout) -> Wanted:
    """Return the details that a program asks for; rates of persons that only count days ask for none."""
    supplied = [s for node in layout.nodes if isinstance(node, DaysCovered) for s in node.sources]
    read: list[Windowed] = [reading.source for node in layout.nodes for reading in readings_of(node)]
    events = {scope.event for scope in layout.scopes.values()}
    events |= {layout.events[source.events] for source in (*supplied, *read)}
    dated = any(t.where.dated is not Dated.SERVICE for event_set in layout.events for t in event_set.triggers)
    stays = dated or any(index.stays is not None for index in layout.scopes)
    return Wanted(tuple(sorted(events)), stays, bool(read), bool(supplied))


def completed(rows: pl.LazyFrame, present: Collection[str]) -> pl.LazyFrame:
    """Return the rows with every column of ``DETAIL_SCHEMA``; a supply that is not known is of one day."""
    missing = {"supply": 1}
    made = (
        (pl.col(name) if name in present else pl.lit(missing.get(name))).cast(dtype).alias(name)
        for name, dtype in DETAIL_SCHEMA.items()
    )
    return rows.select(made)
