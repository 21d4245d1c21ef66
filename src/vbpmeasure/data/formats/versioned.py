"""What the formats with versions have in common: the version that was opened, and why one cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise

import polars as pl

from vbpmeasure.data.formats.pins import Pin
from vbpmeasure.data.found import place
from vbpmeasure.data.mapping import SourceFormat
from vbpmeasure.data.remote.store import File
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Span

_LIBRARIES: dict[SourceFormat, str] = {"delta": "deltalake", "iceberg": "pyiceberg"}
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Versioned:
    """One version of a table: its rows as a lazy frame, and what pins them.

    ``version`` is the Delta version or the Iceberg snapshot id (None: an Iceberg table that was never written to),
    ``table_id`` the id that the table got when it was made. ``files`` are its data files on this machine, if there.
    ``pin`` tells whether the version is still what it was.
    """

    frame: pl.LazyFrame
    format: SourceFormat
    version: str | None
    table_id: str
    bytes: int
    pin: Pin
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a table stands for messages: its name, its address, and its line in the configuration."""

    table: str
    written: str
    span: Span | None = None

    @property
    def where(self) -> str | None:
        """The words for the place."""
        return place(self.table, file=self.written)

    def failure(self, code: str, message: str, hint: str) -> Failure:
        """Return a failure about this table."""
        return Failure(Diagnostic(code, message, span=self.span, where=self.where, hint=hint))


def need_library(kind: SourceFormat, spot: Spot) -> None:
    """Refuse a table whose library is not installed (``Failure`` VBM333)."""
    library = _LIBRARIES.get(kind)
    if library is not None and find_spec(library) is None:
        raise spot.failure(
            "VBM333",
            f"table {spot.table} is {'an' if kind == 'iceberg' else 'a'} {kind.capitalize()} table, and the library "
            "to read it is missing",
            f"pip install 'vbpmeasure[{kind}]'",
        )


def no_such_version(spot: Spot, what: str, asked: int, known: Sequence[int]) -> Failure:
    """Return the failure that a version is not there, naming those that are (VBM378)."""
    return spot.failure(
        "VBM378",
        f"table {spot.table} has no {what} {asked}; there {'is' if len(known) == 1 else 'are'} {_listed(known)}",
        "name one of these with --as-of-version, or leave it out to read the newest",
    )


def gone(spot: Spot, what: str, version: int | str | None) -> Failure:
    """Return the failure that the log knows a version whose files are no longer there (VBM378)."""
    return spot.failure(
        "VBM378",
        f"{what} {version} of table {spot.table} is in its log, and some of its files are gone",
        "files of old versions are removed by `vacuum` and by expiring snapshots; name a newer version",
    )


def unread(spot: Spot, kind: SourceFormat, what: str) -> Failure:
    """Return the failure that a table is of a kind whose rows would be read wrongly (VBM399)."""
    return spot.failure(
        "VBM399",
        f"{kind.capitalize()} table {spot.table} uses what is not read here: {what}",
        "let its writer rewrite the table without it, or export the table to Parquet",
    )


def _listed(known: Sequence[int]) -> str:
    if not known:
        return "none"
    # Snapshot ids are far apart: their range is never made.
    if len(known) > 2 and all(after - before == 1 for before, after in pairwise(known)):
        return f"{known[0]} to {known[-1]}"
    shown = ", ".join(str(one) for one in known[-_SHOWN:])
    return shown if len(known) <= _SHOWN else f"{len(known)}, the newest of them {shown}"


def is_panic(error: BaseException) -> bool:
    """Return whether a library of Rust came to its end; such errors are no ``Exception``."""
    return type(error).__name__ == "PanicException"
