"""Who criteria are judged for: persons, or the units of index events, in one table with a row for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from vbpmeasure.engines.polars.literals import bits_literal
from vbpmeasure.engines.polars.nodes import Node


@dataclass(frozen=True, slots=True)
class Subjects:
    """A table with one row per subject.

    Columns: ``key`` ("person" or "unit"), person, cohorts, and the day columns that dates read. ``wanted`` holds, by
    node, the bits of the cohorts that ask for it.
    """

    table: pl.DataFrame
    wanted: Mapping[Node, int]
    key: str = "person"

    @property
    def keys(self) -> list[str]:
        """The key, and the person it belongs to."""
        return list(dict.fromkeys((self.key, "person")))

    @property
    def met_schema(self) -> pl.Schema:
        """The columns of nodes that hold, one row per subject and node: key, node, and the day of the node."""
        return pl.Schema({self.key: pl.UInt32, "node": pl.UInt16, "day": pl.Int32})

    def asked(self, nodes: Iterable[Node]) -> pl.Expr:
        """Return whether a subject is asked for any of the nodes."""
        bits = 0
        for node in nodes:
            bits |= self.wanted[node]
        return (pl.col("cohorts") & bits_literal(bits)) != 0

    def with_table(self, table: pl.DataFrame) -> Subjects:
        """Return the same subjects with another table."""
        return replace(self, table=table)
