"""How much memory there is, and in how many buckets people have to be judged to stay within it."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets import MOST

_CGROUP = Path("/sys/fs/cgroup")

# Measured on generated claims with all shipped measures (docs/scale.md): what one process needs in any case, and what
# each row of the input adds while its people are judged.
BASE_BYTES = 350 << 20
BYTES_PER_ROW = 160
_SHARE = 0.6  # of what is free: others want some too


def buckets_for(bound: BoundData, buckets_there: int | None = None) -> int:
    """Return the smallest number of buckets (1, 2, 4 ...) in which the data should fit into the free memory.

    ``buckets_there`` are those of the layout of the data: where there is one, no finer division than that is chosen.
    """
    free = available_memory()
    if free is None:
        return 1
    rows = sum(table.rows for table in bound.tables.values())
    room = max(free * _SHARE - BASE_BYTES, 64 << 20)
    buckets = 1
    while rows * BYTES_PER_ROW / buckets > room and buckets < (buckets_there or MOST):
        buckets *= 2
    return min(buckets, buckets_there or MOST)


def available_memory() -> int | None:
    """Return the bytes that this process may still take: of the machine, of its control group, of its own limit."""
    return min(_limits(), default=None)


def _limits() -> Iterator[int]:
    yield from _of_machine()
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            most, taken = ((_CGROUP / name).read_text(encoding="ascii").strip() for name in (limit, used))
            if most.isdecimal():
                yield max(int(most) - int(taken), 0)
        except (OSError, ValueError):
            continue
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        yield soft


def _of_machine() -> Iterator[int]:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        kilobytes = {name: value for name, _, value in (line.partition(":") for line in lines)}
        yield int(kilobytes["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        try:
            yield os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        except (OSError, ValueError):
            return
