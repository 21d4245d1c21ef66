"""Whether this process can be copied, so that two go on from here."""

from __future__ import annotations

import sys
import threading

# With threads of their own: a copy of a process that has loaded one of these could wait for a thread that it has not.
_WITH_THREADS = {"polars", "pyarrow", "numpy"}


def may_be_copied() -> bool:
    """Return whether this is Linux, and a process without threads or a library that starts some."""
    return sys.platform.startswith("linux") and threading.active_count() == 1 and _WITH_THREADS.isdisjoint(sys.modules)
