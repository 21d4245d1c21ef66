"""Rows that are kept between runs: what of them is of the very input of this run, and how they come and go.

They are rows of persons. What is read has to be what was written; whatever is in doubt is as if it were not there. What
is written stays out of sight until the run has seen that no input changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Self

import polars as pl

from vbpmeasure.diagnostics.model import Diagnostic, Severity
from vbpmeasure.engines.polars.kept_rows.keeper import Facts, KeptTables
from vbpmeasure.runs.cache.entries import Draft, Entry, begin, bytes_of, entries, opened, remove

# Sets of tables of one input, bucket and kind: there may be one for each selection of measures.
_MOST = 3


@dataclass(frozen=True, slots=True)
class Input:
    """An input as keys of the cache: ``place`` stays when its files change, ``content`` tells every state apart."""

    place: str
    content: str


class RowKeeper:
    """The rows kept of one input; a context that tidies up. ``findings`` are warnings, for no run fails for a cache."""

    def __init__(self, folder: Path, of: Input) -> None:
        """Name the folder and the input; nothing is read or written yet."""
        self.folder, self.of = folder, of
        self.findings: list[Diagnostic] = []
        self._drafts: list[tuple[str, str, Draft]] = []
        self._stopped = False

    def __enter__(self) -> Self:
        """Begin: what dead processes left behind goes away, and what cannot be trusted."""
        begin(self.folder)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove what was written and not published."""
        self._end()

    def part(self, buckets: int, bucket: int) -> BucketKeeper:
        """Return the keeper of one bucket of people."""
        return BucketKeeper(self, f"{bucket}-of-{buckets}")

    def buckets(self, least: int) -> int:
        """Return in how many buckets to judge, at least so many: as many as rows are kept in, where that is enough.

        The number that memory asks for changes from run to run, and a set of rows is of one bucket.
        """
        mine = (one for one in entries(self.folder) if (one.place, one.content) == (self.of.place, self.of.content))
        divided = {int(one.part.rpartition("-")[2]) for one in mine}
        return min((number for number in divided if number >= least), default=least)

    def doubt(self) -> None:
        """Do without what is kept from now on: a run with it failed, and without it succeeded."""
        self._stopped = True
        self._end()
        self.findings.append(self._warning("VBM515", "kept rows could not be used; the input was read instead"))

    def publish(self) -> None:
        """Let later runs find what this one wrote; remove what was kept of an older state of the same input."""
        drafts, self._drafts = self._drafts, []
        for part, kind, draft in drafts:
            draft.publish(self.of.place, self.of.content, part, kind)
        if drafts:
            self._tidy({part for part, _, _ in drafts})

    def _end(self) -> None:
        for _, _, draft in self._drafts:
            draft.end()
        self._drafts = []

    def _tidy(self, parts: set[str]) -> None:
        divided = {part.partition("-")[2] for part in parts}
        mine: dict[tuple[str, str], list[tuple[int, Entry]]] = {}
        for one in entries(self.folder):
            if one.place != self.of.place:
                continue
            if one.content != self.of.content or one.part.partition("-")[2] not in divided:
                remove(self.folder, one)
                continue
            with contextlib.suppress(OSError):
                written = (self.folder / one.name).stat().st_mtime_ns
                mine.setdefault((one.part, one.kind), []).append((written, one))
        for alike in mine.values():
            for _, one in sorted(alike, key=lambda found: found[0], reverse=True)[_MOST:]:
                remove(self.folder, one)

    def find(self, kind: str, part: str, serves: Callable[[Facts], bool]) -> KeptTables | None:
        """Return the smallest kept set of tables that serves; those that are damaged are removed."""
        if self._stopped:
            return None
        for of_part, of_kind, draft in self._drafts:
            if (of_part, of_kind) == (part, kind) and (found := _opened(draft.folder, serves)) is not None:
                return found
        asked = (self.of.place, self.of.content, part, kind)
        there = [one for one in entries(self.folder) if (one.place, one.content, one.part, one.kind) == asked]
        for one in sorted(there, key=lambda one: (bytes_of(self.folder / one.name), one.name)):
            try:
                found = opened(self.folder / one.name, serves)
            except (OSError, ValueError):
                remove(self.folder, one)
                continue
            if found is not None:
                return found
        return None

    def keep(
        self,
        kind: str,
        part: str,
        tables: Mapping[str, pl.LazyFrame],
        facts: Callable[[Mapping[str, pl.LazyFrame]], Facts],
    ) -> KeptTables | None:
        """Write a set of tables where nobody finds it yet; None, and a warning, when that fails."""
        if self._stopped:
            return None
        draft: Draft | None = None
        try:
            draft = Draft(self.folder, token_hex(8))
            draft.write(tables, facts)
            found = opened(draft.folder, lambda _: True)
        except BaseException as error:
            if draft is not None:
                draft.end()
            if not isinstance(error, (OSError, ValueError, pl.exceptions.PolarsError)):
                raise
            # A table that cannot be read is told of when it is read without being kept.
            self._stopped = True
            why = f": {error.strerror.lower()}" if isinstance(error, OSError) and error.strerror else ""
            self.findings.append(self._warning("VBM514", f"rows could not be kept{why}"))
            return None
        self._drafts.append((part, kind, draft))
        return found

    def _warning(self, code: str, message: str) -> Diagnostic:
        return Diagnostic(code, message, severity=Severity.WARNING, where=str(self.folder))


@dataclass(frozen=True, slots=True)
class BucketKeeper:
    """The rows kept of one bucket of people: `engines.polars.kept_rows.keeper.Keeper`."""

    whole: RowKeeper = field(repr=False)
    part: str

    def find(self, kind: str, serves: Callable[[Facts], bool]) -> KeptTables | None:
        """Return tables of a kind that were kept of the very same input, and serve."""
        return self.whole.find(kind, self.part, serves)

    def keep(
        self, kind: str, tables: Mapping[str, pl.LazyFrame], facts: Callable[[Mapping[str, pl.LazyFrame]], Facts]
    ) -> KeptTables | None:
        """Write tables, and return them as they are read back; None when they cannot be kept."""
        return self.whole.keep(kind, self.part, tables, facts)

    def doubt(self) -> None:
        """Do without what is kept from now on."""
        self.whole.doubt()


def _opened(folder: Path, serves: Callable[[Facts], bool]) -> KeptTables | None:
    try:
        return opened(folder, serves)
    except (OSError, ValueError):
        return None
