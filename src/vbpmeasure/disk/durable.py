"""Files that are there in whole or not at all, power cuts included."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import socket
from collections.abc import Mapping
from pathlib import Path

_AT_FDCWD = -100
_EXCHANGE = 2
_FOLDER = 0o755


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


def make_folders(folder: Path) -> None:
    """Make a folder and those missing above it, for their owner alone to write whatever the umask. Raises `OSError`."""
    for above in (*reversed(folder.parents), folder):
        with contextlib.suppress(FileExistsError):
            if not above.exists():
                above.mkdir(mode=_FOLDER)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def exchange(one: Path, other: Path) -> bool:
    """Let two names of one file system change places, in one step; False where the system cannot. Raises `OSError`."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):  # not Linux, or a C library without the call
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}:
        return False
    raise OSError(number, os.strerror(number))


def put_files(folder: Path, files: Mapping[str, bytes], mode: int) -> None:
    """Put files into a folder that may hold others (made when missing); each appears in whole, replacing its namesake.

    All are written beside their places first, so that a full disk changes nothing; what a killed process left there is
    removed. Raises `OSError`.
    """
    make_folders(folder)
    beside = {name: folder / f".{name}.{socket.gethostname()}.{os.getpid()}.new" for name in files}
    try:
        for name, path in beside.items():
            _clear(folder, name)
            write_durably(path, files[name], mode)
        for name, path in beside.items():
            path.replace(folder / name)
        sync_folder(folder)
    finally:
        for path in beside.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _clear(folder: Path, name: str) -> None:
    """Remove what dead processes of this host left beside the place of a file."""
    start, end = f".{name}.{socket.gethostname()}.", ".new"
    for left in folder.iterdir():
        process = left.name.removeprefix(start).removesuffix(end)
        if left.name != f"{start}{process}{end}" or not (process.isascii() and process.isdecimal()):
            continue
        if int(process) == os.getpid() or not _runs(int(process)):
            left.unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
