"""What the file system says of a file, without opening it: enough to see that another one stands in its place."""

from __future__ import annotations

from pathlib import Path

Stamp = tuple[int, int, int]


def stamp_of(file: Path) -> Stamp:
    """Return size in bytes, time of change in nanoseconds, and inode. Raises `OSError`."""
    found = file.stat()
    return (found.st_size, found.st_mtime_ns, found.st_ino)


def stamp_if_there(file: Path) -> Stamp | None:
    """Return the stamp; None for a file that cannot be looked at, which reading it will tell."""
    try:
        return stamp_of(file)
    except OSError:
        return None
