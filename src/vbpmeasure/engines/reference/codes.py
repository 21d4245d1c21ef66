"""The codes on a row, by column and code system, and their matching with value sets (semantics page, section 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from vbpmeasure.data.contract import DIAGNOSIS_COLUMNS, PROCEDURE_COLUMNS, TABLES
from vbpmeasure.engines.reference.cells import Row, as_day, as_text
from vbpmeasure.plan.measures import CodeSet
from vbpmeasure.terminology.systems import SYSTEMS, family_of, spellings, system_of_type

CodeSets = Mapping[str, CodeSet]

PLAIN_CLAIM_COLUMNS = (
    ("hcpcs_code", "HCPCS"),
    ("revenue_center_code", "UBREV"),
    ("bill_type_code", "UBTOB_PREFIX"),
    ("discharge_disposition_code", "UBDISP"),
)


@lru_cache(maxsize=4096)
def texts(code_set: CodeSet, system: str) -> frozenset[str]:
    """Return every text that means a code of the set in that system: all spellings of all its codes."""
    return frozenset(text for code in code_set.codes.get(system, ()) for text in spellings(system, code))


@cache
def relatives(system: str) -> list[str]:
    """Return the code systems of the same family, such as CPT, HCPCS, CDT and CDT_PREFIX for each of them."""
    return [name for name in SYSTEMS if family_of(name) == family_of(system)]


def matches(system: str, code: str, code_set: CodeSet) -> bool:
    """Tell whether a code of the data, in that system, is in the value set.

    All systems of one family are tried; in a prefix system the code begins with one of the codes of the set.
    """
    for relative in relatives(system):
        if SYSTEMS[relative].is_prefix:
            if any(code.startswith(prefix) for prefix in texts(code_set, relative)):
                return True
        elif code in texts(code_set, relative):
            return True
    return False


def any_match(system: str, codes: Iterable[str], names: Iterable[str], sets: CodeSets) -> bool:
    """Tell whether one of the codes is in one of the named value sets."""
    return any(matches(system, code, sets[name]) for code in codes for name in names)


@dataclass(frozen=True, slots=True)
class CodeOnRow:
    """One code of a row: its column, its code system, its text, and a date of its own (procedures of claims)."""

    column: str
    system: str
    text: str
    day: dt.date | None = None
    is_diagnosis: bool = False

    def in_any(self, names: Iterable[str], sets: CodeSets) -> bool:
        """Tell whether the code is in one of the named value sets."""
        return any_match(self.system, (self.text,), names, sets)


def _system(type_cell: object, default: str | None) -> str | None:
    """Return the code system that a type cell names; the default when it is null; None when it is unknown."""
    type_text = as_text(type_cell)
    return default if type_text is None else system_of_type(type_text)


def _claim_codes(row: Row) -> Iterator[CodeOnRow]:
    for column, system in PLAIN_CLAIM_COLUMNS:
        text = as_text(row.get(column))
        if text is not None:
            yield CodeOnRow(column, system, text)

    diagnosis_system = _system(row.get("diagnosis_code_type"), "ICD10CM")
    for column in DIAGNOSIS_COLUMNS:
        text = as_text(row.get(column))
        if text is not None and diagnosis_system is not None:
            yield CodeOnRow(column, diagnosis_system, text, is_diagnosis=True)

    procedure_system = _system(row.get("procedure_code_type"), "ICD10PCS")
    for number, column in enumerate(PROCEDURE_COLUMNS, start=1):
        text = as_text(row.get(column))
        if text is not None and procedure_system is not None:
            yield CodeOnRow(column, procedure_system, text, day=as_day(row.get(f"procedure_date_{number}")))


def _record_codes(table: str, row: Row) -> Iterator[CodeOnRow]:
    for pair in TABLES[table].code_pairs:
        text = as_text(row.get(pair.code_column))
        system = _system(row.get(pair.type_column), pair.default_system)
        if text is not None and system is not None:
            yield CodeOnRow(pair.code_column, system, text)


def codes_on_row(table: str, row: Row) -> list[CodeOnRow]:
    """Return every code of a row whose code system is known."""
    return list(_claim_codes(row) if table == "medical_claim" else _record_codes(table, row))
