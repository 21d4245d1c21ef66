"""What every executor does, and what it is given to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

EXECUTORS = ("local", "spark", "ray", "dask")


@dataclass(frozen=True, slots=True)
class Task:
    """A function on bytes, by name, so that nothing is imported where it is only passed on.

    ``entry`` is ``module:function``; it is called with ``common``, the same for every parcel, and one parcel. It is
    pure: a parcel that is tried twice gives the same bytes.
    """

    entry: str
    common: bytes


class Executor(Protocol):
    """An engine that calls a task with many parcels; leaving the context stops what it started."""

    def map(self, task: Task, parcels: Sequence[bytes]) -> Iterator[bytes]:
        """Yield the reply to each parcel, in their order.

        Raises ``Failure``: VBM464 when a worker lacks this program, VBM465 when the engine gave a parcel up.
        """

    def __enter__(self) -> Self:
        """Return the executor."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop what was started for this executor alone."""
