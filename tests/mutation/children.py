"""Tests in a fork of a process that has imported and collected everything: a mutant costs its tests and no start."""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# A test that used a second, with what its file sets up, may use so many before it counts as one that does not end; the
# clock on the wall is only for a process that waits for ever, for this one may share the machine.
SECONDS, TIMES, WALL = 8, 6, 900
MEMORY = 4 << 30


@dataclass
class Ended:
    """What a fork left behind: what it answered, or how it was ended."""

    answer: Any
    signal: int
    cpu: float

    @property
    def timed_out(self) -> bool:
        """Return whether it used more than its time."""
        return self.signal in (signal.SIGPROF, signal.SIGALRM)


class Children:
    """Runs functions in forks, so many at a time."""

    def __init__(self, number: int, scratch: Path) -> None:
        """Start nothing yet. What has been loaded is left alone by the collector, or each fork would copy it.

        Raises `RuntimeError` when a module of tests made Polars start its threads: a fork has none of them, and waits.
        """
        if "polars-0" in {(task / "comm").read_text().strip() for task in Path("/proc/self/task").glob("*")}:
            raise RuntimeError("a module of tests asks Polars for something while it is imported: a fork would wait")
        self._number, self._scratch = number, scratch
        self._running: dict[int, tuple[Path, Callable[[Ended], None]]] = {}
        gc.collect()
        gc.freeze()

    def start(self, work: Callable[[Path], Any], then: Callable[[Ended], None]) -> None:
        """Call ``work`` with a folder of its own in a fork, and ``then`` with its end; waits while all are busy."""
        while len(self._running) >= self._number:
            self._wait()
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        pid = os.fork()
        if pid:
            self._running[pid] = folder, then
            return
        code = 1
        try:
            _alone()
            (folder / "tmp").mkdir()
            answer = work(folder / "tmp")
            (folder / "answer.json").write_text(json.dumps(answer))
            code = 0
        except BaseException as error:  # noqa: BLE001 - whatever it is, this process ends here
            (folder / "error.txt").write_text(repr(error))
        finally:
            os._exit(code)

    def finish(self) -> None:
        """Wait for all."""
        while self._running:
            self._wait()

    def _wait(self) -> None:
        pid, status, used = os.wait4(-1, 0)
        if pid in self._running:
            folder, then = self._running.pop(pid)
            written = folder / "answer.json"
            answer = json.loads(written.read_text()) if written.is_file() else None
            if answer is None and os.WIFEXITED(status) and (folder / "error.txt").is_file():
                sys.stderr.write(f"a fork failed: {(folder / 'error.txt').read_text()}\n")
            shutil.rmtree(folder, ignore_errors=True)
            ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            then(Ended(answer, ended, used.ru_utime + used.ru_stime))


def _alone() -> None:
    """Leave the terminal to the parent, and bound what a mutant can use."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    for handled in (signal.SIGPROF, signal.SIGALRM, signal.SIGINT):
        signal.signal(handled, signal.SIG_DFL)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_seconds(seconds: float) -> None:
    """Bound the CPU time of this process."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))


class Tests:
    """Runs collected tests one after the other."""

    def __init__(self, session: pytest.Session) -> None:
        """Know the tests by their names."""
        self.items = {item.nodeid: item for item in session.items}
        self._order = {item.nodeid: number for number, item in enumerate(session.items)}
        self._failed = ""
        self.watch: Callable[[str], None] = lambda context: None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Say that what runs now may be shared by all tests of the file."""
        self.watch(item.nodeid.split("::")[0])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Say that the test itself begins."""
        self.watch(item.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear of a failure, and of its first words."""
        if report.failed and not self._failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self._failed = f"{report.when}: {str(getattr(crash, 'message', report.longrepr))[:200]}"

    def run(
        self, rounds: Iterable[Sequence[str]], folder: Path, seconds: Callable[[str], float], stop: bool = True
    ) -> list[tuple[str, float, str]]:
        """Return each test with its CPU time and its failure, up to the first that fails.

        Within a round tests run in the order of the files: what a file sets up for all its tests is set up once.
        """
        ran = []
        names = [name for part in rounds for name in sorted(part, key=self._order.__getitem__)]
        items = [self.items[name] for name in names]
        for item in items[:1]:
            # What pytest would do at the start of a session; there is no public way to do it again.
            item.config._tmp_path_factory._basetemp = folder
        for name, item, following in zip(names, items, [*items[1:], None], strict=True):
            self._failed = ""
            started = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, SECONDS + TIMES * seconds(name))
            signal.setitimer(signal.ITIMER_REAL, WALL)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            ran.append((name, round(time.process_time() - started, 4), self._failed))
            if self._failed and stop:
                break
        return ran
