"""No command opens a connection: Python's sockets are watched everywhere, and the kernel forbids all where it can."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.commands import DataFolder, command, environment, files_below

# Run in every Python that starts with it: any use of the network ends the process with a line of its own.
WATCH = """
import os, sys

def forbid(event, args):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(2, f"NETWORK {event}\\n".encode())
        os._exit(99)

sys.addaudithook(forbid)
"""
COMMANDS = {
    "run": ("run", "w30", "wcv", "--data", "DATA", "--year", "2025", "--by", "race,ethnicity", "--out", "OUT"),
    "gaps": ("gaps", "w30", "--data", "DATA", "--year", "2025", "--as-of", "2025-06-01", "--out", "OUT"),
    "validate": ("validate", "--data", "DATA", "--year", "2025"),
    "explain": ("explain", "w30", "--data", "DATA", "--year", "2025", "--person", "nobody"),
    "test": ("test", "lsc"),
    "sample": ("sample", "OUT", "--people", "50"),
    "doctor": ("doctor",),
    "a mistake": ("run", "w31", "--data", "DATA", "--year", "2025"),
}


@pytest.fixture
def watched(tmp_path: Path) -> dict[str, str]:
    """An environment in which every Python watches its sockets."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    plain = environment()
    return {**plain, "PYTHONPATH": f"{tmp_path / 'watch'}:{plain['PYTHONPATH']}"}


def arguments(name: str, data: DataFolder, tmp_path: Path) -> list[str]:
    places = {"DATA": str(data.path), "OUT": str(tmp_path / "out")}
    return command(*(places.get(word, word) for word in COMMANDS[name]))


def test_the_watch_sees_a_connection(watched: dict[str, str]) -> None:
    ask = "import socket; socket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run([command()[0], "-c", ask], env=watched, capture_output=True, text=True, check=False)
    assert done.returncode == 99
    assert done.stderr == "NETWORK socket.getaddrinfo\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_opens_a_socket(name: str, small_data: DataFolder, tmp_path: Path, watched: dict[str, str]) -> None:
    line = arguments(name, small_data, tmp_path)
    done = subprocess.run(line, env=watched, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "NETWORK" not in done.stderr
    assert done.returncode in {0, 1, 2, 3}


def _isolated() -> list[str]:
    """Return the words that start a command without any network, or none where the system does not allow it."""
    found = shutil.which("unshare")
    words = [found, "--map-root-user", "--net"] if found else []
    allowed = words and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    return words if allowed else []


def test_a_run_in_a_world_without_a_network(small_data: DataFolder, tmp_path: Path) -> None:
    """The libraries below Python are not seen by its hooks; the kernel sees them."""
    isolated = _isolated()
    if not isolated:
        pytest.skip("this system starts no process without a network (unshare --net)")
    line = [*isolated, *arguments("run", small_data, tmp_path)]
    done = subprocess.run(line, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "_SUCCESS" in {Path(name).name for name in files_below(tmp_path / "out")}
