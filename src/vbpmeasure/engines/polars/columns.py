"""Where the codes of a table stand: one reading a code column, with its code family, role, date and condition."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import polars as pl

from vbpmeasure.data.contract import DIAGNOSIS_COLUMNS, PROCEDURE_COLUMNS, TABLES, CodePair
from vbpmeasure.engines.polars.sheet import Entry, Sheet
from vbpmeasure.plan.events import Role
from vbpmeasure.terminology import systems


@dataclass(frozen=True, slots=True)
class Reading:
    """One code column read for one code family.

    ``texts``: the texts looked for, with the entries that each makes. ``length``: compare only so many leading
    characters (0: the whole text). ``type_column``: the column that must name the family (None: no such column), with
    ``default`` the verdict when it is null. ``date_column``: a date of the code's own, before the row's date.
    """

    column: str
    length: int
    texts: dict[str, list[Entry]]
    family: str
    type_column: str | None = None
    default: bool = True
    date_column: str | None = None
    order: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        """Fix the order of the texts: their position is the number that stands for them."""
        object.__setattr__(self, "order", tuple(sorted(self.texts)))

    @property
    def shown(self) -> pl.Expr:
        """The part of the column that is compared."""
        column = pl.col(self.column).cast(pl.String)
        return column.str.slice(0, self.length) if self.length else column

    @property
    def matches(self) -> pl.Expr:
        """True where the column holds one of the texts (null where it is null)."""
        return self.shown.is_in(list(self.order))

    @property
    def number(self) -> pl.Expr:
        """The position of the text in ``order``; null where there is none or the type names another family."""
        position = self.shown.cast(pl.Enum(self.order), strict=False).to_physical().cast(pl.UInt32)
        if self.type_column is None:
            return position
        named = normal_type(pl.col(self.type_column)).is_in(type_spellings(self.family))
        return pl.when(named.fill_null(self.default)).then(position)


def normal_type(column: pl.Expr) -> pl.Expr:
    """Return the text of a code type as `terminology.systems.normal_type` writes it."""
    return column.cast(pl.String).str.to_lowercase().str.replace_all(r"[^a-z0-9]", "")


def type_spellings(family: str) -> list[str]:
    """Return the normal texts that name a system of the family."""
    return sorted(t for t, system in systems.TYPE_SPELLINGS.items() if systems.family_of(system) == family)


def readings(table: str, present: Collection[str], sheet: Sheet) -> list[Reading]:
    """Return the readings of a table that can make an event or a claim mark; empty when it has none."""
    found = []
    for column, family, role, type_column, default, date_column in _code_columns(table, present):
        for (of_family, length), _ in sorted(sheet.texts.items()):
            if of_family != family:
                continue
            texts = sheet.reading((family, length), table, frozenset({role}))
            if texts:
                found.append(Reading(column, length, texts, family, type_column, default, date_column))
    return found


_Place = tuple[str, str, Role, str | None, bool, str | None]


def _code_columns(table: str, present: Collection[str]) -> Iterator[_Place]:
    if table != "medical_claim":
        for pair in TABLES[table].code_pairs:
            if pair.code_column in present:
                yield from _pair(table, pair, present)
        return

    def own(column: str, system: str, role: Role = Role.ANY, types: str = "", date: str | None = None) -> _Place:
        return (column, systems.family_of(system), role, types if types in present else None, True, date)

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
        date = f"procedure_date_{i}"
        places.append(own(column, "ICD10PCS", types="procedure_code_type", date=date if date in present else None))
    yield from (p for p in places if p[0] in present)


def _pair(table: str, pair: CodePair, present: Collection[str]) -> Iterator[_Place]:
    role = Role.DIAGNOSIS if table == "condition" else Role.ANY
    default = systems.family_of(pair.default_system) if pair.default_system else None
    for family in sorted({systems.family_of(s) for s in systems.SYSTEMS}):
        if pair.type_column in present:
            yield (pair.code_column, family, role, pair.type_column, family == default, None)
        elif family == default:
            yield (pair.code_column, family, role, None, True, None)
