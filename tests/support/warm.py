"""Commands in processes of their own that need not import everything again: forks of one process that has.

Importing takes two seconds of CPU and most commands of the tests take one. A fork has its own arguments, folder,
environment, streams and exit code, as a new process has; only the start is not tested, so the tests of starting and
those of the documentation start afresh, and so does every command whose environment asks for another start.
"""

from __future__ import annotations

import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from support.commands import Ran, environment

TIMEOUT = 180
# What may differ from the environment in which the process started: nothing of it is read at the start.
READ_LATER = ("VBPMEASURE_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTEST_CURRENT_TEST")
IMPORTS = (
    "numpy", "orjson", "polars", "pyarrow.parquet", "pydantic", "yaml", "vbpmeasure.catalog.catalog",
    "vbpmeasure.runs.pipeline", "vbpmeasure.engines.polars.engine",
)  # fmt: skip


class WarmStart:
    """Starts the process at the first command, and ends it with `close`."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._started_in: dict[str, str] = {}

    def fits(self, env: Mapping[str, str]) -> bool:
        """Return whether a command with this environment would have started in the same way."""
        now = environment() if self._process is None else self._started_in
        changed = {name for name in {*now, *env} if now.get(name) != env.get(name)}
        return not [name for name in changed if not name.startswith(READ_LATER)]

    def run(self, args: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Ran:
        """Run `vbpmeasure ARGS` and return what it left behind."""
        line = self._connected()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            umask = os.umask(0)
            os.umask(umask)
            asked = json.dumps({"args": list(args), "cwd": str(cwd), "env": dict(env), "umask": umask}).encode()
            socket.send_fds(line, [len(asked).to_bytes(8, "big")], [out.fileno(), err.fileno()])
            line.sendall(asked)
            answer = line.recv(8)
            if len(answer) != 8:
                raise RuntimeError("the process that starts commands has ended")
            return Ran(int.from_bytes(answer, "big", signed=True), _text(out), _text(err))

    def close(self) -> None:
        """End the process."""
        if self._line is not None and self._process is not None:
            self._line.close()
            self._process.wait(30)

    def _connected(self) -> socket.socket:
        if self._line is None:
            self._started_in = environment()
            ours, theirs = socket.socketpair()
            ours.settimeout(TIMEOUT)
            path = os.pathsep.join([self._started_in["PYTHONPATH"], str(Path(__file__).resolve().parents[1])])
            self._process = subprocess.Popen(
                [sys.executable, "-m", "support.warm", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=self._started_in | {"PYTHONPATH": path},
            )
            theirs.close()
            self._line = ours
        return self._line


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8").replace("\r\n", "\n")


def _exactly(line: socket.socket, number: int) -> bytes:
    found = b""
    while len(found) < number:
        part = line.recv(number - len(found))
        if not part:
            raise EOFError
        found += part
    return found


def _serve(line: socket.socket) -> None:
    """Fork for each command; only the fork returns, to end as any process does."""
    while True:
        size, streams, _, _ = socket.recv_fds(line, 8, 2)
        if not size:
            return
        asked = json.loads(_exactly(line, int.from_bytes(size, "big")))
        child = os.fork()
        if child == 0:
            line.close()
            for stream, number in zip(streams, (1, 2), strict=True):
                os.dup2(stream, number)
                os.close(stream)
            os.chdir(asked["cwd"])
            os.umask(asked["umask"])
            os.environ.clear()
            os.environ.update(asked["env"])
            sys.argv = ["vbpmeasure", *asked["args"]]
            runpy.run_module("vbpmeasure", run_name="__main__", alter_sys=True)
            return
        for stream in streams:
            os.close(stream)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        line.sendall(code.to_bytes(8, "big", signed=True))


if __name__ == "__main__":
    for name in IMPORTS:
        __import__(name)
    _serve(socket.socket(fileno=int(sys.argv[1])))
