"""Commands inside the process of the tests: for those whose libraries take seconds to import.

Nothing of a command is kept apart but its arguments, its environment and its streams.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

from support.commands import PLANTED, Ran, environment


def run_inside(*args: str | Path, env: Mapping[str, str] | None = None) -> Ran:
    """Run `vbpmeasure ARGS` here; like the fixture `cli` it refuses tracebacks and planted words."""
    from vbpmeasure.cli import app
    from vbpmeasure.cli.process import guard

    out, err = io.StringIO(), io.StringIO()
    handler = signal.getsignal(signal.SIGTERM)
    try:
        with (
            mock.patch.dict(os.environ, environment(env), clear=True),
            mock.patch.object(sys, "argv", ["vbpmeasure", *map(str, args)]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = guard.guarded(app.run)
    finally:
        signal.signal(signal.SIGTERM, handler)
    ran = Ran(code, out.getvalue(), err.getvalue())
    assert "Traceback" not in ran.stderr, ran.stderr
    assert not [p for p in PLANTED if p in ran.stdout + ran.stderr], "an identifier reached the screen"
    return ran
