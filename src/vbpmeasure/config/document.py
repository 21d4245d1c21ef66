"""A TOML file as values together with the places of its keys."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vbpmeasure.config.toml_keys import has_long_key
from vbpmeasure.config.toml_places import KeyPath, Place, nearest, places
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Span
from vbpmeasure.diagnostics.source import attach_source_lines
from vbpmeasure.spec.tree import read_text

_POSITION = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """One TOML file: ``values`` as `tomllib` reads them, ``places`` by key path, ``sha256`` of its text."""

    path: Path
    text: str
    values: Mapping[str, Any]
    places: Mapping[KeyPath, Place] = field(repr=False)

    @property
    def name(self) -> str:
        """The path as given when it is relative, else the name of the file alone: no folders of the machine."""
        return self.path.name if self.path.is_absolute() else self.path.as_posix()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the text in UTF-8, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def key(self, *path: str | int) -> Span | None:
        """Return where the key stands, or the nearest table around it that does."""
        place = nearest(self.places, path)
        return None if place is None else place.key

    def value(self, *path: str | int) -> Span | None:
        """Return where the value stands, or the nearest table around it that does."""
        place = nearest(self.places, path)
        return None if place is None else place.value

    def failure(self, found: list[Diagnostic]) -> Failure:
        """Return the findings as a failure, in the order of the file, with their source lines."""
        found.sort(key=lambda d: (d.span.line, d.span.column) if d.span else (0, 0))
        return Failure(attach_source_lines(found, {str(self.path): self.text}))


def read_toml(path: Path) -> TomlDocument:
    """Read a TOML file; spans carry the path as given.

    Raises ``Failure``: VBM101 unreadable, VBM102 not UTF-8, VBM103 over one megabyte, VBM120 no valid TOML.
    """
    text = read_text(path)
    deep = Diagnostic("VBM120", "the file is nested too deep to be a configuration", where=str(path))
    if has_long_key(text):
        raise Failure(deep)
    try:
        values = tomllib.loads(text)
        return TomlDocument(path, text, values, places(text, str(path)))
    except tomllib.TOMLDecodeError as error:
        finding = _syntax(error, text, str(path))
    except RecursionError:
        finding = deep
    except (ValueError, OverflowError):
        # Valid TOML, but thousands of digits are more than Python makes a number of.
        finding = Diagnostic("VBM120", "a number of the file has too many digits to be read", where=str(path))
    raise Failure(attach_source_lines([finding], {str(path): text}))


def _syntax(error: tomllib.TOMLDecodeError, text: str, path: str) -> Diagnostic:
    message = str(error)
    match = _POSITION.search(message)
    what = _POSITION.sub("", message)
    what = what[:1].lower() + what[1:]
    if match is not None and match[1]:
        line, column = int(match[1]), int(match[2])
    else:
        # The text ends too early: its last line is where something was left open.
        lines = text.rstrip().split("\n")
        line, column = len(lines), len(lines[-1]) + 1
    span = Span(path, line, column, line, column + 1)
    return Diagnostic(
        "VBM120", f"no valid TOML: {what}", span=span, hint="text needs quotes, and a key stands once in its table"
    )
