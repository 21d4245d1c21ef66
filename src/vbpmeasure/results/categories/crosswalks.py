"""Category systems: the data files that say which stratum a raw attribute value belongs to.

A system is a YAML file (categories, roll-up policy) with a CSV of codes beside it. A new standard is a new pair
of files; no Python changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vbpmeasure.results.categories.code_tables import (
    ISO639,
    CodeTarget,
    normalize_code,
    read_codes,
    read_languages,
    unusable,
)
from vbpmeasure.spec.numbers import whole_number
from vbpmeasure.spec.tree import read_yaml

__all__ = ["CategorySystem", "CodeTarget", "load_category_system", "load_category_systems", "normalize_code"]

WHEN_SEVERAL = ("combine", "precedence", "first")
OTHER_POLICIES = ("ignore", "count")

# How people with several categories are shown (SPD-15, equity page B1). The first two add up to everyone.
COMBINED = "combined_multiracial"
FREQUENT = "most_frequent_combinations"
ALONE_OR = "alone_or_in_combination"
TABULATIONS = (COMBINED, FREQUENT, ALONE_OR)


_OLDEST, _MOST = 999, 1_000_000  # years of a band; people of a row
MOST_FREQUENT, AT_LEAST, REST = 5, 11, "All other combinations"


@dataclass(frozen=True, slots=True)
class Combinations:
    """How the rows of `most_frequent_combinations` are made: how many, of at least how many people, and the last."""

    most: int = MOST_FREQUENT
    at_least: int = AT_LEAST
    rest: str = REST


@dataclass(frozen=True, slots=True)
class CategorySystem:
    """One way to sort raw values of an attribute into strata.

    ``categories`` is the order of the strata; ``declined`` and ``unknown`` name the two that are no answer.
    ``codes`` maps a normalized input code to its target, ``ambiguous`` holds codes that two input systems
    read differently; ``languages`` maps spellings of a language to a base language, itself looked up in
    ``of_languages``, the rows of the system ISO639 (``rest`` for a known language without a row).
    ``bands`` are for ages: (first age, last age or None).

    ``instead`` is a column that is read where the first has no value; ``also`` a system whose answers count as well
    (SPD-15 has one item for race and ethnicity, files mostly have two columns). ``standard`` is the race standard that
    the system is of, ``stands_for`` the dimensions it takes the place of, ``tabulation`` how several categories are
    shown (of ``tabulations``); ``unspecified`` is the row of people who are several things and nobody knows which.
    ``source_column`` says where a value comes from (direct, indirect). ``digest`` is the SHA-256 of the files.
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
    of_languages: Mapping[str, CodeTarget] = field(default_factory=dict)
    bands: tuple[tuple[int, int | None], ...] = ()
    instead: str | None = None
    also: CategorySystem | None = None
    standard: str | None = None
    stands_for: tuple[str, ...] = ()
    tabulations: tuple[str, ...] = ()
    tabulation: str | None = None
    unspecified: str | None = None
    combinations: Combinations = field(default_factory=Combinations)
    source_column: str | None = None
    digest: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The eligibility columns that the roll-up reads."""
        second = None if self.also is None else self.also.column
        return tuple(c for c in (self.column, self.instead, second, self.fill_from) if c is not None)

    @property
    def overlaps(self) -> bool:
        """Whether a person may be in several strata."""
        return self.tabulation == ALONE_OR


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


def load_category_system(path: Path, prefer: Sequence[str] = (), within: tuple[Path, ...] = ()) -> CategorySystem:
    """Read one category system and its code table. Raises `Failure` (VBM270) when it cannot be used.

    ``within`` are the files that lead here by `also`, none of which can be meant again.
    """
    plain = read_yaml(path).to_plain()
    if path.resolve() in within:
        raise unusable(path, "`also` leads back to the file itself")
    if not isinstance(plain, dict):
        raise unusable(path, "a category system is a mapping")
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
        instead=reader.optional("instead"),
        standard=reader.optional("standard"),
        stands_for=reader.texts("stands_for") if "stands_for" in plain else (),
        source_column=reader.optional("source_column"),
    )
    if system.when_several == "combine" and system.several is None:
        raise unusable(path, "`when_several: combine` needs `several`, the category of two or more")
    system = _with_tables(system, reader, prefer)
    if "also" in plain:
        also = load_category_system(path.parent / reader.text("also"), prefer, (*within, path.resolve()))
        system = replace(system, also=also, digest=hashlib.sha256((system.digest + also.digest).encode()).hexdigest())
    return _with_tabulations(system, reader) if "tabulations" in plain else system


def _with_tables(system: CategorySystem, reader: _Reader, prefer: Sequence[str]) -> CategorySystem:
    folder = reader.path.parent
    tables = [folder / name for name in reader.names("codes")]
    codes, ambiguous = read_codes(tables, system.categories, prefer)
    languages = [folder / reader.text("languages")] if "languages" in reader.plain else []
    spellings = {spelling: base for path in languages for spelling, base in read_languages(path).items()}
    digest = _digest([reader.path, *tables, *languages])
    bases = read_codes(tables, system.categories, only=ISO639)[0] if languages else {}
    return replace(system, codes=codes, ambiguous=ambiguous, languages=spellings, of_languages=bases, digest=digest)


def _with_tabulations(system: CategorySystem, reader: _Reader) -> CategorySystem:
    if system.when_several != "combine":
        raise unusable(reader.path, "`tabulations` need `when_several: combine`")
    known = reader.texts("tabulations")
    if not set(known) <= set(TABULATIONS):
        raise unusable(reader.path, f"`tabulations` are {', '.join(TABULATIONS)}")
    made = Combinations(
        reader.number("most_frequent", MOST_FREQUENT),
        reader.number("frequent_at_least", AT_LEAST),
        reader.optional("rest_of_combinations") or REST,
    )
    return replace(
        system,
        tabulations=known,
        tabulation=known[0],
        unspecified=reader.text("unspecified"),
        combinations=made,
    )


def _digest(files: Iterable[Path]) -> str:
    parts = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


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
        digest=_digest([reader.path]),
    )


def _band(path: Path, label: str) -> tuple[int, int | None]:
    """Return the ages of a band written as ``<1``, ``1-2``, ``3`` or ``22+`` (completed years)."""
    text = label.strip()
    low, dash, high = text.partition("-")
    first, last = whole_number(low, _OLDEST), whole_number(high if dash else low, _OLDEST)
    if text.startswith("<") and (below := whole_number(text[1:], _OLDEST)):
        return 0, below - 1
    if text.endswith("+") and (above := whole_number(text[:-1], _OLDEST)) is not None:
        return above, None
    if first is not None and last is not None and first <= last:
        return first, last
    raise unusable(path, "an age band is written as `<1`, `1-2`, `3` or `22+`")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Typed access to the keys of one category system."""

    path: Path
    plain: Mapping[str, Any]

    def text(self, key: str) -> str:
        return self.optional(key) or self.missing(key)

    def missing(self, key: str) -> str:
        raise unusable(self.path, f"`{key}` is missing")

    def optional(self, key: str) -> str | None:
        value = self.plain.get(key)
        if value is not None and not isinstance(value, str):
            raise unusable(self.path, f"`{key}` must be a text")
        return value or None

    def names(self, key: str) -> tuple[str, ...]:
        """Return one text, or a list of them."""
        return self.texts(key) if isinstance(self.plain.get(key), list) else (self.text(key),)

    def number(self, key: str, default: int) -> int:
        text = self.optional(key)
        number = default if text is None else whole_number(text, _MOST)
        if number is None:
            raise unusable(self.path, f"`{key}` must be a whole number up to {_MOST:,}")
        return number

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.plain.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v for v in value):
            raise unusable(self.path, f"`{key}` must be a list of texts")
        if len(set(value)) != len(value):
            raise unusable(self.path, f"`{key}` names something twice")
        return tuple(value)

    def category(self, key: str, categories: tuple[str, ...]) -> str | None:
        value = self.optional(key)
        if value is not None and value not in categories:
            raise unusable(self.path, f"`{key}` is none of the categories")
        return value

    def choice(self, key: str, options: tuple[str, ...], default: str) -> str:
        value = self.optional(key) or default
        if value not in options:
            raise unusable(self.path, f"`{key}` must be one of {', '.join(options)}")
        return value
