"""Settings of a session of Spark while something is asked of it: one that is not ours is left as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

# A timestamp is the day that it is in UTC, as in a file.
IN_UTC = {"spark.sql.session.timeZone": "UTC"}
_FASTER = {
    # Spark measures a batch of rows after every row of it, which takes longer than all else, unless any size will do:
    # batches have ten thousand rows at most anyway.
    "spark.sql.execution.arrow.maxBytesPerBatch": str(2**31 - 1),
    # Java never compiles longer methods, and a table of many columns makes one; Spark then writes several.
    "spark.sql.codegen.hugeMethodLimit": "8000",
}


@contextmanager
def setting(session: Any, settings: Mapping[str, str]) -> Iterator[None]:
    """Set something for a while, and leave a session that is not ours as it was.

    ``settings`` has values by the names of Spark. What Spark raises when it lets nobody set them is raised as it is.
    """
    settable = session.conf
    before = {name: settable.get(name, None) for name in settings}
    for name, value in settings.items():
        settable.set(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            with suppress(Exception):  # a session that has died
                settable.unset(name) if value is None else settable.set(name, value)


@contextmanager
def faster(session: Any) -> Iterator[None]:
    """Set what saves time alone; some clusters let nobody."""
    with ExitStack() as stack:
        with suppress(Exception):
            stack.enter_context(setting(session, _FASTER))
        yield
