"""The claims of a chunk while they are being made: headers and lines as columns of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vbpmeasure.sample.arrays import NULL, Bools, Ints

DIAGNOSES = 8
PROCEDURES = 2

HEADER = (
    "person", "day", "end", "type", "place", "bill", "disposition", "admit", "discharge",
    "provider", "status", "proc1", "proc2", "procday1", "procday2",
)  # fmt: skip
LINE = ("claim", "code", "mod1", "mod2", "revenue", "tooth", "cents", "offset")

Many = Ints | int


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of line: on every claim of the batch, or on those where ``on`` is true. Negative codes are null."""

    code: Many = -1
    on: Bools | None = None
    mod1: Many = -1
    mod2: Many = -1
    revenue: Many = -1
    tooth: Many = -1
    cents: int = 0
    offset: int = 0  # days after the claim's first day


class Ledger:
    """Collects batches of claims; ``joined`` hands everything over as one array per column."""

    def __init__(self) -> None:
        """Start empty."""
        self._headers: dict[str, list[Ints]] = {name: [] for name in HEADER}
        self._dx: list[npt.NDArray[np.int64]] = []
        self._lines: dict[str, list[Ints]] = {name: [] for name in LINE}
        self._count = 0

    def add(
        self,
        person: Ints,
        day: Ints,
        *,
        lines: Sequence[Line],
        dx: Sequence[Many] = (),
        provider: Many = -1,
        place: Many = -1,
        kind: int = 0,
        **more: Many,
    ) -> Ints:
        """Add one claim per entry of ``person`` and return their numbers.

        ``kind`` is 0 for professional, 1 for institutional, 2 for dental claims; ``more`` may hold any other header
        column.
        """
        size = person.shape[0]
        numbers = np.arange(self._count, self._count + size, dtype=np.int64)
        given: dict[str, Many] = {
            "person": person, "day": day, "end": day, "type": kind, "place": place, "provider": provider, **more,
        }  # fmt: skip
        for name in HEADER:
            absent = NULL if name in ("admit", "discharge", "procday1", "procday2") else -1
            value = np.asarray(given.get(name, absent), dtype=np.int64)
            self._headers[name].append(np.broadcast_to(value, (size,)))
        table = np.full((size, DIAGNOSES), -1, dtype=np.int64)
        for i, codes in enumerate(dx):
            table[:, i] = codes
        self._dx.append(table)
        for line in lines:
            self._add_line(numbers, line)
        self._count += size
        return numbers

    def _add_line(self, numbers: Ints, line: Line) -> None:
        keep = slice(None) if line.on is None else line.on
        chosen = numbers[keep]
        columns: dict[str, Many] = {
            "code": line.code, "mod1": line.mod1, "mod2": line.mod2, "revenue": line.revenue,
            "tooth": line.tooth, "cents": line.cents, "offset": line.offset,
        }  # fmt: skip
        self._lines["claim"].append(chosen)
        for name, value in columns.items():
            array = np.asarray(value, dtype=np.int64)
            self._lines[name].append(array[keep] if array.ndim else np.broadcast_to(array, chosen.shape))

    def add_lines(self, claim: Ints, **columns: Many) -> None:
        """Add one line per entry of ``claim`` (numbers that ``add`` returned); absent columns are null or zero."""
        self._lines["claim"].append(claim)
        for name in LINE[1:]:
            absent = 0 if name in ("cents", "offset") else -1
            value = np.asarray(columns.get(name, absent), dtype=np.int64)
            self._lines[name].append(np.broadcast_to(value, claim.shape))

    def joined(self) -> tuple[dict[str, Ints], Ints, dict[str, Ints]]:
        """Return header columns, the diagnosis matrix (claims, 8), and line columns in the order they were added."""
        headers = {name: np.concatenate(parts) for name, parts in self._headers.items()}
        lines = {name: np.concatenate(parts) for name, parts in self._lines.items()}
        return headers, np.concatenate(self._dx), lines
