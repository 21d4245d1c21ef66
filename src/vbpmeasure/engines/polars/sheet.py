"""The code sheet: which texts in which columns make which events, as small tables of numbers.

Every condition on a row (place, modifier, provider, status, result, same claim) becomes one bit of an attribute
integer; a trigger is then two masks: the bits it needs and the bits it forbids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vbpmeasure.data.contract import TABLES, USUAL_SOURCES
from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.reach import ANY_DAY, Range
from vbpmeasure.plan.events import CLAIM_STATUSES, Dated, LineFilter, Role, SameClaim
from vbpmeasure.plan.measures import CodeSet
from vbpmeasure.terminology import systems

Condition = tuple[str, object]

# The kinds of conditions on records.
RECORD_KINDS = ("record status", "encounter class", "encounter type")


@dataclass(slots=True)
class Attributes:
    """Bits for the conditions that triggers put on rows; each distinct condition has one."""

    bits: dict[Condition, int] = field(default_factory=dict)

    def bit(self, kind: str, what: object) -> int:
        """Return the bit of a condition; ``Failure`` (VBM492) when a program has more than 63 of them."""
        known = self.bits.get((kind, what))
        if known is None:
            if len(self.bits) >= 63:
                raise Failure(
                    Diagnostic(
                        "VBM492",
                        "the selected measures put more than 63 different conditions on claim lines",
                        hint="run the measures in two runs",
                    )
                )
            known = self.bits[(kind, what)] = 1 << len(self.bits)
        return known

    def of(self, kind: str) -> Iterator[tuple[object, int]]:
        """Yield the conditions of a kind with their bits."""
        return ((what, bit) for (k, what), bit in self.bits.items() if k == kind)


@dataclass(frozen=True, slots=True)
class Entry:
    """One reading of a code: the event (or, negative, a claim mark), masks, where it applies, which day it has.

    ``days``: the first and the last day on which such an event matters to anybody.
    """

    event: int
    need: int
    forbid: int
    roles: frozenset[Role]
    tables: frozenset[str]
    cohorts: int
    dated: Dated = Dated.SERVICE
    days: Range = ANY_DAY


@dataclass(slots=True)
class Sheet:
    """``texts``: for each (family, prefix length or 0), text -> the entries it makes.

    ``unknown_provider``: for an event, the number under which rows are counted that only fail because the provider is
    unknown. ``marks``: the bit of each same-claim condition; ``mark_cohorts``: the cohorts that ask for it.
    """

    attributes: Attributes = field(default_factory=Attributes)
    texts: dict[tuple[str, int], dict[str, list[Entry]]] = field(default_factory=dict)
    unknown_provider: dict[int, int] = field(default_factory=dict)
    marks: dict[SameClaim, int] = field(default_factory=dict)
    mark_cohorts: dict[SameClaim, int] = field(default_factory=dict)

    def reading(self, key: tuple[str, int], table: str, roles: frozenset[Role]) -> dict[str, list[Entry]]:
        """Return the texts of a code column of the table with the entries that apply there."""
        kept: dict[tuple[int, ...], list[Entry]] = {}
        found = {}
        for text, entries in self.texts.get(key, {}).items():
            # The texts of a value set all make the same entries, so few different lists have to be looked through.
            alike = tuple(map(id, entries))
            if alike not in kept:
                kept[alike] = [e for e in entries if e.roles & roles and table in e.tables]
            if kept[alike]:
                found[text] = kept[alike]
        return found


_USUAL_TABLES = frozenset(USUAL_SOURCES)
_CLAIMS = frozenset({"medical_claim"})
_WITH_RESULT = frozenset({"lab_result", "observation"})
_ENCOUNTERS = frozenset({"encounter"})
_WITH_STATUS = frozenset(name for name, table in TABLES.items() if table.status_column)
_ROLES_READ = {
    Role.ANY: frozenset(Role),
    Role.DIAGNOSIS: frozenset({Role.DIAGNOSIS, Role.PRINCIPAL_DIAGNOSIS}),
    Role.PRINCIPAL_DIAGNOSIS: frozenset({Role.PRINCIPAL_DIAGNOSIS}),
}


def make_sheet(layout: Layout, value_sets: Mapping[str, CodeSet]) -> Sheet:
    """Return the code sheet of the numbered event sets of a program."""
    sheet = Sheet()
    cohorts = layout.event_cohorts
    shadow = len(layout.events)
    for event_set, number in layout.events.items():
        days = layout.days_of(event_set)
        for trigger in event_set.triggers:
            where = trigger.where
            need, forbid = _masks(sheet, where)
            for mark in (*where.same_claim, *where.not_same_claim):
                sheet.mark_cohorts[mark] = sheet.mark_cohorts.get(mark, 0) | cohorts[event_set]
            roles = _ROLES_READ[trigger.role]
            for tables, needed in _needs(sheet, where, need):
                entry = Entry(number, needed, forbid, roles, tables, cohorts[event_set], where.dated, days)
                _add(sheet, trigger.value_sets, value_sets, entry)
            if where.provider_in and not where.unknown_provider:
                if number not in sheet.unknown_provider:
                    sheet.unknown_provider[number] = shadow
                    shadow += 1
                unknown_need = need & ~sheet.attributes.bit("provider", where.provider_in)
                unknown_need |= sheet.attributes.bit("provider unknown", None)
                claims = _tables_of(where) & _CLAIMS
                shadowed, bits = sheet.unknown_provider[number], cohorts[event_set]
                unknown = Entry(shadowed, unknown_need, forbid, roles, claims, bits, where.dated, days)
                _add(sheet, trigger.value_sets, value_sets, unknown)
    for mark, bit in sheet.marks.items():
        _add(
            sheet,
            mark.value_sets,
            value_sets,
            Entry(-1, bit, 0, _ROLES_READ[mark.role], _CLAIMS, sheet.mark_cohorts[mark]),
        )
    return sheet


def _masks(sheet: Sheet, where: LineFilter) -> tuple[int, int]:
    bit = sheet.attributes.bit
    need = forbid = 0
    if where.place_in:
        need |= bit("place", where.place_in)
    if where.place_not_in:
        forbid |= bit("place", where.place_not_in)
    if where.modifier_in:
        need |= bit("modifier", where.modifier_in)
    if where.modifier_not_in:
        forbid |= bit("modifier", where.modifier_not_in)
    if where.provider_in:
        need |= bit("provider or unknown" if where.unknown_provider else "provider", where.provider_in)
    if where.provider_not_in:
        forbid |= bit("provider barred", where.provider_not_in)
    if where.teeth:
        need |= bit("tooth", where.teeth)
    if where.result is not None:
        need |= bit("result", where.result)
    for status in CLAIM_STATUSES:
        if status not in where.statuses:
            forbid |= bit("status", status)
    for same in where.same_claim:
        need |= _mark(sheet, same)
    for same in where.not_same_claim:
        forbid |= _mark(sheet, same)
    return need, forbid


def _tables_of(where: LineFilter) -> frozenset[str]:
    """Return the tables whose rows can meet the filter."""
    tables = frozenset(where.sources) or _USUAL_TABLES
    tables = tables & _ENCOUNTERS if where.encounter_classes or where.encounter_types else tables
    tables = tables & _CLAIMS if where.teeth else tables
    return tables & _WITH_RESULT if where.result is not None else tables


def _needs(sheet: Sheet, where: LineFilter, need: int) -> Iterator[tuple[frozenset[str], int]]:
    """Yield tables with the bits that their rows need: those of records have conditions that claims know nothing of."""
    tables = _tables_of(where)
    of_records = need
    asked = (where.record_statuses, where.encounter_classes, where.encounter_types)
    for kind, texts in zip(RECORD_KINDS, asked, strict=True):
        if texts:
            of_records |= sheet.attributes.bit(kind, texts)
    if of_records == need:
        yield tables, need
        return
    yield tables - _WITH_STATUS, need
    yield tables & _WITH_STATUS, of_records


def _mark(sheet: Sheet, same: SameClaim) -> int:
    return sheet.marks.setdefault(same, sheet.attributes.bit("claim", same))


def _add(sheet: Sheet, names: tuple[str, ...], value_sets: Mapping[str, CodeSet], entry: Entry) -> None:
    for name in names:
        for system, codes in value_sets[name].codes.items():
            family = systems.family_of(system)
            prefixes = systems.SYSTEMS[system].is_prefix
            for code in codes:
                for text in systems.spellings(system, code):
                    key = (family, len(text) if prefixes else 0)
                    entries = sheet.texts.setdefault(key, {}).setdefault(text, [])
                    if entry not in entries:
                        entries.append(entry)
