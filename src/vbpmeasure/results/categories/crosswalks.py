"""Category systems: the data files that say which stratum a raw attribute value belongs to.

A system is a YAML file (categories, roll-up policy) with a CSV of codes beside it. A new standard is a new pair
of files; no Python changes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.spec.tree import read_text, read_yaml

WHEN_SEVERAL = ("combine", "precedence", "first")
OTHER_POLICIES = ("ignore", "count")


@dataclass(frozen=True, slots=True)
class CodeTarget:
    """What one input code stands for: a category of the system, an ethnicity, or both."""

    category: str | None
    ethnicity: str | None = None


@dataclass(frozen=True, slots=True)
class CategorySystem:
    """One way to sort raw values of an attribute into strata.

    ``categories`` is the order of the strata; ``declined`` and ``unknown`` name the two that are no answer.
    ``codes`` maps a normalized input code to its target, ``ambiguous`` holds codes that two input systems
    read differently; ``languages`` maps spellings of a language to a base language, itself looked up in ``codes``
    (``rest`` for a known language without a row). ``bands`` are for ages: (first age, last age or None).
    """

    id: str
    dimension: str
    title: str
    column: str | None
    categories: tuple[str, ...]
    unknown: str
    declined: str | None = None
    when_several: str = "first"
    several: str | None = None
    other: str | None = None
    other_policy: str = "ignore"
    fill_from: str | None = None
    rest: str | None = None
    codes: Mapping[str, CodeTarget] = field(default_factory=dict)
    ambiguous: frozenset[str] = frozenset()
    languages: Mapping[str, str] = field(default_factory=dict)
    bands: tuple[tuple[int, int | None], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The eligibility columns that the roll-up reads."""
        return tuple(c for c in (self.column, self.fill_from) if c is not None)


def normalize_code(text: str) -> str:
    """Return the form in which input codes are compared: no case, no outer or doubled spaces, no underscores."""
    return " ".join(text.replace("_", " ").casefold().split())


def load_category_systems(folders: Iterable[Path], prefer: Sequence[str] = ()) -> dict[str, CategorySystem]:
    """Read every ``*.yaml`` of the folders; one system per dimension, a later folder replaces an earlier one's.

    ``prefer`` names input code systems (such as ``NYS``) in the order in which they decide a code that several
    of them read differently; without it such a code counts as unknown. Raises `Failure`: VBM270 for a
    system that cannot be used, and the YAML codes of `read_yaml`.
    """
    systems: dict[str, CategorySystem] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            system = load_category_system(path, prefer)
            systems[system.dimension] = system
    return systems


def load_category_system(path: Path, prefer: Sequence[str] = ()) -> CategorySystem:
    """Read one category system and its code table. Raises `Failure` (VBM270) when it cannot be used."""
    plain = read_yaml(path).to_plain()
    if not isinstance(plain, dict):
        raise _unusable(path, "a category system is a mapping")
    reader = _Reader(path, plain)
    if "bands" in plain:
        return _age_system(reader)
    categories = reader.texts("categories")
    system = CategorySystem(
        id=reader.text("id"),
        dimension=reader.text("dimension"),
        title=reader.text("title"),
        column=reader.text("column"),
        categories=categories,
        unknown=reader.category("unknown", categories) or reader.missing("unknown"),
        declined=reader.category("declined", categories),
        when_several=reader.choice("when_several", WHEN_SEVERAL, "first"),
        several=reader.category("several", categories),
        other=reader.category("other", categories),
        other_policy=reader.choice("other_policy", OTHER_POLICIES, "ignore"),
        fill_from=reader.optional("fill_from"),
        rest=reader.category("rest", categories),
        languages=_read_languages(path.parent / reader.text("languages")) if "languages" in plain else {},
    )
    if system.when_several == "combine" and system.several is None:
        raise _unusable(path, "`when_several: combine` needs `several`, the category of two or more")
    codes, ambiguous = _read_codes(path.parent / reader.text("codes"), categories, prefer)
    return _with_codes(system, codes, ambiguous)


def _with_codes(system: CategorySystem, codes: dict[str, CodeTarget], ambiguous: frozenset[str]) -> CategorySystem:
    return replace(system, codes=codes, ambiguous=ambiguous)


def _age_system(reader: _Reader) -> CategorySystem:
    labels = reader.texts("bands")
    return CategorySystem(
        id=reader.text("id"),
        dimension=reader.text("dimension"),
        title=reader.text("title"),
        column=None,
        categories=labels,
        unknown="Unknown",
        bands=tuple(_band(reader.path, label) for label in labels),
    )


def _band(path: Path, label: str) -> tuple[int, int | None]:
    """Return the ages of a band written as ``<1``, ``1-2``, ``3`` or ``22+`` (completed years)."""
    text = label.strip()
    first, dash, last = text.partition("-")
    if text.startswith("<") and text[1:].isdigit() and int(text[1:]) > 0:
        return 0, int(text[1:]) - 1
    if text.endswith("+") and text[:-1].isdigit():
        return int(text[:-1]), None
    if dash and first.isdigit() and last.isdigit() and int(first) <= int(last):
        return int(first), int(last)
    if text.isdigit():
        return int(text), int(text)
    raise _unusable(path, "an age band is written as `<1`, `1-2`, `3` or `22+`")


def _read_codes(
    path: Path, categories: tuple[str, ...], prefer: Sequence[str]
) -> tuple[dict[str, CodeTarget], frozenset[str]]:
    """Return the code table, and the codes that input systems read differently and ``prefer`` does not settle."""
    by_code: dict[str, dict[str, CodeTarget]] = {}
    for row in _read_csv(path, ("system", "code", "category")):
        target = CodeTarget(row["category"] or None, row.get("ethnicity") or None)
        if target.category is not None and target.category not in categories:
            raise _unusable(path, "a row names a category that the system does not list")
        if target.category is None and target.ethnicity is None:
            raise _unusable(path, "a row has neither a category nor an ethnicity")
        for code in _expand(row["code"]):
            by_code.setdefault(normalize_code(code), {})[row["system"]] = target
    codes: dict[str, CodeTarget] = {}
    ambiguous = set()
    for code, targets in by_code.items():
        chosen = next((targets[system] for system in prefer if system in targets), None)
        if chosen is not None or len(set(targets.values())) == 1:
            codes[code] = chosen or next(iter(targets.values()))
        else:
            ambiguous.add(code)
    return codes, frozenset(ambiguous)


def _expand(code: str) -> Iterable[str]:
    """Yield the codes of a row: itself, or for ``2028..2053`` every CDCREC code of that range.

    The codes of the CDC race and ethnicity system are a number, a dash and its Luhn check digit; details
    are numbered after their OMB parent, so a parent with all its details is one range.
    """
    first, dots, last = code.partition("..")
    if not dots:
        yield code
        return
    for number in range(int(first), int(last) + 1):
        yield f"{number}-{_luhn(number)}"


def _luhn(number: int) -> int:
    total = 0
    for position, digit in enumerate(reversed(str(number))):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def _read_languages(path: Path) -> dict[str, str]:
    return {normalize_code(row["code"]): row["base"] for row in _read_csv(path, ("code", "base"))}


def _read_csv(path: Path, needed: tuple[str, ...]) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(read_text(path)), restkey="", restval="", strict=True)
    try:
        rows = list(reader)
    except csv.Error:
        raise _unusable(path, "the table is not well-formed CSV") from None
    missing = [column for column in needed if column not in (reader.fieldnames or ())]
    if missing:
        raise _unusable(path, f"the table has no column `{missing[0]}`")
    if any("" in row for row in rows):
        raise _unusable(path, "a row has more fields than the header")
    return [{key: value.strip() for key, value in row.items()} for row in rows]


def _unusable(path: Path, why: str) -> Failure:
    return Failure(
        Diagnostic(
            "VBM270", f"the category system cannot be used: {why}", where=str(path), hint="see measures/crosswalks"
        )
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Typed access to the keys of one category system."""

    path: Path
    plain: Mapping[str, Any]

    def text(self, key: str) -> str:
        return self.optional(key) or self.missing(key)

    def missing(self, key: str) -> str:
        raise _unusable(self.path, f"`{key}` is missing")

    def optional(self, key: str) -> str | None:
        value = self.plain.get(key)
        if value is not None and not isinstance(value, str):
            raise _unusable(self.path, f"`{key}` must be a text")
        return value or None

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.plain.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v for v in value):
            raise _unusable(self.path, f"`{key}` must be a list of texts")
        if len(set(value)) != len(value):
            raise _unusable(self.path, f"`{key}` names something twice")
        return tuple(value)

    def category(self, key: str, categories: tuple[str, ...]) -> str | None:
        value = self.optional(key)
        if value is not None and value not in categories:
            raise _unusable(self.path, f"`{key}` is none of the categories")
        return value

    def choice(self, key: str, options: tuple[str, ...], default: str) -> str:
        value = self.optional(key) or default
        if value not in options:
            raise _unusable(self.path, f"`{key}` must be one of {', '.join(options)}")
        return value
