"""The guard around every command: whatever happens becomes a coded message and a documented exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from types import FrameType

import typer

from vbpmeasure.cli.process import usage
from vbpmeasure.cli.process.refused import refused
from vbpmeasure.cli.process.supervised import out_of_memory
from vbpmeasure.cli.screen import streams
from vbpmeasure.cli.screen.log import LOG
from vbpmeasure.cli.screen.settings import SETTINGS, DiagnosticsFormat
from vbpmeasure.diagnostics.model import EXIT_INTERRUPTED, EXIT_USAGE, Diagnostic, Failure

_EXIT_TERMINATED = 143  # 128 + SIGTERM, as shells have it


def guarded(body: Callable[[], int]) -> int:
    """Run the command and return its exit code; nothing but ``SystemExit`` gets out.

    A bug is reported by the kind of its exception alone: the text of library errors quotes cell values.
    """
    signal.signal(signal.SIGTERM, _terminate)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us (``>&-``): nobody reads it
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  as long as the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to stop
    LOG.begin()
    unknown = SETTINGS.unknown()
    if unknown:
        report(unknown)
    code = _EXIT_TERMINATED
    try:
        code = _guarded(body)
    finally:
        LOG.finish(code)
    return code


def _guarded(body: Callable[[], int]) -> int:
    try:
        return body()
    except Failure as failure:
        report(failure.diagnostics)
        return failure.exit_code
    except typer.TyperException as error:
        return _usage(error)
    except (KeyboardInterrupt, typer.Abort):
        streams.complain("interrupted")
        return EXIT_INTERRUPTED
    except SystemExit as left:
        if left.code == _EXIT_TERMINATED:
            streams.complain("terminated")
        raise
    except MemoryError:
        nothing_left = out_of_memory(None)
        report(nothing_left.diagnostics)
        return nothing_left.exit_code
    except BaseException as error:  # noqa: BLE001  a panic of Polars is a BaseException and no Exception
        if SETTINGS.traceback:
            traceback.print_exception(error)
        ended = _ended(error)
        report(ended.diagnostics)
        return ended.exit_code


@contextlib.contextmanager
def noticing(failed: Callable[[Sequence[str], int], None]) -> Iterator[None]:
    """Tell ``failed`` with which codes and exit code the command will end when the block does not; then go on as is."""
    try:
        yield
    except Failure as failure:
        failed([one.code for one in failure.diagnostics], failure.exit_code)
        raise
    except KeyboardInterrupt:
        failed(["interrupted"], EXIT_INTERRUPTED)
        raise
    except SystemExit:
        failed(["terminated"], _EXIT_TERMINATED)
        raise
    except MemoryError:
        nothing_left = out_of_memory(None)
        failed([one.code for one in nothing_left.diagnostics], nothing_left.exit_code)
        raise
    except BaseException as error:
        ended = _ended(error)
        failed([one.code for one in ended.diagnostics], ended.exit_code)
        raise


def _usage(error: typer.TyperException) -> int:
    """Report what is wrong with the command line, for people with the usage line; nothing asked for shows the help."""
    usage.take_screen_options()
    for_people = SETTINGS.log_format is None and SETTINGS.diagnostics_format is DiagnosticsFormat.FULL
    if for_people and usage.asks_for_help(error):
        streams.complain(error.format_message())
        return EXIT_USAGE
    report([usage.unreadable(error)])
    line = usage.usage_line(error)
    if for_people and line is not None:
        streams.complain(line)
    return EXIT_USAGE


def report(diagnostics: tuple[Diagnostic, ...] | list[Diagnostic]) -> None:
    """Write diagnostics to stderr in the form that was asked for."""
    if SETTINGS.log_format is not None:
        from vbpmeasure.monitoring.lines import diagnostic_facts

        for one in diagnostics:
            LOG.tell("diagnostic", diagnostic_facts(one), one.severity.value)
        return
    from vbpmeasure.diagnostics.rendering import render

    streams.complain(render(diagnostics, SETTINGS.diagnostics_format.value))


def _ended(error: BaseException) -> Failure:
    return refused(error) or Failure(bug(error))


def bug(error: BaseException) -> Diagnostic:
    """Return the diagnostic of an unforeseen error: its kind and our place in the code, never its text."""
    return Diagnostic(
        "VBM901",
        f"a bug of vbpmeasure: {type(error).__name__} {_place(error)}".rstrip(),
        hint="please report it with the command; VBPMEASURE_TRACEBACK=1 shows more, and may show data",
    )


def _place(error: BaseException) -> str:
    """Return `in module:line` of the innermost frame that is ours."""
    found = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith("vbpmeasure."):
            found = f"in {name}:{line}"
    return found


def _terminate(number: int, frame: FrameType | None) -> None:
    """Leave by an exception, so that locks are released and half-written folders removed."""
    sys.exit(_EXIT_TERMINATED)
