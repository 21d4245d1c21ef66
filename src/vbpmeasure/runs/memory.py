"""How much memory there is, and in how many buckets people have to be judged to stay within it."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets import MOST

_CGROUP = Path("/sys/fs/cgroup")

# What one process needs in any case, and what each row of the input is taken to add while its people are judged.
# Measured on generated claims in one pass (docs/scale.md), all shipped measures add 75 to 80 bytes a row (0.99 GiB for
# 9.3 million rows, 6.55 GiB for 83 million), and six of them, the whole command with three strata, 13 (1.35 GiB for 83
# million). Twice the larger one is a margin for what was not measured: rows with more codes and longer texts than the
# generated ones, definitions of users, wide strata, rows of persons. Too many buckets cost seconds, too few the run.
BASE_BYTES = 350 << 20
BYTES_PER_ROW = 160
# Addresses that are asked for and never filled, which a limit on them counts: stacks of threads, arenas, libraries.
ADDRESSES = 3 << 30
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
    yield from of_control_groups(_CGROUP, Path("/proc/self/cgroup"))
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        yield max(soft - ADDRESSES, 0)


def of_control_groups(root: Path, membership: Path) -> Iterator[int]:
    """Yield what is left in each control group of a process, its own and those above it.

    ``root`` is where the groups are mounted, ``membership`` the kernel's list of the groups of the process (a service
    of systemd has a group of its own; in a container the own group is the root). Pages of files count as free: the
    kernel gives them back when memory is wanted.
    """
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        lines = []
    own = {parts[1]: parts[2].lstrip("/") for line in lines if len(parts := line.split(":", 2)) == 3}
    for folder, most, used in (
        (root / own.get("", ""), "memory.max", "memory.current"),
        (root / "memory" / own.get("memory", ""), "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        for group in (folder, *folder.parents):
            if not group.is_relative_to(root):
                break
            try:
                limit, taken = ((group / name).read_text(encoding="ascii").strip() for name in (most, used))
                if limit.isdecimal():
                    yield max(int(limit) - int(taken) + _file_pages(group), 0)
            except (OSError, ValueError):
                continue


def _file_pages(group: Path) -> int:
    try:
        lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
        sizes = {name: int(value) for name, value in (line.split() for line in lines)}
    except (OSError, ValueError):
        return 0
    return sizes.get("inactive_file", 0) + sizes.get("active_file", 0)


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
