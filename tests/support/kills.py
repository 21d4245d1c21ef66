"""Runs that are killed at drawn moments, and what is left of them.

The driver imports everything once and forks a child for each run, so that the moments fall into the run itself. A child
tells through a pipe which stage it is in; the moment is drawn within a stage, so that short ones (the swap) get as many
kills as long ones.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import select
import shutil
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STAGES = ("definitions", "inputs", "engine", "results", "write", "after")
PERSONS = "person_level/person_level.parquet"


@dataclass
class Counted:
    """What was found: kills by stage, and what stood in the place of the results after each."""

    kills: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    litter: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = [f"{sum(self.kills.values())} kills"]
        for what, counter in (("stage", self.kills), ("results", self.found), ("left for the next run", self.litter)):
            lines.append(f"  by {what}: " + ", ".join(f"{name} {n}" for name, n in sorted(counter.items())))
        return "\n".join(lines)


class Killer:
    """Runs over one data folder into one place, killed and not."""

    def __init__(self, data: Path, place: Path, measures: tuple[str, ...], seed: int) -> None:
        self.data, self.place, self.measures = data, place, measures
        self.out = place / "out"
        self.draw = random.Random(seed)
        self.lasted = dict.fromkeys(STAGES, 0.3)
        self.night = 0

    def arguments(self) -> list[str]:
        """Return the next night's command: its day stands in the manifest."""
        self.night += 1
        return [
            *("vbpmeasure", "run", *self.measures, "--data", str(self.data), "--year", "2025", "--out", str(self.out)),
            *("--as-of", self.day, "--person-level", "--format", "csv", "--quiet"),
            *("--metrics-file", str(self.place / "night.prom"), "--openlineage", str(self.place / "night.ndjson")),
        ]

    @property
    def day(self) -> str:
        """The day of the last night."""
        return f"{2026 + self.night // 336}-{1 + self.night // 28 % 12:02}-{1 + self.night % 28:02}"

    def whole_run(self) -> int:
        """Let a run end, and note how long its stages last; return its exit code."""
        pid, pipe = self._start()
        began = time.monotonic()
        for stage in STAGES:
            _wait(pipe)
            now = time.monotonic()
            self.lasted[stage], began = now - began, now
        os.close(pipe)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def killed_run(self, counted: Counted) -> None:
        """Kill a run in a drawn stage at a drawn moment of it."""
        pid, pipe = self._start()
        chosen = self.draw.choice(STAGES)
        for stage in STAGES:
            if stage == chosen:
                break
            _wait(pipe)
        time.sleep(self.draw.uniform(0, self.lasted[chosen] * 1.05))
        os.kill(pid, signal.SIGKILL)
        # The stage in which it really was: those that ended until now.
        reached = STAGES.index(chosen)
        while select.select([pipe], [], [], 0)[0] and os.read(pipe, 1):
            reached += 1
        os.close(pipe)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        counted.kills[STAGES[min(reached, len(STAGES) - 1)] if status == -signal.SIGKILL else "just ended"] += 1

    def _start(self) -> tuple[int, int]:
        read, write = os.pipe()
        line = self.arguments()
        pid = os.fork()
        if pid:
            os.close(write)
            return pid, read
        code = 70
        try:
            os.close(read)
            code = _child(line, write)
        finally:
            os._exit(code)

    def check_left(self, before: str | None, counted: Counted) -> None:
        """Look at the place after a kill: results of this night or the one before, whole; none when there were none."""
        counted.litter.update(self.beside())
        if not self.out.exists():
            assert before is None, "the results of the night before are gone"
            counted.found["none, as before"] += 1
            return
        of = whole(self.out)["as_of"]
        assert of in {before, self.day}
        counted.found["of this night" if of == self.day else "of the night before"] += 1

    def check_good(self) -> None:
        """Look at the place after a run that ended: its results, whole, and nothing else."""
        manifest = whole(self.out)
        assert manifest["as_of"] == self.day
        assert (self.out / PERSONS).stat().st_mode & 0o777 == 0o600
        found = {path.relative_to(self.out).as_posix() for path in self.out.rglob("*") if path.is_file()}
        assert found == {*manifest["files"], "manifest.json", "_SUCCESS"}
        assert self.beside() == []

    def beside(self) -> list[str]:
        """Return what stands beside the results and the files for machines, process ids left out."""
        known = {"out", "night.prom", "night.ndjson"}
        return sorted(
            "".join(c for c in p.name if not c.isdecimal()) for p in self.place.iterdir() if p.name not in known
        )


def kill_runs(killer: Killer, times: int) -> Counted:
    """Kill so many runs, each followed by one that ends; every sixth begins without results of a night before."""
    counted = Counted()
    assert killer.whole_run() == 0
    killer.check_good()
    for number in range(times):
        before: str | None = killer.day
        if number % 6 == 5:
            shutil.rmtree(killer.out)
            before = None
        killer.killed_run(counted)
        killer.check_left(before, counted)
        assert killer.whole_run() == 0
        killer.check_good()
    return counted


def whole(out: Path) -> dict[str, Any]:
    """Return the manifest of finished results, after looking at every file: there, and as the manifest says.

    Like `runs.reading`, and without Polars: its threads do not live on in a forked child.
    """
    assert (out / "_SUCCESS").is_file(), "results without their mark"
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_bytes())
    for name in manifest["files"]:
        content = (out / name).read_bytes()
        if name in manifest["outputs"]:
            assert hashlib.sha256(content).hexdigest() == manifest["outputs"][name], name
    return manifest


def _wait(pipe: int) -> None:
    os.read(pipe, 1)


def _child(line: list[str], pipe: int) -> int:
    """Run the command in this process and tell of every stage that ends."""
    from vbpmeasure.cli import app
    from vbpmeasure.cli.process import guard
    from vbpmeasure.cli.screen import log

    tell = log.Log.tell

    def telling(self: log.Log, event: str, facts: object, level: str | None = None) -> None:
        if event == "stage":
            os.write(pipe, b".")
        tell(self, event, facts, level)  # type: ignore[arg-type]

    log.Log.tell = telling  # type: ignore[method-assign]
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    sys.argv = line
    return guard.guarded(app.run)


def main() -> None:
    """`python -m support.kills DATA PLACE TIMES SEED MEASURES`."""
    import vbpmeasure.commands.watching
    import vbpmeasure.runs.pipeline  # noqa: F401

    data, place, times, seed, measures = sys.argv[1:]
    Path(place).mkdir(parents=True, exist_ok=True)
    killer = Killer(Path(data), Path(place), tuple(measures.split(",")), int(seed))
    sys.stdout.write(f"{kill_runs(killer, int(times))}\n")


if __name__ == "__main__":
    main()
