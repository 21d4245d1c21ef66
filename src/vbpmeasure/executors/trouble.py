"""What is said when an engine cannot be had or gives up: codes of ours, and never the engine's words.

Engines put the text of an error and a trace of the worker into theirs, and those can quote cells.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.executors.shipped import NOT_INSTALLED

One = TypeVar("One")

_PATIENCE = 10.0  # seconds
_LOGGERS = ("pyspark", "py4j", "ray", "distributed", "asyncio", "tornado", "grpc")


def missing(engine: str) -> Failure:
    """Return the failure of an engine that is not installed."""
    return Failure(
        Diagnostic(
            "VBM462", f"the engine of `--executor {engine}` is not installed", hint=f"install vbpmeasure[{engine}]"
        )
    )


def unreachable(engine: str, error: BaseException, hint: str) -> Failure:
    """Return the failure of an engine that does not start or answer."""
    return Failure(Diagnostic("VBM463", f"{engine} cannot be reached ({_kind(error)})", where="--master", hint=hint))


def not_installed(engine: str) -> Failure:
    """Return the failure of workers without this program."""
    return Failure(
        Diagnostic(
            "VBM464",
            f"a worker of {engine} cannot import vbpmeasure",
            hint="install the same version there, with the same Polars, for the Python that the workers run",
        )
    )


def gave_up(engine: str, error: BaseException) -> Failure:
    """Return the failure of a bucket that the engine tried as often as it is set to."""
    return Failure(
        Diagnostic(
            "VBM465",
            f"{engine} gave up ({_kind(error)}): a bucket of people was not judged",
            hint="more buckets need less memory each; the logs of the engine tell what stopped its workers",
        )
    )


def unread(engine: str, error: BaseException) -> Failure:
    """Return the failure of a table that the engine does not read."""
    return Failure(
        Diagnostic(
            "VBM468",
            f"{engine} cannot read what `--data` names ({_kind(error)})",
            where="--data",
            hint="check the catalog and schema, and that this user may read its tables",
        )
    )


def _kind(error: BaseException) -> str:
    """Return the kind of an error with Spark's name of the condition, never its text."""
    condition = getattr(error, "getCondition", lambda: None)()
    name = type(error).__name__
    return f"{name} {condition}" if isinstance(condition, str) and condition else name


def knock(address: str) -> None:
    """Raise `OSError` when nobody listens at ``host:port``, `ValueError` when the address is none.

    Ray ends the process, and Dask goes on asking at its end, when nobody ever answered them.
    """
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.hostname is None or parts.port is None:
        raise ValueError("an address is host:port")
    with socket.create_connection((parts.hostname, parts.port), timeout=_PATIENCE):
        pass


def told_as_is() -> bool:
    """Return whether errors of engines come through as they are, for who looks for a bug."""
    return os.environ.get("VBPMEASURE_TRACEBACK") == "1"


@contextmanager
def retold(tell: Callable[[Exception], Failure]) -> Iterator[None]:
    """Say in our words what an engine raises."""
    try:
        yield
    except Exception as error:
        if told_as_is():
            raise
        raise tell(error) from None


def replies(engine: str, asked: Iterable[One], answer: Callable[[One], bytes]) -> Iterator[bytes]:
    """Yield the reply to each parcel; raises ``Failure`` VBM464 for a worker without this program, VBM465."""
    for one in asked:
        with retold(lambda error: gave_up(engine, error)):
            reply = answer(one)
        if reply == NOT_INSTALLED:
            raise not_installed(engine)
        yield reply


@contextmanager
def leaving() -> Iterator[None]:
    """Stop an engine without a word: one that has died cannot be stopped, and what it died of is told already."""
    with quiet(), warnings.catch_warnings(action="ignore"):
        try:
            yield
        except Exception:
            if told_as_is():
                raise


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the streams of this process from programs that are started meanwhile, and engines from logging to them.

    A program keeps the streams that it was started with: the Java of Spark and its workers write nowhere.
    """
    if told_as_is():
        yield
        return
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    streams = (sys.stdout, sys.stderr)
    for stream in streams:
        stream.flush()
    kept = [(descriptor, os.dup(descriptor)) for descriptor in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for descriptor, _ in kept:
            os.dup2(nowhere, descriptor)
        yield
    finally:
        for stream in streams:
            stream.flush()
        for descriptor, copy in kept:
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(nowhere)
