"""The people of deck cases as rows of the contract tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from vbpmeasure.data.contract import TABLES
from vbpmeasure.testing.model import ClaimLine, DeckCase, DeckPerson, IndicatorRow, Record

Row = dict[str, object]
Rows = dict[str, list[Row]]

_INDICATOR = "indicator"


def person_ids(cases: Iterable[DeckCase]) -> dict[str, tuple[str, ...]]:
    """Return the ids of each case's people by case name: ``p1``, ``p2`` ... through all the cases together."""
    numbers = count(1)
    return {case.name: tuple(f"p{next(numbers)}" for _ in case.people) for case in cases}


def case_rows(cases: Sequence[DeckCase], ids: Mapping[str, tuple[str, ...]]) -> Rows:
    """Return contract rows by table for all people of the cases: dates as ``date``, flags as ``bool``, all else text.

    ``eligibility`` and ``medical_claim`` are always there, if only with no rows. Lines of one case with the same
    `claim` are one claim; every other line is a claim of its own. Entities of `indicator` rows belong to their case:
    see `entity_name`.
    """
    rows: Rows = {"eligibility": [], "medical_claim": []}
    own_claims = count(1)
    for case in cases:
        for row in case.indicators:
            name = entity_name(case.name, row.entity_id or "")
            rows.setdefault(_INDICATOR, []).append(_indicator(row.entity or "", name, row))
        for person_id, person in zip(ids[case.name], case.people, strict=True):
            rows["eligibility"] += _eligibility(person_id, person)
            for event in person.events:
                if isinstance(event, ClaimLine):
                    rows["medical_claim"] += _claim_lines(person_id, event, case.name, own_claims)
                else:
                    rows.setdefault(event.table, []).extend(_records(person_id, event, own_claims))
            for row in person.indicators:
                rows.setdefault(_INDICATOR, []).append(_indicator("person", person_id, row))
    return rows


def entity_name(case: str, entity_id: str) -> str:
    """Return the id that an entity of a case has in the rows: cases share tables, entities they do not share."""
    return f"{case}.{entity_id}"


def _indicator(entity: str, entity_id: str, row: IndicatorRow) -> Row:
    return {
        "indicator_id": row.indicator,
        "entity_type": entity,
        "entity_id": entity_id,
        "period_start": row.period_start,
        "period_end": row.period_end,
        **row.numbers,
        "source": row.source,
    }


def _eligibility(person_id: str, person: DeckPerson) -> list[Row]:
    return [
        {
            "person_id": person_id,
            "birth_date": person.born,
            "gender": person.sex,
            "death_date": person.died,
            "enrollment_start_date": span.start,
            "enrollment_end_date": span.end,
            **span.columns,
        }
        for span in person.enrolled
    ]


def _claim_lines(person_id: str, line: ClaimLine, case: str, own_claims: count[int]) -> list[Row]:
    shared = f"{case}.{line.claim}" if line.claim is not None else None
    return [
        {
            "claim_id": shared or f"c{next(own_claims)}",
            "person_id": person_id,
            "claim_start_date": date,
            "claim_line_start_date": date,
            **line.columns,
        }
        for date in line.dates
    ]


def _records(person_id: str, record: Record, own_claims: count[int]) -> list[Row]:
    table = TABLES[record.table]
    # A code goes into the column that is for codes of its system alone, where the table has one.
    own_column = (p for p in table.code_pairs if p.code_column == f"{record.code_type}_code")
    pair, date_column = next(own_column, table.code_pairs[0]), table.date_columns[0]
    rows: list[Row] = []
    for date in record.dates:
        row: Row = {"person_id": person_id, date_column: date, pair.code_column: record.code}
        if table.column(pair.type_column) is not None:
            row[pair.type_column] = record.code_type
        if table.status_column is not None:
            row[table.status_column] = record.status
        if table.column("claim_id") is not None:
            row["claim_id"] = f"c{next(own_claims)}"
        rows.append({**row, **record.columns})
    return rows
