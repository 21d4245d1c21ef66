"""One text for one meaning: what decides a count, as bytes that are the same in every process."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

import vbpmeasure

# Words for readers: they may change without any count changing.
WORDS = frozenset({"title", "label", "digest", "tags", "status", "edition"})


def canonical(value: object, leave_out: frozenset[str] = frozenset()) -> Any:
    """Return a value as plain JSON values: data classes with their type, sets in order; ``leave_out`` names fields.

    ``TypeError`` for what has no such form.
    """
    if isinstance(value, Enum):
        return [type(value).__name__, value.name]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.date):
        return ["date", value.isoformat()]
    if is_dataclass(value) and not isinstance(value, type):
        said = {f.name: canonical(getattr(value, f.name), leave_out) for f in fields(value) if f.name not in leave_out}
        return [type(value).__name__, said]
    if isinstance(value, Mapping):
        return ["map", sorted([_text(key), canonical(one, leave_out)] for key, one in value.items())]
    if isinstance(value, frozenset | set):
        return ["set", sorted(_text(canonical(one, leave_out)) for one in value)]
    if isinstance(value, tuple | list):
        return [canonical(one, leave_out) for one in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def digest_of(value: object, leave_out: frozenset[str] = frozenset()) -> str:
    """Return the SHA-256 of the canonical form of a value."""
    return hashlib.sha256(_text(canonical(value, leave_out)).encode()).hexdigest()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


@cache
def program_digest() -> str:
    """Return the digest of the program itself: every module of the package, and the version of Polars."""
    package = Path(vbpmeasure.__file__).parent
    found = hashlib.sha256(f"polars {pl.__version__}".encode())
    for file in sorted(package.rglob("*.py")):
        found.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()
