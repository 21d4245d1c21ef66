"""Are planted gaps found, and is no gap found where there is none?

`python -m tests.bench.equity [--samples 200] [--people 100000] [--populations 3] [--dir DIR]` prints

1. shares of false verdicts in draws of programs without a gap (`support.null_draws`): by comparison, by family
   (one measure and dimension), by report, for several settings;
2. the same for whole synthetic populations without a gap, from births to claims to verdicts (a fifth of the people
   each);
3. what the verdicts say of a whole population with planted gaps, beside their size.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import polars as pl
from tests.bench.generate import YEAR, bench_root

from support.null_draws import Found, draw, shares, verdicts
from support.run_folders import published
from vbpmeasure.commands.equity import equity_of
from vbpmeasure.equity.analysis.analyze import EquityTables, analyze
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.equity.statistics.reference import ReferenceRule
from vbpmeasure.runs.reading import read_run
from vbpmeasure.sample import write_sample
from vbpmeasure.sample.gaps import Gaps, parse_gaps

MEASURES = ("w30", "wcv", "lsc", "dev")
BY = "race,ethnicity,language"
SETTINGS = {
    "default": EquitySettings(),
    "family: report": EquitySettings(family="report"),
    "reference: largest": EquitySettings(reference=ReferenceRule.LARGEST),
    "reference: overall": EquitySettings(reference=ReferenceRule.OVERALL),
    "not adjusted": EquitySettings(decide_by="raw"),
}
# One topic a group, so that no other group of the same dimension is touched: what is planted is what has to be found.
PLANTED = "well:black=-10,lead:hispanic=-12,dev:other_language=-15"
EXPECTED = (
    ("wcv", "wcv_total", "race", "Black or African American", -0.10),
    ("lsc", "lsc", "ethnicity", "Hispanic or Latino", -0.12),
    ("dev", "dev_total", "language", "Other", -0.15),
)


def whole(folder: Path, people: int, seed: int, gaps: Gaps | None, measures: Iterable[str] = MEASURES) -> EquityTables:
    """Make a population, measure it with the real command, read the run folder, compare the groups."""
    data, out = folder / f"data-{seed}", folder / f"run-{seed}"
    if not (data / "eligibility.parquet").exists():
        write_sample(data, people=people, seed=seed, year=YEAR, gaps=gaps)
    command = [sys.executable, "-m", "vbpmeasure", "run", *measures, "--data", data, "--year", str(YEAR), "--by", BY]
    subprocess.run(
        [*map(str, command), "--out", str(out), "--quiet", "--config", "none"], check=True, stdout=subprocess.DEVNULL
    )
    return equity_of(read_run(out), EquitySettings())


def found_of(tables: EquityTables) -> list[tuple[str, float, float, float, float, str]]:
    """Return group, planted points, and what was found: difference, its interval, verdict."""
    rows = []
    for measure, rate, dimension, group, planted in EXPECTED:
        (row,) = tables.pairwise.filter(
            pl.col("measure") == measure,
            pl.col("rate") == rate,
            pl.col("dimension") == dimension,
            pl.col("stratum") == group,
        ).to_dicts()
        rows.append((f"{rate} {group}", planted, row["rd"], row["rd_low"], row["rd_high"], row["verdict"]))
    return rows


def _told(name: str, one: list[Found]) -> str:
    told = shares(one)
    numbers = ", ".join(f"{key.replace('_', ' ')} {told[key]:.2%}" for key in list(told)[1:])
    return f"  {name:20} {told['comparisons']:7,} comparisons; false: {numbers}"


def main(arguments: list[str] | None = None) -> None:
    """Run the three parts and print them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--populations", type=int, default=3)
    parser.add_argument("--dir", type=Path)
    given = parser.parse_args(arguments)
    root = bench_root(given.dir) / f"equity-{given.people}"
    lines = []
    for scale in (1.0, 0.1):
        drawn: dict[str, list[Found]] = {name: [] for name in SETTINGS}
        for seed in range(given.samples):
            results = published(draw(seed, scale)).results
            for name, settings in SETTINGS.items():
                drawn[name].append(verdicts(analyze(results, set(), settings)))
        lines.append(f"{given.samples} draws without a gap, the groups of {100_000 * scale:,.0f} children:")
        lines += [_told(name, one) for name, one in drawn.items()]
    if given.populations:
        people = given.people // 5
        lines.append(f"{given.populations} whole populations of {people:,} children without a gap:")
        populations = [
            verdicts(whole(root / "null", people, 100 + n, parse_gaps("none"))) for n in range(given.populations)
        ]
        lines.append(_told("default", populations))
        lines.append(f"{given.people:,} children with planted gaps ({PLANTED}):")
        tables = whole(root / "planted", given.people, 7, parse_gaps(PLANTED))
        for name, planted, rd, low, high, verdict in found_of(tables):
            lines.append(f"  {name:36} planted {planted:+.0%}, found {rd:+.1%} ({low:+.1%} to {high:+.1%}), {verdict}")
    print("\n".join(lines))  # noqa: T201 - this is what the command is for


if __name__ == "__main__":
    main()
