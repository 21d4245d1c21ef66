"""One person's timeline: spans, demographics and rows, gathered from contract tables (semantics page, section 1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vbpmeasure.data.contract import EVENT_TABLES, TABLES
from vbpmeasure.engines.reference.cells import Row, Rows, as_day, as_text
from vbpmeasure.engines.reference.codes import CodeOnRow, codes_on_row
from vbpmeasure.engines.reference.dates import FOREVER


@dataclass(frozen=True, slots=True)
class Span:
    """One eligibility row as a run of days, both ends covered; an open span ends on 9999-12-31."""

    start: dt.date
    end: dt.date
    row: Row


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an event table: its date (the first non-null date column) and the codes on it."""

    table: str
    number: int
    row: Row
    day: dt.date | None
    codes: tuple[CodeOnRow, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that the input says about one person.

    ``lines`` holds the person's rows by event table, in the order of the input. ``taxonomies_by_npi`` is the
    practitioner table, the same for everybody. ``indicators`` are the indicator rows about the person.
    """

    person_id: object
    birth: dt.date | None
    death: dt.date | None
    spans: tuple[Span, ...]
    lines: Mapping[str, tuple[Line, ...]]
    taxonomies_by_npi: Mapping[str, frozenset[str]]
    gender: str | None = None
    indicators: tuple[Row, ...] = ()


def row_day(table: str, row: Row) -> dt.date | None:
    """Return the date of a row: the first non-null of the table's date columns."""
    for column in TABLES[table].date_columns:
        day = as_day(row.get(column))
        if day is not None:
            return day
    return None


_STAY_STARTS = {"medical_claim": ("admission_date", "claim_start_date"), "encounter": ("encounter_start_date",)}
_STAY_ENDS = {"medical_claim": ("discharge_date", "claim_end_date"), "encounter": ("encounter_end_date",)}


def _first_day(line: Line, columns: Mapping[str, tuple[str, ...]]) -> dt.date | None:
    if line.table not in columns:
        return line.day
    days = (as_day(line.row.get(column)) for column in columns[line.table])
    return next((day for day in days if day is not None), None)


def stay_start(line: Line) -> dt.date | None:
    """Return the admission day of the stay that a row belongs to; the row's own date where tables know no stays."""
    return _first_day(line, _STAY_STARTS)


def stay_end(line: Line) -> dt.date | None:
    """Return the discharge day of the stay that a row belongs to; the row's own date where tables know no stays."""
    return _first_day(line, _STAY_ENDS)


def _lines(table: str, rows: Sequence[Row]) -> tuple[Line, ...]:
    return tuple(
        Line(table, number, row, row_day(table, row), tuple(codes_on_row(table, row)))
        for number, row in enumerate(rows)
    )


def _spans(eligibility: Sequence[Row]) -> tuple[Span, ...]:
    spans = []
    for row in eligibility:
        start = as_day(row.get("enrollment_start_date"))
        end = as_day(row.get("enrollment_end_date")) or FOREVER
        if start is not None and start <= end:
            spans.append(Span(start, end, row))
    return tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def latest_day(spans: Sequence[Span], column: str) -> dt.date | None:
    """Return the non-null date of the latest span: latest start, then latest end, then the latest date."""
    best: tuple[dt.date, dt.date, dt.date] | None = None
    for span in spans:
        value = as_day(span.row.get(column))
        if value is not None:
            candidate = (span.start, span.end, value)
            if best is None or candidate > best:
                best = candidate
    return best[2] if best else None


def latest_gender(spans: Sequence[Span]) -> str | None:
    """Return the non-null gender of the latest span: latest start, then latest end, then the greatest text."""
    known = [(span.start, span.end, text) for span in spans if (text := as_text(span.row.get("gender"))) is not None]
    return max(known)[2] if known else None


def taxonomies(practitioners: Sequence[Row]) -> dict[str, frozenset[str]]:
    """Return every taxonomy code of every NPI of the practitioner table."""
    found: dict[str, set[str]] = {}
    for row in practitioners:
        npi, taxonomy = as_text(row.get("npi")), as_text(row.get("taxonomy_code"))
        if npi is not None and taxonomy is not None:
            found.setdefault(npi, set()).add(taxonomy)
    return {npi: frozenset(codes) for npi, codes in found.items()}


def build_timeline(
    person_id: object,
    eligibility: Sequence[Row],
    rows: Rows,
    taxonomies_by_npi: Mapping[str, frozenset[str]],
    indicators: Sequence[Row] = (),
) -> Timeline:
    """Return the timeline of one person from the rows that are theirs."""
    spans = _spans(eligibility)
    return Timeline(
        person_id=person_id,
        birth=latest_day(spans, "birth_date"),
        death=latest_day(spans, "death_date"),
        spans=spans,
        lines={table: _lines(table, found) for table, found in rows.items()},
        taxonomies_by_npi=taxonomies_by_npi,
        gender=latest_gender(spans),
        indicators=tuple(indicators),
    )


def timelines(rows: Rows) -> list[Timeline]:
    """Return one timeline per person of the eligibility table, in the order of the person id as text.

    Rows with a null person id and rows of people without eligibility belong to nobody and are left out.
    """
    eligibility: dict[object, list[Row]] = {}
    for row in rows.get("eligibility", ()):
        person_id = row.get("person_id")
        if person_id is not None:
            eligibility.setdefault(person_id, []).append(row)

    belongings: dict[object, dict[str, list[Row]]] = {person_id: {} for person_id in eligibility}
    for table in EVENT_TABLES:
        for row in rows.get(table, ()):
            person_id = row.get("person_id")
            if person_id is not None and person_id in belongings:
                belongings[person_id].setdefault(table, []).append(row)

    indicators: dict[str, list[Row]] = {}
    for row in rows.get("indicator", ()):
        if row.get("entity_type") == "person" and row.get("entity_id") is not None:
            indicators.setdefault(str(row["entity_id"]), []).append(row)

    by_npi = taxonomies(rows.get("practitioner", ()))
    return [
        build_timeline(
            person_id, eligibility[person_id], belongings[person_id], by_npi, indicators.get(str(person_id), ())
        )
        for person_id in sorted(eligibility, key=str)
    ]
