"""What earlier publications of the same numbers have already told: it can be subtracted from what is published now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from vbpmeasure.results.categories.stratum_text import earlier_text_of, text_of
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
    """The rows of earlier runs over the same population, by (measure, rate, dimension, stratum), as they named them.

    ``dimensions`` are those that only they had: the table has them, and they are not published again. ``orders`` has,
    by the name of a crossing here, its names with the components in another order that earlier runs gave it.
    """

    rows: Mapping[tuple[str, str, str, str], Told] = field(default_factory=lambda: MappingProxyType({}))
    dimensions: frozenset[str] = frozenset()
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def told(self, key: RateKey, dimension: str, stratum: str, parts: tuple[str, ...] = ()) -> Told:
        """Return what was told of a row; ``parts`` are the names of its stratum, one for each component.

        Rows of versions up to 0.7.3 are found under the text that those gave them.
        """
        found = self.rows.get((key.measure, key.rate, dimension, stratum), NOTHING)
        if not self.rows or len(parts) < 2:
            return found
        place = dict(zip(dimension.split("*"), parts, strict=True))
        for name in (dimension, *self.orders.get(dimension, ())):
            names = [place[component] for component in name.split("*")]
            for text in (text_of(names), earlier_text_of(names)):
                found = found.and_also(self.rows.get((key.measure, key.rate, name, text), NOTHING))
        return found
