"""Plain values as bytes and back: the data classes of a program, sent to a worker of the same version.

Nothing is executed to read them: only data classes and enumerations of this package are made, from named fields. A
value that stands in many places (a criterion that measures share) is written once, and read as one object again.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from typing import Any

import orjson

_PACKAGE = "vbpmeasure."
_ELSEWHERE = "@"


def to_bytes(value: object) -> bytes:
    """Return a value as bytes; ``TypeError`` for what has no such form."""
    writer = _Writer()
    last = writer.atom(value)
    return orjson.dumps([writer.nodes, last])


def from_bytes(content: bytes) -> Any:
    """Return the value behind the bytes of `to_bytes`; ``ValueError`` or ``TypeError`` for any others."""
    nodes, last = orjson.loads(content)
    made: list[Any] = []

    def value(atom: Any) -> Any:
        return made[atom[_ELSEWHERE]] if isinstance(atom, dict) else atom

    for node in nodes:
        match node:
            case ["data", str(name), fields_said]:
                made.append(_class(name)(**{field: value(one) for field, one in fields_said}))
            case ["enum", str(name), str(member)]:
                made.append(getattr(_class(name), member))
            case ["date", str(text)]:
                made.append(dt.date.fromisoformat(text))
            case ["bytes", str(text)]:
                made.append(base64.b64decode(text, validate=True))
            case ["map", items]:
                made.append({value(key): value(one) for key, one in items})
            case ["set", items]:
                made.append(frozenset(value(one) for one in items))
            case ["tuple", items]:
                made.append(tuple(value(one) for one in items))
            case _:
                raise ValueError("not a value of ours")
    return value(last)


class _Writer:
    """Values as nodes; the parts of a node stand before it."""

    def __init__(self) -> None:
        self.nodes: list[list[Any]] = []
        self._known: dict[int, int] = {}
        self._kept: list[object] = []  # so that no identity is given to another value meanwhile

    def atom(self, value: object) -> Any:
        if value is None or type(value) in (bool, int, float, str):
            return value
        place = self._known.get(id(value))
        if place is None:
            node = self._node(value)
            place = self._known[id(value)] = len(self.nodes)
            self._kept.append(value)
            self.nodes.append(node)
        return {_ELSEWHERE: place}

    def _node(self, value: object) -> list[Any]:
        if isinstance(value, Enum):
            return ["enum", _name(type(value)), value.name]
        if isinstance(value, dt.date):
            return ["date", value.isoformat()]
        if isinstance(value, bytes):
            return ["bytes", base64.b64encode(value).decode("ascii")]
        if is_dataclass(value) and not isinstance(value, type):
            said = {f.name: self.atom(getattr(value, f.name)) for f in fields(value) if f.init}
            return ["data", _name(type(value)), list(said.items())]
        if isinstance(value, Mapping):
            return ["map", [[self.atom(key), self.atom(one)] for key, one in value.items()]]
        if isinstance(value, frozenset | set):
            return ["set", [self.atom(one) for one in sorted(value)]]
        if isinstance(value, tuple | list):
            return ["tuple", [self.atom(one) for one in value]]
        raise TypeError(f"{type(value).__name__} cannot be sent to a worker")


def _name(kind: type) -> str:
    if not kind.__module__.startswith(_PACKAGE):
        raise TypeError(f"{kind.__name__} cannot be sent to a worker")
    return f"{kind.__module__}:{kind.__qualname__}"


def _class(name: str) -> type:
    module, _, kind = name.partition(":")
    if not module.startswith(_PACKAGE):
        raise ValueError("a class of another package")
    found = getattr(import_module(module), kind, None)
    if not (isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum))):
        raise ValueError("not a class of plain values")
    return found
