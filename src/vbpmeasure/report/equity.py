"""The disparity statistics as pages look them up; nothing is computed here but the order of things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from vbpmeasure.equity.analysis.analyze import EquityTables
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.outputs.composite_words import words_of

Key = tuple[str, str, str]  # measure, rate, dimension
Record = Mapping[str, Any]
WORSE, BETTER, SAME, REFERENCE = "worse", "better", "same", "reference"
INSUFFICIENT = "insufficient_data"
NARROWED, WIDENED = "narrowed", "widened"


@dataclass(frozen=True, slots=True)
class Equity:
    """The statistics of a run, by measure, rate, dimension (and group); summaries of the run before it, if any."""

    settings: EquitySettings
    pairs: Mapping[Key, Mapping[str, Record]] = field(default_factory=dict)
    summaries: Mapping[Key, Record] = field(default_factory=dict)
    before: Mapping[Key, Record] = field(default_factory=dict)
    trends: Mapping[Key, Mapping[str, Record]] = field(default_factory=dict)
    adjusted: Mapping[Key, tuple[Record, ...]] = field(default_factory=dict)
    scores: tuple[Record, ...] = ()
    score_words: str = ""

    def groups(self, dimension: str) -> Iterator[Record]:
        """Yield the comparisons of a dimension in the order of the results."""
        for key, rows in self.pairs.items():
            if key[2] == dimension:
                yield from rows.values()

    def of(self, key: Key, stratum: str) -> Record | None:
        """Return the comparison of one group."""
        return self.pairs.get(key, {}).get(stratum)

    def trend(self, key: Key, stratum: str) -> Record | None:
        """Return how the gap of one group changed since the year before."""
        return self.trends.get(key, {}).get(stratum)


def equity(tables: EquityTables, before: EquityTables | None = None) -> Equity:
    """Return the tables by key; ``before`` are those of the year before."""
    return Equity(
        tables.settings,
        _by_stratum(tables.pairwise),
        _by_key(tables.summary),
        {} if before is None else _by_key(before.summary),
        {} if tables.trend is None else _by_stratum(tables.trend),
        {key: tuple(rows.values()) for key, rows in _by_stratum(tables.standardized).items()},
        tuple(tables.composites.iter_rows(named=True)),
        words_of(tables) if tables.composites.height else "",
    )


def is_judged(row: Record | None) -> bool:
    """Return whether a group was compared with its reference."""
    return row is not None and row["verdict"] in (WORSE, BETTER, SAME, INSUFFICIENT) and row["rd"] is not None


def is_hollow(row: Record | None, alpha: float) -> bool:
    """Return whether a difference may be chance: its adjusted p is above the level ``alpha``, or there is none."""
    return is_judged(row) and row is not None and (row["p_adjusted"] is None or row["p_adjusted"] > alpha)


def _key(row: Record) -> Key:
    return (row["measure"], row["rate"], row["dimension"])


def _by_key(frame: pl.DataFrame) -> dict[Key, Record]:
    return {_key(row): row for row in frame.iter_rows(named=True)}


def _by_stratum(frame: pl.DataFrame) -> dict[Key, dict[str, Record]]:
    found: dict[Key, dict[str, Record]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(_key(row), {})[row["stratum"]] = row
    return found
