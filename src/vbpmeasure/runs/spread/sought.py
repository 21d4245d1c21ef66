"""What Spark itself says of the tables that only it reads: which rows have no text that is looked for.

To hand a row to Python costs more than all that is done to it there. The condition is one of SQL, and wide: true for
every row that `needed_rows` keeps, and for others. What is kept is decided there, after it: a dialect of SQL cannot
change a result. Codes are compared as they stand, in each spelling that is looked for; a text that equals one of these
has its leading characters too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from vbpmeasure.data.contract import TABLES, Kind
from vbpmeasure.data.types import FALSE_TEXTS, TRUE_TEXTS
from vbpmeasure.engines.polars.columns import Reading

# A condition of so many literals is read and planned within a second; many texts are told by their first characters.
_MOST_LITERALS = 20_000
# What means itself between quotes in every dialect. A code list with any other text leaves no row behind.
_PLAIN = re.compile(r"[A-Za-z0-9 .:/_-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sought:
    """The texts looked for in a column; only so many leading characters are compared (0: the whole text)."""

    column: str
    length: int
    texts: tuple[str, ...]

    @classmethod
    def by(cls, reading: Reading) -> Sought:
        """Return what a reading looks for."""
        return cls(reading.column, reading.length, reading.order)


def condition(sought: Sequence[Sought], names: Mapping[str, str]) -> str | None:
    """Return a condition of SQL that is true for all rows with one of the texts; None when there is no such condition.

    ``names``: what SQL calls each column, quoted. Null where all columns are null, as Spark and DuckDB filter by it.
    """
    if not sought:
        return "false"
    if any(not _PLAIN.fullmatch(text) for one in sought for text in one.texts):
        return None
    most = _MOST_LITERALS // len(sought)
    known: dict[tuple[tuple[str, ...], int], tuple[int, str]] = {}
    parts = []
    for one in sought:
        alike = (one.texts, one.length)
        if alike not in known:
            length, heads = _heads(one, most)
            known[alike] = length, ", ".join(f"'{head}'" for head in heads)
        length, listed = known[alike]
        column = names[one.column]
        parts.append(f"{f'substring({column}, 1, {length})' if length else column} IN ({listed})")
    return " OR ".join(parts)


def _heads(one: Sought, most: int) -> tuple[int, list[str]]:
    """Return the leading characters of the texts, as many as there may be different ones, and how many these are."""
    longest = one.length or max(map(len, one.texts))
    if len(one.texts) <= most:
        return one.length, sorted(one.texts)
    heads = set(one.texts)
    for length in range(longest - 1, 0, -1):
        heads = {text[:length] for text in heads}
        if len(heads) <= most:
            return length, sorted(heads)
    return 1, sorted(heads)


def doubtful(names: Mapping[str, str], types: Mapping[str, pl.DataType]) -> str:
    """Return a condition of SQL on rows of eligibility that is true for all that `bad_rows` counts, and for others.

    ``names``: what SQL calls each column, quoted; ``types``: of the columns as SQL has them.
    """
    start, end = (f"CAST({names[f'enrollment_{side}_date']} AS DATE)" for side in ("start", "end"))
    missing = [f"{names[column]} IS NULL" for column in ("person_id", "birth_date")]
    odd = [
        f"coalesce({names[column.name]} NOT IN ({known}), false)"
        for column in TABLES["eligibility"].columns
        if column.kind is Kind.FLAG and column.name in names
        for known in [_known_flags(types[column.name])]
        if known is not None
    ]
    return " OR ".join([*missing, f"{start} IS NULL", f"coalesce({end} < {start}, false)", *odd])


def _known_flags(dtype: pl.DataType) -> str | None:
    """Return the values of a flag that surely mean yes, no or nothing; None when a column can hold no others."""
    if dtype == pl.Boolean():
        return None
    if dtype.is_numeric():
        return "0, 1"
    texts = [way(text) for text in (*TRUE_TEXTS, *FALSE_TEXTS) for way in (str.lower, str.upper, str.capitalize)]
    return ", ".join(f"'{text}'" for text in dict.fromkeys([*texts, ""]))
