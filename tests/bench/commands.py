"""Whole commands against each other: one pass, buckets, kept counts, one person, ten times the data.

Run with `make bench-large`, or `python -m tests.bench.commands --people 1000000`. Every command is a fresh process;
times are medians of the rounds, the commands taken in turn; peak memory is that of the process that works and its
children. The results folders are compared byte by byte before any time is printed. This process imports no library,
because a child's peak memory counts from that of the process that started it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

SIX = ("w30", "wcv", "cis", "ima", "lsc", "dev")
STRATA = "race,ethnicity,language"
BUCKETS = 16
FLOOR = "the libraries imported, no more"
SHORT = (FLOOR, "one person of a layout", "one person of the data", "a measure in words")
SHORT_ROUNDS = 5  # what lasts a second varies more


@dataclass(slots=True)
class Case:
    """One command: what it is compared with and its times (wall, CPU) and peaks; ``code`` is Python in its place."""

    name: str
    arguments: list[str]
    to: str = ""
    limit: str = ""
    code: str = ""
    seconds: list[tuple[float, float]] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)

    @property
    def wall(self) -> float:
        """The median wall seconds."""
        return statistics.median(one[0] for one in self.seconds)

    @property
    def cpu(self) -> float:
        """The median CPU seconds, those of children among them."""
        return statistics.median(one[1] for one in self.seconds)


def measured(case: Case) -> None:
    """Run a command in a process of its own and note wall seconds, CPU seconds and peak GiB."""
    line = [sys.executable, *(("-c", case.code) if case.code else ("-m", "vbpmeasure", *case.arguments))]
    # An installed package has its bytecode; without it a short command compiles for longer than it works.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    child = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env)
    told = child.stderr.read() if child.stderr is not None else b""
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"`{' '.join(case.arguments)}` left with {code}: {told.decode()[-500:]}")
    case.seconds.append((wall, used.ru_utime + used.ru_stime))
    case.peaks.append(used.ru_maxrss / 2**20)


def data_of(people: int) -> Path:
    """Return the folder of so many generated children, made when it is not there."""
    line = [sys.executable, "-m", "tests.bench.generate", "--people", str(people)]
    return Path(subprocess.run(line, check=True, capture_output=True, text=True).stdout.strip())


def same(one: Path, other: Path) -> None:
    """Stop when two run folders differ in a file."""
    names = {p.relative_to(folder) for folder in (one, other) for p in folder.rglob("*") if p.is_file()}
    for name in sorted(names):
        if (one / name).read_bytes() != (other / name).read_bytes():
            raise SystemExit(f"{name} differs between {one.name} and {other.name}")


def cases(data: Path, tenth: Path, scratch: Path, person_id: str) -> list[Case]:
    """Return the commands in the order of a round; `laid` and `kept` are of the layout and the kept counts."""
    laid, kept = str(scratch / "laid"), ["--cache", "--cache-dir", str(scratch / "kept")]

    def run(source: Path | str, out: str, *more: str) -> list[str]:
        line = ["run", *SIX, "--data", str(source), "--year", "2025", "--by", STRATA, "--quiet"]
        return [*line, "--out", str(scratch / out), *more]

    explain = ["explain", "wcv", "--person", person_id, "--year", "2025", "--data"]
    return [
        Case("one pass", run(data, "whole", "--buckets", "1")),
        Case("one pass, person level", run(data, "persons", "--buckets", "1", "--person-level"), "one pass"),
        Case(f"{BUCKETS} buckets of a layout", run(laid, "buckets", "--buckets", "16"), "one pass", "1.5, 0.5 GiB"),
        Case("counts that are kept, second run", run(data, "kept_run", "--buckets", "1", *kept), "one pass", "0.4"),
        Case("a tenth of the data", run(tenth, "tenth", "--buckets", "1"), "one pass", "at least 0.1"),
        Case(FLOOR, [], code="import polars, pyarrow, pydantic, typer"),
        Case("one person of a layout", [*explain, laid], FLOOR, "1 s"),
        Case("one person of the data", [*explain, str(data)], FLOOR),
        Case("a measure in words", explain[:2], FLOOR),
    ]


def first_person(data: Path) -> str:
    """Return the id of the first person of the data."""
    code = (
        "import sys, polars as pl; "
        "sys.stdout.write(pl.scan_parquet(sys.argv[1] + '/eligibility*').select('person_id').head(1).collect().item())"
    )
    line = [sys.executable, "-c", code, str(data)]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout


def report(found: Sequence[Case], once: Sequence[Case], people: int) -> None:
    """Print the table: seconds, ratios, peaks."""
    by_name = {case.name: case for case in found}
    print(f"{people:,} children, {', '.join(SIX)} by {STRATA}, medians of {len(found[0].seconds)} rounds")  # noqa: T201
    print(f"{'command':36} {'wall s':>8} {'CPU s':>8} {'ratio':>7} {'CPU':>6} {'peak GiB':>9}  target")  # noqa: T201
    for case in (*once, *found):
        base = by_name.get(case.to)
        wall, cpu = (f"{case.wall / base.wall:.2f}", f"{case.cpu / base.cpu:.2f}") if base else ("", "")
        print(  # noqa: T201
            f"{case.name:36} {case.wall:8.2f} {case.cpu:8.2f} {wall:>7} {cpu:>6} {max(case.peaks):9.2f}  {case.limit}"
        )


def main() -> None:
    """Lay data out, compare the results, then measure in turn and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    given = parser.parse_args()
    data, tenth = data_of(given.people), data_of(given.people // 10)
    with tempfile.TemporaryDirectory(dir=data.parent, prefix="commands-") as place:
        scratch = Path(place)
        found = cases(data, tenth, scratch, first_person(data))
        layout = Case("laying out, once", ["bucket", str(data), str(scratch / "laid"), "--buckets", str(BUCKETS), "-q"])
        fill = Case("counts that are kept, first run", found[3].arguments, "one pass")
        once = [layout, fill]
        for case in once:
            measured(case)
        for _ in range(given.rounds):
            for case in found:
                shutil.rmtree(scratch / "persons", ignore_errors=True)
                for _ in range(SHORT_ROUNDS if case.name in SHORT else 1):
                    measured(case)
        same(scratch / "whole", scratch / "buckets")
        report(found, once, given.people)
    if given.json is not None:
        numbers = {c.name: {"wall": c.wall, "cpu": c.cpu, "peak_gib": max(c.peaks)} for c in (*once, *found)}
        given.json.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
