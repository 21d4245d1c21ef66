"""Rows that are kept between runs, as the engine sees it: something that finds tables again, and keeps new ones.

What is kept depends on the input alone, never on a period, on people or on definitions: whoever implements this answers
for the input being the same, the engine for what it looks for being in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

# What is said of a set of tables, as plain JSON values.
Facts = Mapping[str, Any]

EVENTS = "events"
SPANS = "spans"


@dataclass(frozen=True, slots=True)
class KeptTables:
    """Tables that were found again or have just been kept, by name, and what is said of them."""

    tables: Mapping[str, pl.LazyFrame]
    facts: Facts


class Keeper(Protocol):
    """Keeps tables of the input of one run, or of one bucket of its people."""

    def find(self, kind: str, serves: Callable[[Facts], bool]) -> KeptTables | None:
        """Return tables of a kind that were kept of the very same input, and serve; None when there are none."""

    def keep(
        self, kind: str, tables: Mapping[str, pl.LazyFrame], facts: Callable[[Mapping[str, pl.LazyFrame]], Facts]
    ) -> KeptTables | None:
        """Write tables, and return them as they are read back; None when they cannot be kept, whatever the reason.

        ``facts`` looks at what was written and says what is to be known of it.
        """
