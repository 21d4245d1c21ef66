"""Finding events: the rows that a trigger finds, and why other rows are passed over (semantics page, section 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vbpmeasure.data.contract import EVENT_TABLES, MODIFIER_COLUMNS, TABLES, USUAL_SOURCES, VOID_STATUSES
from vbpmeasure.engines.reference.cells import Row, as_text
from vbpmeasure.engines.reference.codes import CodeOnRow, CodeSets, any_match
from vbpmeasure.engines.reference.people import Timeline
from vbpmeasure.plan.events import CLAIM_STATUSES, EventSet, LineFilter, Role, SameClaim, Trigger

CLAIMS = "medical_claim"


@dataclass(frozen=True, slots=True)
class Found:
    """A row that carries a code of a trigger.

    ``row`` is the position of the row among the person's rows of the table. ``passed_over`` says in words why the
    filter refuses the row; an empty text means that the row is an event.
    """

    day: dt.date
    table: str
    row: int
    column: str
    code: str
    claim_id: str | None
    passed_over: str = ""


def _role_holds(role: Role, table: str, code: CodeOnRow) -> bool:
    """Tell whether the role looks at this code of the row."""
    if role is Role.ANY:
        return True
    if role is Role.PRINCIPAL_DIAGNOSIS:
        return code.column == "diagnosis_code_1"
    return table == "condition" or code.is_diagnosis


def provider_taxonomies(row: Row, by_npi: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the taxonomies of the rendering provider of a claim row, else those of the billing provider."""
    for side in ("rendering", "billing"):
        on_row = as_text(row.get(f"{side}_taxonomy"))
        npi = as_text(row.get(f"{side}_npi"))
        known = set(by_npi.get(npi, ())) if npi is not None else set()
        if on_row is not None:
            known.add(on_row)
        if known:
            return frozenset(known)
    return frozenset()


def _status_refusal(table: str, row: Row, where: LineFilter) -> str:
    if table == CLAIMS:
        status = (as_text(row.get("claim_status")) or "").lower()
        if status in CLAIM_STATUSES and status not in where.statuses:
            return f"claim status is {status}"
        return ""
    status_column = TABLES[table].status_column
    status = (as_text(row.get(status_column)) or "").lower() if status_column else ""
    return f"record status is {status}" if status in VOID_STATUSES else ""


def _place_refusal(table: str, row: Row, where: LineFilter, sets: CodeSets) -> str:
    place = as_text(row.get("place_of_service_code")) if table == CLAIMS else None
    places = [place] if place is not None else []
    if where.place_in and not any_match("POS", places, where.place_in, sets):
        return f"place {place} not in {' or '.join(where.place_in)}" if place else "no place of service"
    if where.place_not_in and any_match("POS", places, where.place_not_in, sets):
        return f"place {place} excluded"
    return ""


def _modifier_refusal(table: str, row: Row, where: LineFilter, sets: CodeSets) -> str:
    cells = [as_text(row.get(column)) for column in MODIFIER_COLUMNS] if table == CLAIMS else []
    modifiers = [cell for cell in cells if cell is not None]
    if where.modifier_in and not any_match("MODIFIER", modifiers, where.modifier_in, sets):
        return f"no modifier of {' or '.join(where.modifier_in)}"
    if where.modifier_not_in and any_match("MODIFIER", modifiers, where.modifier_not_in, sets):
        return f"modifier of {' or '.join(where.modifier_not_in)}"
    return ""


def _provider_refusal(table: str, row: Row, where: LineFilter, sets: CodeSets, person: Timeline) -> str:
    if not where.provider_in:
        return ""
    known = provider_taxonomies(row, person.taxonomies_by_npi) if table == CLAIMS else frozenset()
    if not known:
        return "" if where.unknown_provider else "provider specialty unknown"
    if any_match("NUCC", sorted(known), where.provider_in, sets):
        return ""
    return f"provider not in {' or '.join(where.provider_in)}"


def _on_same_claim(table: str, row: Row, wanted: SameClaim, sets: CodeSets, person: Timeline) -> bool:
    """Tell whether some row of the same claim of the same person carries a wanted code in the wanted role."""
    claim_id = row.get("claim_id")
    if table != CLAIMS or claim_id is None:
        return False
    return any(
        _role_holds(wanted.role, CLAIMS, code) and code.in_any(wanted.value_sets, sets)
        for other in person.lines.get(CLAIMS, ())
        if other.row.get("claim_id") == claim_id
        for code in other.codes
    )


def _claim_refusal(table: str, row: Row, where: LineFilter, sets: CodeSets, person: Timeline) -> str:
    for wanted in where.same_claim:
        if not _on_same_claim(table, row, wanted, sets, person):
            return f"no {wanted.role.value} of {' or '.join(wanted.value_sets)} on the claim"
    for unwanted in where.not_same_claim:
        if _on_same_claim(table, row, unwanted, sets, person):
            return f"{unwanted.role.value} of {' or '.join(unwanted.value_sets)} on the claim"
    return ""


def refusal(table: str, row: Row, where: LineFilter, sets: CodeSets, person: Timeline) -> str:
    """Return why the filter refuses the row, in words; an empty text when every condition holds."""
    if table not in (where.sources or USUAL_SOURCES):
        return f"source {table} not asked for"
    return (
        _status_refusal(table, row, where)
        or _place_refusal(table, row, where, sets)
        or _modifier_refusal(table, row, where, sets)
        or _provider_refusal(table, row, where, sets, person)
        or _claim_refusal(table, row, where, sets, person)
    )


def _trigger_rows(trigger: Trigger, sets: CodeSets, person: Timeline) -> Iterator[Found]:
    for table in EVENT_TABLES:
        for line in person.lines.get(table, ()):
            for code in line.codes:
                day = code.day or line.day
                if day is None or not _role_holds(trigger.role, table, code):
                    continue
                if code.in_any(trigger.value_sets, sets):
                    yield Found(
                        day=day,
                        table=table,
                        row=line.number,
                        column=code.column,
                        code=code.text,
                        claim_id=as_text(line.row.get("claim_id")),
                        passed_over=refusal(table, line.row, trigger.where, sets, person),
                    )


def carriers(events: EventSet, sets: CodeSets, person: Timeline) -> tuple[Found, ...]:
    """Return every row of the person that carries a code of some trigger, by date, with the refusals.

    A row can appear once per trigger and code. The events are those whose ``passed_over`` is empty.
    """
    found = [row for trigger in events.triggers for row in _trigger_rows(trigger, sets, person)]
    return tuple(sorted(found, key=lambda row: (row.day, EVENT_TABLES.index(row.table), row.column, row.code)))
