"""What holds for every reader and any bytes, as one function that both drivers call."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vbpmeasure.diagnostics.codes import CODES
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.diagnostics.rendering import FORMATS, render

# Stands in every identifier, name and text of seeds that are data: it may never be said.
CANARY = "zqcanary"
SECONDS, PER_BYTES = 5.0, 20_000  # of CPU for one input; larger ones have so much for each such part
MEGABYTES = 500  # by which the peak of the process may grow for one input

# A reader gets the bytes and an empty folder. It puts its input below `in`, what it writes at `out`, and returns
# every text that it said beside a `Failure` (a report, warnings).
Reader = Callable[[bytes, Path], Iterable["str | Diagnostic"]]


@dataclass(frozen=True)
class Target:
    """One entry point.

    ``kind`` is what the bytes mostly are (``yaml``, ``json``, ``toml``, ``csv`` or ``bytes``), ``data`` whether they
    are about people (then no text of a seed's `CANARY` may be said), ``words`` what is worth writing anywhere in them.
    """

    name: str
    read: Reader
    seeds: tuple[bytes, ...] = field(repr=False)
    kind: str
    data: bool = False
    words: tuple[bytes, ...] = field(default=())


class Broken(AssertionError):
    """The contract does not hold; ``signature`` is the same for inputs that break it in the same way."""

    def __init__(self, signature: str, what: str) -> None:
        super().__init__(what)
        self.signature = signature


class _Slow(BaseException):
    pass


def hold(target: Target, content: bytes) -> str:
    """Read the bytes, and return how it went: ``read``, or the codes of the failure. Raises `Broken`."""
    __tracebackhide__ = True  # a failing test shows its edits, not a hundred kilobytes
    folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=_scratch()))
    before = _peak()
    try:
        went, said = _read(target, content, folder)
        _judge(target, content, said)
        allowed = {"in", "out"} if went == "read" else {"in"}
        litter = sorted({path.name for path in folder.iterdir()} - allowed)
        if litter:
            raise Broken(f"{target.name}: litter", f"{target.name}: {went}, and left {', '.join(litter)}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if _peak() - before > MEGABYTES:
        raise Broken(f"{target.name}: memory", f"{target.name}: the peak grew by {_peak() - before} MB")
    return went


def _read(target: Target, content: bytes, folder: Path) -> tuple[str, list[str | Diagnostic]]:
    __tracebackhide__ = True
    try:
        with _limit(content), warnings.catch_warnings(action="error"):
            return "read", list(target.read(content, folder))
    except Failure as failure:
        return " ".join(sorted({d.code for d in failure.diagnostics})), list(failure.diagnostics)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        where = _place(error)
        what = "more than the time it has" if isinstance(error, _Slow) else type(error).__name__
        raise Broken(f"{target.name}: {what} in {where}", f"{target.name}: {what} in {where}") from error


def _judge(target: Target, content: bytes, said: list[str | Diagnostic]) -> None:
    __tracebackhide__ = True
    found = [one for one in said if isinstance(one, Diagnostic)]
    texts = [one for one in said if isinstance(one, str)]
    unknown = {d.code for d in found} - CODES.keys()
    if unknown:
        raise Broken(f"{target.name}: code", f"{target.name}: unknown codes {unknown}")
    try:
        with _limit(content):
            for format in FORMATS:
                texts.append(render(found, format))
                texts[-1].encode()
    except (Exception, _Slow) as error:
        raise Broken(f"{target.name}: rendering {type(error).__name__} in {_place(error)}", "rendering") from error
    if target.data and any(CANARY in text.lower() for text in texts):
        code = next((d.code for d in found if CANARY in repr(d).lower()), "text")
        raise Broken(f"{target.name}: said in {code}", f"{target.name}: {code} says a value of the data")


def _place(error: BaseException) -> str:
    """Return the deepest line of ours that an error came through."""
    place = "nowhere of ours"
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if f"{os.sep}vbpmeasure{os.sep}" in code.co_filename:
            place = f"{code.co_filename.rpartition(f'{os.sep}vbpmeasure{os.sep}')[2]}:{code.co_name}"
        trace = trace.tb_next
    return place


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _scratch() -> str | None:
    """Return a folder in memory where there is one: thousands of small files a second are no work for a disk."""
    memory = "/dev/shm"
    return memory if os.access(memory, os.W_OK) else None


@contextlib.contextmanager
def _limit(content: bytes) -> Iterator[None]:
    """Stop what takes too much CPU time; the clock on the wall says nothing on a busy machine."""

    def stop(number: int, frame: object) -> None:
        raise _Slow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS * max(1.0, len(content) / PER_BYTES))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
