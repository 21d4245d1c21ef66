"""Time and memory of the whole measure set against the bare scan and against hand-written DuckDB SQL.

Run with `make bench`, or `python -m tests.bench.bench --people 100000`. Times are medians within one process after a
warm-up, the variants taken in turn, so that the ratios hold while the machine's speed drifts. Peak memory is that of
one fresh child process a variant. The counts of both engines are compared before any time is printed.

With ``--growth`` only the growth by number of measures is measured: the first 1, 2, 4, 8, 16 and all measures in
alphabetical order, in CPU time (which a busy machine changes less) and wall time.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table
from tests.bench import duckdb_sql, floor
from tests.bench.generate import PEOPLE, YEAR, bench_data

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.cli.process import allocator
from vbpmeasure.data.binding import bind
from vbpmeasure.data.year_check import check_period
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.plan.measures import Program, calendar_year
from vbpmeasure.results.categories.crosswalks import load_category_systems
from vbpmeasure.results.categories.dimensions import attributes_needed, parse_by
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.frame import ResultFrame
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.results.person_level import person_level
from vbpmeasure.results.reported import reported
from vbpmeasure.runs.work import Work, measure_bucket

SIX = ("w30", "wcv", "cis", "ima", "lsc", "dev")
STRATA = "strata by race, ethnicity, language"
WHICH = {
    "counts": "six measures",
    "person_level": "six measures",
    "every_measure": "all measures",
    "three_measures": "w30, cis, wcv",
    "duckdb_plain": "w30, cis, wcv",
    "duckdb_tuned": "w30, cis, wcv",
}


class Bench:
    """The variants over one population; each is a method without arguments that does the whole work once."""

    def __init__(self, data: Path) -> None:
        """Bind the data and compile the programs once: neither is part of what is compared."""
        self.data = data
        self.tables = {name: table.frame for name, table in bind(data).tables.items()}
        catalog = Catalog.open()
        period = calendar_year(YEAR)
        self.six = catalog.program(SIX, period)
        self.every = catalog.program(catalog.ids(), period)
        self.three = catalog.program(("w30", "cis", "wcv"), period)
        self.codes = {name: value_set.codes for name, value_set in self.three.value_sets.items()}
        self.systems = load_category_systems(r.folder / "crosswalks" for r in catalog.roots)
        self.dimensions = parse_by("race,ethnicity,language", self.systems)
        self.catalog, self.period = catalog, period

    def bare_scan(self) -> None:
        """Decode the needed columns."""
        floor.scan(self.tables)

    def counts(self) -> None:
        """Run six measures, down to counts by stratum."""
        self._rates(self.six)

    def person_level(self) -> None:
        """Check the input and run six measures, with one named row per person and rate and its evidence."""
        bound = bind(self.data)
        check_period(bound, self.period)
        work = Work(self.six, self.dimensions, self.systems, person_level=True)
        counted = measure_bucket(work, bound)
        settled = counted.settle(self.systems)
        counted.shown.table(counted.period, counted.people, settled, counted.links)
        if counted.frame is None:
            raise SystemExit("a run of persons did not keep its judgement")
        person_level(counted.frame, assign_strata(counted.frame, self.dimensions, self.systems))

    def every_measure(self) -> None:
        """Run all shipped measures, down to counts by stratum."""
        self._rates(self.every)

    def first_measures(self, number: int) -> Callable[[], None]:
        """Return the work of a run of the first measures in alphabetical order, down to counts by stratum."""
        program = self.catalog.program(sorted(self.catalog.ids())[:number], self.period)

        def run() -> None:
            self._rates(program)

        return run

    def three_measures(self) -> dict[str, tuple[int, int]]:
        """Run W30, CIS and WCV, down to counts."""
        return counts_of(evaluate(self.three, self.tables, evidence=False))

    def duckdb_plain(self) -> dict[str, tuple[int, int]]:
        """Run the same three in plain SQL."""
        return dict(duckdb_sql.evaluate(self.data, self.codes, YEAR))

    def duckdb_tuned(self) -> dict[str, tuple[int, int]]:
        """Run the same three in SQL with every trick."""
        return dict(duckdb_sql.evaluate(self.data, self.codes, YEAR, tuned=True))

    def _rates(self, program: Program) -> None:
        attributes = attributes_needed(self.dimensions, self.systems)
        frame = evaluate(program, self.tables, attributes, evidence=False)
        strata = assign_strata(frame, self.dimensions, self.systems)
        counted = Partial.of(reported(frame), strata)
        settled = counted.settle(self.systems)
        counted.shown.table(counted.period, counted.people, settled, counted.links)
        counted.shown.amounts(settled)


def counts_of(frame: ResultFrame) -> dict[str, tuple[int, int]]:
    """Return denominator and numerator by measure and rate."""
    in_denominator = pl.col("failed_step").is_null() & pl.col("exclusion").is_null()
    counted = frame.rows.group_by("rate").agg(in_denominator.sum().alias("den"), pl.col("numerator").sum())
    names = [f"{key.measure}.{key.rate}" for key in frame.rates]
    return {names[rate]: (den, num) for rate, den, num in counted.iter_rows()}


VARIANTS = ("bare_scan", "counts", "person_level", "every_measure", "three_measures", "duckdb_plain", "duckdb_tuned")


def timed(bench: Bench, rounds: int) -> dict[str, float]:
    """Return the median seconds of each variant, the variants taken in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in VARIANTS}
    for turn in range(rounds + 1):
        for name in VARIANTS:
            work: Callable[[], object] = getattr(bench, name)
            start = time.perf_counter()
            work()
            if turn:  # the first round warms up
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


@dataclass(frozen=True, slots=True)
class Growth:
    """The median CPU and wall seconds of a run of so many measures."""

    measures: int
    cpu: float
    wall: float


def growth(bench: Bench, rounds: int) -> list[Growth]:
    """Return the time of the first 1, 2, 4, ... and of all measures, taken in turn."""
    every = len(bench.catalog.ids())
    sizes = [*(1 << i for i in range(every.bit_length()) if 1 << i < every), every]
    # 32 of 33 would say nothing that all of them do not.
    sizes = [size for size in sizes if size == every or size * 3 // 2 <= every]
    work = {size: bench.first_measures(size) for size in sizes}
    cpu: dict[int, list[float]] = {size: [] for size in sizes}
    wall: dict[int, list[float]] = {size: [] for size in sizes}
    for turn in range(rounds + 1):
        for size, run in work.items():
            start, used = time.perf_counter(), time.process_time()
            run()
            if turn:  # the first round warms up
                cpu[size].append(time.process_time() - used)
                wall[size].append(time.perf_counter() - start)
    return [Growth(size, statistics.median(cpu[size]), statistics.median(wall[size])) for size in sizes]


def per_doubling(first: Growth, last: Growth) -> tuple[float, float]:
    """Return the mean factor by which CPU and wall time grow when the number of measures doubles (geometric)."""
    doublings = math.log2(last.measures / first.measures)
    return (last.cpu / first.cpu) ** (1 / doublings), (last.wall / first.wall) ** (1 / doublings)


def one_more(first: Growth, last: Growth) -> float:
    """Return what one more measure costs on average, as a share of the CPU time of a run of all measures."""
    return (last.cpu - first.cpu) / (last.measures - first.measures) / last.cpu


def _print_growth(size: str, bench: Bench, rounds: int) -> None:
    found = growth(bench, rounds)
    table = Table(title=f"growth by number of measures: {size}, {rounds} rounds, polars {pl.__version__}")
    for column in ("measures", "CPU seconds", "to the one before", "wall seconds", "to the one before"):
        table.add_column(column, justify="right")
    for i, row in enumerate(found):
        before = found[i - 1] if i else None
        table.add_row(
            str(row.measures),
            f"{row.cpu:.2f}",
            f"{row.cpu / before.cpu:.2f}" if before else "",
            f"{row.wall:.2f}",
            f"{row.wall / before.wall:.2f}" if before else "",
        )
    cpu, wall = per_doubling(found[0], found[-1])
    mean = f"Mean growth per doubling of the measures (geometric): CPU {cpu:.2f}, wall {wall:.2f}."
    share = f"One more measure costs {one_more(found[0], found[-1]):.1%} of the CPU time of all of them, on average."
    Console(width=110).print(table, f"\n{mean} {share} All: {STRATA}.")


def _child(data: str, name: str, answer: multiprocessing.SimpleQueue[int]) -> None:
    getattr(Bench(Path(data)), name)()
    # Not ru_maxrss: a spawned child inherits the peak of the process that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    answer.put(next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")))


def peak_gib(data: Path, name: str) -> float:
    """Return the peak memory of one variant in a process of its own, in GiB."""
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.SimpleQueue[int] = context.SimpleQueue()
    child = context.Process(target=_child, args=(str(data), name, answer))
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"{name} ended with exit code {child.exitcode} in a process of its own")
    return answer.get() / 2**20


def main() -> None:
    """Make the population when needed, compare the counts, then print times, ratios and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--growth", action="store_true", help="only measure the growth by number of measures")
    given = parser.parse_args()
    data = bench_data(given.people)
    bench = Bench(data)
    lines = bench.tables["medical_claim"].select(pl.len()).collect().item()
    size = f"{given.people:,} children, {lines:,} claim lines"
    if given.growth:
        _print_growth(size, bench, given.rounds)
        return
    ours, plain, tuned = bench.three_measures(), bench.duckdb_plain(), bench.duckdb_tuned()
    differing = {r: (c, plain.get(r), tuned.get(r)) for r, c in ours.items() if not c == plain.get(r) == tuned.get(r)}
    if differing:
        raise SystemExit(f"the engines disagree (ours, SQL, tuned SQL): {differing}")
    seconds = timed(bench, given.rounds)
    table = Table(title=f"{size}, {given.rounds} rounds, polars {pl.__version__}")
    for column in ("variant", "seconds", "to the bare scan", "to DuckDB plain", "peak GiB"):
        table.add_column(column, justify="left" if column == "variant" else "right")
    for name in VARIANTS:
        of_three = WHICH.get(name) == WHICH["duckdb_plain"]
        table.add_row(
            f"{name} ({WHICH[name]})" if name in WHICH else name,
            f"{seconds[name]:.2f}",
            f"{seconds[name] / seconds['bare_scan']:.2f}",
            f"{seconds[name] / seconds['duckdb_plain']:.2f}" if of_three else "",
            f"{peak_gib(data, name):.2f}",
        )
    Console(width=110).print(table, f"\nEqual counts for {len(ours)} rates. All but the last three: {STRATA}.")


def as_the_command_runs() -> None:
    """Start this program anew with the memory settings of the command, which Polars reads while it is imported."""
    if allocator.VARIABLE not in os.environ:
        allocator.set_allocator()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


if __name__ == "__main__":
    as_the_command_runs()
    main()
