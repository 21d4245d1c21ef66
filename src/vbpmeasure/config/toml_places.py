"""Where each key and value of a TOML text stands. The standard library reads the values and forgets their places."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from vbpmeasure.config.toml_keys import BARE_KEY, STRINGS
from vbpmeasure.diagnostics.model import Span
from vbpmeasure.diagnostics.source import LINE_BREAK

# A step into a table is a key, a step into an array its position.
KeyPath = tuple[str | int, ...]

_BARE_VALUE = re.compile(r"[^,\]}#\r\n]+")
_SPACE = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key stands, and its value; for a table both are the name in its header."""

    key: Span
    value: Span


def places(text: str, path: str) -> dict[KeyPath, Place]:
    """Return the place of every key, table and array item of a TOML text that `tomllib` has accepted.

    ``path`` is the name used in the spans. Tables that are only implied (`a` of `[a.b]`) have the place of the first
    header that names them.
    """
    scanner = _Scanner(text, path)
    scanner.document()
    return scanner.found


class _Scanner:
    """Walks over valid TOML; since it is valid, what a text is can be seen by how it begins."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path, self.at = text, path, 0
        self.found: dict[KeyPath, Place] = {}
        self._arrays: dict[KeyPath, int] = {}
        self._starts = [0, *(match.end() for match in LINE_BREAK.finditer(text))]

    def document(self) -> None:
        table: KeyPath = ()
        while True:
            self._skip(_BETWEEN)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._entry(table)

    def _header(self) -> KeyPath:
        double = self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        keys = self._keys()
        self.at += 2 if double else 1
        here: KeyPath = ()
        for position, (key, span) in enumerate(keys):
            here = (*here, key)
            self.found.setdefault(here, Place(span, span))
            last = position == len(keys) - 1
            if last and double:
                self._arrays[here] = self._arrays.get(here, 0) + 1
            if here in self._arrays:
                here = (*here, self._arrays[here] - 1)
                self.found.setdefault(here, Place(span, span))
        return here

    def _entry(self, table: KeyPath) -> None:
        keys = self._keys()
        here = table
        for key, span in keys:
            here = (*here, key)
            self.found.setdefault(here, Place(span, span))
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        start = self.at
        self._value(here)
        self.found[here] = Place(keys[-1][1], self._span(start, self.at))

    def _keys(self) -> list[tuple[str, Span]]:
        """Read a dotted key, and stop behind it and the blanks that follow."""
        keys: list[tuple[str, Span]] = []
        while True:
            self._skip(_SPACE)
            start = self.at
            if self.text[start] in "\"'":
                self._skip(STRINGS[2] if self.text[start] == '"' else STRINGS[3])
                key = str(tomllib.loads(f"k = {self.text[start : self.at]}")["k"])
            else:
                self._skip(BARE_KEY)
                key = self.text[start : self.at]
            keys.append((key, self._span(start, self.at)))
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _value(self, here: KeyPath) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self._array(here)
        elif opening == "{":
            self._inline_table(here)
        elif opening in "\"'":
            triple = self.text.startswith(opening * 3, self.at)
            self._skip(STRINGS[(0 if opening == '"' else 1) + (0 if triple else 2)])
        else:
            match = _BARE_VALUE.match(self.text, self.at)
            assert match is not None
            self.at += len(match[0].rstrip())

    def _array(self, here: KeyPath) -> None:
        self.at += 1
        position = 0
        while not self._closed("]"):
            start = self.at
            self._value((*here, position))
            span = self._span(start, self.at)
            self.found[*here, position] = Place(span, span)
            position += 1

    def _inline_table(self, here: KeyPath) -> None:
        self.at += 1
        while not self._closed("}"):
            self._entry(here)

    def _closed(self, bracket: str) -> bool:
        self._skip(_BETWEEN)
        if self.text[self.at] == ",":
            self.at += 1
            self._skip(_BETWEEN)
        if self.text[self.at] != bracket:
            return False
        self.at += 1
        return True

    def _skip(self, what: re.Pattern[str]) -> None:
        match = what.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def _span(self, start: int, end: int) -> Span:
        first, last = (bisect_right(self._starts, at) for at in (start, end))
        return Span(self.path, first, start - self._starts[first - 1] + 1, last, end - self._starts[last - 1] + 1)


def nearest(found: Mapping[KeyPath, Place], path: KeyPath) -> Place | None:
    """Return the place of the path, else of the nearest table around it; None when the file has nothing of it."""
    while path:
        if path in found:
            return found[path]
        path = path[:-1]
    return None
