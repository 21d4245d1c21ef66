"""Rows of codes into value sets, with every finding at once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.suggest import suggestion
from vbpmeasure.terminology.importers.codes import system_of, why_not
from vbpmeasure.terminology.importers.rows import CodeRow, Place, Rows, error
from vbpmeasure.terminology.systems import SYSTEMS, canonical, normal_type
from vbpmeasure.terminology.value_set import ValueSet

# A file with one fault in every row is understood after this many messages of a kind.
MOST_OF_A_KIND = 20


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where imported sets come from: a text for people, the SHA-256 of the file, terms of use, trust."""

    source: str
    source_sha256: str
    licence: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Assembled:
    """The sets, sorted by name; the findings; the rows that were left out on demand, by code system as spelled."""

    sets: tuple[ValueSet, ...]
    found: tuple[Diagnostic, ...]
    left_out: dict[str, int]


def assemble(rows: Rows, provenance: Provenance, leave_out: Iterable[str] = ()) -> Assembled:
    """Return the value sets of some rows.

    ``leave_out`` names code systems (in any spelling) whose rows are counted and not kept. Findings: VBM252 a cell that
    is needed and empty, VBM253 unknown code system, VBM254 no code of its system, VBM255 a row given twice, VBM256
    rows that contradict each other, VBM257 a set without codes, VBM259 names that cannot be told apart. A set with
    errors is returned too, with its sound codes; whoever stores sets looks at the findings first.
    """
    unwanted = {normal_type(text) for text in leave_out}
    unwanted |= {system for text in leave_out if (system := system_of(text, "")) is not None}
    left_out: Counter[str] = Counter()
    kept: list[CodeRow] = []
    for row in rows.rows:
        if normal_type(row.system) in unwanted or system_of(row.system, row.code) in unwanted:
            left_out[row.system] += 1
        else:
            kept.append(row)
    reader = _Reader(provenance, rows)
    sets = reader.sets(kept)
    if not rows.named and not rows.found:
        reader.found.append(error("VBM257", "the file names no value set", Place(str(rows.path))))
    return Assembled(sets, tuple(_capped([*rows.found, *reader.found])), dict(sorted(left_out.items())))


def slug(title: str) -> str:
    """Return the name of a set for definitions and files: small letters, digits, underscores, a letter first."""
    name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return name if not name or name[0].isalpha() else f"set_{name}"


class _Reader:
    def __init__(self, provenance: Provenance, rows: Rows) -> None:
        self.found: list[Diagnostic] = []
        self._provenance = provenance
        self._source = rows
        self._unknown: dict[str, list[Place]] = defaultdict(list)

    def sets(self, kept: Sequence[CodeRow]) -> tuple[ValueSet, ...]:
        titles: dict[str, dict[str, Place]] = defaultdict(dict)
        for title, place in self._source.named:
            if not title:
                self.found.append(error("VBM252", "the name of the value set is missing", place))
            elif not (name := slug(title)):
                self.found.append(error("VBM259", "the name of the set has no letter or digit", place))
            else:
                titles[name].setdefault(title, place)
        by_name: dict[str, list[CodeRow]] = {name: [] for name in titles}
        for row in kept:
            if name := slug(row.name):
                by_name[name].append(row)
        for name, spelled in titles.items():
            if len(spelled) > 1:
                first, second = list(spelled.items())[:2]
                message = f"two sets would be called `{name}`: this one, and the one of {first[1].words}"
                self.found.append(error("VBM259", message, second[1], "rename one of them in the source"))
        sets = [self._set(name, next(iter(titles[name].items())), by_name[name]) for name in sorted(by_name)]
        for spelled_system, places in self._unknown.items():
            more = f", in {len(places)} rows" if len(places) > 1 else ""
            close = suggestion(spelled_system.upper(), SYSTEMS)
            leave = f"--leave-out '{spelled_system}' imports the sets without these rows"
            hint = f"{close} Otherwise {leave}" if close else leave
            message = f"`{spelled_system}` is no code system that is known{more}"
            self.found.append(error("VBM253", message, places[0], hint))
        return tuple(sets)

    def _set(self, name: str, titled: tuple[str, Place], rows: Sequence[CodeRow]) -> ValueSet:
        title, place = titled
        oid = self._one(rows, "OID", [row.oid for row in rows])
        version = self._one(rows, "version", [row.version for row in rows])
        codes = self._codes(rows)
        if not rows:
            self.found.append(error("VBM257", f"the value set `{title}` has no codes", place))
        return ValueSet(
            name=name,
            title=title,
            oid=oid,
            version=version,
            source=self._provenance.source,
            licence=self._provenance.licence,
            confidence=self._provenance.confidence,
            codes=codes,
        )

    def _one(self, rows: Sequence[CodeRow], what: str, values: Sequence[str]) -> str:
        """Return the one value that all rows of a set share."""
        for row, value in zip(rows, values, strict=True):
            if value != values[0]:
                other = f"{values[0] or 'none'} in {rows[0].place.words}"
                message = f"`{row.name}` has two {what}s: {value or 'none'} here, {other}"
                self.found.append(error("VBM256", message, row.place, "import each version from a file of its own"))
                break
        return values[0] if values else ""

    def _codes(self, rows: Sequence[CodeRow]) -> dict[str, tuple[str, ...]]:
        seen: dict[str, dict[str, CodeRow]] = defaultdict(dict)  # code -> system -> row
        kept: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            if not row.code or not row.system:
                what = "code" if not row.code else "code system"
                self.found.append(error("VBM252", f"the {what} is missing", row.place))
                continue
            system = system_of(row.system, row.code)
            if system is None:
                self._unknown[row.system].append(row.place)
                continue
            reason = row.spoiled or why_not(system, row.code)
            if reason:
                message = f"`{row.code}` is no code of {system}: {reason}"
                self.found.append(error("VBM254", message, row.place, "copy the code from its source again, as text"))
                continue
            code = canonical(system, row.code)
            others = seen[code]
            if system in others:
                message = (
                    f"the code `{row.code}` stands twice in `{row.name}`: here and in {others[system].place.words}"
                )
                self.found.append(error("VBM255", message, row.place, "remove one of the two"))
            elif others:
                other = next(iter(others))
                elsewhere = f"of {other} in {others[other].place.words}"
                message = f"the code `{row.code}` of `{row.name}` is one of {system} here, and {elsewhere}"
                self.found.append(error("VBM256", message, row.place, "keep the one that the set's publisher names"))
            others.setdefault(system, row)
            kept[system].add(code)
        return {system: tuple(sorted(kept[system])) for system in sorted(kept)}


def _capped(found: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield the findings in the order of their places, and instead of the many of one kind how many more there are."""
    order = sorted(found, key=lambda d: d.span.line if d.span else 0)
    of_kind = Counter(diagnostic.code for diagnostic in order)
    shown: Counter[str] = Counter()
    for diagnostic in order:
        shown[diagnostic.code] += 1
        if shown[diagnostic.code] <= MOST_OF_A_KIND:
            yield diagnostic
        elif shown[diagnostic.code] == of_kind[diagnostic.code]:
            more = of_kind[diagnostic.code] - MOST_OF_A_KIND
            path = diagnostic.span.path if diagnostic.span else diagnostic.where
            yield Diagnostic(diagnostic.code, f"the same fault in {more} more rows", where=path)
