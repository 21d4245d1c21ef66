"""The two engines in the form that the deck runner takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.engines import reference
from vbpmeasure.engines.reference import ExternalLine, ReferenceRow, evaluate_external
from vbpmeasure.plan.measures import DEFAULT_ENROLLMENT_KEY, Program, calendar_year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vbpmeasure.catalog.catalog import Catalog
    from vbpmeasure.engines.polars.queries import Queries
    from vbpmeasure.results.frame import ResultFrame
    from vbpmeasure.testing.rows import Rows
    from vbpmeasure.testing.runner import OnFlag, ProgramFor


def programs_of(catalog: Catalog) -> ProgramFor:
    """Return the function that builds one measure of the catalog; it raises `Failure` as `Catalog.program` does."""

    def program_for(measure: str, year: int, parameters: Mapping[str, str], key: tuple[str, ...] | None) -> Program:
        overrides = {measure: dict(parameters)} if parameters else {}
        enrollment_key = DEFAULT_ENROLLMENT_KEY if key is None else key
        return catalog.program([measure], calendar_year(year), overrides, enrollment_key)

    return program_for


def reference_engine(program: Program, rows: Rows, on_flag: OnFlag) -> list[ReferenceRow]:
    """Run the reference engine."""
    return reference.evaluate(program, rows, on_flag)


def polars_engine(program: Program, rows: Rows, queries: Queries | None = None) -> list[ReferenceRow]:
    """Run the Polars engine, by its own queries unless some are given; raises `Failure` as its `evaluate` does."""
    # Polars is loaded only when a deck is run.
    from vbpmeasure.data.rows import frames_from_rows  # noqa: PLC0415
    from vbpmeasure.engines.polars.engine import evaluate  # noqa: PLC0415

    return rows_of_frame(evaluate(program, frames_from_rows(rows), queries=queries))


def reference_lines(program: Program, rows: Rows) -> list[ExternalLine]:
    """Return the lines of the indicators that are not about persons, by the reference engine."""
    return evaluate_external(program, rows)


def polars_lines(program: Program, rows: Rows) -> list[ExternalLine]:
    """Return the lines of the indicators that are not about persons, by the Polars engine."""
    from vbpmeasure.data.rows import frames_from_rows  # noqa: PLC0415
    from vbpmeasure.engines.polars.engine import evaluate  # noqa: PLC0415

    frame = evaluate(program, frames_from_rows(rows))
    found = []
    for row in frame.external.iter_rows(named=True):
        key = frame.rates[row["rate"]]
        numbers = (row["numerator"], row["denominator"], row["value"])
        found.append(ExternalLine(key.measure, key.rate, row["entity_id"], *numbers, row["source"]))
    return found


def rows_of_frame(frame: ResultFrame) -> list[ReferenceRow]:
    """Return a result frame as the rows of the reference engine: positions become names again."""
    people = frame.people["person_id"].to_list()
    found = []
    for row in frame.rows.iter_rows(named=True):
        key, sources = frame.rates[row["rate"]], row["evidence_sources"]
        tables = (table for bit, table in enumerate(EVENT_TABLES) if sources is not None and sources >> bit & 1)
        found.append(
            ReferenceRow(
                measure=key.measure,
                rate=key.rate,
                person_id=people[row["person"]],
                index_date=row["index_date"],
                failed_step=row["failed_step"],
                exclusion=None if row["exclusion"] is None else key.exclusions[row["exclusion"]][0],
                numerator=row["numerator"],
                evidence_date=row["evidence_date"],
                evidence_sources=None if sources is None else frozenset(tables),
                part=row.get("part"),
                whole=row.get("whole"),
            )
        )
    return found


LINE_ENGINES = (reference_lines, polars_lines)
