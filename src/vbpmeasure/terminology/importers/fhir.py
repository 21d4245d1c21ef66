"""Value sets from FHIR ValueSet resources: an expansion, or a compose of plain concepts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.spec.json_text import read_json
from vbpmeasure.terminology.importers.rows import CodeRow, Place, Rows, error

_OID = re.compile(r"(?:urn:oid:)?([0-2](?:\.(?:0|[1-9][0-9]*)){3,})")
_EXPAND = "import its expansion ($expand, or the terminology service's download)"


def read_fhir(path: Path, content: bytes, fallback: tuple[str, str, str]) -> Rows:
    """Return the rows of a ValueSet, or of the ValueSets of a Bundle; displays and designations are not read.

    Raises `Failure`: VBM250 no JSON or no ValueSet; VBM258 for a set whose codes the resource does not hold (filters,
    other value sets, a whole code system, a part of an expansion).
    """
    resources = list(_value_sets(_json(path, content)))
    if not resources:
        raise Failure(error("VBM250", "the JSON file holds no FHIR ValueSet", Place(str(path))))
    rows: list[CodeRow] = []
    named: list[tuple[str, Place]] = []
    found: list[Diagnostic] = []
    for inside, resource in resources:
        one = _One(str(path), inside, resource, fallback, found)
        rows += one.rows()
        named.append((one.name, one.place()))
    return Rows(path, rows, named, found)


def _json(path: Path, content: bytes) -> Any:
    try:
        return read_json(content)
    except json.JSONDecodeError as problem:
        raise Failure(error("VBM250", "the file is not valid JSON", Place(str(path), problem.lineno))) from None
    except ValueError:
        raise Failure(error("VBM250", "the file is not valid JSON", Place(str(path)))) from None


def _value_sets(tree: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(tree, dict) and tree.get("resourceType") == "ValueSet":
        yield "", tree
    if isinstance(tree, dict) and tree.get("resourceType") == "Bundle":
        for i, entry in enumerate(_dicts(tree.get("entry"))):
            resource = entry.get("resource")
            if isinstance(resource, dict) and resource.get("resourceType") == "ValueSet":
                yield f"entry[{i}].resource", resource


class _One:
    """One ValueSet resource."""

    def __init__(
        self,
        path: str,
        inside: str,
        resource: dict[str, Any],
        fallback: tuple[str, str, str],
        found: list[Diagnostic],
    ) -> None:
        self._path, self._inside, self._resource, self._found = path, inside, resource, found
        title = _text(resource.get("title")) or _text(resource.get("name")) or _text(resource.get("id"))
        self.name = title or fallback[0]
        self._oid = self._find_oid() or fallback[1]
        self._version = _text(resource.get("version")) or fallback[2]

    def place(self, inside: str = "") -> Place:
        """Return a place inside the resource."""
        return Place(self._path, inside=".".join(part for part in (self._inside, inside) if part))

    def rows(self) -> list[CodeRow]:
        """Return a row for each code: of the expansion when there is one, else of the compose."""
        expansion = self._resource.get("expansion")
        if isinstance(expansion, dict):
            rows = list(self._contains(expansion.get("contains"), "expansion.contains"))
            total = expansion.get("total")
            held = _entries(expansion.get("contains"))
            if isinstance(total, int) and total > held:
                message = f"`{self.name}`: the expansion holds {held} of {total} codes: it is one page of several"
                self._refuse(message, "expansion", "import the whole expansion, all pages joined")
                return []
            return rows
        compose = self._resource.get("compose")
        return self._composed(compose) if isinstance(compose, dict) else []

    def _composed(self, compose: dict[str, Any]) -> list[CodeRow]:
        included = [
            row for i, part in _numbered(compose.get("include")) for row in self._part(part, f"compose.include[{i}]")
        ]
        excluded = [
            row for i, part in _numbered(compose.get("exclude")) for row in self._part(part, f"compose.exclude[{i}]")
        ]
        out = {(row.system, row.code) for row in excluded}
        return [row for row in included if (row.system, row.code) not in out]

    def _part(self, part: dict[str, Any], inside: str) -> Iterator[CodeRow]:
        # A part with several of these means their intersection, so a list of concepts beside a filter is no list.
        if _dicts(part.get("filter")):
            self._refuse(f"`{self.name}` is defined by a filter, not by a list of codes", f"{inside}.filter", _EXPAND)
        elif part.get("valueSet"):
            self._refuse(f"`{self.name}` is defined by other value sets", f"{inside}.valueSet", _EXPAND)
        elif not _dicts(part.get("concept")):
            self._refuse(f"`{self.name}` takes in a whole code system", inside, _EXPAND)
        else:
            for i, concept in _numbered(part["concept"]):
                yield self._row(part.get("system"), concept, f"{inside}.concept[{i}]")

    def _contains(self, contains: Any, inside: str) -> Iterator[CodeRow]:
        for i, concept in _numbered(contains):
            here = f"{inside}[{i}]"
            # An abstract entry groups others and is no code that data could carry.
            if concept.get("abstract") is not True and (concept.get("code") or not concept.get("contains")):
                yield self._row(concept.get("system"), concept, here)
            yield from self._contains(concept.get("contains"), f"{here}.contains")

    def _row(self, system: Any, concept: dict[str, Any], inside: str) -> CodeRow:
        return CodeRow(
            self.place(inside), self.name, self._oid, self._version, _text(system), _text(concept.get("code"))
        )

    def _find_oid(self) -> str:
        identifiers = [_text(one.get("value")) for one in _dicts(self._resource.get("identifier"))]
        for text in (
            *identifiers,
            _text(self._resource.get("id")),
            _text(self._resource.get("url")).rpartition("/")[2],
        ):
            if match := _OID.fullmatch(text):
                return match[1]
        return ""

    def _refuse(self, message: str, inside: str, hint: str) -> None:
        self._found.append(error("VBM258", message, self.place(inside), hint))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _numbered(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a list with their place in it; anything else is an empty object, which has no code."""
    for i, one in enumerate(value if isinstance(value, list) else []):
        yield i, one if isinstance(one, dict) else {}


def _entries(contains: Any) -> int:
    """Return how many entries an expansion lists, groups and their members alike."""
    return sum(1 + _entries(entry.get("contains")) for _, entry in _numbered(contains))
