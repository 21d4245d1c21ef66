"""The events of a deck: claim lines and coded records."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from vbpmeasure.data.contract import DIAGNOSIS_COLUMNS, MODIFIER_COLUMNS, PROCEDURE_COLUMNS, TABLES
from vbpmeasure.diagnostics.model import Severity, Span
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.tree import Entry, MapNode, Node
from vbpmeasure.terminology.systems import fits, spellings
from vbpmeasure.testing.model import ClaimLine, Event, Record
from vbpmeasure.testing.reader import Reader

_CLAIMS = "medical_claim"


@dataclass(frozen=True, slots=True)
class _ClaimKey:
    """The columns that a key fills, one code each, and the code systems that may stand there."""

    columns: tuple[str, ...]
    systems: tuple[str, ...] = ()


_CLAIM_KEYS = {
    "code": _ClaimKey(("hcpcs_code",), ("CPT", "HCPCS", "CDT")),
    "diagnosis": _ClaimKey(DIAGNOSIS_COLUMNS, ("ICD10CM",)),
    "procedure": _ClaimKey(PROCEDURE_COLUMNS, ("ICD10PCS",)),
    "revenue": _ClaimKey(("revenue_center_code",), ("UBREV",)),
    "bill_type": _ClaimKey(("bill_type_code",)),
    "disposition": _ClaimKey(("discharge_disposition_code",), ("UBDISP",)),
    "place": _ClaimKey(("place_of_service_code",), ("POS",)),
    "modifier": _ClaimKey(MODIFIER_COLUMNS, ("MODIFIER",)),
    "provider": _ClaimKey(("rendering_taxonomy",), ("NUCC",)),
    "billing_provider": _ClaimKey(("billing_taxonomy",), ("NUCC",)),
    "tooth": _ClaimKey(("tooth_number",)),
}
_CLAIM_DATES = {"admitted": "admission_date", "discharged": "discharge_date"}
# A line is found by one of these; the others only qualify it.
_CLAIM_CODES = ("code", "diagnosis", "procedure", "revenue", "bill_type", "disposition")
_CLAIM_ONLY = (*_CLAIM_KEYS, "claim", *_CLAIM_DATES)


@dataclass(frozen=True, slots=True)
class _RecordKey:
    """What a record key writes into the type column, its code system, and its tables (the first is the default).

    Where the table has a column for codes of that system alone (`ndc_code`), the code goes there instead.
    """

    code_type: str
    system: str
    tables: tuple[str, ...]
    table_needed: bool = False


_RECORD_KEYS = {
    "cvx": _RecordKey("cvx", "CVX", ("immunization",)),
    "cpt": _RecordKey(
        "cpt",
        "CPT",
        ("immunization", "procedure", "lab_result", "observation", "encounter", "service_request"),
        table_needed=True,
    ),
    "loinc": _RecordKey("loinc", "LOINC", ("lab_result", "observation", "service_request")),
    "snomed": _RecordKey(
        "snomed-ct",
        "SNOMEDCT",
        ("condition", "procedure", "observation", "encounter", "immunization", "service_request"),
    ),
    "icd10": _RecordKey("icd-10-cm", "ICD10CM", ("condition",)),
    "ndc": _RecordKey("ndc", "NDC", ("pharmacy_claim", "medication")),
    "rxnorm": _RecordKey("rxnorm", "RXNORM", ("medication",)),
    "ingredient": _RecordKey("ingredient", "INGREDIENT", ("pharmacy_claim",)),
}
# What a record may say beside its code: how it is read, and the column in each table that has it.
_RECORD_ONLY = {
    "until": (Reader.date, {name: table.end_column for name, table in TABLES.items() if table.end_column}),
    "ended": (Reader.date, {"encounter": "encounter_end_date"}),
    "encounter_class": (Reader.text, {"encounter": "encounter_class"}),
    "encounter_type": (Reader.text, {"encounter": "encounter_type"}),
    "result": (Reader.text, dict.fromkeys(("lab_result", "observation"), "result")),
    "unit": (Reader.text, dict.fromkeys(("lab_result", "observation"), "source_units")),
    "days_supply": (Reader.number, {"pharmacy_claim": "days_supply"}),
}
_TABLES = (_CLAIMS, *dict.fromkeys(table for key in _RECORD_KEYS.values() for table in key.tables))

_KEYS = ("on", "status", "table", *_CLAIM_ONLY, *_RECORD_KEYS, *_RECORD_ONLY)


def read_event(reader: Reader, node: Node) -> Event | None:
    """Return the event, or None when findings keep it from being one."""
    mapping = reader.mapping(node, "an event", _KEYS)
    if mapping is None:
        return None
    dates = _dates(reader, mapping)
    records = [entry for entry in mapping.entries if entry.key.text in _RECORD_KEYS]
    claims = [entry for entry in mapping.entries if entry.key.text in _CLAIM_ONLY]
    if not records and (stray := next((e for e in mapping.entries if e.key.text in _RECORD_ONLY), None)) is not None:
        hint = f"it stands beside one of {', '.join(_RECORD_KEYS)}"
        reader.report("VBM709", f"a claim line has no `{stray.key.text}`", stray.key.span, hint)
        return None
    if len(records) > 1 or (records and claims):
        named = " and ".join(f"`{entry.key.text}`" for entry in [*records, *claims])
        hint = "a record has one code and no claim keys; write two events"
        reader.report("VBM709", f"{named} do not stand in one row", (records + claims)[1].key.span, hint)
        return None
    if records:
        return _record(reader, mapping, records[0], dates)
    return _claim_line(reader, mapping, claims, dates)


def _dates(reader: Reader, mapping: MapNode) -> tuple[dt.date, ...]:
    node = reader.needed(mapping, "on", "an event")
    if node is None:
        return ()
    nodes = reader.one_or_more(node)
    if not nodes:
        reader.report("VBM703", "an event needs at least one date", node.span)
    dates = (reader.date(item, "the date of an event") for item in nodes)
    return tuple(date for date in dates if date is not None)


def _claim_line(reader: Reader, mapping: MapNode, entries: list[Entry], dates: tuple[dt.date, ...]) -> ClaimLine | None:
    at = mapping.entries[0].key.span if mapping.entries else mapping.span
    table = _table(reader, mapping)
    if table is not None and table != _CLAIMS:
        codes = ", ".join(f"`{name}`" for name, key in _RECORD_KEYS.items() if table in key.tables)
        reader.report("VBM709", f"an event of {table} needs a code", at, f"a row of {table} has one of {codes}")
        return None
    for entry in mapping.entries:
        if entry.key.text in _RECORD_ONLY:
            reader.report("VBM709", f"a claim line has no `{entry.key.text}`", entry.key.span)
    if not any(entry.key.text in _CLAIM_CODES for entry in entries):
        hint = f"a claim line has one of {', '.join(_CLAIM_CODES)}; a record one of {', '.join(_RECORD_KEYS)}"
        reader.report("VBM709", "an event needs a code", at, hint)
        return None
    columns: dict[str, object] = {}
    claim = None
    for entry in entries:
        if entry.key.text == "claim":
            claim = reader.text(entry.value, "a claim id")
        elif entry.key.text in _CLAIM_DATES:
            columns[_CLAIM_DATES[entry.key.text]] = reader.date(entry.value, f"`{entry.key.text}`")
        else:
            columns |= _claim_columns(reader, entry)
    columns["claim_status"] = _status(reader, mapping) or "paid"
    return ClaimLine(dates, columns, claim)


def _claim_columns(reader: Reader, entry: Entry) -> dict[str, str]:
    name, key = entry.key.text, _CLAIM_KEYS[entry.key.text]
    nodes = reader.one_or_more(entry.value) if len(key.columns) > 1 else (entry.value,)
    if not nodes:
        reader.report("VBM701", f"`{name}` is empty", entry.key.span)
    if len(nodes) > len(key.columns):
        reader.report("VBM705", f"a claim line has at most {len(key.columns)} of `{name}`", entry.key.span)
    columns = {}
    for column, node in zip(key.columns, nodes, strict=False):
        code = reader.text(node, f"`{name}`")
        if code is not None:
            columns[column] = code
            _check_code(reader, key.systems, code, node.span)
    return columns


def _record(reader: Reader, mapping: MapNode, entry: Entry, dates: tuple[dt.date, ...]) -> Record | None:
    name, key = entry.key.text, _RECORD_KEYS[entry.key.text]
    code = reader.text(entry.value, f"`{name}`")
    table = _table(reader, mapping)
    if table is None and (mapping.get("table") is not None or key.table_needed):
        if mapping.get("table") is None:
            hint = "write `code` for a claim line, or add `table: immunization`"
            reader.report("VBM709", f"`{name}` does not say which table it is in", entry.key.span, hint)
        return None
    table = table or key.tables[0]
    if table not in key.tables:
        hint = f"`{name}` stands in {', '.join(key.tables)}"
        reader.report("VBM709", f"a row of {table} has no `{name}`", entry.key.span, hint)
        return None
    if code is None:
        return None
    _check_code(reader, (key.system,), code, entry.value.span)
    return Record(
        dates,
        table,
        key.code_type,
        code,
        _status(reader, mapping) or _USUAL_STATUS.get(table, "completed"),
        _record_columns(reader, mapping, table),
    )


_USUAL_STATUS = {
    "lab_result": "final",
    "observation": "final",
    "encounter": "finished",
    "condition": "active",
    "service_request": "active",
}


def _record_columns(reader: Reader, mapping: MapNode, table: str) -> dict[str, object]:
    """Return what the event says of a record beside its code, by contract column."""
    columns: dict[str, object] = {}
    for name, (read, column_in) in _RECORD_ONLY.items():
        entry = mapping.entry(name)
        if entry is None:
            continue
        if table in column_in:
            columns[column_in[table]] = read(reader, entry.value, f"`{name}`")
        else:
            hint = f"`{name}` stands in {', '.join(column_in)}"
            reader.report("VBM709", f"a row of {table} has no `{name}`", entry.key.span, hint)
    return columns


def _table(reader: Reader, mapping: MapNode) -> str | None:
    node = mapping.get("table")
    if node is None:
        return None
    table = reader.text(node, "a table")
    if table is not None and table not in _TABLES:
        hint = suggestion_or_list(table, _TABLES, "tables")
        reader.report("VBM709", f"no table of events is called `{table}`", node.span, hint or None)
        return None
    return table


def _status(reader: Reader, mapping: MapNode) -> str | None:
    node = mapping.get("status")
    return reader.text(node, "a status") if node is not None else None


def _check_code(reader: Reader, systems: tuple[str, ...], code: str, span: Span) -> None:
    if systems and not any(fits(system, code) or _padded(system, code) for system in systems):
        reader.report(
            "VBM713", f"`{code}` does not look like a code of {' or '.join(systems)}", span, severity=Severity.WARNING
        )


def _padded(system: str, code: str) -> bool:
    """Tell whether the code is a system's code with its leading zeros dropped, as extracts have it."""
    full = code.zfill(len("0450"))
    return system == "UBREV" and fits(system, full) and code in spellings(system, full)
