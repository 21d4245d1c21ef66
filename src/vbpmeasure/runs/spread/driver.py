"""The run's side: buckets go to an executor, and their counts are added."""

from __future__ import annotations

from functools import reduce
from operator import add

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets.layout import Layout
from vbpmeasure.data.mapping import TableSources
from vbpmeasure.data.remote.access import NO_ACCESS, Access
from vbpmeasure.executors.model import Executor, Task
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.runs.spread import codec, worker
from vbpmeasure.runs.spread.job import job_of, parcels, sealed
from vbpmeasure.runs.work import Work

# Of data that nobody laid out every bucket reads all: few are better than many.
BUCKETS = 16


def count(
    executor: Executor,
    work: Work,
    bound: BoundData,
    layout: Layout | None,
    buckets: int,
    sources: TableSources,
    access: Access = NO_ACCESS,
) -> Partial:
    """Return the counts of everybody, each bucket judged by a worker; what comes after the sum stays here.

    Raises ``Failure`` with the diagnostics of the first bucket that a worker could not judge, VBM464 and VBM465 as the
    executor does, VBM467 when a worker runs another program.
    """
    task = Task(worker.ENTRY, sealed(job_of(work, bound, layout, sources, access)))
    sent = [codec.to_bytes(parcel) for parcel in parcels(bound, layout, buckets)]
    return reduce(add, (worker.read(reply) for reply in executor.map(task, sent)))
