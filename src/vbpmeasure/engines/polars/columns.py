"""Where the codes of a table stand: one reading a code column, with its code families, role, type column and date."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from vbpmeasure.data.contract import DIAGNOSIS_COLUMNS, PROCEDURE_COLUMNS, TABLES
from vbpmeasure.engines.polars.days import DAY
from vbpmeasure.engines.polars.literals import BITS
from vbpmeasure.engines.polars.lookup import BitsOfNumbers, is_one_of, number_of
from vbpmeasure.engines.polars.sheet import Entry, Sheet
from vbpmeasure.plan.events import Dated, Role
from vbpmeasure.terminology import systems

_DATED = tuple(Dated)


class Texts:
    """The texts looked for in a code column, with the code family and the entries that each makes.

    Made once for all columns that are read alike. ``asking``: the bits of the cohorts that ask for each text as an
    event; ``marking``: of those that ask for it as a mark of its claim; ``marks``: the bits of these marks by family.
    ``order`` keeps texts that the same cohorts ask
    for together, so that a range of numbers tells the cohorts. ``listed`` and ``numbers`` hold them for Polars.
    """

    __slots__ = (
        "_alike",
        "_group",
        "_marks",
        "_tables",
        "asking",
        "asking_bits",
        "entries",
        "listed",
        "marking",
        "marking_bits",
        "marks",
        "numbers",
        "order",
    )

    def __init__(self, entries: dict[str, list[tuple[str, Entry]]]) -> None:
        """Take the entries by text."""
        self.entries = entries
        self.asking: dict[str, int] = {}
        self.marking: dict[str, int] = {}
        self.marks: dict[str, dict[str, int]] = {}
        # The texts of a value set make the same entries: each group of texts is looked at once.
        self._alike: list[list[tuple[str, Entry]]] = []
        self._group: dict[str, int] = {}
        summed: list[tuple[int, int, dict[str, int]]] = []
        known: dict[tuple[tuple[str, int], ...], int] = {}
        for text, found in entries.items():
            alike = tuple((family, id(entry)) for family, entry in found)
            if alike not in known:
                known[alike] = len(summed)
                summed.append(_summed(found))
                self._alike.append(found)
            group = self._group[text] = known[alike]
            self.asking[text], self.marking[text], self.marks[text] = summed[group]
        self.order = tuple(sorted(entries, key=lambda text: (self.asking[text], self.marking[text], text)))
        self.listed = pl.lit(pl.Series(self.order, dtype=pl.String).implode())
        self.numbers = pl.Enum(self.order)
        self._tables: dict[bool, pl.LazyFrame] = {}
        self.asking_bits = BitsOfNumbers(self.asking[text] for text in self.order)
        self.marking_bits = BitsOfNumbers(self.marking[text] for text in self.order)
        self._marks: dict[str, BitsOfNumbers] = {}

    def marks_of(self, family: str) -> BitsOfNumbers:
        """Return the bits of the claim marks that each text makes in a code family."""
        if family not in self._marks:
            self._marks[family] = BitsOfNumbers(self.marks[text].get(family, 0) for text in self.order)
        return self._marks[family]

    def table(self, marks: bool) -> pl.LazyFrame:
        """Return the entries of marks or of events, one row per text (number) and entry."""
        if marks not in self._tables:
            made = [
                (group, family, entry)
                for group, found in enumerate(self._alike)
                for family, entry in found
                if (entry.event < 0) == marks
            ]
            entries = pl.DataFrame(
                {
                    "group": pl.Series([g for g, _, _ in made], dtype=pl.UInt32),
                    "family": pl.Series([f for _, f, _ in made], dtype=pl.String),
                    "event": pl.Series([max(e.event, 0) for _, _, e in made], dtype=pl.UInt16),
                    "need": pl.Series([e.need for _, _, e in made], dtype=BITS),
                    "forbid": pl.Series([e.forbid for _, _, e in made], dtype=BITS),
                    "wanted": pl.Series([e.cohorts for _, _, e in made], dtype=BITS),
                    "first": pl.Series([e.days[0] for _, _, e in made], dtype=DAY),
                    "last": pl.Series([e.days[1] for _, _, e in made], dtype=DAY),
                    "dated": pl.Series([_DATED.index(e.dated) for _, _, e in made], dtype=pl.UInt8),
                }
            )
            groups = pl.Series("group", [self._group[text] for text in self.order], dtype=pl.UInt32)
            numbers = groups.to_frame().with_row_index("number")
            self._tables[marks] = numbers.join(entries, on="group", maintain_order="left_right").drop("group").lazy()
        return self._tables[marks]


def _summed(found: Iterable[tuple[str, Entry]]) -> tuple[int, int, dict[str, int]]:
    asking = marking = 0
    marks: dict[str, int] = {}
    for family, entry in found:
        if entry.event >= 0:
            asking |= entry.cohorts
        else:
            marking |= entry.cohorts
            marks[family] = marks.get(family, 0) | entry.need
    return asking, marking, marks


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
    texts: Texts
    default: str | None
    type_column: str | None = None
    date_column: str | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """The texts in their fixed order: the position of a text is the number that stands for it."""
        return self.texts.order

    @property
    def matches(self) -> pl.Expr:
        """True where the column holds one of the texts (null where it is null)."""
        return is_one_of(self._shown, self.order, self.texts.listed)

    @property
    def number(self) -> pl.Expr:
        """The position of the text in ``order``, null where there is none."""
        return number_of(self._shown, self.texts.numbers)

    def wanted(self, number: pl.Expr) -> pl.Expr:
        """Return the bits of the cohorts that ask for the text of a number as an event (0 for null)."""
        return self.texts.asking_bits.of(number)

    def marked(self, number: pl.Expr) -> pl.Expr | None:
        """Return the bits of the cohorts that ask for the text of a number as a claim mark; None when none does."""
        if not any(self.texts.marking.values()):
            return None
        return self.texts.marking_bits.of(number)

    def marks(self, number: pl.Expr) -> pl.Expr:
        """Return the bits of the claim marks of a number (0 for null), in a column of one code family."""
        return self.texts.marks_of(self.default or "").of(number)

    @property
    def _shown(self) -> pl.Expr:
        column = pl.col(self.column).cast(pl.String)
        return column.str.slice(0, self.length) if self.length else column


def readings(table: str, present: Collection[str], sheet: Sheet) -> list[Reading]:
    """Return the readings of a table that can make an event or a claim mark; empty when it has none."""
    found = []
    lengths = sorted({length for _, length in sheet.texts})
    known: dict[tuple[tuple[str, ...], Role, int], Texts] = {}
    for column, families, role, default, type_column, date_column in _code_columns(table, present):
        for length in lengths:
            alike = (families, role, length)
            if alike not in known:
                known[alike] = _texts(table, families, role, length, sheet)
            if known[alike].entries:
                found.append(Reading(column, length, known[alike], default, type_column, date_column))
    return found


def _texts(table: str, families: tuple[str, ...], role: Role, length: int, sheet: Sheet) -> Texts:
    entries: dict[str, list[tuple[str, Entry]]] = {}
    for family in families:
        for text, found in sheet.reading((family, length), table, frozenset({role})).items():
            entries.setdefault(text, []).extend((family, entry) for entry in found)
    return Texts(entries)


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
