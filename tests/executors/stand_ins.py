"""What workers run in the place of the program's own entry point: work in which they are killed, or none at all."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from vbpmeasure.runs.spread import codec, worker

PLACE = "VBPMEASURE_TESTS_KILLED"
KILLED_ONCE = f"{__name__}:killed_once"
FAILS = f"{__name__}:fails"
RETURNS = f"{__name__}:returns"


def killed_once(common: bytes, parcel: bytes) -> bytes:
    """Judge a bucket; the first try of the second bucket ends its process when its work is done, with no good-bye."""
    reply = worker.judge(common, parcel)
    killed = Path(os.environ[PLACE])
    if codec.from_bytes(parcel).bucket == 1 and not killed.exists():
        killed.write_text(str(os.getpid()), encoding="ascii")
        os.kill(os.getpid(), signal.SIGKILL)
    return reply


def fails(common: bytes, parcel: bytes) -> bytes:
    """End the process at every try."""
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def returns(common: bytes, parcel: bytes) -> bytes:
    """Return both."""
    return common + parcel
