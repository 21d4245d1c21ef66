"""Rows that look like index events and are none: counted, so that no row may hide (semantics page, section 11)."""

from __future__ import annotations

import polars as pl

from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.faults import STAYS_BACKWARDS, STAYS_WITHOUT_A_DATE, WITHOUT_A_DATE, fault_counter
from vbpmeasure.plan.uses import index_of


def index_faults(layout: Layout, details: pl.DataFrame, queries: Queries) -> dict[str, int]:
    """Count, by measure and fault, the rows that make no index event; each once for every definition of the measure."""
    if not layout.scopes:
        return {}
    start, end, day = pl.col("start"), pl.col("end"), pl.col("day")
    # A row with several codes is one row; it has an event when one of them has a day.
    by_row = (
        details.lazy()
        .group_by("event", "source", "row")
        .agg(
            day.is_null().all().alias("no day"),
            (start.is_null() | end.is_null()).all().alias("no stay"),
            (start > end).fill_null(False).any().alias("backwards"),
        )
    )
    counts = by_row.group_by("event").agg(pl.col("no day", "no stay", "backwards").sum())
    by_event = {row[0]: row[1:] for row in queries.run("faults", counts).iter_rows()}
    found: dict[str, int] = {}
    for measure in dict.fromkeys(measure.id for measure, _ in layout.rates):
        rates = (rate for owner, rate in layout.rates if owner.id == measure)
        for index in dict.fromkeys(index for rate in rates if (index := index_of(rate)) is not None):
            undated, without_stay, backwards = by_event.get(layout.scopes[index].event, (0, 0, 0))
            named = {STAYS_WITHOUT_A_DATE: without_stay, STAYS_BACKWARDS: backwards}
            for fault, number in (named if index.stays else {WITHOUT_A_DATE: undated}).items():
                counter = fault_counter(measure, fault)
                found[counter] = found.get(counter, 0) + number
    return {name: number for name, number in found.items() if number}
