"""Finding events: the rows that a trigger finds, and why other rows are passed over (semantics page, section 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vbpmeasure.data.contract import EVENT_TABLES, MODIFIER_COLUMNS, TABLES, USUAL_SOURCES, VOID_STATUSES
from vbpmeasure.engines.reference.cells import Row, as_day, as_text
from vbpmeasure.engines.reference.codes import CodeOnRow, CodeSets, any_match
from vbpmeasure.engines.reference.people import Line, Timeline, stay_end, stay_start
from vbpmeasure.engines.reference.results import result_refusal
from vbpmeasure.plan.events import (
    CLAIM_STATUSES,
    UNKNOWN_STATUS,
    Dated,
    EventSet,
    LineFilter,
    Role,
    SameClaim,
    Trigger,
)

CLAIMS = "medical_claim"


@dataclass(frozen=True, slots=True)
class Found:
    """A row that carries a code of a trigger.

    ``until`` is the last day of a record that lasts. ``row`` is the position of the row among the person's rows of the
    table. ``passed_over`` says in words why the filter refuses the row; an empty text means that the row is an event.
    """

    day: dt.date
    table: str
    row: int
    column: str
    code: str
    claim_id: str | None
    passed_over: str = ""
    until: dt.date | None = None


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
    if status_column is None:
        return ""
    status = (as_text(row.get(status_column)) or "").lower()
    if status in VOID_STATUSES:
        return f"record status is {status}"
    if where.record_statuses and (status or UNKNOWN_STATUS) not in where.record_statuses:
        return f"record status {status or 'unknown'} not asked for"
    return ""


def _encounter_refusal(table: str, row: Row, where: LineFilter) -> str:
    for column, asked in (("encounter_class", where.encounter_classes), ("encounter_type", where.encounter_types)):
        text = (as_text(row.get(column)) or "").lower() if table == "encounter" else ""
        if asked and text not in asked:
            what = column.replace("_", " ")
            return f"{what} {text} not asked for" if text else f"no {what}"
    return ""


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


def _barred_provider(table: str, row: Row, where: LineFilter, sets: CodeSets, person: Timeline) -> str:
    known = provider_taxonomies(row, person.taxonomies_by_npi) if table == CLAIMS else frozenset()
    if any_match("NUCC", sorted(known), where.provider_not_in, sets):
        return f"provider in {' or '.join(where.provider_not_in)}"
    return ""


def _tooth_refusal(table: str, row: Row, where: LineFilter) -> str:
    if not where.teeth:
        return ""
    tooth = (as_text(row.get("tooth_number")) or "").strip(" ").lstrip("0") if table == CLAIMS else ""
    if tooth in where.teeth:
        return ""
    return f"tooth {tooth} not asked for" if tooth else "no tooth number"


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
            return f"no {_claim_words(wanted)} on the claim"
    for unwanted in where.not_same_claim:
        if _on_same_claim(table, row, unwanted, sets, person):
            return f"the claim must not carry a {_claim_words(unwanted)}, and does"
    return ""


def _claim_words(asked: SameClaim) -> str:
    return f"{asked.role.value.replace('_', ' ')} of {' or '.join(asked.value_sets)}"


def refusal(table: str, row: Row, where: LineFilter, sets: CodeSets, person: Timeline) -> str:
    """Return why the filter refuses the row, in words; an empty text when every condition holds."""
    if table not in (where.sources or USUAL_SOURCES):
        return f"source {table} not asked for" if where.sources else "an order, which counts only where it is asked for"
    return (
        _status_refusal(table, row, where)
        or _encounter_refusal(table, row, where)
        or _place_refusal(table, row, where, sets)
        or _modifier_refusal(table, row, where, sets)
        or _provider_refusal(table, row, where, sets, person)
        or _barred_provider(table, row, where, sets, person)
        or _tooth_refusal(table, row, where)
        or (result_refusal(table, row, where.result, sets) if where.result is not None else "")
        or _claim_refusal(table, row, where, sets, person)
    )


def _last_day(table: str, row: Row) -> dt.date | None:
    column = TABLES[table].end_column
    return as_day(row.get(column)) if column is not None else None


@dataclass(frozen=True, slots=True)
class Carrier:
    """A row with a code of a trigger, whatever its date; ``passed_over`` says why the filter refuses it."""

    line: Line
    code: CodeOnRow
    trigger: Trigger
    passed_over: str


def _carriers(trigger: Trigger, sets: CodeSets, person: Timeline) -> Iterator[Carrier]:
    for table in EVENT_TABLES:
        for line in person.lines.get(table, ()):
            for code in line.codes:
                if _role_holds(trigger.role, table, code) and code.in_any(trigger.value_sets, sets):
                    yield Carrier(line, code, trigger, refusal(table, line.row, trigger.where, sets, person))


def _day(carrier: Carrier) -> dt.date | None:
    """Return the day of the event: that of the service, or an end of the stay when the trigger asks for it."""
    line = carrier.line
    match carrier.trigger.where.dated:
        case Dated.SERVICE:
            return carrier.code.day or line.day
        case Dated.ADMISSION:
            return stay_start(line)
        case Dated.DISCHARGE:
            return stay_end(line)


def _trigger_rows(trigger: Trigger, sets: CodeSets, person: Timeline) -> Iterator[Found]:
    for carrier in _carriers(trigger, sets, person):
        day = _day(carrier)
        if day is not None:
            yield Found(
                day=day,
                table=carrier.line.table,
                row=carrier.line.number,
                column=carrier.code.column,
                code=carrier.code.text,
                claim_id=as_text(carrier.line.row.get("claim_id")),
                passed_over=carrier.passed_over,
                until=_last_day(carrier.line.table, carrier.line.row),
            )


def accepted(events: EventSet, sets: CodeSets, person: Timeline) -> list[Carrier]:
    """Return every carrier that a trigger's filter lets through, those without a date included."""
    return [c for trigger in events.triggers for c in _carriers(trigger, sets, person) if not c.passed_over]


def without_a_day(events: EventSet, sets: CodeSets, person: Timeline) -> int:
    """Return how many rows would be events if they had a date."""
    dated = {(c.line.table, c.line.number) for c in accepted(events, sets, person) if _day(c) is not None}
    return len({(c.line.table, c.line.number) for c in accepted(events, sets, person)} - dated)


def carriers(events: EventSet, sets: CodeSets, person: Timeline) -> tuple[Found, ...]:
    """Return every row of the person that carries a code of some trigger, by date, with the refusals.

    A row can appear once per trigger and code. The events are those whose ``passed_over`` is empty.
    """
    found = [row for trigger in events.triggers for row in _trigger_rows(trigger, sets, person)]
    return tuple(sorted(found, key=lambda row: (row.day, EVENT_TABLES.index(row.table), row.column, row.code)))
