"""The cells of a rate table and the sums that tie them together: what a reader can add and subtract.

Each row of the table has three basic counts: numerator, denominator, population. Misses (denominator minus numerator)
and excluded (population minus denominator) are differences of those. Rates of one measure often count the same people
below the line, so a denominator or a population can belong to several rows at once.

Rates that are no share have cells too: their part is the numerator, their whole the denominator, no one is excluded.

Rows of index events have a second set of counts, the distinct persons behind the first. It is never shown with them;
it only decides, as the counts themselves do, what is small.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vbpmeasure.results.disclosure.earlier import NOTHING, Told


@dataclass(frozen=True, slots=True)
class Persons:
    """The distinct persons behind the counts of a cell of index events (``persons.PERSON_COUNTS``)."""

    population: int = 0
    excluded: int = 0
    denominator: int = 0
    numerator: int = 0
    misses: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the table. ``listed`` is False for what this table does not show but what follows from its sums.

    ``persons`` is None where the units are persons. ``units`` is what the minimum denominator of a rate counts where
    that is not the denominator (the persons behind a rate that is no share). ``given`` says that its reader knows the
    numbers of the row in any case, ``told`` what earlier publications said of it.
    """

    rate: int
    dimension: str
    numerator: int
    misses: int
    excluded: int
    listed: bool = True
    persons: Persons | None = None
    units: int | None = None
    given: bool = False
    told: Told = NOTHING

    @property
    def denominator(self) -> int:
        """Population without the excluded."""
        return self.numerator + self.misses

    @property
    def population(self) -> int:
        """Everyone who met all population steps."""
        return self.denominator + self.excluded

    def sizes(self, name: str) -> tuple[int, ...]:
        """Return a count by its name, and the persons behind it where it counts events: what may not be small."""
        own = int(getattr(self, name))
        return (own,) if self.persons is None else (own, int(getattr(self.persons, name)))


@dataclass(frozen=True, slots=True)
class SumRule:
    """The parent's three counts are the sums of the children's (positions in the cell list).

    Persons add up over strata, and not ``across_rates``: the same child may have events in two rates.
    """

    parent: int
    children: tuple[int, ...]
    across_rates: bool = False

    def together(self, cells: Iterable[Cell], name: str) -> tuple[int, ...]:
        """Return the sizes that some of the children have together; of persons in several rates, the fewest."""
        parts = [cell.sizes(name) for cell in cells]
        counts = (sum(part[0] for part in parts),)
        behind = [part[1] for part in parts if len(part) > 1]
        if not behind:
            return counts
        return (*counts, max(behind) if self.across_rates else sum(behind))


@dataclass(frozen=True, slots=True)
class Difference:
    """A count of ``inner`` is part of that of ``outer`` (cells): the difference of the two counts children too.

    ``persons`` are those behind the difference where units are events.
    """

    inner: int
    outer: int
    name: str
    persons: int | None = None


@dataclass(frozen=True, slots=True)
class CellSystem:
    """``cells``: first those of the table, in its order, then those of amounts, then what is not listed.

    ``sums`` says what adds up; ``differences`` what is part of what. ``same`` are pairs of counts, (cell, name) each,
    that are one and the same. ``follows`` are pairs of cells: where the first hides its numerator the second must be
    hidden too, a composite with its member. ``amounts`` gives the position of the cells of amounts, by the position
    in the list they came in.
    """

    cells: tuple[Cell, ...]
    sums: tuple[SumRule, ...]
    same: tuple[tuple[tuple[int, str], tuple[int, str]], ...] = ()
    differences: tuple[Difference, ...] = ()
    follows: tuple[tuple[int, int], ...] = ()
    amounts: dict[int, int] | None = None
