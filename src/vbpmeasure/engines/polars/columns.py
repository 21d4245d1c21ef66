"""Where the codes of a table stand: one reading a code column, with its code families, role, type column and date."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import polars as pl

from vbpmeasure.data.contract import DIAGNOSIS_COLUMNS, PROCEDURE_COLUMNS, TABLES
from vbpmeasure.engines.polars.lookup import bits_by_number, number_of
from vbpmeasure.engines.polars.sheet import Entry, Sheet
from vbpmeasure.plan.events import Role
from vbpmeasure.terminology import systems


@dataclass(frozen=True, slots=True)
class Reading:
    """One code column, read once.

    ``texts``: the texts looked for, with the code family and the entries that each makes. ``length``: compare only so
    many leading characters (0: the whole text). ``type_column``: the column that names the code system of each row
    (None: there is none), ``default`` the family where it is null. ``date_column``: a date of the code's own, before
    the row's date.
    """

    column: str
    length: int
    texts: dict[str, list[tuple[str, Entry]]]
    default: str | None
    type_column: str | None = None
    date_column: str | None = None
    order: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        """Fix the order of the texts: their position is the number that stands for them.

        Texts that the same cohorts ask for stand together, so that a range of numbers tells the cohorts.
        """
        object.__setattr__(self, "order", tuple(sorted(self.texts, key=lambda text: (self._asking(text), text))))

    @property
    def matches(self) -> pl.Expr:
        """True where the column holds one of the texts (null where it is null)."""
        return self._shown.is_in(list(self.order))

    @property
    def number(self) -> pl.Expr:
        """The position of the text in ``order``, null where there is none."""
        return number_of(self._shown, self.order)

    def wanted(self, number: pl.Expr) -> pl.Expr:
        """Return the bits of the cohorts that ask for the text of a number (0 for null)."""
        return bits_by_number(number, self.order, self._asking)

    def _asking(self, text: str) -> int:
        bits = 0
        for _, entry in self.texts[text]:
            bits |= entry.cohorts
        return bits

    @property
    def _shown(self) -> pl.Expr:
        column = pl.col(self.column).cast(pl.String)
        return column.str.slice(0, self.length) if self.length else column


def readings(table: str, present: Collection[str], sheet: Sheet) -> list[Reading]:
    """Return the readings of a table that can make an event or a claim mark; empty when it has none."""
    found = []
    for column, families, role, default, type_column, date_column in _code_columns(table, present):
        for length in sorted({length for _, length in sheet.texts}):
            texts: dict[str, list[tuple[str, Entry]]] = {}
            for family in families:
                for text, entries in sheet.reading((family, length), table, frozenset({role})).items():
                    texts.setdefault(text, []).extend((family, entry) for entry in entries)
            if texts:
                found.append(Reading(column, length, texts, default, type_column, date_column))
    return found


# column, families it can hold, role, family where the type is null, type column, own date column
_Place = tuple[str, tuple[str, ...], Role, str | None, str | None, str | None]

_FAMILIES = tuple(sorted({systems.family_of(s) for s in systems.SYSTEMS}))


def _code_columns(table: str, present: Collection[str]) -> Iterator[_Place]:
    if table == "medical_claim":
        yield from _claim_columns(present)
        return
    role = Role.DIAGNOSIS if table == "condition" else Role.ANY
    for pair in TABLES[table].code_pairs:
        if pair.code_column not in present:
            continue
        default = systems.family_of(pair.default_system) if pair.default_system else None
        if pair.type_column in present:
            yield (pair.code_column, _FAMILIES, role, default, pair.type_column, None)
        elif default:
            yield (pair.code_column, (default,), role, default, None, None)


def _claim_columns(present: Collection[str]) -> Iterator[_Place]:
    def own(column: str, system: str, role: Role = Role.ANY, types: str = "", date: str = "") -> _Place:
        family = systems.family_of(system)
        typed = types in present
        # A type column may name any code system; without one the column holds what the contract says.
        families = _FAMILIES if typed else (family,)
        return (column, families, role, family, types if typed else None, date if date in present else None)

    places = [
        own("hcpcs_code", "HCPCS"),
        own("revenue_center_code", "UBREV"),
        own("bill_type_code", "UBTOB_PREFIX"),
        own("discharge_disposition_code", "UBDISP"),
    ]
    for i, column in enumerate(DIAGNOSIS_COLUMNS):
        role = Role.DIAGNOSIS if i else Role.PRINCIPAL_DIAGNOSIS
        places.append(own(column, "ICD10CM", role, types="diagnosis_code_type"))
    for i, column in enumerate(PROCEDURE_COLUMNS, start=1):
        places.append(own(column, "ICD10PCS", types="procedure_code_type", date=f"procedure_date_{i}"))
    yield from (p for p in places if p[0] in present)
