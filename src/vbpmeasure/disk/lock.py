"""The lock beside a run folder: one run at a time writes into it.

A lock outlives its run when the run is killed. Whether it is stale is never guessed: the kernel gives up the `flock` of
a process that died, and what the file says of the process (its id and start, its host, the boot of that host) tells
whether this kernel is the one that would know.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from vbpmeasure.diagnostics import Diagnostic, Failure, Severity
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.spec.json_text import read_json

try:
    import fcntl
except ImportError:  # a system without it: the process id in the file has to do
    fcntl = None  # type: ignore[assignment]

_MOST_BYTES = 4096
_LARGEST_PID = 2**31 - 1  # more is no process id of any system, and `os.kill` refuses to take it


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock, since when.

    ``process_start`` tells a process from a later one with the same id; ``boot`` is the id of the boot of the host,
    ``uptime`` the seconds since that boot when the lock was taken. None where the system does not say.
    """

    pid: int
    host: str
    started: str
    process_start: str | None = None
    boot: str | None = None
    uptime: float | None = None


class RunLock:
    """A lock file named ``.NAME.lock`` beside the folder ``NAME``; a context manager.

    The file is locked with ``flock`` too, so that the death of its holder, however sudden, frees it.
    """

    def __init__(self, folder: Path, warn: Callable[[Diagnostic], None] | None = None, named: str = "--out") -> None:
        """Name the lock; nothing is touched before `acquire`. ``warn`` hears of a lock that a dead run left.

        ``named`` is what says the folder on the command line.
        """
        self.path = folder.with_name(f".{folder.name}.lock")
        self._warn = warn or (lambda _: None)
        self._named = named
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises `Failure`: VBM501 held by another run, VBM502 cannot be written."""
        while self._fd is None:
            try:
                fd = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
            except OSError as error:
                raise output_failure(error, self.path.parent, self._named) from None
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
        locked = _flock(fd)
        if locked is False:
            raise self._held(_read(fd))
        try:
            if os.fstat(fd).st_ino != self.path.stat().st_ino:
                return False
        except FileNotFoundError:
            return False
        holder = _read(fd)
        if holder is not None:
            why = _stale(holder, flocked=locked is True)
            if why is None:
                raise self._held(holder)
            who = f"process {holder.pid} on {holder.host}, {_since(holder)}"
            self._warn(
                Diagnostic(
                    "VBM510",
                    f"took over the lock of a run that did not end properly ({who}): {why}",
                    severity=Severity.WARNING,
                    where=str(self.path),
                )
            )
        pid = os.getpid()
        me = Holder(pid, socket.gethostname(), _now().isoformat(timespec="seconds"), _process_start(pid), *_boot())
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, (json.dumps(asdict(me), sort_keys=True) + "\n").encode(), 0)
            os.fsync(fd)
        except OSError as error:
            self.path.unlink(missing_ok=True)
            raise output_failure(error, self.path.parent, self._named) from None
        return True

    def _held(self, holder: Holder | None) -> Failure:
        here = holder is None or holder.host == socket.gethostname()
        who = f"process {holder.pid} on {holder.host}, {_since(holder)}" if holder else "another process"
        hint = (
            f"wait for it to end, or choose another {self._named}"
            if here
            else "whether it still runs can only be seen on that host; if it is gone for certain, delete the lock file"
        )
        return Failure(
            Diagnostic("VBM501", f"another run is writing to this folder ({who})", where=str(self.path), hint=hint)
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


def _flock(fd: int) -> bool | None:
    """Lock the file; False when another process has it, None where files cannot be locked."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _read(fd: int) -> Holder | None:
    """Return who the file names; None when it is empty or not readable as a lock (a run that died while writing it)."""
    try:
        holder = Holder(**read_json(os.pread(fd, _MOST_BYTES, 0)))
    except (ValueError, TypeError):
        return None
    return holder if _is_of_a_run(holder) else None


def _is_of_a_run(holder: Holder) -> bool:
    """Return whether every entry is of the kind that a run writes: the file may be anybody's."""
    texts: list[object] = [holder.host, holder.started]
    texts += [text for text in (holder.process_start, holder.boot) if text is not None]
    uptime = 0.0 if holder.uptime is None else holder.uptime
    return (
        type(holder.pid) is int
        and 0 <= holder.pid <= _LARGEST_PID
        and all(isinstance(text, str) and text.isprintable() for text in texts)
        and type(uptime) in (int, float)
        and 0 <= uptime < math.inf
    )


def _stale(holder: Holder, *, flocked: bool) -> str | None:
    """Return why the holder is surely gone, None when it may live. ``flocked``: we have the kernel's lock on the file.

    Containers share a kernel and neither host names nor process ids, so the boot is asked first.
    """
    boot, _ = _boot()
    known = holder.boot is not None and boot is not None
    if known and holder.boot == boot and flocked:
        # The same kernel gave the lock to us: it takes it from nobody but the dead. Our own process may hold it too.
        mine = holder.pid == os.getpid() and holder.process_start == _process_start(holder.pid)
        return None if mine and holder.host == socket.gethostname() else "that process no longer runs"
    if holder.host != socket.gethostname():
        return None
    if known and holder.boot != boot:
        return "the host was started again since"
    return "that process no longer runs" if _is_dead(holder) else None


def _is_dead(holder: Holder) -> bool:
    """Return whether a process of this host is surely gone."""
    if holder.pid <= 0:
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


def _boot() -> tuple[str | None, float | None]:
    """Return the id of this boot and the seconds since, which no change of the clock moves; None where unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None, None
    return boot, round(time.clock_gettime(time.CLOCK_BOOTTIME), 3)


def _since(holder: Holder) -> str:
    """Return since when and for how long the lock is held; only words depend on it."""
    age = _age(holder)
    return f"since {holder.started}" if age is None else f"since {holder.started}, {_duration(age)}"


def _age(holder: Holder) -> float | None:
    """Return the seconds since the lock was taken; None when no clock can tell."""
    boot, uptime = _boot()
    if boot is not None and holder.boot == boot and uptime is not None and holder.uptime is not None:
        return max(uptime - holder.uptime, 0.0)
    try:
        age = (_now() - dt.datetime.fromisoformat(holder.started)).total_seconds()
    except (ValueError, TypeError):
        return None
    # A clock that was set back tells nothing.
    return age if age >= 0 else None


def _duration(seconds: float) -> str:
    minutes = int(seconds) // 60
    if minutes < 1:
        return f"{int(seconds)} s"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
