"""Both engines behind one door: a program and rows in, comparable tuples out."""

import datetime as dt
from typing import NamedTuple

import polars as pl

from vbpmeasure.data.contract import EVENT_TABLES, TABLES, Kind
from vbpmeasure.engines import reference
from vbpmeasure.engines.polars.engine import evaluate as polars_evaluate
from vbpmeasure.engines.reference.evaluate import count_faults, evaluate_external
from vbpmeasure.plan.faults import FAULTS


class Verdict(NamedTuple):
    """One row of a result, the same for both engines."""

    measure: str
    rate: str
    person: str
    index_date: dt.date | None
    failed_step: int | None
    exclusion: str | None
    numerator: bool
    evidence_date: dt.date | None
    evidence_sources: tuple[str, ...] | None
    part: int | None = None
    whole: int | None = None

    def words(self):
        """The row in short: what the expectations of the spec tests are written in."""
        if self.failed_step is not None:
            return f"fails step {self.failed_step}"
        if self.exclusion is not None:
            return f"excluded: {self.exclusion}"
        if not self.numerator:
            return "open"
        if self.evidence_date is None:
            return "met"
        return f"met {self.evidence_date} by {', '.join(self.evidence_sources) or 'no table'}"

    def unit_words(self):
        """The row in short with its index date and its amounts."""
        unit = f"{self.index_date} " if self.index_date is not None else ""
        amounts = f", {self.part} of {self.whole}" if self.part is not None else ""
        return unit + self.words() + amounts


def _in_order(program, verdicts):
    order = {(m.id, r.id): (i, j) for i, m in enumerate(program.measures) for j, r in enumerate(m.rates)}
    return sorted(verdicts, key=lambda v: (order[(v.measure, v.rate)], v.person, str(v.index_date)))


def run_reference(program, rows):
    """Return the verdicts of the reference engine, sorted by measure, rate and person."""
    return [
        Verdict(
            row.measure,
            row.rate,
            str(row.person_id),
            row.index_date,
            row.failed_step,
            row.exclusion,
            row.numerator,
            row.evidence_date,
            None if row.evidence_sources is None else tuple(t for t in EVENT_TABLES if t in row.evidence_sources),
            row.part,
            row.whole,
        )
        for row in reference.evaluate(program, rows)
    ]


TYPES = {
    Kind.TEXT: pl.String,
    Kind.DATE: pl.Date,
    Kind.INTEGER: pl.Int64,
    Kind.NUMBER: pl.Float64,
    Kind.FLAG: pl.Boolean,
}


def _type(table, column, number_ids):
    contract_column = TABLES[table].column(column)
    if contract_column is None:
        return pl.String  # ndc_code_type and the like: never in the contract, only in code pairs
    if contract_column.kind is Kind.ID:
        return pl.Int64 if column in number_ids else pl.String
    return TYPES[contract_column.kind]


def lazy_tables(rows):
    """Return the rows as lazy frames with contract types; an optional column that no row has is left out.

    An id column is of whole numbers when any table has a number in it, so that keys fit each other.
    """
    number_ids = {name for found in rows.values() for row in found for name in row if isinstance(row[name], int)}
    number_ids -= {"entity_id"}  # ids of persons and of other entities stand in one column
    tables = {}
    for table, table_rows in rows.items():
        required = [column.name for column in TABLES[table].columns if column.required]
        names = list(dict.fromkeys([*required, *(name for row in table_rows for name in row)]))
        columns = {name: [row.get(name) for row in table_rows] for name in names}
        if table == "indicator":
            columns["entity_id"] = [None if cell is None else str(cell) for cell in columns["entity_id"]]
        tables[table] = pl.LazyFrame(
            [pl.Series(name, values, dtype=_type(table, name, number_ids)) for name, values in columns.items()]
        )
    return tables


def run_polars(program, rows):
    """Return the verdicts of the Polars engine, sorted by measure, rate and person."""
    return verdicts_of(program, polars_evaluate(program, lazy_tables(rows), attributes=(), evidence=True))


def verdicts_of(program, frame):
    """Return the rows of a result frame as verdicts, sorted by measure, rate, person and index date."""
    ids = frame.people["person_id"].to_list()
    verdicts = []
    for row in frame.rows.iter_rows(named=True):
        key, mask = frame.rates[row["rate"]], row["evidence_sources"]
        verdicts.append(
            Verdict(
                key.measure,
                key.rate,
                str(ids[row["person"]]),
                row["index_date"],
                row["failed_step"],
                None if row["exclusion"] is None else key.exclusions[row["exclusion"]][0],
                row["numerator"],
                row["evidence_date"],
                None if mask is None else tuple(t for bit, t in enumerate(EVENT_TABLES) if mask >> bit & 1),
                row.get("part"),
                row.get("whole"),
            )
        )
    return _in_order(program, verdicts)


class Rest(NamedTuple):
    """What a result holds beside its rows: lines of indicators that are not about persons, and counts of faults."""

    external: list
    faults: dict


def rest_of_reference(program, rows):
    """Return the external lines and the faults of the reference engine."""
    lines = evaluate_external(program, rows)
    return Rest(
        [(x.measure, x.rate, x.entity_id, x.numerator, x.denominator, x.value, x.source) for x in lines],
        count_faults(program, rows),
    )


def rest_of_polars(program, rows):
    """Return the external lines and the faults of the Polars engine."""
    return rest_of(polars_evaluate(program, lazy_tables(rows), attributes=(), evidence=True))


def rest_of(frame):
    """Return the external lines and the faults of a result frame."""
    lines = [(frame.rates[number].measure, frame.rates[number].rate, *line) for number, *line in frame.external.rows()]
    faults = {name: n for name, n in frame.counters.items() if name.startswith(FAULTS)}
    return Rest(lines, faults)


# What a run counts of rows that make no event and no amount, by engine.
REST = {"reference": rest_of_reference, "polars": rest_of_polars}
ENGINES = {"reference": run_reference, "polars": run_polars}
