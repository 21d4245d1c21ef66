"""The counts of one judgement of some people: everything that rates, amounts and waterfalls are made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import polars as pl

from vbpmeasure.plan.measures import Period
from vbpmeasure.results.amounts import SUM_SCHEMA, Amount, amounts_of, sum_cells
from vbpmeasure.results.categories.strata import StrataSet
from vbpmeasure.results.completeness.counts import RATE_TOLD_SCHEMA, told_by_rates
from vbpmeasure.results.frame import EXTERNAL_SCHEMA, ROW_SCHEMA, RateKey, RateKind, ResultFrame
from vbpmeasure.results.knowledge import Relations, relations, still_nested
from vbpmeasure.results.partial.additive import added
from vbpmeasure.results.partial.labels import Labels
from vbpmeasure.results.partial.settled import Settled
from vbpmeasure.results.persons import PERSON_SCHEMA, event_rates
from vbpmeasure.results.rates import COUNT_SCHEMA, Known, RateTable, count_cells, table_of
from vbpmeasure.results.waterfall import (
    PATH_SCHEMA,
    STAGE_SCHEMA,
    Waterfall,
    path_counts,
    stage_counts,
    waterfalls_of,
)

SHARES = (RateKind.PROPORTION, RateKind.ALL_OR_NONE)


@dataclass(frozen=True, slots=True)
class Counts:
    """Whole numbers of one judgement, by the position of the rate in ``rates``.

    ``cells`` follows ``COUNT_SCHEMA`` (rows with anyone in the population), ``persons`` ``PERSON_SCHEMA``, ``sums``
    ``SUM_SCHEMA``, ``stages`` ``STAGE_SCHEMA``, ``paths`` ``PATH_SCHEMA``. ``external`` holds the lines that are not
    about people, in one partial result of all. ``told`` (``RATE_TOLD_SCHEMA``) says what the people of denominators
    answered. ``of_events`` are the positions of the rates of index events, ``relations`` what is known of two rates.
    """

    rates: tuple[RateKey, ...]
    of_events: frozenset[int] = frozenset()
    cells: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COUNT_SCHEMA))
    persons: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PERSON_SCHEMA))
    sums: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SUM_SCHEMA))
    stages: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=STAGE_SCHEMA))
    paths: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PATH_SCHEMA))
    external: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=EXTERNAL_SCHEMA))
    told: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RATE_TOLD_SCHEMA))
    relations: Relations = field(default_factory=Relations)

    @classmethod
    def of(cls, frame: ResultFrame, strata: StrataSet, answers: Mapping[str, pl.Series] | None = None) -> Counts:
        """Count a result frame whose rates are all reported; ``answers`` as from `completeness.answers.answers`."""
        shares = [position for position, key in enumerate(frame.rates) if key.kind in SHARES]
        of_events = event_rates(frame)
        ids = [None, *(one.ids for one in strata.strata)]
        with ThreadPoolExecutor() as beside:  # each is counted on one core
            told = beside.submit(told_by_rates, answers or {}, frame, shares)
            known = beside.submit(relations, frame, ids, of_events, shares)
            cells, persons = count_cells(frame, strata)
            sums, stages, paths = sum_cells(frame, strata), stage_counts(frame), path_counts(frame)
            return cls(
                frame.rates,
                of_events,
                cells,
                persons,
                sums,
                stages,
                paths,
                frame.external,
                told.result(),
                known.result(),
            )

    def plus(self, other: Counts, ours: Labels, theirs: Labels, labels: Labels) -> Counts:
        """Add the counts of other people; ``labels`` are those of both, ``ours`` and ``theirs`` those counted in."""

        def both(name: str) -> pl.DataFrame:
            return sum_of(name, getattr(self, name), getattr(other, name))

        def sum_of(name: str, one: pl.DataFrame, two: pl.DataFrame) -> pl.DataFrame:
            if "stratum" in one.columns:
                one, two = labels.renumbered(one, ours), labels.renumbered(two, theirs)
            return added(name, one, two)

        if self.rates != other.rates:
            raise ValueError("partial results of other rates cannot be added")
        pairs = self.relations.united(other.relations)
        behind = sum_of("behind", self.relations.behind, other.relations.behind)
        return Counts(
            self.rates,
            self.of_events | other.of_events,
            both("cells"),
            both("persons"),
            both("sums"),
            both("stages"),
            both("paths"),
            pl.concat([self.external, other.external]).sort("rate", "entity_id"),
            both("told"),
            Relations(pairs, still_nested(pairs, behind)),
        )

    def of_positions(self, positions: Sequence[int], names: tuple[RateKey, ...]) -> Counts:
        """Return the counts of some rates alone, by position, under other names."""
        return replace(self._kept(list(positions)), rates=names)

    def without(self, measures: Collection[str]) -> Counts:
        """Return the counts without the rates of some measures."""
        return self._cut(lambda key: key.measure not in measures)

    def table(self, period: Period, people: int, settled: Settled, links: pl.DataFrame) -> RateTable:
        """Return the rates that are shares of units, of all people; ``links`` as from `knowledge.links`."""
        shares = self._cut(lambda key: key.kind in SHARES)
        behind = settled.moved("behind", shares.relations.behind)
        known = Known(replace(shares.relations, behind=behind), settled.moved_links(links), shares.of_events)
        cells, persons = settled.moved("cells", shares.cells), settled.moved("persons", shares.persons)
        return table_of(period, shares.rates, settled.strata, cells, persons, people, known, settled.categories)

    def answers(self) -> tuple[tuple[RateKey, ...], pl.DataFrame]:
        """Return the rates that are shares of units, and what the people of their denominators answered."""
        shares = self._cut(lambda key: key.kind in SHARES)
        return shares.rates, shares.told

    def keys_only(self, period: Period) -> ResultFrame:
        """Return a result frame of nobody with these rates: what the gate needs to know of them."""
        return ResultFrame(period, self.rates, pl.DataFrame(schema=ROW_SCHEMA), pl.DataFrame())

    def amounts(self, settled: Settled) -> list[Amount]:
        """Return the cells of the rates that are no shares, of all people."""
        return amounts_of(self.rates, settled.strata, settled.moved("sums", self.sums), self.external)

    def waterfalls(self, people: int) -> tuple[Waterfall, ...]:
        """Return the waterfall of every rate that has one, of all people."""
        return waterfalls_of(self.rates, people, self.of_events, self.stages, self.paths)

    def _cut(self, keep: Callable[[RateKey], bool]) -> Counts:
        kept = [position for position, key in enumerate(self.rates) if keep(key)]
        return self if len(kept) == len(self.rates) else self._kept(kept)

    def _kept(self, kept: list[int]) -> Counts:
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
            told=cut(self.told),
            relations=self.relations.of_rates(new),
        )


def of_rates(frame: pl.DataFrame, new: dict[int, int]) -> pl.DataFrame:
    """Return the rows of some rates, numbered anew: old position to new one."""
    rows = frame.filter(pl.col("rate").is_in(pl.Series(list(new), dtype=pl.UInt16).implode()))
    return rows.with_columns(pl.col("rate").replace_strict(new, return_dtype=pl.UInt16))
