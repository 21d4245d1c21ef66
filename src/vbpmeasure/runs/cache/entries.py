"""Kept rows on the disk: folders with a record that says what is in the files, and digests to hold them to it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from vbpmeasure.disk.durable import sync_folder, write_durably
from vbpmeasure.engines.polars.kept_rows.keeper import Facts, KeptTables

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

# Whether rows can be kept at all: it takes locks that end with their process, and folders of one owner.
POSSIBLE = fcntl is not None

_RECORD, _LOCK = "record.json", "lock"
_NAME = re.compile(r"rows-([0-9a-f]{16})-([0-9a-f]{32})-([0-9]+-of-[0-9]+)-([a-z]+)-([0-9a-f]{16})")
_NEW = re.compile(r"\.rows-[0-9a-f]{16}\.new")


@dataclass(frozen=True, slots=True)
class Entry:
    """A set of tables: of which input (its place, its content), of which bucket, of which kind, with which facts."""

    place: str
    content: str
    part: str
    kind: str
    facts: str

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"rows-{self.place}-{self.content}-{self.part}-{self.kind}-{self.facts}"


def entries(folder: Path) -> list[Entry]:
    """Return what is there, by name; nothing when others could have written into the folder."""
    if not _is_private(folder):
        return []
    return [Entry(*found.groups()) for name in _names(folder) if (found := _NAME.fullmatch(name))]


def _is_private(folder: Path) -> bool:
    try:
        stat = folder.stat()
    except OSError:
        return False
    return stat.st_uid == os.geteuid() and not stat.st_mode & 0o077


def begin(folder: Path) -> None:
    """Remove what dead processes left, and all of a folder that was open to others: it is going to be closed."""
    if not _is_private(folder):
        for name in _names(folder):
            if _NAME.fullmatch(name):
                shutil.rmtree(folder / name, ignore_errors=True)
    sweep(folder)


def remove(folder: Path, entry: Entry) -> None:
    """Remove a set of tables; its record goes first, so that nobody takes half of it for the whole."""
    with contextlib.suppress(OSError):
        (folder / entry.name / _RECORD).unlink(missing_ok=True)
    shutil.rmtree(folder / entry.name, ignore_errors=True)


def sizes(folder: Path) -> tuple[int, int]:
    """Return the number of sets of tables that are there, and their bytes."""
    found = [name for name in _names(folder) if _NAME.fullmatch(name)]
    return len(found), sum(bytes_of(folder / name) for name in found)


def clear(folder: Path) -> None:
    """Remove all sets of tables, and what dead processes left of any. Raises `OSError`."""
    for name in _names(folder):
        if _NAME.fullmatch(name):
            shutil.rmtree(folder / name)
    sweep(folder)


def sweep(folder: Path) -> None:
    """Remove what processes that ended left unfinished; the locks of those that are at work hold."""
    for name in _names(folder):
        if _NEW.fullmatch(name):
            with contextlib.suppress(OSError):
                os.close(_locked(folder / name))
                shutil.rmtree(folder / name)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(place.name for place in folder.iterdir())
    except OSError:
        return []


def _locked(work: Path) -> int:
    """Return the lock of a folder; `BlockingIOError` when another process has it."""
    fd = os.open(work / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(fd)
        raise
    return fd


class Draft:
    """A set of tables that is being written, in a folder that nobody finds."""

    def __init__(self, folder: Path, token: str) -> None:
        """Make the folder, for its owner alone. Raises `OSError`."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._home, self.folder = folder, folder / f".rows-{token}.new"
        self.folder.mkdir(mode=0o700)
        self._lock = _locked(self.folder)
        self._facts = ""

    def write(self, tables: Mapping[str, pl.LazyFrame], facts: Callable[[Mapping[str, pl.LazyFrame]], Facts]) -> None:
        """Write the tables and the record. Raises `OSError` and errors of Polars."""
        for name, rows in tables.items():
            path = self.folder / f"{name}.arrow"
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            rows.sink_ipc(path, compression="lz4")
            with path.open("rb") as file:
                os.fsync(file.fileno())
        said = json.dumps(facts({name: pl.scan_ipc(self.folder / f"{name}.arrow") for name in tables}))
        self._facts = hashlib.sha256(said.encode()).hexdigest()
        files = {name: _digest(self.folder / f"{name}.arrow") for name in tables}
        body = json.dumps({"files": files, "facts": said})
        whole = json.dumps({"sha256": hashlib.sha256(body.encode()).hexdigest(), "body": body})
        write_durably(self.folder / _RECORD, whole.encode(), 0o600)

    def publish(self, place: str, content: str, part: str, kind: str) -> None:
        """Give the folder its name, unless another process was faster with the same rows."""
        entry = Entry(place, content, part, kind, self._facts[:16])
        with contextlib.suppress(OSError):
            (self.folder / _LOCK).unlink(missing_ok=True)
            sync_folder(self.folder)
            self.folder.rename(self._home / entry.name)
        self.end()

    def end(self) -> None:
        """Remove what was not published."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def opened(folder: Path, serves: Callable[[Facts], bool]) -> KeptTables | None:
    """Return the tables of a folder when they serve; None when they do not.

    Raises `OSError` and `ValueError` when anything is not as it was written.
    """
    record = json.loads((folder / _RECORD).read_bytes())
    try:
        body = record["body"]
        if hashlib.sha256(body.encode()).hexdigest() != record["sha256"]:
            raise ValueError("the record is damaged")
        read = json.loads(body)
        facts = json.loads(read["facts"])
        if not serves(facts):
            return None
        places = {name: folder / f"{name}.arrow" for name in read["files"]}
        for name, place in places.items():
            if _digest(place) != read["files"][name]:
                raise ValueError("rows are damaged")
    except (LookupError, TypeError, AttributeError):
        raise ValueError("the record is damaged") from None
    return KeptTables({name: pl.scan_ipc(place) for name, place in places.items()}, facts)


def bytes_of(folder: Path) -> int:
    """Return the size of a set of tables; what is being removed counts for nothing."""
    found = 0
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            found += file.stat().st_size
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
