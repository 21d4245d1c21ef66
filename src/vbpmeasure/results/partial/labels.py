"""The strata of partial results: buckets of people can have other values; their strata are matched by label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from vbpmeasure.results.categories.strata import StrataSet


@dataclass(frozen=True, slots=True)
class Universe:
    """The labels of one component in their order; ``is_open`` ones are the values that were seen, nobody's last.

    ``untabulated`` ones are the combinations that were seen (`tabulation.as_text`), sorted as texts.
    """

    labels: tuple[str, ...]
    is_open: bool
    untabulated: bool = False

    def __add__(self, other: Universe) -> Universe:
        """Return the labels of both."""
        if self.untabulated:
            return replace(self, labels=tuple(sorted({*self.labels, *other.labels})))
        if not self.is_open:
            return self
        nobody = self.labels[-1]
        return replace(self, labels=(*sorted({*self.labels, *other.labels} - {nobody}), nobody))


@dataclass(frozen=True, slots=True)
class LabeledDimension:
    """One dimension: its strata in order, each with one text per component."""

    components: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    fixed: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """The strata of every dimension of a partial result, and the labels of the components they are made of."""

    dimensions: tuple[LabeledDimension, ...] = ()
    universes: Mapping[str, Universe] | None = None

    @classmethod
    def of(cls, strata: StrataSet) -> Labels:
        """Return the labels of strata that were assigned to people."""
        universes = {
            name: Universe(tuple(label for (label,) in one.labels), one.is_open, one.untabulated)
            for name, one in strata.components.items()
        }
        dimensions = tuple(LabeledDimension(s.dimension.components, s.labels, s.fixed) for s in strata.strata)
        return cls(dimensions, universes)

    def __add__(self, other: Labels) -> Labels:
        """Return the strata of both, in the order that they would have had together."""
        ours, theirs = self.universes or {}, other.universes or {}
        universes = {name: universe + theirs[name] for name, universe in ours.items()}
        dimensions = tuple(
            _together(one, two, universes) for one, two in zip(self.dimensions, other.dimensions, strict=True)
        )
        return Labels(dimensions, universes)

    def renumbered(
        self, frame: pl.DataFrame, old: Labels, dimension: str = "dimension", stratum: str = "stratum"
    ) -> pl.DataFrame:
        """Return a frame that counts in the strata of ``old``, counted in these; the two columns say in which."""
        if self.dimensions == old.dimensions:
            return frame
        moves = [(0, 0, 0)]
        for number, (one, before) in enumerate(zip(self.dimensions, old.dimensions, strict=True), start=1):
            place = {label: position for position, label in enumerate(one.labels)}
            moves += [(number, position, place[label]) for position, label in enumerate(before.labels)]
        schema = {dimension: pl.UInt16, stratum: pl.UInt32, "moved": pl.UInt32}
        table = pl.DataFrame(moves, schema=schema, orient="row")
        found = frame.join(table, on=[dimension, stratum], how="left", maintain_order="left")
        return found.with_columns(pl.col("moved").alias(stratum)).drop("moved")


def _together(one: LabeledDimension, two: LabeledDimension, universes: Mapping[str, Universe]) -> LabeledDimension:
    if one.labels == two.labels:
        return one
    if len(one.components) == 1:
        (name,) = one.components
        return replace(one, labels=tuple((label,) for label in universes[name].labels))
    orders = [{label: i for i, label in enumerate(universes[name].labels)} for name in one.components]

    def place(label: Iterable[str]) -> tuple[int, ...]:
        return tuple(order[text] for order, text in zip(orders, label, strict=True))

    return replace(one, labels=tuple(sorted({*one.labels, *two.labels}, key=place)))
