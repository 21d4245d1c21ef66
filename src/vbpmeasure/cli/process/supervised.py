"""A command that may run out of memory works in a child process, so that somebody is left to say what happened.

A system short of memory ends a process without asking it, and a failed allocation aborts it: nothing inside could still
print a message, give an exit code or write that the night failed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import NoReturn

from vbpmeasure.cli.process.allocator import set_allocator
from vbpmeasure.cli.process.copying import may_be_copied
from vbpmeasure.cli.screen.log import LOG
from vbpmeasure.diagnostics.model import Diagnostic, Failure

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FROM_A_TERMINAL = 0x80  # si_code SI_KERNEL: the terminal has told the child as well
_SET_PDEATHSIG = 1  # prctl(2)

# Set by the way in of the command: tests that call commands inside their own process have no need of a second one.
allowed = False

_LESS = "give the command more memory, or ask it for less at a time; earlier results are still whole"
# What would help the command that is running.
hint = _LESS


def child() -> int | None:
    """Go on in a child process, and wait for it in this one.

    Returns None in the child, which does the work. This process ends with the child's exit code when it has one, or by
    the same signal; only when the child was killed or aborted does it come back, with the number of that signal: then
    it is alone, and should say so (`out_of_memory`). Signals that are sent to it reach the child.
    Does nothing, and returns None, in a process that cannot be copied (`may_be_copied`).
    """
    if not allowed or not may_be_copied():
        return None
    LOG.begin()
    _ = LOG.run_id  # drawn now, so that both processes know it by the same name
    sys.stdout.flush()
    sys.stderr.flush()
    here = os.getpid()
    watched = {*_PASSED_ON, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        _die_with(here)
        set_allocator()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return None
    ended = _wait(pid, watched)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if -ended not in (signal.SIGKILL, signal.SIGABRT):
        _end_like(ended)
    return -ended


def go_on_in_child() -> None:
    """Go on in a child process; this one ends as the child does.

    Raises ``Failure`` (VBM513) in this process when the child was killed or aborted.
    """
    died = child()
    if died is not None:
        raise out_of_memory(died)


def out_of_memory(signal_number: int | None) -> Failure:
    """Return the failure of a command that had no memory left, with the `hint` that it has set."""
    how = "there is no memory left"
    if signal_number == signal.SIGKILL:
        how = "the system, or somebody, killed the process that does the work; most often memory has run out"
    elif signal_number == signal.SIGABRT:
        how = (
            "the process that does the work was aborted: an allocation of memory failed, or a library gave up on a "
            "damaged input file; its own words stand above"
        )
    return Failure(Diagnostic("VBM513", how, hint=hint))


def more_buckets(buckets: int | None) -> str:
    """Return the hint to a run, ``buckets`` of which were asked for, if any."""
    more = min(max(16, (buckets or 0) * 4), 4096)
    return (
        f"`--buckets {more}` judges fewer people at a time, with the same results; data laid out by "
        "`vbpmeasure bucket` needs the least; earlier results are still whole"
    )


def _wait(pid: int, watched: set[signal.Signals]) -> int:
    """Return the exit code of the child, or minus the number of the signal that ended it."""
    while True:
        told = signal.sigwaitinfo(watched)
        if told.si_signo != signal.SIGCHLD:
            if told.si_code != _FROM_A_TERMINAL:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, told.si_signo)
            continue
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)


def _end_like(code: int) -> NoReturn:
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 128 - code)


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent is killed: a run that was killed must not go on unseen."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(128 + signal.SIGKILL)
