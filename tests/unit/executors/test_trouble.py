"""Engines that are missing, silent or dead are told of in our words, and nothing of theirs reaches our streams."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from importlib.util import find_spec

import pytest

from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.executors import trouble
from vbpmeasure.executors.factory import check, executor
from vbpmeasure.executors.local import Local
from vbpmeasure.executors.model import EXECUTORS, Task
from vbpmeasure.executors.spark import Spark
from vbpmeasure.executors.spark.sent import replies


@pytest.mark.parametrize(("engine", "module"), [("spark", "pyspark"), ("ray", "ray"), ("dask", "distributed")])
def test_an_engine_that_is_not_installed(engine: str, module: str) -> None:
    if find_spec(module) is not None:
        pytest.skip(f"{engine} is installed")
    with pytest.raises(Failure, match="VBM462") as caught:
        executor(engine, None)
    assert f"vbpmeasure[{engine}]" in str(caught.value.diagnostics[0].hint)


def test_names_and_masters() -> None:
    for name in EXECUTORS:
        check(name, None)
    check("spark", "yarn")
    for name, master in (("flink", None), (None, "yarn"), ("local", "yarn")):
        with pytest.raises(Failure, match="VBM466"):
            check(name, master)


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.listen()
        trouble.knock(f"tcp://127.0.0.1:{port}")
        trouble.knock(f"127.0.0.1:{port}")
    with pytest.raises(OSError, match="refused"):
        trouble.knock(f"tcp://127.0.0.1:{port}")
    for address in ("nonsense", "tcp://host"):
        with pytest.raises(ValueError, match="host:port"):
            trouble.knock(address)


def test_programs_that_an_engine_starts_write_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    with trouble.quiet():
        subprocess.run([sys.executable, "-c", "import sys; print(1); print(2, file=sys.stderr)"], check=True)
        os.write(1, b"three")
    subprocess.run([sys.executable, "-c", "print('again')"], check=True)
    assert capfd.readouterr() == ("again\n", "")


class _Dead:
    """A session whose Java is gone."""

    def stop(self) -> None:
        raise ConnectionRefusedError("PLANTEDMEMBER")


def test_an_engine_that_died_hides_nothing_that_was_told_of_it(capfd: pytest.CaptureFixture[str]) -> None:
    spark = Spark.__new__(Spark)
    spark.session, spark._own, spark._marked = _Dead(), True, True
    with pytest.raises(Failure, match="VBM465") as caught, spark:
        raise trouble.gave_up("spark", ConnectionRefusedError("PLANTEDMEMBER"))
    assert "PLANTEDMEMBER" not in str(caught.value)
    assert "ConnectionRefusedError" in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_replies_are_put_together_from_pieces_in_any_order() -> None:
    rows = [(1, 0, b"c"), (0, 1, bytearray(b"b")), (0, 0, b"a"), (1, 1, b"d")]
    assert list(replies(rows, 2)) == [b"ab", b"cd"]


def test_a_worker_without_the_program() -> None:
    with pytest.raises(Failure, match="VBM464"):
        list(Local().map(Task("vbpmeasure_of_another_name:judge", b""), [b""]))
