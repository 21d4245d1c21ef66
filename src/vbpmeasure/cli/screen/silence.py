"""A stream that nobody can be told on any more: its reader has gone, or the disk below it is full."""

from __future__ import annotations

import os
from typing import IO


def silence(stream: IO[str]) -> None:
    """Give a stream that cannot be written a file that takes all: Python would complain once more when it leaves."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
