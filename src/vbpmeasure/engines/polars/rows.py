"""Thin rows: one scan of an event table, kept down to the rows that carry a needed code of a needed person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from vbpmeasure.data.contract import TABLES, VOID_STATUSES
from vbpmeasure.engines.polars import attributes as bits_of
from vbpmeasure.engines.polars.columns import Reading
from vbpmeasure.engines.polars.days import to_day
from vbpmeasure.engines.polars.details import Wanted
from vbpmeasure.engines.polars.literals import bits_literal
from vbpmeasure.engines.polars.lookup import gathered
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.reach import EVERYWHERE, Reach, within_reach
from vbpmeasure.engines.polars.sheet import Sheet
from vbpmeasure.plan.measures import CodeSet

_NO_DETAILS = Wanted()

# Six measures of well-child care look for 1,500 texts on claims, which a sixth of the lines carry; all the shipped ones
# look for 20,000, which most lines carry.
_MANY_TEXTS = 5_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that carry a text of some reading: contract columns, and code0, code1 ... (the numbers of the texts).

    ``present``: the contract columns of the input. ``claim``: 64 bits that tell the claims of a person apart.
    ``cohorts``: where rows have persons by position, and no ids, the cohorts of each (0: nobody asks for the person).
    """

    frame: pl.LazyFrame
    present: frozenset[str]
    claim: pl.Expr
    cohorts: pl.Series | None = None

    def of_people(self, rows: pl.LazyFrame, needed: pl.LazyFrame) -> pl.LazyFrame:
        """Return those of the rows that are of needed people, with person and cohorts."""
        if self.cohorts is None:
            return rows.join(needed, on="person_id", build_side="force_right")
        return rows.with_columns(gathered(pl.col("person"), self.cohorts).alias("cohorts"))


def read_rows(frame: pl.LazyFrame, found: list[Reading], asked: pl.Expr | None = None) -> Rows:
    """Return the rows of an event table of the input; of ``asked`` rows alone when there is such a condition."""
    present = frozenset(frame.collect_schema().names())
    left = with_needed_codes(frame, found) if asked is None else frame.filter(asked)
    numbered = rows_of(left, [reading.number for reading in found])
    return Rows(numbered, present, claim_of())


def rows_of(frame: pl.LazyFrame, numbers: list[pl.Expr]) -> pl.LazyFrame:
    """Return the rows that carry any of the numbers, in the columns code0, code1 ..."""
    return frame.with_columns(number.alias(f"code{i}") for i, number in enumerate(numbers)).filter(
        pl.any_horizontal([pl.col(f"code{i}").is_not_null() for i in range(len(numbers))])
    )


def claim_of() -> pl.Expr:
    """Return the column claim.

    Within a person 64 bits tell claims apart: a mistake would come once in a hundred billion runs over 100,000 people.
    Their texts would take a third of the memory.
    """
    claim_id = pl.col("claim_id")
    return pl.when(claim_id.is_not_null()).then(claim_id.cast(pl.String).hash()).alias("claim")


def row_day(table: str, present: frozenset[str]) -> pl.Expr:
    """Return the day of a row: that of the first date column that has one."""
    dates = [to_day(pl.col(c).cast(pl.Date)) for c in TABLES[table].date_columns if c in present]
    return pl.coalesce(dates) if dates else pl.lit(None, dtype=pl.Int32)


def thin_rows(
    table: str,
    read: Rows,
    found: list[Reading],
    sheet: Sheet,
    needed: pl.LazyFrame,
    practitioners: Mapping[str, int],
    value_sets: Mapping[str, CodeSet],
    reach: Reach = EVERYWHERE,
    wanted: Wanted = _NO_DETAILS,
) -> pl.LazyFrame:
    """Return one row per input row that matters.

    Columns: person, cohorts, reaching (the cohorts that can look at the day), day, bits (of the attributes), code0,
    code1 ... (one per reading: the number of the text), own0 ... (a code's own day, for readings that have one), the
    code type columns as they are; when claim marks are asked for also claim (a hash of its id) and asked, which is
    false for rows that only carry a mark. ``needed`` has
    person_id, person, cohorts; ``reach`` the days that cohorts can look at; ``wanted`` the details that make more
    columns.
    """
    contract = TABLES[table]
    present = read.present
    day = row_day(table, present)
    held = within_reach(day, reach)
    any_day, on_day, marks = _wanted(found)
    with_claim = bool(sheet.marks) and "claim_id" in present and table == "medical_claim"
    wanted_at_all = pl.col("wanted") | pl.col("marking") if with_claim else pl.col("wanted")
    marking = [marks.alias("marking")] if with_claim else []
    rows = read.frame.with_columns((any_day | (on_day & held)).alias("wanted"), *marking).filter(wanted_at_all != 0)
    rows = read.of_people(rows, needed).filter((pl.col("cohorts") & wanted_at_all) != 0)
    if table == "medical_claim":
        rows = rows.with_columns(bits_of.side_bits(sheet.attributes, present, value_sets, practitioners))
        bits = bits_of.claim_bits(sheet.attributes, present, value_sets)
    else:
        if contract.status_column in present:
            status = pl.col(contract.status_column).cast(pl.String).str.to_lowercase()
            rows = rows.filter(~status.is_in(VOID_STATUSES).fill_null(False))
        bits = bits_of.record_bits(sheet.attributes, present, contract.status_column, value_sets)
    return rows.select(
        "person",
        "cohorts",
        (pl.col("cohorts") & held).alias("reaching"),
        day.alias("day"),
        bits.alias("bits"),
        *(f"code{i}" for i in range(len(found))),
        *(to_day(pl.col(r.date_column)).alias(f"own{i}") for i, r in enumerate(found) if r.date_column),
        *sorted({r.type_column for r in found if r.type_column}),
        *wanted.columns(table, present, day),
        *([read.claim, ((pl.col("cohorts") & pl.col("wanted")) != 0).alias("asked")] if with_claim else []),
    )


def with_needed_codes(frame: pl.LazyFrame, found: list[Reading]) -> pl.LazyFrame:
    """Leave rows without a needed text behind in the reader where that pays; the others follow by their numbers.

    The reader then decodes the other columns of few rows, but each text that is kept is looked up once more: a gain
    for few measures, a loss for many.
    """
    looked_for = {id(r.texts): len(r.order) for r in found}
    if len(found) == 1 or sum(looked_for.values()) > _MANY_TEXTS:
        return frame
    return frame.filter(pl.any_horizontal([r.matches for r in found]))


def _wanted(found: list[Reading]) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Return the bits of the cohorts that ask for a row: on any day, on the row's day, and for a claim mark."""
    on_day, any_day, marks = bits_literal(0), bits_literal(0), bits_literal(0)
    for i, reading in enumerate(found):
        number = pl.col(f"code{i}")
        # A code with a day of its own is not bound to the row's day.
        if reading.date_column:
            any_day = any_day | reading.wanted(number)
        else:
            on_day = on_day | reading.wanted(number)
        marked = reading.marked(number)
        if marked is not None:
            marks = marks | marked
    return any_day, on_day, marks


def read_practitioners(
    practitioner: pl.LazyFrame | None, sheet: Sheet, value_sets: Mapping[str, CodeSet], queries: Queries
) -> dict[str, int]:
    """Return the bits of each NPI with a taxonomy; empty when no condition looks at providers, or none is known."""
    if practitioner is None or not bits_of.wants_provider(sheet.attributes):
        return {}
    if not {"npi", "taxonomy_code"} <= set(practitioner.collect_schema().names()):
        return {}
    pairs = practitioner.select(pl.col("npi").cast(pl.String), pl.col("taxonomy_code").cast(pl.String))
    each = queries.run("practitioner", pairs.drop_nulls().unique())
    return bits_of.practitioner_bits(each.iter_rows(), sheet.attributes, value_sets)
