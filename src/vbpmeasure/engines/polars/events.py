"""The event table: which person had which event on which day, and which input table says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.engines.polars.carried import carried
from vbpmeasure.engines.polars.columns import Reading, readings
from vbpmeasure.engines.polars.details import DETAIL_SCHEMA, Wanted, completed, wanted_details
from vbpmeasure.engines.polars.early import asked_early
from vbpmeasure.engines.polars.kept_rows.events import KeptRows
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.reach import EVERYWHERE, Reach
from vbpmeasure.engines.polars.rows import read_practitioners, read_rows, thin_rows
from vbpmeasure.engines.polars.sheet import Sheet, make_sheet
from vbpmeasure.plan.events import Dated
from vbpmeasure.plan.measures import CodeSet
from vbpmeasure.terminology import systems

EVENT_SCHEMA = pl.Schema({"person": pl.UInt32, "day": pl.Int32, "event": pl.UInt16, "source": pl.UInt8})

_ADMISSION, _DISCHARGE = (tuple(Dated).index(dated) for dated in (Dated.ADMISSION, Dated.DISCHARGE))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for in the tables: the code sheet, the readings of each event table that has any, and details."""

    sheet: Sheet
    readings: dict[str, list[Reading]]
    details: Wanted


@dataclass(frozen=True, slots=True)
class Found:
    """What the tables hold: the distinct rows of ``EVENT_SCHEMA``, and the rows of ``DETAIL_SCHEMA``."""

    events: pl.DataFrame
    details: pl.DataFrame


def what_to_read(layout: Layout, tables: Mapping[str, pl.LazyFrame], value_sets: Mapping[str, CodeSet]) -> Asked:
    """Return what the event sets of a program look for; no data is read."""
    sheet = make_sheet(layout, value_sets)
    found = {t: readings(t, tables[t].collect_schema().names(), sheet) for t in EVENT_TABLES if t in tables}
    return Asked(sheet, {table: each for table, each in found.items() if each}, wanted_details(layout))


def load_events(
    tables: Mapping[str, pl.LazyFrame],
    asked: Asked,
    needed: pl.DataFrame,
    value_sets: Mapping[str, CodeSet],
    queries: Queries,
    reach: Reach = EVERYWHERE,
    kept: Mapping[str, KeptRows] | None = None,
) -> Found:
    """Read every event table once; return the events in it.

    ``needed``: person_id, person, cohorts of the people that some rate still asks about. Events on days that are out
    of ``reach`` may be missing. With ``kept`` its rows are read instead of the tables.
    """
    sheet, wanted = asked.sheet, asked.details
    practitioners = read_practitioners(tables.get("practitioner"), sheet, value_sets, queries)
    if kept is None:
        places = {}
        for table, found in carried(tables, asked.readings, queries).items():
            early = asked_early(table, tables[table], found, needed, reach, queries)
            places[table] = (read_rows(tables[table], found, early), found)
    else:
        places = {table: (one.rows, one.readings) for table, one in kept.items()}
    scans = [
        (table, thin_rows(table, rows, found, sheet, needed.lazy(), practitioners, value_sets, reach, wanted))
        for table, (rows, found) in places.items()
    ]
    if not scans:
        return Found(pl.DataFrame(schema=EVENT_SCHEMA), pl.DataFrame(schema=DETAIL_SCHEMA))
    parts, detailed = [], [pl.LazyFrame(schema=DETAIL_SCHEMA)]
    for (table, (_, found)), read in zip(places.items(), queries.run_all(scans), strict=True):
        rows = _with_claim_marks(read, found, queries) if "claim" in read.columns else read
        parts += [_events_of(rows, i, reading, table) for i, reading in enumerate(found)]
        if wanted.events:
            counted = rows.with_row_index("row")
            detailed += [_details_of(counted, i, reading, table, wanted) for i, reading in enumerate(found)]
    events = queries.run("events", pl.concat(parts).unique())
    details = queries.run("details", pl.concat(detailed)) if wanted.events else pl.DataFrame(schema=DETAIL_SCHEMA)
    return Found(events, details)


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
    """Return the events that a code column makes on days that matter: ``EVENT_SCHEMA``, repeats possible."""
    return (
        _carriers(rows, position, reading)
        .select(
            "person",
            _day(position, reading, rows.columns).alias("day"),
            "event",
            "first",
            "last",
            pl.lit(EVENT_TABLES.index(table), dtype=pl.UInt8).alias("source"),
        )
        .filter(pl.col("day").is_between("first", "last"))
        .drop("first", "last")
    )


def _details_of(rows: pl.DataFrame, position: int, reading: Reading, table: str, wanted: Wanted) -> pl.LazyFrame:
    """Return the rows of a code column that details are asked of: ``DETAIL_SCHEMA``."""
    source = pl.lit(EVENT_TABLES.index(table), dtype=pl.UInt8).alias("source")
    carried = (
        _carriers(rows, position, reading)
        .filter(pl.col("event").is_in(wanted.events))
        .with_columns(_day(position, reading, rows.columns).alias("day"), source)
    )
    return completed(carried, {*rows.columns, "event", "source"})


def _day(position: int, reading: Reading, columns: Collection[str]) -> pl.Expr:
    """Return the day of the event of a row: that of the code, of the row, or an end of its stay."""
    day = pl.coalesce(f"own{position}", "day") if reading.date_column else pl.col("day")
    if "start" not in columns:
        return day
    dated = pl.col("dated")
    return pl.when(dated == _ADMISSION).then("start").when(dated == _DISCHARGE).then("end").otherwise(day)


def _carriers(rows: pl.DataFrame, position: int, reading: Reading) -> pl.LazyFrame:
    """Return the rows that carry a text of the reading and meet its conditions, once for each entry."""
    bits = pl.col("bits")
    # A code with a day of its own is not bound to the days that the row's cohorts can look at.
    cohorts = pl.col("cohorts" if reading.date_column else "reaching")
    passes = (
        ((bits & pl.col("need")) == pl.col("need"))
        & ((bits & pl.col("forbid")) == 0)
        & ((cohorts & pl.col("wanted")) != 0)
    )
    return _read(rows, position, reading, marks=False).filter(passes)


def _with_claim_marks(rows: pl.DataFrame, found: list[Reading], queries: Queries) -> pl.DataFrame:
    """Return the rows that can be events, with the bits of the codes that any row of their claim carries."""
    keys = ["person", "claim"]
    marking = [(i, reading) for i, reading in enumerate(found) if any(reading.texts.marking.values())]
    of_one_family = [reading.marks(pl.col(f"code{i}")) for i, reading in marking if reading.type_column is None]
    marks = [
        _read(rows, i, reading, marks=True).select(*keys, "need")
        for i, reading in marking
        if reading.type_column is not None
    ]
    if of_one_family:
        marks.append(rows.lazy().select(*keys, reduce(or_, of_one_family).alias("need")))
    asked = rows.filter("asked").drop("asked")
    if not marks:
        return asked
    by_claim = (
        pl.concat(marks)
        .filter(pl.col("claim").is_not_null(), pl.col("need") != 0)
        .group_by(keys)
        .agg(pl.col("need").bitwise_or())
    )
    marked = asked.lazy().select(*keys, "bits").with_row_index("place").join(by_claim, on=keys)
    bits = queries.run("claim marks", marked.select("place", pl.col("bits") | pl.col("need")))
    return asked.with_columns(asked.get_column("bits").scatter(bits.get_column("place"), bits.get_column("bits")))
