"""One parcel after the other in this process, the way that workers go: to see what they will do without an engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from vbpmeasure.executors.model import Task
from vbpmeasure.executors.shipped import NOT_INSTALLED, shipped
from vbpmeasure.executors.trouble import not_installed


class Local:
    """The process that asks is the worker."""

    def map(self, task: Task, parcels: Sequence[bytes]) -> Iterator[bytes]:
        """Yield the reply to each parcel, in their order."""
        call = shipped(task)
        for parcel in parcels:
            reply: bytes = call(1, parcel)
            if reply == NOT_INSTALLED:
                raise not_installed("local")
            yield reply

    def __enter__(self) -> Self:
        """Return the executor."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was started."""
