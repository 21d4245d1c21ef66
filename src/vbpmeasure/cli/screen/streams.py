"""The two streams: results go to stdout, everything else to stderr."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from typing import IO

from vbpmeasure.cli.screen.log import LOG
from vbpmeasure.cli.screen.settings import SETTINGS
from vbpmeasure.cli.screen.silence import silence
from vbpmeasure.diagnostics.model import Diagnostic, Failure


def out(text: str) -> None:
    """Write a result to stdout, ending in exactly one line break; say nothing when the reader has gone (``| head``).

    Raises ``Failure`` VBM506 when the disk below stdout is full, VBM507 when it fails in another way.
    """
    _write(sys.stdout, text)


def note(text: str) -> None:
    """Write a remark to stderr, unless ``-q`` was given."""
    if SETTINGS.log_format is not None:
        LOG.tell("remark", {"message": text}, "info")
    elif not SETTINGS.quiet:
        _write(sys.stderr, text)


def detail(text: str) -> None:
    """Write a remark to stderr when ``-v`` was given."""
    if SETTINGS.log_format is not None:
        LOG.tell("remark", {"message": text}, "debug")
    elif SETTINGS.verbose and not SETTINGS.quiet:
        _write(sys.stderr, text)


def complain(text: str) -> None:
    """Write an error to stderr, whatever ``-q`` says."""
    if SETTINGS.log_format is not None:
        LOG.tell("remark", {"message": text}, "error")
    else:
        _write(sys.stderr, text)


def width() -> int | None:
    """Return the columns of the terminal on stdout; None when stdout is no terminal, where nothing is folded."""
    if not sys.stdout.isatty():
        return None
    with contextlib.suppress(OSError):
        return os.get_terminal_size(sys.stdout.fileno()).columns
    return None


def color() -> bool:
    """Return whether stdout may be colored: a terminal, and NO_COLOR unset or empty."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextlib.contextmanager
def progress(words: str) -> Iterator[None]:
    """Show a spinner with these words on stderr while the block runs; only on a terminal and without ``-q``."""
    logged = SETTINGS.log_format is not None
    if SETTINGS.quiet or logged or not sys.stderr.isatty() or os.environ.get("CI"):
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(words, spinner="line"):
        yield


def give_up(stream: IO[str], error: OSError) -> None:
    """Write no more to a stream that could not be written; that its reader has gone (``| head``) is no error.

    Raises ``Failure`` VBM506 when the disk below stdout is full, VBM507 when it fails in another way.
    """
    silence(stream)
    # Of a full disk below stderr nobody can be told, and it is no reason to give up the work.
    if stream is sys.stdout and not isinstance(error, BrokenPipeError):
        raise _cut_short(error) from None


def _write(stream: IO[str], text: str) -> None:
    try:
        stream.write(text if text.endswith("\n") else text + "\n")
        stream.flush()
    except OSError as error:
        give_up(stream, error)


def _cut_short(error: OSError) -> Failure:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    why = "the disk below it is full" if full else (error.strerror or type(error).__name__).lower()
    hint = "what is there is cut short; files and folders that the command wrote before are whole"
    return Failure(
        Diagnostic("VBM506" if full else "VBM507", f"stdout cannot be written: {why}", where="stdout", hint=hint)
    )
