"""The people of deck cases as rows of the contract tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from vbpmeasure.data.contract import TABLES
from vbpmeasure.testing.model import ClaimLine, DeckCase, DeckPerson, Record

Row = dict[str, object]
Rows = dict[str, list[Row]]


def person_ids(cases: Iterable[DeckCase]) -> dict[str, tuple[str, ...]]:
    """Return the ids of each case's people by case name: ``p1``, ``p2`` ... through all the cases together."""
    numbers = count(1)
    return {case.name: tuple(f"p{next(numbers)}" for _ in case.people) for case in cases}


def case_rows(cases: Sequence[DeckCase], ids: Mapping[str, tuple[str, ...]]) -> Rows:
    """Return contract rows by table for all people of the cases: dates as ``date``, flags as ``bool``, all else text.

    ``eligibility`` and ``medical_claim`` are always there, if only with no rows. Lines of one case with the same
    `claim` are one claim; every other line is a claim of its own.
    """
    rows: Rows = {"eligibility": [], "medical_claim": []}
    own_claims = count(1)
    for case in cases:
        for person_id, person in zip(ids[case.name], case.people, strict=True):
            rows["eligibility"] += _eligibility(person_id, person)
            for event in person.events:
                if isinstance(event, ClaimLine):
                    rows["medical_claim"] += _claim_lines(person_id, event, case.name, own_claims)
                else:
                    rows.setdefault(event.table, []).extend(_records(person_id, event, own_claims))
    return rows


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
    pair, date_column = table.code_pairs[0], table.date_columns[0]
    rows: list[Row] = [
        {
            "person_id": person_id,
            date_column: date,
            pair.type_column: record.code_type,
            pair.code_column: record.code,
            "status": record.status,
            **record.columns,
        }
        for date in record.dates
    ]
    if table.column("claim_id") is not None:
        rows = [{"claim_id": f"c{next(own_claims)}", **row} for row in rows]
    return [{name: value for name, value in row.items() if table.column(name) is not None} for row in rows]
