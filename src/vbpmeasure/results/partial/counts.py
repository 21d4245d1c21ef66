"""The counts of one judgement of some people: everything that rates, amounts and waterfalls are made of."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import polars as pl

from vbpmeasure.plan.measures import Period
from vbpmeasure.results.amounts import SUM_SCHEMA, Amount, amounts_of, sum_cells
from vbpmeasure.results.categories.strata import StrataSet
from vbpmeasure.results.frame import EXTERNAL_SCHEMA, ROW_SCHEMA, RateKey, RateKind, ResultFrame
from vbpmeasure.results.partial.additive import added
from vbpmeasure.results.partial.labels import Labels
from vbpmeasure.results.persons import PERSON_SCHEMA, event_rates
from vbpmeasure.results.rates import COUNT_SCHEMA, RateTable, count_cells, table_of
from vbpmeasure.results.waterfall import (
    PATH_SCHEMA,
    STAGE_SCHEMA,
    Waterfall,
    path_counts,
    stage_counts,
    waterfalls_of,
)

_SHARES = (RateKind.PROPORTION, RateKind.ALL_OR_NONE)


@dataclass(frozen=True, slots=True)
class Counts:
    """Whole numbers of one judgement, by the position of the rate in ``rates``.

    ``cells`` follows ``COUNT_SCHEMA`` (rows with anyone in the population), ``persons`` ``PERSON_SCHEMA``, ``sums``
    ``SUM_SCHEMA``, ``stages`` ``STAGE_SCHEMA``, ``paths`` ``PATH_SCHEMA``. ``external`` holds the lines that are not
    about people, in one partial result of all. ``of_events`` are the positions of the rates of index events.
    """

    rates: tuple[RateKey, ...]
    of_events: frozenset[int] = frozenset()
    cells: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COUNT_SCHEMA))
    persons: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PERSON_SCHEMA))
    sums: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SUM_SCHEMA))
    stages: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=STAGE_SCHEMA))
    paths: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PATH_SCHEMA))
    external: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=EXTERNAL_SCHEMA))

    @classmethod
    def of(cls, frame: ResultFrame, strata: StrataSet) -> Counts:
        """Count a result frame whose rates are all reported."""
        cells, persons = count_cells(frame, strata)
        return cls(
            frame.rates,
            event_rates(frame),
            cells,
            persons,
            sum_cells(frame, strata),
            stage_counts(frame),
            path_counts(frame),
            frame.external,
        )

    def plus(self, other: Counts, ours: Labels, theirs: Labels, labels: Labels) -> Counts:
        """Add the counts of other people; ``labels`` are those of both, ``ours`` and ``theirs`` those counted in."""

        def both(name: str) -> pl.DataFrame:
            one, two = getattr(self, name), getattr(other, name)
            if "stratum" in one.columns:
                one, two = labels.renumbered(one, ours), labels.renumbered(two, theirs)
            return added(name, one, two)

        if self.rates != other.rates:
            raise ValueError("partial results of other rates cannot be added")
        return Counts(
            self.rates,
            self.of_events | other.of_events,
            both("cells"),
            both("persons"),
            both("sums"),
            both("stages"),
            both("paths"),
            pl.concat([self.external, other.external]).sort("rate", "entity_id"),
        )

    def without(self, measures: Collection[str]) -> Counts:
        """Return the counts without the rates of some measures."""
        return self._cut(lambda key: key.measure not in measures)

    def table(self, period: Period, people: int, labels: Labels) -> RateTable:
        """Return the rates that are shares of units, of all people."""
        shares = self._cut(lambda key: key.kind in _SHARES)
        dimensions = [(one.table_dimension, one.fixed) for one in labels.dimensions]
        return table_of(period, shares.rates, dimensions, shares.cells, shares.persons, people)

    def keys_only(self, period: Period) -> ResultFrame:
        """Return a result frame of nobody with these rates: what the gate needs to know of them."""
        return ResultFrame(period, self.rates, pl.DataFrame(schema=ROW_SCHEMA), pl.DataFrame())

    def amounts(self, labels: Labels) -> list[Amount]:
        """Return the cells of the rates that are no shares, of all people."""
        texts = [(one.table_dimension.name, one.texts) for one in labels.dimensions]
        return amounts_of(self.rates, texts, self.sums, self.external)

    def waterfalls(self, people: int) -> tuple[Waterfall, ...]:
        """Return the waterfall of every rate that has one, of all people."""
        return waterfalls_of(self.rates, people, self.of_events, self.stages, self.paths)

    def _cut(self, keep: Callable[[RateKey], bool]) -> Counts:
        kept = [position for position, key in enumerate(self.rates) if keep(key)]
        if len(kept) == len(self.rates):
            return self
        new = {old: position for position, old in enumerate(kept)}

        def cut(frame: pl.DataFrame) -> pl.DataFrame:
            return of_rates(frame, new)

        return replace(
            self,
            rates=tuple(self.rates[position] for position in kept),
            of_events=frozenset(new[position] for position in self.of_events if position in new),
            cells=cut(self.cells),
            persons=cut(self.persons),
            sums=cut(self.sums),
            stages=cut(self.stages),
            paths=cut(self.paths),
            external=cut(self.external),
        )


def of_rates(frame: pl.DataFrame, new: dict[int, int]) -> pl.DataFrame:
    """Return the rows of some rates, numbered anew: old position to new one."""
    rows = frame.filter(pl.col("rate").is_in(pl.Series(list(new), dtype=pl.UInt16).implode()))
    return rows.with_columns(pl.col("rate").replace_strict(new, return_dtype=pl.UInt16))
