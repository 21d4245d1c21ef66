"""The strata of everybody: how combinations become the rows of a tabulation is known only after the sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.categories.dimensions import Dimension
from vbpmeasure.results.categories.strata import Strata, cross, refuse_too_many
from vbpmeasure.results.categories.tabulation import arrange, from_text, sorted_by
from vbpmeasure.results.partial.additive import added
from vbpmeasure.results.partial.labels import Labels

_NOBODY = pl.Series("id", [], dtype=pl.UInt32)


@dataclass(frozen=True, slots=True)
class Settled:
    """The strata of each dimension (with the ids of nobody), and where those that were counted have gone.

    ``moves``: (dimension, old number, new number) of the dimensions whose strata are not those that were counted, by
    atom where the new ones overlap. ``categories`` as in `StrataSet`.
    """

    strata: tuple[Strata, ...] = ()
    moves: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)

    def moved(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Return counts of a frame of that name (of `additive.FRAMES`) in these strata."""
        if not self.moves:
            return frame
        return added(name, self._moved(frame, "dimension", "stratum"))

    def moved_links(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return links between strata as links between these."""
        if not self.moves:
            return frame
        once = self._moved(frame, "one", "stratum_of_one")
        return added("links", self._moved(once, "other", "stratum_of_other"))

    def refuse_too_many(self, present: pl.DataFrame) -> None:
        """Raise `Failure` (VBM405) when a dimension has more strata with people in them than it may have."""
        people = self.moved("present", present).filter(pl.col("people") > 0)
        seen = dict(people.group_by("dimension").len().iter_rows())
        for number, one in enumerate(self.strata, start=1):
            refuse_too_many(one.dimension, seen.get(number, 0))

    def _moved(self, frame: pl.DataFrame, dimension: str, stratum: str) -> pl.DataFrame:
        rows = [(number, old, new) for number, places in self.moves.items() for old, new in enumerate(places)]
        schema = {dimension: frame.schema[dimension], stratum: frame.schema[stratum], "new": frame.schema[stratum]}
        table = pl.DataFrame(rows, schema=schema, orient="row")
        found = frame.join(table, on=[dimension, stratum], how="left", maintain_order="left")
        return found.with_columns(pl.coalesce("new", stratum).alias(stratum)).drop("new")


def settle(labels: Labels, present: pl.DataFrame, systems: Mapping[str, CategorySystem]) -> Settled:
    """Return the strata of people who were counted in ``labels``; ``present`` says how many of them are in each."""
    universes = labels.universes or {}
    singles: dict[str, Strata] = {}
    places: dict[str, dict[str, int]] = {}
    for name, universe in universes.items():
        if not universe.untabulated:
            singles[name] = Strata(
                Dimension((name,)), tuple((label,) for label in universe.labels), _NOBODY, is_open=universe.is_open
            )
            places[name] = {label: place for place, label in enumerate(universe.labels)}
            continue
        people = _people(name, labels, present)
        found = arrange(systems[name], {from_text(text): people.get(text, 0) for text in universe.labels})
        singles[name] = Strata(
            Dimension((name,)), found.labels, _NOBODY, fixed=True, atoms=found.atoms, made_of=found.made_of
        )
        places[name] = {text: found.place[from_text(text)] for text in universe.labels}
    strata: list[Strata] = []
    moves: dict[int, tuple[int, ...]] = {}
    for number, one in enumerate(labels.dimensions, start=1):
        dimension = Dimension(one.components)
        if not any(universes[name].untabulated for name in one.components):
            strata.append(Strata(dimension, one.labels, _NOBODY, fixed=one.fixed))
        elif len(one.components) == 1:
            (name,) = one.components
            strata.append(singles[name])
            moves[number] = tuple(places[name][text] for (text,) in one.labels)
        else:
            cells = [
                tuple(places[name][text] for name, text in zip(one.components, label, strict=True))
                for label in one.labels
            ]
            rows = sorted(set(cells))
            position = {row: place for place, row in enumerate(rows)}
            strata.append(cross(dimension, [singles[name] for name in one.components], rows))
            moves[number] = tuple(position[cell] for cell in cells)
    categories = {name: sorted_by(systems[name]) for name in universes if name in systems}
    return Settled(tuple(strata), moves, categories)


def _people(name: str, labels: Labels, present: pl.DataFrame) -> dict[str, int]:
    """Return how many people have each label of a component, from a dimension that it is part of."""
    number, one = next((n, d) for n, d in enumerate(labels.dimensions, start=1) if name in d.components)
    at = one.components.index(name)
    found: dict[str, int] = {}
    rows = present.filter(pl.col("dimension") == number).select("stratum", "people")
    for stratum, people in rows.iter_rows():
        text = one.labels[stratum][at]
        found[text] = found.get(text, 0) + people
    return found
