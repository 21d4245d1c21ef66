"""A run without memory, or killed: somebody is left who says so, and earlier results are as they were."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from tests.support.commands import command, environment

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are watched on Linux alone")

T = TypeVar("T")

ADDRESSES = 1_200_000_000  # enough to start, too little for the engine and its threads
PATIENCE = 60.0


def line(out: Path, *more: str) -> list[str]:
    return command("run", "wcv", "--data", "sample", "--year", "2025", "--out", out, "--quiet", *more)


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def until(found: Callable[[], T]) -> T:
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.005)
    return answer


def started(words: list[str]) -> tuple[subprocess.Popen[str], int]:
    """Start a command, and return it with the process that does the work, still at its imports."""
    one = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    return one, until(lambda: children(one.pid))[0]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_too_little_memory_is_said_with_what_would_help(tmp_path: Path) -> None:
    out, prom = tmp_path / "out", tmp_path / "night.prom"

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    ended = subprocess.run(
        line(out, "--buckets", "8", "--metrics-file", str(prom)),
        preexec_fn=little, capture_output=True, text=True, env=environment(), check=False,
    )  # fmt: skip
    assert ended.returncode == 5, ended.stderr[-2000:]
    assert "error[VBM513]" in ended.stderr
    assert "--buckets " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert not out.exists()


def test_a_killed_worker_is_told_of_and_metrics_say_that_the_night_failed(tmp_path: Path) -> None:
    out, prom = tmp_path / "out", tmp_path / "night.prom"
    one, worker = started(line(out, "--buckets", "8", "--metrics-file", str(prom)))
    os.kill(worker, signal.SIGKILL)
    printed, told = one.communicate(timeout=PATIENCE)
    assert (one.returncode, printed) == (5, "")
    assert "error[VBM513]: the system, or somebody, killed the process" in told
    assert "`--buckets 32`" in told
    assert 'vbpmeasure_run_exit_code{run="night"} 5.0' in prom.read_text()
    assert not out.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("gaps", "wcv", "--data", "sample", "--year", "2025"),
        ("validate", "--data", "sample", "--year", "2025"),
        ("bucket", "sample", "laid", "--buckets", "4"),
        ("explain", "wcv", "--data", "sample", "--year", "2025", "--person", "7"),
    ],
    ids=lambda words: words[0],
)
def test_other_commands_that_read_data_are_told_of_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    one, worker = started(command(*words))
    os.kill(worker, signal.SIGKILL)
    printed, told = one.communicate(timeout=PATIENCE)
    assert (one.returncode, printed) == (5, "")
    assert "error[VBM513]: the system, or somebody, killed the process" in told
    assert "give the command more memory" in told
    assert "--buckets" not in told
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_what_is_sent_to_the_command_reaches_its_worker(tmp_path: Path, number: int, code: int) -> None:
    one, worker = started(line(tmp_path / "out"))
    until(lambda: "polars" in maps(worker))
    one.send_signal(number)
    _, told = one.communicate(timeout=PATIENCE)
    assert one.returncode == code
    assert not alive(worker)
    assert "VBM513" not in told


def test_a_worker_does_not_outlive_the_command(tmp_path: Path) -> None:
    one, worker = started(line(tmp_path / "out"))
    one.kill()
    one.communicate(timeout=PATIENCE)
    until(lambda: not alive(worker))


def maps(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return ""
