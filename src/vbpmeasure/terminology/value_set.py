"""The value set: a named list of codes by code system, with where it comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vbpmeasure.plan.measures import CodeSet


@dataclass(frozen=True, slots=True)
class ValueSet:
    """One value set. ``codes``: system -> codes as matched (ICD-10-CM without dots), sorted, each once.

    ``oid`` and ``version`` are the publisher's and empty where the source names none. ``taken_from`` is empty unless a
    mapping put another set in this one's place; then it names that set.
    """

    name: str
    source: str
    licence: str
    confidence: str
    codes: Mapping[str, tuple[str, ...]] = field(hash=False)
    title: str = ""
    used_by: tuple[str, ...] = ()
    notes: str = ""
    path: Path = Path()
    oid: str = ""
    version: str = ""
    taken_from: str = ""

    @property
    def size(self) -> int:
        """The number of codes in all systems together."""
        return sum(len(codes) for codes in self.codes.values())

    @property
    def digest(self) -> str:
        """The SHA-256 of the codes in canonical form and order: the same for every layout of the file."""
        lines = (f"{system}\t{code}\n" for system in sorted(self.codes) for code in self.codes[system])
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def codeset(self) -> CodeSet:
        """Return the set as engines take it."""
        return CodeSet(self.name, {system: frozenset(codes) for system, codes in self.codes.items()}, self.digest)
