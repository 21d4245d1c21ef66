"""Dask: a task a parcel on a cluster of `distributed`. A worker that dies is replaced, its parcels are tried again."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from vbpmeasure.executors.model import Task
from vbpmeasure.executors.shipped import shipped
from vbpmeasure.executors.trouble import knock, leaving, missing, quiet, replies, retold, unreachable


class Dask:
    """The cluster whose scheduler answers at ``master`` (``tcp://host:8786``), or one of this machine."""

    def __init__(self, master: str | None) -> None:
        """Connect or start. Raises ``Failure``: VBM462 without distributed, VBM463 when nothing answers."""
        try:
            with quiet(), warnings.catch_warnings(action="ignore"):
                from distributed import Client, LocalCluster  # noqa: PLC0415  an extra
        except ImportError:
            raise missing("dask") from None
        self._cluster: Any = None
        hint = "check --master, and that this version of Dask runs there"
        with retold(lambda error: unreachable("dask", error, hint)):
            if master is not None:
                knock(master)
            with quiet(), warnings.catch_warnings(action="ignore"):
                if master is None:
                    self._cluster = LocalCluster(threads_per_worker=1, dashboard_address=None, silence_logs=60)
                self._client: Any = Client(master or self._cluster, timeout="20s", set_as_default=False)

    def map(self, task: Task, parcels: Sequence[bytes]) -> Iterator[bytes]:
        """Yield the reply to each parcel, in their order."""
        call = shipped(task)

        def judge(parcel: bytes) -> bytes:
            from distributed import get_worker  # noqa: PLC0415  of the worker

            reply: bytes = call(get_worker().state.nthreads, parcel)
            return reply

        # Not by their content: a reply that is known from an earlier run is not asked for.
        waited = self._client.map(judge, parcels, pure=False)
        yield from replies("dask", waited, lambda one: one.result())

    def __enter__(self) -> Self:
        """Return the executor."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the cluster, and stop it when it was started here."""
        with leaving():
            self._client.close()
            if self._cluster is not None:
                self._cluster.close()
