"""Files that are there in whole or not at all, power cuts included."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path


def write_durably(path: Path, content: bytes, mode: int) -> None:
    """Write a new file and wait until it is on the disk. Raises `OSError`, `FileExistsError` when it is there."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. Raises `OSError`."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def put_files(folder: Path, files: Mapping[str, bytes], mode: int) -> None:
    """Put files into a folder that may hold others (made when missing); each appears in whole, replacing its namesake.

    All are written beside their places first, so that a full disk changes nothing. Raises `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    beside = {name: folder / f".{name}.{os.getpid()}.new" for name in files}
    try:
        for name, path in beside.items():
            write_durably(path, files[name], mode)
        for name, path in beside.items():
            path.replace(folder / name)
        sync_folder(folder)
    finally:
        for path in beside.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
