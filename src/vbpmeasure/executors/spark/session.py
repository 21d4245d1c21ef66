"""A session of Spark: found or started, and stopped when it was started here."""

from __future__ import annotations

import os
import sys
import warnings
from types import TracebackType
from typing import Any, Self

from vbpmeasure.executors.trouble import leaving, missing, quiet, retold, unreachable

_REMOTE = "sc://"
_CONNECTED = "SPARK_CONNECT_MODE_ENABLED"
_ON_THIS_MACHINE = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


class Session:
    """A session of Spark: the one that is there, or one of its own on ``master``."""

    def __init__(self, master: str | None) -> None:
        """Start or find the session.

        ``master`` is a master of Spark or an address of Spark Connect (``sc://``); without one the session or the
        settings that are there decide. Raises ``Failure``: VBM462 without pyspark, VBM463 when nothing answers.
        """
        try:
            with quiet(), warnings.catch_warnings(action="ignore"):
                from pyspark.sql import SparkSession  # noqa: PLC0415  an extra
        except ImportError:
            raise missing("spark") from None
        hint = "check --master, and that the driver has Java 17 or newer"
        if master is not None and master.startswith(_REMOTE):
            hint = "check --master, and that a Spark Connect server of this version of Spark answers there"
        self._marked = _CONNECTED in os.environ
        with (
            # Whatever Java, py4j and gRPC raise: their texts hold addresses, and tokens in them.
            retold(lambda error: unreachable("spark", error, hint)),
            quiet(),
            warnings.catch_warnings(action="ignore"),
        ):
            there = SparkSession.getActiveSession()
            self._own = there is None
            try:
                self.session: Any = _started(SparkSession, master) if there is None else there
            except Exception:
                self._unmark()
                raise

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the session when it was started here."""
        if self._own:
            with leaving():
                self.session.stop()
            self._unmark()

    def _unmark(self) -> None:
        """Let the process start a Spark of its own again: pyspark leaves a mark of Connect behind, and refuses."""
        if not self._marked:
            os.environ.pop(_CONNECTED, None)


def _started(kind: Any, master: str | None) -> Any:
    if master is not None and master.startswith(_REMOTE):
        return _connected(kind, master)
    builder = kind.builder.appName("vbpmeasure")
    if master is not None:
        builder = builder.master(master)
        if master.startswith("local"):
            # The workers of this machine are this Python, and nobody else talks to them.
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            for name, value in _ON_THIS_MACHINE.items():
                builder = builder.config(name, value)
    return builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()


def _connected(kind: Any, master: str) -> Any:
    # Without any option: to set one would ask the server, as patiently as the policies below are not.
    session = kind.builder.remote(master).getOrCreate()
    policies = session.client.get_retry_policies()
    from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415

    # The usual policy asks for ten minutes before it says that nobody is there.
    session.client.set_retry_policies([DefaultPolicy(max_retries=3)])
    try:
        _ = session.version
    except Exception:
        session.client.close()  # it would be as patient when the process ends
        raise
    session.client.set_retry_policies(policies)
    return session
