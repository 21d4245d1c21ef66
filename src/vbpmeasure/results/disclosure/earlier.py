"""What earlier publications of the same numbers have already told: it can be subtracted from what is published now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from vbpmeasure.results.frame import RateKey


class Told(NamedTuple):
    """What is known of a row: which counts were shown, and what its mark says that the denominator is at least."""

    numerator: bool = False
    denominator: bool = False
    population: bool = False
    least: int = 0

    def and_also(self, other: Told) -> Told:
        """Return what is known from both."""
        return Told(
            self.numerator or other.numerator,
            self.denominator or other.denominator,
            self.population or other.population,
            max(self.least, other.least),
        )


NOTHING = Told()


@dataclass(frozen=True, slots=True)
class Earlier:
    """The rows of earlier runs over the same population, by (measure, rate, dimension, stratum).

    ``dimensions`` are those that only they had: the table has them, and they are not published again.
    """

    rows: Mapping[tuple[str, str, str, str], Told] = field(default_factory=lambda: MappingProxyType({}))
    dimensions: frozenset[str] = frozenset()

    def told(self, key: RateKey, dimension: str, stratum: str) -> Told:
        """Return what was told of a row."""
        return self.rows.get((key.measure, key.rate, dimension, stratum), NOTHING)
