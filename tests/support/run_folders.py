"""Run folders from counts that a test states: through the same gate and the same writer as the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from vbpmeasure.disk.folder import RunFolder
from vbpmeasure.plan.measures import MeasurePlan, Program, calendar_year
from vbpmeasure.results.categories.stratum_text import text_of
from vbpmeasure.results.disclosure.earlier import Earlier
from vbpmeasure.results.disclosure.policy import PUBLIC, SuppressionPolicy
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import RateKey
from vbpmeasure.results.rates import COUNT_SCHEMA, TOTAL_DIMENSION, RateTable, TableDimension
from vbpmeasure.runs.manifest import build_manifest
from vbpmeasure.runs.writer import write_run

# Stratum -> (numerator, denominator). A stratum of a crossing is its names joined by ` * `, or a tuple of them.
Counts = Mapping[str, tuple[int, int]] | Mapping[tuple[str, ...], tuple[int, int]]


@dataclass
class Stated:
    """One rate as a test states it: per dimension, the counts of each stratum; all dimensions have one total."""

    measure: str
    by: Mapping[str, Counts]
    lower_is_better: bool = False
    rate: str = ""
    exclusions: tuple[tuple[str, str], ...] = field(default=())

    @property
    def key(self) -> RateKey:
        rate = self.rate or self.measure
        return RateKey(
            self.measure, rate, f"Measure {self.measure}", f"Rate {rate}", ("s",), self.exclusions, self.lower_is_better
        )


def published(
    rates: list[Stated], policy: SuppressionPolicy = PUBLIC, year: int = 2025, earlier: Earlier | None = None
) -> PublishedTable:
    """Return the counts as they are published."""
    dimensions = [TOTAL_DIMENSION]
    for name in rates[0].by:
        labels = tuple(tuple(one.split(" * ")) if isinstance(one, str) else one for one in rates[0].by[name])
        texts = tuple(text_of(label) for label in labels)
        dimensions.append(TableDimension(name, tuple(name.split("*")), labels, texts))
    rows = []
    for number, rate in enumerate(rates):
        totals = {(sum(n for n, _ in by.values()), sum(d for _, d in by.values())) for by in rate.by.values()}
        assert len(totals) == 1, f"the dimensions of {rate.measure} have different totals: {totals}"
        cells = [[totals.pop()], *(list(by.values()) for by in rate.by.values())]
        rows += [
            (number, dimension, stratum, denominator, 0, denominator, numerator)
            for dimension, counts in enumerate(cells)
            for stratum, (numerator, denominator) in enumerate(counts)
        ]
    counts = pl.DataFrame(rows, schema=COUNT_SCHEMA, orient="row")
    people = max((row[3] for row in rows), default=0) + 1000
    table = RateTable(calendar_year(year), tuple(r.key for r in rates), tuple(dimensions), counts, people)
    return PublishedTable(table, policy, earlier=earlier or Earlier())


def write_stated_run(
    folder: Path, rates: list[Stated], policy: SuppressionPolicy = PUBLIC, year: int = 2025
) -> PublishedTable:
    """Write a finished run folder with these counts, and return what was published."""
    table = published(rates, policy, year)
    measures = tuple(MeasurePlan(m, m.upper(), str(year), "active", (), {}, ()) for m in {r.measure: 0 for r in rates})
    program = Program(measures, calendar_year(year), {})
    with RunFolder(folder) as out:
        write_run(out, table, build_manifest(program, table, by=list(rates[0].by)))
    return table
