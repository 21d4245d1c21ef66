"""Several commands one after the other in one process, the streams of each caught where the system writes them.

A process a command costs more than most commands do. This file is the process too: run by its path with a plan.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

CODES, WORLD = "codes.json", "world.json"


def tell(
    folder: Path, lines: Mapping[str, Sequence[str]], env: Mapping[str, str], start: Sequence[str] = ()
) -> tuple[dict[str, tuple[int, str, str]], str]:
    """Run named command lines in a folder of their own and return exit code, stdout, stderr by name.

    The second value is what the process said outside of its commands. A command that ends the process is the last
    that has no code. ``start`` are words before the command line of Python.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(json.dumps({name: list(line) for name, line in lines.items()}))
    script = [*start, sys.executable, "-P", __file__, str(folder)]
    done = subprocess.run(script, env=dict(env), cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    codes: dict[str, int] = json.loads((folder / CODES).read_text()) if (folder / CODES).exists() else {}
    told = {}
    for number, name in enumerate(lines):
        if name in codes:
            out, err = (folder / f"{number}.{stream}" for stream in ("stdout", "stderr"))
            told[name] = (codes[name], out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))
    return told, done.stdout + done.stderr


def _main(folder: Path) -> None:
    import socket

    from vbpmeasure.cli import app
    from vbpmeasure.cli.process import guard
    from vbpmeasure.cli.screen.log import LOG
    from vbpmeasure.cli.screen.settings import SETTINGS

    (folder / WORLD).write_text(json.dumps([name for _, name in socket.if_nameindex()]))
    plan: dict[str, list[str]] = json.loads((folder / "plan.json").read_text())
    kept = [os.dup(1), os.dup(2)]
    codes: dict[str, int] = {}
    for number, (name, line) in enumerate(plan.items()):
        files = [(folder / f"{number}.{stream}").open("wb") for stream in ("stdout", "stderr")]
        for stream, file in zip((1, 2), files, strict=True):
            os.dup2(file.fileno(), stream)
        sys.argv = ["vbpmeasure", *line]
        # What a process of its own would start with.
        type(SETTINGS).__init__(SETTINGS)
        type(LOG).__init__(LOG)
        try:
            # Not the way in itself: it would go on in a child, and this process has started its libraries' threads.
            codes[name] = guard.guarded(app.run)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for stream, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, stream)
            for file in files:
                file.close()
        (folder / CODES).write_text(json.dumps(codes))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
