"""The lock beside a run folder: one run at a time writes into it."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType

from vbpmeasure.diagnostics import Diagnostic, Failure, Severity
from vbpmeasure.runs.errors import output_failure

try:
    import fcntl
except ImportError:  # a system without it: the process id in the file has to do
    fcntl = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock. ``process_start`` tells a process from a later one with the same id, where it is known."""

    pid: int
    host: str
    started: str
    process_start: str | None = None


class RunLock:
    """A lock file named ``.NAME.lock`` beside the folder ``NAME``; a context manager.

    The file is locked with ``flock`` too, so that the death of its holder, however sudden, frees it.
    """

    def __init__(self, folder: Path, warn: Callable[[Diagnostic], None] | None = None) -> None:
        """Name the lock; nothing is touched before `acquire`. ``warn`` hears of a lock that a dead run left."""
        self.path = folder.with_name(f".{folder.name}.lock")
        self._warn = warn or (lambda _: None)
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises `Failure`: VBM501 held by another run, VBM502 cannot be written."""
        while self._fd is None:
            try:
                fd = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
            except OSError as error:
                raise output_failure(error, self.path.parent) from None
            try:
                if self._take(fd):
                    self._fd = fd
            finally:
                if self._fd is None:
                    os.close(fd)

    def release(self) -> None:
        """Give the lock back and remove its file."""
        if self._fd is not None:
            self.path.unlink(missing_ok=True)
            os.close(self._fd)
            self._fd = None

    def _take(self, fd: int) -> bool:
        """Lock the open file and put our name in it; False when the file was replaced in the meantime."""
        if not _flock(fd):
            raise self._held(_read(fd))
        try:
            if os.fstat(fd).st_ino != self.path.stat().st_ino:
                return False
        except FileNotFoundError:
            return False
        holder = _read(fd)
        if holder is not None:
            if not _is_dead(holder):
                raise self._held(holder)
            self._warn(
                Diagnostic(
                    "VBM510",
                    f"took over the lock of a run that did not end properly (process {holder.pid}, {holder.started})",
                    severity=Severity.WARNING,
                    where=str(self.path),
                )
            )
        me = Holder(os.getpid(), socket.gethostname(), _now(), _process_start(os.getpid()))
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, (json.dumps(asdict(me), sort_keys=True) + "\n").encode(), 0)
            os.fsync(fd)
        except OSError as error:
            self.path.unlink(missing_ok=True)
            raise output_failure(error, self.path.parent) from None
        return True

    def _held(self, holder: Holder | None) -> Failure:
        who = f"process {holder.pid} on {holder.host}, since {holder.started}" if holder else "another process"
        return Failure(
            Diagnostic(
                "VBM501",
                f"another run is writing to this folder ({who})",
                where=str(self.path),
                hint="wait for it to end; if that process is gone for certain, delete the lock file",
            )
        )

    def __enter__(self) -> RunLock:
        """Acquire."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Release, whatever happened."""
        self.release()


def _flock(fd: int) -> bool:
    """Lock the file; False when another process has it. A file system without locks leaves it to the process id."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _read(fd: int) -> Holder | None:
    """Return who the file names; None when it is empty or not readable as a lock (a run that died while writing it)."""
    try:
        holder = Holder(**json.loads(os.pread(fd, 4096, 0)))
        return replace(holder, pid=int(holder.pid))
    except (ValueError, TypeError):
        return None


def _is_dead(holder: Holder) -> bool:
    """Return whether the holder is surely gone: only a process of this host can be asked."""
    if holder.host != socket.gethostname() or holder.pid <= 0:
        return False
    if holder.pid == os.getpid():
        # Our own id: either this process already holds the folder, or an earlier process had the same id.
        return holder.process_start != _process_start(holder.pid)
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return holder.process_start is not None and holder.process_start != _process_start(holder.pid)


def _process_start(pid: int) -> str | None:
    """Return when the process started, as the kernel counts it; None where it does not say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command name, in parentheses, may hold anything: count the fields after it. The start is field 22.
    return stat.rpartition(")")[2].split()[19]


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
