"""Fixtures for tests that run the real command."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from support.commands import PLANTED, Cli, DataFolder, Ran, command, environment, write_small_data
from support.stores import Bucket, serving
from support.warm import TIMEOUT, WarmStart


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmStart]:
    """Return what starts commands without importing everything for each."""
    starts = WarmStart()
    yield starts
    starts.close()


@pytest.fixture
def cli(tmp_path: Path, warm: WarmStart) -> Cli:
    """Return a function that runs `vbpmeasure ARGS` in an empty folder and checks that no traceback was printed."""
    home = tmp_path / "cwd"
    home.mkdir()

    def run(*args: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, **more: Any) -> Ran:
        asked = environment(env)
        if more or not warm.fits(asked):
            done = subprocess.run(
                command(*args),
                capture_output=True,
                text=True,
                encoding="utf-8",
                cwd=cwd or home,
                env=asked,
                timeout=TIMEOUT,
                check=False,
                **more,
            )
            ran = Ran(done.returncode, done.stdout, done.stderr)
        else:
            ran = warm.run([str(arg) for arg in args], cwd or home, asked)
        assert "Traceback" not in ran.stderr, ran.stderr
        assert not [p for p in PLANTED if p in ran.stdout + ran.stderr], "an identifier reached the screen"
        return ran

    return run


@pytest.fixture
def small_data(tmp_path: Path) -> DataFolder:
    """Return 60 children of three to eleven, enrolled in 2025, half of them with a well-care visit then."""
    return write_small_data(tmp_path / "data")


@pytest.fixture(scope="session")
def bucket() -> Iterator[Bucket]:
    """Return a bucket of an object store that runs on this machine."""
    if find_spec("moto") is None or find_spec("flask_cors") is None:
        pytest.skip("the development extra is not installed: moto, flask-cors")
    with serving() as found:
        yield found
