"""The registry of diagnostic codes: every code that anything reports, with the page that explains it.

Each family (the hundreds digit) has a module of its own, ``family_1xx`` and so on, with a dict ``FAMILY``; a large
family may have more than one, such as ``family_2xx_value_sets``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module

import vbpmeasure.diagnostics
from vbpmeasure.diagnostics.codes_model import CodeInfo

__all__ = ["CODES", "CodeInfo", "merge_families"]

_PREFIX = "family_"


def merge_families(families: Mapping[str, Mapping[str, CodeInfo]]) -> dict[str, CodeInfo]:
    """Return all codes of the families in ascending order.

    ``families`` maps a module name (``family_1xx``) to its codes. Raises `ValueError` for a malformed code, for one
    that stands in another family than its own, and for one that is given twice.
    """
    merged: dict[str, CodeInfo] = {}
    for name, family in families.items():
        digit = name.removeprefix(_PREFIX)[:1]
        for code, info in family.items():
            if len(code) != len("VBM000") or not code.startswith("VBM") or not code[3:].isdecimal():
                raise ValueError(f"malformed diagnostic code {code!r}")
            if code in merged:
                raise ValueError(f"diagnostic code {code} is given twice")
            if code[3] != digit:
                raise ValueError(f"diagnostic code {code} stands in {name}")
            merged[code] = info
    return dict(sorted(merged.items()))


def _shipped_families() -> dict[str, dict[str, CodeInfo]]:
    names = sorted(m.name for m in pkgutil.iter_modules(vbpmeasure.diagnostics.__path__) if m.name.startswith(_PREFIX))
    return {name: import_module(f"vbpmeasure.diagnostics.{name}").FAMILY for name in names}


CODES: dict[str, CodeInfo] = merge_families(_shipped_families())
