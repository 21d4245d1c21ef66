"""One version of a table, to be looked at again: it must stay what it was while a run reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vbpmeasure.data.remote.store import File, Stamp
from vbpmeasure.diagnostics.model import Failure

# What a version that is no longer there looks like.
_GONE = ("gone",)
_NOT_THERE = {"VBM378", "VBM379"}


@dataclass(frozen=True, slots=True)
class Pin:
    """A version of the table at ``place``; ``files`` are its data files in the order of its rows.

    ``stamp`` is the same as long as the version is.

    A newer version beside it changes nothing: a run reads one version from its first row to its last. ``ask`` looks
    into the log again.
    """

    place: File
    files: tuple[str, ...]
    stamp: Stamp
    ask: Callable[[], Stamp]

    def now(self) -> Stamp:
        """Return the stamp as it is now. Raises ``Failure`` when the object store does not give it."""
        try:
            return self.ask()
        except Failure as failure:
            if {d.code for d in failure.diagnostics} <= _NOT_THERE:
                return _GONE
            raise


def stamp_of_version(table_id: str, version: str | None, files: Iterable[object]) -> Stamp:
    """Return the stamp of a version: the table, the version, and the digest of what its log says of its files."""
    lines = "\n".join(sorted(repr(one) for one in files))
    return (table_id, version or "", hashlib.sha256(lines.encode()).hexdigest())
