"""The event table: which person had which event on which day, and which input table says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.engines.polars.columns import Reading, readings
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.reach import Reach
from vbpmeasure.engines.polars.rows import read_practitioners, thin_rows
from vbpmeasure.engines.polars.sheet import Sheet, make_sheet
from vbpmeasure.plan.measures import CodeSet
from vbpmeasure.terminology import systems

EVENT_SCHEMA = pl.Schema({"person": pl.UInt32, "day": pl.Int32, "event": pl.UInt16, "source": pl.UInt8})


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for in the tables: the code sheet, and the readings of each event table that has any."""

    sheet: Sheet
    readings: dict[str, list[Reading]]


def what_to_read(layout: Layout, tables: Mapping[str, pl.LazyFrame], value_sets: Mapping[str, CodeSet]) -> Asked:
    """Return what the event sets of a program look for; no data is read."""
    sheet = make_sheet(layout.events, layout.event_cohorts, value_sets)
    found = {t: readings(t, tables[t].collect_schema().names(), sheet) for t in EVENT_TABLES if t in tables}
    return Asked(sheet, {table: each for table, each in found.items() if each})


def load_events(
    tables: Mapping[str, pl.LazyFrame],
    asked: Asked,
    needed: pl.LazyFrame,
    value_sets: Mapping[str, CodeSet],
    queries: Queries,
    reach: Reach = (),
) -> pl.DataFrame:
    """Read every event table once; return the distinct rows of ``EVENT_SCHEMA``.

    ``needed``: person_id, person, cohorts of the people that some rate still asks about. Events on days that are out
    of ``reach`` may be missing.
    """
    sheet = asked.sheet
    practitioners = read_practitioners(tables.get("practitioner"), sheet, value_sets, queries)
    scans = [
        (table, thin_rows(table, tables[table], found, sheet, needed, practitioners, value_sets, reach))
        for table, found in asked.readings.items()
    ]
    if not scans:
        return pl.DataFrame(schema=EVENT_SCHEMA)
    parts = []
    for (table, found), read in zip(asked.readings.items(), queries.run_all(scans), strict=True):
        rows = _with_claim_marks(read, found, queries) if "claim_id" in read.columns else read
        parts += [_events_of(rows, i, reading, table) for i, reading in enumerate(found)]
    return queries.run("events", pl.concat(parts).unique())


def _read(rows: pl.DataFrame, position: int, reading: Reading, marks: bool) -> pl.LazyFrame:
    """Return the rows that carry a text of the reading, once for each entry that it makes."""
    carried = rows.lazy().filter(pl.col(f"code{position}").is_not_null()).rename({f"code{position}": "number"})
    entries = reading.texts.table(marks)
    if reading.type_column is None:
        return carried.join(entries.filter(pl.col("family") == reading.default), on="number")
    # Data names code systems in many ways, but in few different texts: these are looked up one by one.
    types = rows.get_column(reading.type_column).cast(pl.String).unique()
    named = [(t, reading.default if t is None else _family_of_type(t)) for t in types]
    families = pl.LazyFrame(named, schema={reading.type_column: pl.String, "family": pl.String}, orient="row")
    return (
        carried.with_columns(pl.col(reading.type_column).cast(pl.String))
        .join(families, on=reading.type_column, nulls_equal=True)
        .join(entries, on=["number", "family"])
    )


def _family_of_type(text: str) -> str | None:
    system = systems.system_of_type(text)
    return systems.family_of(system) if system else None


def _events_of(rows: pl.DataFrame, position: int, reading: Reading, table: str) -> pl.LazyFrame:
    day = pl.coalesce(f"own{position}", "day") if reading.date_column else pl.col("day")
    bits = pl.col("bits")
    passes = (
        ((bits & pl.col("need")) == pl.col("need"))
        & ((bits & pl.col("forbid")) == 0)
        & ((pl.col("cohorts") & pl.col("wanted")) != 0)
    )
    return (
        _read(rows, position, reading, marks=False)
        .filter(passes)
        .select("person", day.alias("day"), "event", pl.lit(EVENT_TABLES.index(table), dtype=pl.UInt8).alias("source"))
        .filter(pl.col("day").is_not_null())
    )


def _with_claim_marks(rows: pl.DataFrame, found: list[Reading], queries: Queries) -> pl.DataFrame:
    """Give every row of a claim the bits of the codes that any row of it carries."""
    marks = pl.concat(
        _read(rows, i, reading, marks=True)
        .filter(pl.col("claim_id").is_not_null())
        .select("person", "claim_id", "need")
        for i, reading in enumerate(found)
    ).unique()
    # Marks are distinct single bits here, so their sum is their union.
    by_claim = queries.run("claim marks", marks.group_by("person", "claim_id").agg(pl.col("need").sum()))
    return (
        rows.join(by_claim, on=["person", "claim_id"], how="left", maintain_order="left")
        .with_columns(pl.col("bits") | pl.col("need").fill_null(0))
        .drop("need")
    )
