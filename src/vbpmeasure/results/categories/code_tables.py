"""The CSV files beside category systems: codes to categories, spellings of languages to base languages."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.spec.numbers import whole_number
from vbpmeasure.spec.tree import read_text

# The input system of base languages.
ISO639 = "ISO639"

# All codes of CDC race and ethnicity, a hundred times over.
MOST_CODES = 100_000
_LAST = 9_999  # its codes have four digits before the dash


@dataclass(frozen=True, slots=True)
class CodeTarget:
    """What one input code stands for: a category of the system, an ethnicity, or both."""

    category: str | None
    ethnicity: str | None = None


def normalize_code(text: str) -> str:
    """Return the form in which input codes are compared: no case, no outer or doubled spaces, no underscores."""
    return " ".join(text.replace("_", " ").casefold().split())


def read_codes(
    paths: Iterable[Path], categories: Sequence[str], prefer: Sequence[str] = (), only: str | None = None
) -> tuple[dict[str, CodeTarget], frozenset[str]]:
    """Return the code table, and the codes that input systems read differently and ``prefer`` does not settle.

    Of several files a later one replaces the rows of the same input system and code in an earlier one: that is how a
    standard says only what it does differently. ``only`` reads the rows of one input system.
    Raises `Failure` (VBM270) for a table that cannot be used.
    """
    by_code: dict[str, dict[str, tuple[CodeTarget, Path]]] = {}
    number = 0
    for path in paths:
        for row in read_rows(path, ("system", "code", "category")):
            target = CodeTarget(row["category"] or None, row.get("ethnicity") or None)
            if target.category is None and target.ethnicity is None:
                raise unusable(path, "a row has neither a category nor an ethnicity")
            for code in _expand(path, row["code"]) if only in (None, row["system"]) else ():
                number += 1
                if number > MOST_CODES:
                    raise unusable(path, f"it stands for more than {MOST_CODES:,} codes")
                by_code.setdefault(normalize_code(code), {})[row["system"]] = (target, path)
    codes: dict[str, CodeTarget] = {}
    ambiguous = set()
    for code, found in by_code.items():
        for target, path in found.values():
            if target.category is not None and target.category not in categories:
                raise unusable(path, "a row names a category that the system does not list")
        targets = {system: target for system, (target, _) in found.items()}
        chosen = next((targets[system] for system in prefer if system in targets), None)
        if chosen is not None or len(set(targets.values())) == 1:
            codes[code] = chosen or next(iter(targets.values()))
        else:
            ambiguous.add(code)
    return codes, frozenset(ambiguous)


def read_languages(path: Path) -> dict[str, str]:
    """Return spelling (normalized) to base language. Raises `Failure` (VBM270)."""
    return {normalize_code(row["code"]): row["base"] for row in read_rows(path, ("code", "base"))}


def read_rows(path: Path, needed: tuple[str, ...]) -> list[Mapping[str, str]]:
    """Return the rows of a CSV file with a header, texts stripped. Raises `Failure` (VBM270)."""
    reader = csv.DictReader(io.StringIO(read_text(path)), restkey="", restval="", strict=True)
    try:
        rows = list(reader)
    except csv.Error:
        raise unusable(path, "the table is not well-formed CSV") from None
    missing = [column for column in needed if column not in (reader.fieldnames or ())]
    if missing:
        raise unusable(path, f"the table has no column `{missing[0]}`")
    if any("" in row for row in rows):
        raise unusable(path, "a row has more fields than the header")
    return [{key: value.strip() for key, value in row.items()} for row in rows]


def unusable(path: Path, why: str) -> Failure:
    """Return the failure of a category system or one of its tables."""
    return Failure(
        Diagnostic(
            "VBM270", f"the category system cannot be used: {why}", where=str(path), hint="see measures/crosswalks"
        )
    )


def _expand(path: Path, code: str) -> Iterator[str]:
    """Yield the codes of a row: itself, or for ``2028..2053`` every CDCREC code of that range.

    The codes of the CDC race and ethnicity system are a number, a dash and its Luhn check digit; details
    are numbered after their OMB parent, so a parent with all its details is one range.
    """
    first, dots, last = code.partition("..")
    if not dots:
        yield code
        return
    low, high = whole_number(first, _LAST), whole_number(last, _LAST)
    if low is None or high is None:
        raise unusable(path, "a range of codes is written as `2028..2053`")
    for number in range(low, high + 1):
        yield f"{number}-{_luhn(number)}"


def _luhn(number: int) -> int:
    total = 0
    for position, digit in enumerate(reversed(str(number))):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10
