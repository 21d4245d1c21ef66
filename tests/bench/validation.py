"""Time of `validate` as a ratio to the bare scan of the columns of the contract.

Run with `python -m tests.bench.validation --people 100000` (or `--data DIR`). Medians, the two taken in turn.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import polars as pl
from tests.bench.generate import PEOPLE, YEAR, bench_data

from vbpmeasure.data.binding import bind_readable
from vbpmeasure.data.bound import BoundData
from vbpmeasure.validation.ground import Ground
from vbpmeasure.validation.runner import validate


def bare_scan(bound: BoundData) -> None:
    """Decode every contract column of every table, once, and drop it."""
    pl.collect_all([table.frame.select(pl.all().null_count()) for table in bound.tables.values()])


def main() -> None:
    """Print both medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    bound, findings = bind_readable(given.data or bench_data(given.people))
    scans: list[float] = []
    checks: list[float] = []
    for turn in range(given.rounds + 1):
        start = time.perf_counter()
        bare_scan(bound)
        middle = time.perf_counter()
        report = validate(Ground(bound, findings, year=YEAR), profile=False)
        end = time.perf_counter()
        if turn:  # the first round warms up
            scans.append(middle - start)
            checks.append(end - middle)
    scan, check = statistics.median(scans), statistics.median(checks)
    lines = f"bare scan {scan:.2f} s, validate {check:.2f} s, ratio {check / scan:.2f}"
    print(f"{sum(report.rows.values()):,} rows, {len(report.results)} results: {lines}")  # noqa: T201


if __name__ == "__main__":
    main()
