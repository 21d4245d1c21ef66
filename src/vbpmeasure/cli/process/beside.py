"""A value that is made beside other work: in a second process where one can be had for nothing, else when asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar, cast

from vbpmeasure.cli.process.copying import may_be_copied
from vbpmeasure.runs.spread import codec

Made = TypeVar("Made")


def begun(make: Callable[[], Made]) -> Callable[[], Made]:
    """Begin to make a plain value (`codec`), and return what waits for it and returns it.

    ``make`` has no effect but its value. It works in a copy of this process where there can be one (`may_be_copied`)
    and a processor for it; elsewhere, and whenever the copy does not come to a value, it works here when the value is
    asked for. So what it raises is raised here.
    """
    if (os.cpu_count() or 1) == 1 or not may_be_copied():
        return make
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _send(make, writing)
    os.close(writing)

    def made() -> Made:
        with os.fdopen(reading, "rb") as pipe:
            content = pipe.read()
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        try:
            return cast("Made", codec.from_bytes(content))
        except ValueError:  # nothing, or the half of a value: the copy has died
            return make()

    return made


def _send(make: Callable[[], object], writing: int) -> None:
    """Write the value and end, without a word about anything: who asks finds nothing, and makes the value itself."""
    with suppress(BaseException):
        content = codec.to_bytes(make())
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(content)
    os._exit(0)
