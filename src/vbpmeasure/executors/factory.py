"""The executor of a name."""

from __future__ import annotations

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.executors.model import EXECUTORS, Executor


def check(name: str | None, master: str | None) -> None:
    """Raise ``Failure`` (VBM466) for an executor that there is none of, or a master without an engine that has one."""
    if name is not None and name not in EXECUTORS:
        raise _usage(f"there is no executor `{name}`", f"one of {', '.join(EXECUTORS)}")
    if master is not None and name in (None, "local"):
        raise _usage("`--master` needs an engine", "add `--executor spark`, `ray` or `dask`")


def executor(name: str, master: str | None) -> Executor:
    """Return the executor, started.

    Raises ``Failure`` as `check` does, VBM462 when the engine is not installed, VBM463 when it cannot be reached.
    """
    check(name, master)
    # Engines are heavy, and mostly not there.
    match name:
        case "spark":
            from vbpmeasure.executors.spark import Spark  # noqa: PLC0415

            return Spark(master)
        case "ray":
            from vbpmeasure.executors.ray import Ray  # noqa: PLC0415

            return Ray(master)
        case "dask":
            from vbpmeasure.executors.dask import Dask  # noqa: PLC0415

            return Dask(master)
    from vbpmeasure.executors.local import Local  # noqa: PLC0415

    return Local()


def _usage(what: str, hint: str) -> Failure:
    return Failure(Diagnostic("VBM466", what, where="--executor", hint=hint))
