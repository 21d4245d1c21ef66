"""What is done when a table cannot be made safe: it does without a whole dimension rather than not being published.

A dimension that is withheld has no rows at all. What its rows would say still counts as something to protect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vbpmeasure.results.disclosure.cells import CellSystem
from vbpmeasure.results.disclosure.suppression import CannotBeSafe, Marks
from vbpmeasure.results.rates import TOTAL


@dataclass(frozen=True, slots=True)
class Settled:
    """The cells, their marks, and the dimensions that are withheld, in the order in which they were given up."""

    system: CellSystem
    marks: Marks
    withheld: tuple[str, ...]


def settle(
    dimensions: Iterable[str],
    system_without: Callable[[frozenset[str]], CellSystem],
    decided: Callable[[CellSystem], Marks],
    withheld: Iterable[str] = (),
) -> Settled:
    """Decide, and withhold one more dimension as long as that fails; ``withheld`` are withheld in any case.

    ``system_without`` returns the cells when some of the dimensions are not shown. Given up first is what costs least:
    the dimension that had the fewest rates left to show, among those that the trouble is in; of equals the last.
    Raises `CannotBeSafe` when even the total alone is not safe.
    """
    left = [name for name in dimensions if name != TOTAL and name not in set(withheld)]
    gone = list(withheld)
    while True:
        system = system_without(frozenset(gone))
        try:
            return Settled(system, decided(system), tuple(gone))
        except CannotBeSafe as refused:
            if not left:
                raise
            chosen = _cheapest(left, refused)
        # A crossing says more than its margins do: it goes with them.
        lost = [name for name in left if set(chosen.split("*")) <= set(name.split("*"))]
        gone += lost
        left = [name for name in left if name not in lost]


def _cheapest(left: list[str], refused: CannotBeSafe) -> str:
    suspects = [name for name in left if name in refused.suspects] or left
    return min(suspects, key=lambda name: (refused.rates_left[name], -left.index(name)))
