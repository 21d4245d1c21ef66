"""Text lines of a CSV file that nobody vouches for, in bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from vbpmeasure.adapters.report import Report
from vbpmeasure.adapters.synthea import reasons

MOST_BYTES = 1_000_000  # of a line: the simulator's are below a thousand
MOST_LINES = 20  # of a record: text with line breaks inside quotes


class _Utf16(io.RawIOBase):
    """The bytes of a UTF-16 file as UTF-8, piece by piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._held:
            piece = self._file.read(1 << 16)
            self._held = self._decoder.decode(piece, final=not piece).encode("utf-8", "replace")
            if not piece:
                break
        taken, self._held = self._held[: len(buffer)], self._held[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def records(path: Path, name: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the number of its first line; what cannot be one is told to the report and passed over.

    An unclosed quote costs its own line alone: reading goes on with the next one. Raises `OSError`.
    """
    with path.open("rb") as raw:
        file: BinaryIO | io.BufferedReader = raw
        if raw.peek(2)[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            report.skip(reasons.UTF16, name, 1, what=name)
            file = io.BufferedReader(_Utf16(raw))  # type: ignore[type-var]  # the stub asks for a `read` of bytes alone
        waiting: deque[tuple[int, str]] = deque()
        lines = _lines(file, name, report)
        while (first := waiting.popleft() if waiting else next(lines, None)) is not None:
            number, text = first
            taken: list[tuple[int, str]] = []
            while text.count('"') % 2 and len(taken) < MOST_LINES:
                following = waiting.popleft() if waiting else next(lines, None)
                if following is None:
                    break
                taken.append(following)
                text += following[1]
            cells = _cells(text) if not text.count('"') % 2 else None
            if cells is None:
                waiting.extendleft(reversed(taken))
                report.skip(reasons.OPEN_QUOTE, name, number, what=name)
            elif any(cell.strip() for cell in cells):
                yield number, cells


def _cells(text: str) -> list[str] | None:
    if '"' not in text:  # nearly every line of the simulator
        return text.rstrip("\r\n").split(",")
    try:
        return next(csv.reader([*text.splitlines(keepends=True)], strict=True), [])
    except csv.Error:
        return None


def _lines(file: BinaryIO | io.BufferedReader, name: str, report: Report) -> Iterator[tuple[int, str]]:
    number = 0
    while line := file.readline(MOST_BYTES):
        number += 1
        if len(line) == MOST_BYTES and not line.endswith(b"\n"):
            report.skip(reasons.TOO_LONG, name, number, what=name)
            while line and not line.endswith(b"\n"):
                line = file.readline(MOST_BYTES)
            continue
        if b"\0" in line:
            report.skip(reasons.NUL, name, number, what=name)
            continue
        try:
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            report.skip(reasons.NOT_UTF8, name, number, what=name)
