"""Resources out of files: NDJSON and JSON, plain or gzip, bundles opened, nothing longer than the limit in memory."""

from __future__ import annotations

import gzip
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import orjson

from vbpmeasure.adapters.fhir import reasons
from vbpmeasure.adapters.fhir.json_values import Json, items, mapping, text
from vbpmeasure.adapters.report import Reason, Report
from vbpmeasure.diagnostics.model import Diagnostic, Failure

_LINES = (".ndjson", ".jsonl")
_ENDINGS = (*_LINES, ".json")
_GZIP = b"\x1f\x8b"
_BROKEN = (OSError, EOFError, zlib.error)
_PIECE = 1 << 20
_BLANK = b" \t\r\n"
# Byte order marks, and the brace that every FHIR file begins with, in UTF-16 or UTF-32.
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{", b"\0\0")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the input: where it is, and its name below the folder that was named."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource with its place.

    ``addresses``: in a bundle, the full address of each entry to its ``Type/id``; ``address`` is its own.
    """

    body: Json
    file: str
    line: int | None
    addresses: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The resource type; entries without one are never given out."""
        return cast("str", self.body["resourceType"])


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line of an NDJSON file as bytes."""

    content: bytes
    file: str
    line: int


def find_files(source: Path) -> list[SourceFile]:
    """Return the FHIR files at a path in a fixed order: the file itself, or those below the folder.

    Names that begin with ``.`` or ``_`` are bookkeeping. Raises `Failure` VBM360 when there is nothing to convert.
    """
    try:
        if source.is_file():
            return [SourceFile(source, source.name)]
        if not source.is_dir():
            raise _nothing(source, "the source does not exist")
        found = [
            SourceFile(path, path.relative_to(source).as_posix())
            for path in source.rglob("*")
            if _is_fhir(path.name) and path.is_file()
        ]
    except OSError as error:
        raise _nothing(source, f"the source cannot be read: {(error.strerror or 'unknown reason').lower()}") from None
    if not found:
        raise _nothing(source, "the folder holds no .ndjson, .jsonl or .json file, plain or .gz")
    return sorted(found, key=lambda file: file.name)


def _nothing(source: Path, why: str) -> Failure:
    hint = "name a FHIR file, or a folder of bundles or of a bulk export"
    return Failure(Diagnostic("VBM360", why, where=str(source), hint=hint))


def _is_fhir(name: str) -> bool:
    return not name.startswith((".", "_")) and name.lower().removesuffix(".gz").endswith(_ENDINGS)


class Reader:
    """Reads files record by record; what cannot be read goes to the report.

    With ``report`` None nothing is reported: the first pass sees the same faults as the second.
    """

    def __init__(self, max_record: int, report: Report | None) -> None:
        """``max_record``: the longest line or whole JSON file, in bytes."""
        self._max = max_record
        self._report = report

    def lines(self, file: SourceFile) -> Iterator[RawLine]:
        """Yield the records of a file as bytes: its lines, or one for a file that is one JSON document."""
        number = 0
        try:
            with _open(file.path) as stream:
                start = stream.peek(4)[:4]  # type: ignore[attr-defined]  # both readers are buffered
                if start.startswith(_UTF16):
                    self._tell(reasons.NOT_UTF8, file.name, None)
                    return
                for number, content in self._pieces(stream, file):
                    yield RawLine(content, file.name, number)
        except _BROKEN:
            self._tell(reasons.BROKEN_FILE, file.name, number + 1)

    def _pieces(self, stream: IO[bytes], file: SourceFile) -> Iterator[tuple[int, bytes]]:
        first = stream.readline(self._max + 1).removeprefix(b"\xef\xbb\xbf")
        if _is_whole_document(file.name, first):
            rest = stream.read(max(0, self._max + 1 - len(first)))
            if len(first) + len(rest) > self._max:
                self._tell(reasons.TOO_LONG, file.name, None)
            else:
                yield 1, first + rest
            return
        number, line = 1, first
        while line:
            if len(line) > self._max and not line.endswith(b"\n"):
                self._tell(reasons.TOO_LONG, file.name, number)
                while (piece := stream.readline(_PIECE)) and not piece.endswith(b"\n"):
                    pass
            elif line.strip(_BLANK):
                yield number, line
            number += 1
            line = stream.readline(self._max + 1)

    def parse(self, raw: RawLine) -> Iterator[Resource]:
        """Yield the resources of a record; a Bundle gives those of its entries, without end of nesting."""
        try:
            body = orjson.loads(raw.content)
        except orjson.JSONDecodeError as error:
            line = raw.line + max(error.lineno, 1) - 1
            try:
                raw.content.decode()
            except UnicodeDecodeError:
                self._tell(reasons.NOT_UTF8, raw.file, line)
                return
            self._tell(reasons.NOT_JSON, raw.file, line)
            return
        waiting: deque[tuple[object, dict[str, str]]] = deque([(body, {})])
        while waiting:
            value, addresses = waiting.popleft()
            if not isinstance(value, dict) or text(value.get("resourceType")) is None:
                self._tell(reasons.NO_RESOURCE, raw.file, raw.line)
            elif value["resourceType"] == "Bundle":
                waiting.extend(_entries(value))
            else:
                yield Resource(value, raw.file, raw.line, addresses)

    def _tell(self, reason: Reason, file: str, line: int | None) -> None:
        if self._report is not None:
            self._report.skip(reason, file, line)


def _entries(bundle: Json) -> list[tuple[object, dict[str, str]]]:
    """Return the resources of a bundle, each with an id (from its address when it has none), and all addresses."""
    addresses: dict[str, str] = {}
    found: list[tuple[object, dict[str, str]]] = []
    for entry in items(bundle.get("entry")):
        if "resource" not in entry:  # a deletion, or the outcome of a request
            continue
        resource = mapping(entry["resource"])
        address = text(entry.get("fullUrl"))
        if address and text(resource.get("id")) is None and resource:
            resource["id"] = address.removeprefix("urn:uuid:").rsplit("/", 1)[-1]
        if address and resource:
            addresses[address] = f"{resource.get('resourceType')}/{resource.get('id')}"
        found.append((entry["resource"], addresses))
    return found


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")


def _is_whole_document(name: str, first: bytes) -> bool:
    """Return whether a file is one JSON document over several lines: a .json whose first line is none by itself."""
    if name.lower().removesuffix(".gz").endswith(_LINES):
        return False
    if not first.rstrip(_BLANK).endswith(b"}"):
        return True
    try:
        return not isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return True
