"""Every lazy query of a run goes through one door, so that it can be counted, shown and guarded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl


@dataclass(slots=True)
class Queries:
    """Runs named queries; keeps the plans when ``keep`` is set (for `explain --polars` and the plan-shape tests)."""

    keep: bool = False
    kept: list[tuple[str, pl.LazyFrame]] = field(default_factory=list)

    def run(self, name: str, query: pl.LazyFrame) -> pl.DataFrame:
        """Collect one query."""
        return self.run_all([(name, query)])[0]

    def run_all(self, named: Sequence[tuple[str, pl.LazyFrame]]) -> list[pl.DataFrame]:
        """Collect several queries together."""
        if self.keep:
            self.kept.extend(named)
        if len(named) == 1:
            return [named[0][1].collect()]
        return pl.collect_all([query for _, query in named])
