"""Which resources come more than once: eight bytes a resource in the first pass, the few doubles in the second."""

from __future__ import annotations

import hashlib
from array import array

import numpy as np
import orjson

from vbpmeasure.adapters.fhir.json_values import Json


class Duplicates:
    """Tells a first resource from a repeated one and from another one with the same type and id."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._seen: array[int] = array("q")
        self._double: frozenset[int] = frozenset()
        self._first: dict[tuple[str, str], bytes] = {}

    def note(self, type_: str, id_: str) -> None:
        """First pass: note a resource."""
        self._seen.append(hash((type_, id_)))

    def settle(self) -> None:
        """Between the passes: keep the marks of those that came twice."""
        marks, counts = np.unique(np.frombuffer(self._seen, dtype=np.int64), return_counts=True)
        self._double = frozenset(marks[counts > 1].tolist())
        self._seen = array("q")

    def check(self, type_: str, id_: str, body: Json) -> bool | None:
        """Second pass: return None for the first of its type and id, True for a repetition, False for other content."""
        if hash((type_, id_)) not in self._double:
            return None
        content = hashlib.blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
        first = self._first.setdefault((type_, id_), content)
        if first is content:
            return None
        return first == content
