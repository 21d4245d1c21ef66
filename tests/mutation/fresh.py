"""One mutant in a process of its own: the mutated tree is imported from the start, and commands run it too.

Slower by the start and the collection, but without the shortcuts of `children.py`: nothing was imported, computed or
kept from the tree as it stands. It judges what stands at the top of a module, and once more what survived.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from mutation.children import limit_seconds
from mutation.mutants import ROOT, SRC, Mutant

BESIDE = ("measures", "sample_data", "docs", "pyproject.toml", "README.md")


def mutated_tree(mutant: Mutant, folder: Path) -> Path:
    """Return the `src` of a copy of the tree with the mutant in it."""
    source = folder / "tree" / "src"
    shutil.copytree(SRC, source, ignore=shutil.ignore_patterns("__pycache__"))
    (source / "vbpmeasure" / mutant.place.module).write_text(mutant.after)
    for name in BESIDE:
        (folder / "tree" / name).symlink_to(ROOT / name)
    return source


def judged(mutant: Mutant, rounds: Iterable[Sequence[str]], folder: Path, seconds: float) -> dict:
    """Return what became of the mutant when these tests (names or files) ran, up to the first failure."""
    path = os.pathsep.join([str(mutated_tree(mutant, folder)), os.environ.get("PYTHONPATH", "")])
    options = ["-x", "-q", "--no-header", "--tb=line", "-p", "no:xdist", f"--basetemp={folder / 'pytest'}"]
    for number, tests in enumerate(rounds):
        names = folder / f"tests-{number}.txt"
        names.write_text("\n".join(tests))
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", *options, f"@{names}"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: limit_seconds(60 + 10 * seconds),
        )
        if ran.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            return {"end": "timed out", "fresh": True}
        if ran.returncode:
            words = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "E  "))]
            return {"end": "killed", "fresh": True, "code": ran.returncode, "failure": " | ".join(words)[:300]}
    return {"end": "survived", "fresh": True}
