"""Every lazy query of a run goes through one door, so that it can be counted, shown and guarded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl


@dataclass(slots=True)
class Queries:
    """Runs named queries; keeps the plans when ``keep`` is set (for `explain --polars` and the plan-shape tests).

    ``engine`` is that of Polars: for the rows of a few people its engine in memory starts in half of the time.
    """

    keep: bool = False
    engine: Literal["auto", "in-memory"] = "auto"
    kept: list[tuple[str, pl.LazyFrame]] = field(default_factory=list)

    def run(self, name: str, query: pl.LazyFrame) -> pl.DataFrame:
        """Collect one query."""
        return self.run_all([(name, query)])[0]

    def run_all(self, named: Sequence[tuple[str, pl.LazyFrame]]) -> list[pl.DataFrame]:
        """Collect several queries together."""
        if self.keep:
            self.kept.extend(named)
        if len(named) == 1:
            return [named[0][1].collect(engine=self.engine)]
        return pl.collect_all([query for _, query in named], engine=self.engine)
