"""The log of a command: lines on stderr in the place of remarks and diagnostics, when `--log-format` asks for them."""

from __future__ import annotations

import os
import re
import sys
import time
import uuid
from collections.abc import Mapping

from vbpmeasure.cli.screen.settings import SETTINGS, LogFormat
from vbpmeasure.cli.screen.silence import silence

RUN_ID = "VBPMEASURE_RUN_ID"

# `-q` among other letters too; what only looks like it costs nothing but a later first line.
_QUIET = re.compile(r"--quiet|-\w*q.*")
_LEVELS = {"stage": "info", "counts": "info"}


class Log:
    """One command's log. It begins with its first line; its id is that of VBPMEASURE_RUN_ID, or drawn."""

    def __init__(self) -> None:
        """Take the id and the start; nothing is written."""
        self.began = time.monotonic()
        self._id: str | None = None
        self._open = False

    @property
    def run_id(self) -> str:
        """The run id, a UUID: VBPMEASURE_RUN_ID when it holds one, else drawn."""
        if self._id is None:
            try:
                self._id = str(uuid.UUID(os.environ.get(RUN_ID, "")))
            except ValueError:
                self._id = str(uuid.uuid4())
        return self._id

    def begin(self) -> None:
        """Write the first line, once, when a log was asked for; later when ``-q`` may still be read from the line."""
        if not any(_QUIET.fullmatch(word) for word in sys.argv[1:]):
            self._begin()

    def _begin(self) -> None:
        if SETTINGS.log_format is None or self._open:
            return
        from vbpmeasure import __version__

        self._open = True
        command = next((word for word in sys.argv[1:] if word.isascii() and word.isalpha()), "")
        self._write("started", {"command": command, "version": __version__}, "info")

    def tell(self, event: str, facts: Mapping[str, object], level: str | None = None) -> None:
        """Write a line, when a log was asked for; under ``-q`` warnings and errors alone."""
        if SETTINGS.log_format is None:
            return
        self._begin()
        self._write(event, facts, level or _LEVELS.get(event, "info"))

    def finish(self, exit_code: int) -> None:
        """Write the last line."""
        seconds = round(time.monotonic() - self.began, 3)
        self.tell("finished", {"seconds": seconds, "exit_code": exit_code}, "info" if exit_code == 0 else "error")

    def _write(self, event: str, facts: Mapping[str, object], level: str) -> None:
        import datetime as dt

        from vbpmeasure.monitoring.lines import json_line, stamp, text_line

        if SETTINGS.quiet and level not in ("warning", "error"):
            return
        if level == "debug" and not SETTINGS.verbose:
            return
        head = {"time": stamp(dt.datetime.now(dt.UTC)), "level": level, "run": self.run_id, "event": event}
        as_line = json_line if SETTINGS.log_format is LogFormat.JSON else text_line
        try:
            sys.stderr.write(as_line({**head, **facts}) + "\n")
            sys.stderr.flush()
        except OSError:  # no reader, or a full disk below the log: no reason to give up the work
            silence(sys.stderr)


LOG = Log()
