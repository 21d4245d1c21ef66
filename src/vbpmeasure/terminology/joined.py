"""Several value sets as one: publishers often keep the procedure codes and the vaccine codes of a thing apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from vbpmeasure.terminology.value_set import ValueSet

_CONFIDENCES = ("low", "medium", "high")


def joined(name: str, parts: Sequence[ValueSet]) -> ValueSet:
    """Return the union of the sets (one at least) under a name; what differs between them stands side by side."""
    codes: dict[str, set[str]] = {}
    for part in parts:
        for system, listed in part.codes.items():
            codes.setdefault(system, set()).update(listed)
    return ValueSet(
        name=name,
        title=_side_by_side(part.title for part in parts),
        oid=_side_by_side(part.oid for part in parts),
        version=_side_by_side(part.version for part in parts),
        source=_side_by_side(part.source for part in parts),
        licence=_side_by_side(part.licence for part in parts),
        confidence=min((part.confidence for part in parts), key=_trust),
        codes={system: tuple(sorted(codes[system])) for system in sorted(codes)},
        path=parts[0].path if len(parts) == 1 else Path(),
    )


def _side_by_side(texts: Iterable[str]) -> str:
    return " + ".join(dict.fromkeys(text for text in texts if text))


def _trust(confidence: str) -> int:
    return _CONFIDENCES.index(confidence) if confidence in _CONFIDENCES else -1
