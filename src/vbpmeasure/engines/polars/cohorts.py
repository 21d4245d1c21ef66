"""Cohorts: who is asked for events, and on which days, as the bits of one integer.

Event sets that the same people are asked for on the same days share a bit, whichever measure they belong to.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum

from vbpmeasure.engines.polars.reach import Range
from vbpmeasure.plan.flags import Flag

# Bits of one 64-bit integer. They only ever prune, so two cohorts may share one.
COHORT_BITS = 63

# What must hold of a person before events are read.
Prefix = tuple[Flag, ...]


class Days(Enum):
    """The days on which rows matter: between fixed ones, any, or rows without a day."""

    FIXED = "fixed"
    ANY = "any"
    NONE = "none"


@dataclass(slots=True)
class Ask:
    """One thing asked for: of whom (any of the prefixes), and between which days when they are fixed."""

    prefixes: dict[Prefix, None] = field(default_factory=dict)
    between: Range | None = None


@dataclass(slots=True)
class Cohorts:
    """What is asked for, collected first and then settled.

    ``people``: the prefixes of each bit, one of which its people meet. ``ranges``: the days of each bit, None for any
    day; ``undated``: the bits of cohorts that look at rows without a day.
    """

    asks: dict[tuple[Hashable, Days], Ask] = field(default_factory=dict)
    people: list[tuple[tuple[Prefix, ...], int]] = field(default_factory=list)
    ranges: dict[int, Range | None] = field(default_factory=dict)
    undated: int = 0
    _bits: dict[tuple[Hashable, Days], int] = field(default_factory=dict)

    def ask(self, what: Hashable, prefix: Prefix, days: Days, between: Range | None = None) -> None:
        """Ask for something of the people who meet a prefix; ``between`` holds the days when they are fixed."""
        ask = self.asks.setdefault((what, days), Ask())
        ask.prefixes[prefix] = None
        if between is not None:
            first, last = ask.between or between
            ask.between = (min(first, between[0]), max(last, between[1]))

    def settle(self) -> None:
        """Give a bit to each combination of people and days."""
        known: dict[tuple[frozenset[Prefix], Days, Range | None], int] = {}
        for (what, days), ask in self.asks.items():
            key = (frozenset(ask.prefixes), days, ask.between)
            if key not in known:
                known[key] = 1 << (len(known) % COHORT_BITS)
                self._settle(known[key], ask, days)
            self._bits[what, days] = known[key]

    def _settle(self, bit: int, ask: Ask, days: Days) -> None:
        self.people.append((tuple(ask.prefixes), bit))
        if days is Days.NONE:
            self.undated |= bit
            return
        seen = self.ranges.setdefault(bit, ask.between)
        if seen is None or ask.between is None:
            self.ranges[bit] = None
        else:
            self.ranges[bit] = (min(seen[0], ask.between[0]), max(seen[1], ask.between[1]))

    def bit(self, what: Hashable, days: Days) -> int:
        """Return the bit of the people who are asked for something, once settled; 0 for what nobody asks for."""
        return self._bits.get((what, days), 0)

    def bits(self, what: Hashable) -> int:
        """Return the bits of the people who are asked for something on whatever days, once settled."""
        return self.bit(what, Days.FIXED) | self.bit(what, Days.ANY) | self.bit(what, Days.NONE)
