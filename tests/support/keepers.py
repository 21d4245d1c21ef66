"""A keeper of rows without a disk, for tests of what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import polars as pl

from vbpmeasure.engines.polars.kept_rows.keeper import Facts, KeptTables


class InMemory:
    """Keeps the last tables of each kind as they are, and counts how often each kind was kept."""

    def __init__(self) -> None:
        self.kept: dict[str, KeptTables] = {}
        self.times: Counter[str] = Counter()

    def find(self, kind: str, serves: Callable[[Facts], bool]) -> KeptTables | None:
        found = self.kept.get(kind)
        return found if found is not None and serves(found.facts) else None

    def keep(
        self, kind: str, tables: Mapping[str, pl.LazyFrame], facts: Callable[[Mapping[str, pl.LazyFrame]], Facts]
    ) -> KeptTables | None:
        written = {name: one.collect().lazy() for name, one in tables.items()}
        self.kept[kind] = KeptTables(written, facts(written))
        self.times[kind] += 1
        return self.kept[kind]
