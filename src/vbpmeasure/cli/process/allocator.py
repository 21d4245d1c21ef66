"""How Polars gives memory back: settings of the allocator that it brings, which are read while it is loaded."""

from __future__ import annotations

import os

VARIABLE = "_RJEM_MALLOC_CONF"


def set_allocator() -> None:
    """Set what Polars reads when it is imported in this process, or in one started from here; the user's own wins.

    Pages that are free are given back at once, and not only when memory is short; and there is one arena for each
    processor: of four, the usual number, each keeps some memory for itself.
    """
    arenas = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    os.environ.setdefault(VARIABLE, f"muzzy_decay_ms:0,narenas:{arenas}")
