"""Results of programs without any gap: every child has the same chance, whatever its group.

The children's groups are those of a synthetic population of 100,000 (`group_sizes.csv`: one row per combination of
race, ethnicity and language, one column per rate with the children in its denominator). A draw gives each combination
a binomial number of children that met the measure; the strata of each dimension are its sums, so that race, ethnicity
and language describe the same children, and a measure's total is the sum of its age bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from support.run_folders import Stated, published
from vbpmeasure.equity.analysis.analyze import EquityTables, analyze
from vbpmeasure.equity.settings import EquitySettings

SIZES = Path(__file__).parents[1] / "unit" / "equity" / "group_sizes.csv"
DIMENSIONS = ("race", "ethnicity", "language")
# The share of children that meet each rate, and the totals that are the sum of the others of their measure.
SHARES = {
    "w30.w30_6": 0.60,
    "w30.w30_2": 0.70,
    "wcv.wcv_3_11": 0.56,
    "wcv.wcv_12_17": 0.50,
    "wcv.wcv_18_21": 0.25,
    "lsc.lsc": 0.65,
    "dev.dev_1": 0.29,
    "dev.dev_2": 0.43,
    "dev.dev_3": 0.35,
}
TOTALS = {"wcv": "wcv_total", "dev": "dev_total"}


@dataclass(frozen=True)
class Found:
    """What the verdicts say: comparisons judged, false ones, families (measure by dimension), those with any."""

    judged: int
    false: int
    families: int
    false_families: int

    @property
    def any(self) -> bool:
        return self.false > 0


def draw(seed: int, scale: float = 1.0) -> list[Stated]:
    """Return one program without a gap; ``scale`` makes it smaller."""
    random = np.random.default_rng([20251122, seed])
    sizes = pl.read_csv(SIZES)
    cells: dict[str, pl.DataFrame] = {}
    for name, share in SHARES.items():
        n = np.round(sizes[name].to_numpy() * scale).astype(np.int64)
        cells[name] = sizes.select(DIMENSIONS).with_columns(n=n, x=random.binomial(n, share))
    for measure, total in TOTALS.items():
        parts = [frame for name, frame in cells.items() if name.startswith(f"{measure}.")]
        cells[f"{measure}.{total}"] = pl.concat(parts)
    stated = []
    for name in sorted(cells):
        by = {}
        for dimension in DIMENSIONS:
            summed = cells[name].group_by(dimension, maintain_order=True).agg(pl.col("x", "n").sum())
            by[dimension] = {stratum: (x, n) for stratum, x, n in summed.iter_rows()}
        measure, rate = name.split(".")
        stated.append(Stated(measure, by, rate=rate))
    return stated


def verdicts(tables: EquityTables) -> Found:
    """Count the verdicts of a program without a gap: "better" and "worse" are false."""
    rows = tables.pairwise.filter(pl.col("verdict").is_in(["better", "worse", "same"]))
    false = pl.col("verdict") != "same"
    families = rows.group_by("measure", "dimension").agg(false.any().alias("false"))
    return Found(rows.height, rows.filter(false).height, families.height, int(families["false"].sum()))


def judge(seed: int, settings: EquitySettings, scale: float = 1.0) -> Found:
    """Draw, publish through the gate, compare."""
    return verdicts(analyze(published(draw(seed, scale)).results, set(), settings))


def shares(found: list[Found]) -> dict[str, float]:
    """Return the shares of false verdicts: per comparison, per family, per report."""
    return {
        "comparisons": sum(f.judged for f in found),
        "per_comparison": sum(f.false for f in found) / sum(f.judged for f in found),
        "per_family": sum(f.false_families for f in found) / sum(f.families for f in found),
        "per_report": sum(f.any for f in found) / len(found),
    }
