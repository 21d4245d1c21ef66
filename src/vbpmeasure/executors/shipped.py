"""The function that goes to the workers of an engine: it knows names and bytes alone until it is called there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vbpmeasure.executors.model import Task

NOT_INSTALLED = b"no vbpmeasure here"

Shipped = Callable[..., Any]


def shipped(task: Task) -> Shipped:
    """Return the function of a number of threads, and of what the task is given, that calls a task.

    Engines send a function inside a function as its code, not as a name to import: a worker without this package can
    still say that it lacks it. Polars counts its threads when it is imported, which has not happened in a new worker.
    """
    entry, common, not_installed = task.entry, task.common, NOT_INSTALLED

    def call(threads: int, *given: Any) -> Any:
        import os  # noqa: PLC0415
        import sys  # noqa: PLC0415
        from importlib import import_module  # noqa: PLC0415

        if "polars" not in sys.modules:
            os.environ["POLARS_MAX_THREADS"] = str(max(threads, 1))
        module, _, name = entry.partition(":")
        try:
            function = getattr(import_module(module), name)
        except ImportError:
            return not_installed
        return function(common, *given)

    return call
