"""Ray: a task a parcel. A worker that dies is replaced, and its parcels are tried again, by Ray."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from vbpmeasure.executors.model import Task
from vbpmeasure.executors.shipped import shipped
from vbpmeasure.executors.trouble import knock, leaving, missing, quiet, replies, retold, told_as_is, unreachable

_PRINTS = "print_to_stdstream"


class Ray:
    """A cluster of Ray: the one at ``master`` (``auto``, ``ray://host:10001``), or one of this machine."""

    def __init__(self, master: str | None) -> None:
        """Connect or start. Raises ``Failure``: VBM462 without ray, VBM463 when nothing answers."""
        # Nobody is told that Ray is used here, or anywhere.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        try:
            with quiet(), warnings.catch_warnings(action="ignore"):
                import ray  # noqa: PLC0415  an extra
        except ImportError:
            raise missing("ray") from None
        self._ray: Any = ray
        self._own = not ray.is_initialized()
        self._printed = _printing_nothing()
        if not self._own:
            return
        here: dict[str, Any] = {"include_dashboard": False, "_node_ip_address": "127.0.0.1"} if master is None else {}
        hint = "check --master, and that this version of Ray runs there"
        with retold(lambda error: unreachable("ray", error, hint)):
            if master not in (None, "auto", "local") and not master.startswith("ray://"):
                knock(master)
            with quiet(), warnings.catch_warnings(action="ignore"):
                ray.init(address=master or "local", log_to_driver=False, logging_level="CRITICAL", **here)

    def map(self, task: Task, parcels: Sequence[bytes]) -> Iterator[bytes]:
        """Yield the reply to each parcel, in their order."""
        call = shipped(task)

        def judge(parcel: bytes) -> bytes:
            reply: bytes = call(1, parcel)
            return reply

        asked = self._ray.remote(num_cpus=1)(judge)

        def answer(one: Any) -> bytes:
            with quiet():
                reply: bytes = self._ray.get(one)
            return reply

        yield from replies("ray", [asked.remote(parcel) for parcel in parcels], answer)

    def __enter__(self) -> Self:
        """Return the executor."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop what was started, or leave the cluster."""
        if self._own:
            with leaving():
                self._ray.shutdown()
        self._printed()


def _printing_nothing() -> Callable[[], None]:
    """Keep Ray from telling standard output of workers that died; return what lets it again.

    It does so from a thread of its own, has no setting against it, and standard output is for results.
    """
    from ray._private import worker  # noqa: PLC0415

    real = getattr(worker, _PRINTS, None)
    if real is None or told_as_is():
        return lambda: None
    setattr(worker, _PRINTS, lambda *_given, **_named: None)
    return lambda: setattr(worker, _PRINTS, real)
