"""The long table for BI tools: one row per rate, stratum and metric, with all that a chart needs beside the number."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from vbpmeasure.exports.about import About, about
from vbpmeasure.outputs.parquet import frame_parquet
from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.runs.cells import Cell, Unit, cells, is_hidden
from vbpmeasure.runs.reading import RunResults

LONG_SCHEMA = pl.Schema(
    {
        "period_start": pl.Date,
        "period_end": pl.Date,
        "measurement_year": pl.Int64,
        "measure": pl.String,
        "measure_title": pl.String,
        "edition": pl.String,
        "definition_status": pl.String,
        "rate": pl.String,
        "rate_title": pl.String,
        "rate_kind": pl.String,
        "lower_is_better": pl.Boolean,
        "dimension": pl.String,
        "stratum": pl.String,
        "stratum_order": pl.Int64,  # as the category system lists the strata; 0 for the total
        "is_total": pl.Boolean,
        "metric": pl.String,
        "value": pl.Float64,  # null where the status is another than `value`
        "unit": pl.String,
        "status": pl.String,
        "suppression_profile": pl.String,
        "notice": pl.String,
        "version": pl.String,
    }
)

Metric = tuple[str, float | None, Unit, Status]


def long_table(run: RunResults) -> pl.DataFrame:
    """Return the long table (``LONG_SCHEMA``): one row per rate, dimension, stratum and metric of a run.

    Metrics: population, excluded, denominator, numerator, rate, rate_low, rate_high. Those that a rate does not have
    are left out; those that are hidden are there with a null and the reason in ``status``.
    """
    said = about(run)
    rows = [row for cell in cells(run) for row in _rows(cell, said)]
    frame = pl.DataFrame(rows, schema={**LONG_SCHEMA, **_DATES_AS_TEXT}, orient="row")
    return frame.with_columns(pl.col("period_start", "period_end").str.to_date("%Y-%m-%d"))


_DATES_AS_TEXT = {"period_start": pl.String, "period_end": pl.String}


def long_csv(run: RunResults) -> bytes:
    """Return the long table as CSV: counts as whole numbers, other numbers with the places that the run has."""
    frame = long_table(run)
    values = pl.Series("value", [_text(v) for v in frame["value"].to_list()], dtype=pl.String)
    return frame.with_columns(values).write_csv(line_terminator="\n").encode()


def long_parquet(run: RunResults) -> bytes:
    """Return the long table as Parquet; the same run gives the same bytes."""
    said = about(run)
    words = {"notice": said.notice, "version": said.version, "suppression_profile": said.suppression_profile}
    return frame_parquet(long_table(run), words if said.banner is None else {**words, "banner": said.banner})


def _text(value: float | None) -> str | None:
    if value is None:
        return None
    return str(int(value)) if value.is_integer() else repr(value)


def _rows(cell: Cell, said: About) -> Iterator[tuple[object, ...]]:
    info = cell.rate.info
    facts = said.measures.get(info.measure)
    for metric, value, unit, status in _metrics(cell):
        yield (
            said.period_start,
            said.period_end,
            said.year,
            info.measure,
            info.measure_title,
            facts.edition if facts else "",
            facts.definition_status if facts else "",
            info.rate,
            info.rate_title,
            cell.rate.kind.value,
            info.lower_is_better,
            cell.dimension,
            cell.stratum,
            cell.order,
            cell.is_total,
            metric,
            value,
            unit.value,
            status.value,
            said.suppression_profile,
            said.words,
            said.version,
        )


def _metrics(cell: Cell) -> Iterator[Metric]:
    rate = cell.rate
    if rate.is_share:
        yield _metric("population", cell.population, rate.denominator_unit, cell.population_status)
        # The exclusions are hidden with either of the counts that they are the difference of.
        either = cell.status if is_hidden(cell.status) else cell.population_status
        yield _metric("excluded", cell.excluded, rate.denominator_unit, either)
    if rate.has_counts:
        yield _metric("denominator", cell.denominator, rate.denominator_unit, cell.status)
        yield _metric("numerator", cell.numerator, rate.numerator_unit, cell.status)
    yield _metric("rate", cell.score, rate.score_unit, cell.status)
    if rate.has_interval:
        yield _metric("rate_low", cell.low, rate.score_unit, cell.status)
        yield _metric("rate_high", cell.high, rate.score_unit, cell.status)


def _metric(name: str, value: float | None, unit: Unit, status: Status) -> Metric:
    """Return a row; a number that is shown in a cell that lacks others (a small denominator) is a value."""
    if value is not None:
        return name, value, unit, Status.VALUE
    return name, None, unit, status
