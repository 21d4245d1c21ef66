"""The engines, each started once for all tests, and a server of Spark Connect. Engines that are missing are skipped."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.executors import stand_ins

import vbpmeasure
from support.stores import SECRETS
from vbpmeasure.executors.factory import executor
from vbpmeasure.executors.local import Local
from vbpmeasure.executors.model import Executor
from vbpmeasure.sample import write_sample

_MODULES = {"spark": "pyspark", "connect": "pyspark", "ray": "ray", "dask": "distributed"}
ROOT = Path(vbpmeasure.__file__).resolve().parents[2]

# Two workers; a task is tried four times, which Spark's own machine does only when it is told.
_MASTERS = {"spark": "local[2,4]", "ray": None, "dask": None}


def _need(engine: str) -> None:
    if find_spec(_MODULES[engine]) is None:
        pytest.skip(f"{engine} is not installed: `make test-executors` sets it up")
    if engine in ("spark", "connect") and shutil.which("java") is None:
        pytest.skip("Spark needs Java")


@pytest.fixture(scope="session", autouse=True)
def workers_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Let workers import what the tests do, and say where the mark of a killed worker stands."""
    killed = tmp_path_factory.mktemp("killed") / "pid"
    changes = {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        stand_ins.PLACE: str(killed),
        "PYSPARK_PYTHON": sys.executable,
        # Keys of an object store go to no worker with a job: its environment has to hold them.
        **SECRETS,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in changes.items():
            patch.setenv(name, value)
        yield killed


@pytest.fixture(scope="session")
def connect_server(workers_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server of Spark Connect, which the package of pyspark holds."""
    _need("connect")
    import pyspark

    home = Path(pyspark.__file__).parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
    }
    server = subprocess.Popen(
        [
            *(str(home / "bin" / "spark-submit"), "--master", "local[2,4]"),
            *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
            *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
            "spark-internal",
        ],
        cwd=tmp_path_factory.mktemp("connect"),
        env={**os.environ, "SPARK_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(1200):
            assert server.poll() is None, "the server of Spark Connect ended"
            with socket.socket() as caller:
                if caller.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"sc://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@contextmanager
def started(engine: str, master: str | None) -> Iterator[Executor]:
    """Start an executor with two workers."""
    with pytest.MonkeyPatch.context() as patch:
        if engine == "ray":
            import ray

            ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="CRITICAL")
        elif engine == "dask":
            import distributed

            real = distributed.LocalCluster
            patch.setattr(distributed, "LocalCluster", lambda **asked: real(n_workers=2, **asked))
        with executor(engine, master) as found:
            yield found
    if engine == "ray":
        ray.shutdown()


@pytest.fixture(scope="session", params=["local", "spark", "connect", "ray", "dask"])
def engine(request: pytest.FixtureRequest, workers_environment: Path) -> Iterator[Executor]:
    """Return every executor in turn; one Spark at a time, for a process has one session."""
    name: str = request.param
    if name == "local":
        yield Local()
        return
    _need(name)
    if name == "connect":
        with started("spark", request.getfixturevalue("connect_server")) as found:
            yield found
        return
    with started(name, _MASTERS[name]) as found:
        yield found


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spread") / "data"
    write_sample(folder, people=300, seed=7, year=2025)
    return folder
