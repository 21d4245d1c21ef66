"""What is said of a file without reading its rows: enough to see that another one stands in its place."""

from __future__ import annotations

from vbpmeasure.data.remote.store import File, RemotePath, Stamp
from vbpmeasure.diagnostics.model import Failure


def stamp_of(file: File, *, now: bool = True) -> Stamp:
    """Return size in bytes, time of change in nanoseconds, and inode; of an object its size and ETag.

    Without ``now`` that of an object is the one with which its footer was read. Raises `OSError`, ``Failure`` of the
    object store.
    """
    if isinstance(file, RemotePath):
        return file.reached().stamp(file, now=now)
    found = file.stat()
    return (found.st_size, found.st_mtime_ns, found.st_ino)


def stamp_if_there(file: File) -> Stamp | None:
    """Return the stamp as it is first seen; None for what cannot be looked at, which reading it will tell."""
    try:
        return stamp_of(file, now=False)
    except (OSError, Failure):
        return None
