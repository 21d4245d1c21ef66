"""The shipped list of ages that procedure codes are made for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.spec.tree import read_yaml
from vbpmeasure.terminology.value_sets import ValueSetLibrary

_SYSTEMS = ("CPT", "HCPCS", "CDT")


@dataclass(frozen=True, slots=True)
class AgeLimit:
    """Procedure codes with the ages in months at which they make sense: ``from_months <= age < below_months``."""

    title: str
    codes: frozenset[str]
    from_months: int | None
    below_months: int | None

    @property
    def ages(self) -> str:
        """The ages in words: ``1 to 4 years``, ``under 12 months``."""
        first, end = self.from_months, self.below_months
        if first is None:
            return f"ages under {_words(end or 0)}"
        return f"ages from {_words(first)}" + ("" if end is None else f" to under {_words(end)}")


def _words(months: int) -> str:
    return f"{months // 12} years" if months % 12 == 0 and months > 12 else f"{months} months"


def load_age_limits(value_sets: ValueSetLibrary) -> tuple[AgeLimit, ...]:
    """Return the shipped age limits in the order of their file.

    Raises `Failure` (VBM344) when the file names a value set that does not exist or is not of the expected form.
    """
    path = measures_root() / "validation" / "age_limits.yaml"
    return tuple(_limit(path, item, value_sets) for item in _items(path))


@lru_cache(maxsize=4)
def _items(path: Path) -> tuple[dict[str, Any], ...]:
    plain = read_yaml(path).to_plain()
    items = plain.get("limits") if isinstance(plain, dict) else None
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        raise _broken(path)
    return tuple(items)


def _limit(path: Path, item: dict[str, Any], value_sets: ValueSetLibrary) -> AgeLimit:
    codes = set(str(item.get("codes", "")).split())
    if (name := item.get("value_set")) is not None:
        found = value_sets.get(str(name))
        if found is None:
            raise _broken(path)
        codes |= {c for s in _SYSTEMS for c in found.codes.get(s, ())}
    try:
        first, end = (None if item.get(key) is None else int(item[key]) for key in ("from_months", "below_months"))
    except (TypeError, ValueError):
        raise _broken(path) from None
    return AgeLimit(str(item.get("title", "")), frozenset(codes), first, end)


def _broken(path: Path) -> Failure:
    return Failure(Diagnostic("VBM344", "the list of age limits cannot be used", where=str(path)))
