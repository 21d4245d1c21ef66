"""Paths on an object store that behave as paths of this machine where only their words matter."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vbpmeasure.data.remote.store import Store


class RemotePath(PurePosixPath):
    """An object, or a folder of objects: ``s3://bucket/key``. Only paths that a store listed can be read."""

    store: Store | None = None
    size: int = 0

    @classmethod
    def listed(cls, uri: str, store: Store, size: int = 0) -> RemotePath:
        """Return the path of an object that the store has."""
        path = cls(uri)
        path.store, path.size = store, size
        return path

    def __str__(self) -> str:
        """Return the address; the path itself holds one slash after the scheme."""
        plain = super().__str__()
        head, colon, rest = plain.partition(":/")
        return f"{head}://{rest}" if colon and "/" not in head else plain

    def __fspath__(self) -> str:
        """Return the address."""
        return str(self)

    def reached(self) -> Store:
        """Return the store behind the path (`ValueError` for a path that none listed)."""
        if self.store is None:
            raise ValueError("a path that no store listed")
        return self.store


File = Path | RemotePath
