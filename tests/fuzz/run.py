"""`python -m fuzz.run --seconds N` (from `tests`): every target for so long, one after the other.

It prints a line for each: executions, CPU seconds, edges of our code that were seen, corpus, inputs that were read.
A target that dies or hangs is begun again with what is left of its time. Exit code 1 when anything was found.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from fuzz.targets import targets

_COVERAGE = re.compile(r"\bcov: (\d+) ft: (\d+) corp: (\d+)")
_ROW = "{:<18} {:>11} {:>8} {:>8} {:>8} {:>9}  {}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all without one")
    parser.add_argument("--seconds", type=int, default=60, help="of CPU time for each target and round")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--corpus", type=Path, default=None)
    asked = parser.parse_args()
    names = asked.targets or list(targets())
    corpus = asked.corpus or Path(tempfile.mkdtemp(prefix="fuzz-corpus-"))
    totals: dict[str, dict[str, object]] = {}
    _say(_ROW.format("target", "executions", "CPU s", "edges", "corpus", "read", "found"))
    for _ in range(asked.rounds):
        for name in names:
            found = _one(name, asked.seconds, asked.findings, corpus)
            before = totals.setdefault(name, {"executions": 0, "cpu": 0.0, "read": 0, "broken": {}})
            for key in ("executions", "cpu", "read"):
                before[key] += found[key]  # type: ignore[operator]
            before["broken"] |= found["broken"]  # type: ignore[operator]
            before |= {key: found[key] for key in ("edges", "corpus")}
            _tell(name, before)
    executions = sum(int(one["executions"]) for one in totals.values())  # type: ignore[call-overload]
    cpu = sum(float(one["cpu"]) for one in totals.values())  # type: ignore[arg-type]
    broken = sum(len(one["broken"]) for one in totals.values())  # type: ignore[arg-type]
    _say(f"{executions:,} executions in {cpu / 3600:.2f} CPU hours, {broken} findings in {asked.findings}")
    return 1 if broken else 0


def _say(line: str, to: TextIO = sys.stdout) -> None:
    to.write(line.rstrip("\n") + "\n")
    to.flush()


def _tell(name: str, one: dict[str, object]) -> None:
    broken = ", ".join(one["broken"].values())  # type: ignore[attr-defined]
    cells = (f"{one['executions']:,}", f"{one['cpu']:.0f}", one["edges"], one["corpus"], f"{one['read']:,}")
    _say(_ROW.format(name, *cells, broken or "-"))


def _one(name: str, seconds: int, findings: Path, corpus: Path) -> dict[str, object]:
    """Run one target; a process that ends early is followed by another."""
    total: dict[str, object] = {"executions": 0, "cpu": 0.0, "read": 0, "broken": {}, "edges": 0, "corpus": 0}
    left = seconds
    while left > 0:
        said = findings / f"{name}.json"
        said.unlink(missing_ok=True)
        command = [sys.executable, "-m", "fuzz.atheris_run", name, "--seconds", str(left)]
        environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
        command += ["--findings", str(findings), "--corpus", str(corpus)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, env=environment)
        for line in done.stderr.splitlines():
            if line.startswith("BROKEN"):
                _say(line, sys.stderr)
        if said.is_file():
            for key, value in json.loads(said.read_text()).items():
                if key in ("executions", "cpu", "read"):
                    total[key] += value
                    left -= round(value) if key == "cpu" else 0
                elif key == "broken":
                    total[key] |= value  # type: ignore[operator]
        seen = _COVERAGE.findall(done.stderr)
        if seen:
            total |= {"edges": int(seen[-1][0]), "corpus": int(seen[-1][2])}
        if done.returncode:
            # A hang, a crash of the interpreter, or more memory than allowed: libFuzzer has kept the input.
            total["broken"] |= {f"died with {done.returncode}": f"{name}: died with {done.returncode}"}  # type: ignore[operator]
            _say(f"{name} died with {done.returncode}:\n{done.stderr[-2000:]}", sys.stderr)
            left -= 10  # what it did is not known
        else:
            break
    return total


if __name__ == "__main__":
    sys.exit(main())
