"""The partial result: what a run has counted of some of its people. Partial results of disjoint people add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import polars as pl

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.plan.measures import Period
from vbpmeasure.results.attribution.attribute import Attribution
from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.categories.strata import StrataSet
from vbpmeasure.results.completeness.counts import TOLD_SCHEMA, Told, told_by_people, told_by_rates
from vbpmeasure.results.frame import ResultFrame
from vbpmeasure.results.knowledge import LINK_SCHEMA, links
from vbpmeasure.results.partial.additive import PRESENT_SCHEMA, added
from vbpmeasure.results.partial.counts import SHARES, Counts, of_rates
from vbpmeasure.results.partial.labels import Labels
from vbpmeasure.results.partial.people import together
from vbpmeasure.results.partial.settled import Settled, settle
from vbpmeasure.results.supplemental import CHANGE_SCHEMA, change_cells, joined

Failed = Mapping[str, tuple[Diagnostic, ...]]


@dataclass(frozen=True, slots=True)
class Partial:
    """Whole numbers of some people, without rates and without anything hidden; not for publication.

    ``shown`` counts the judgement that is reported, ``beside`` the one without supplemental evidence when both are,
    ``as_one`` both under the names of `supplemental.joined`, and ``changes`` (``CHANGE_SCHEMA``) what differs.
    ``present``: people by stratum; ``links`` (``LINK_SCHEMA``): people by two strata; ``told_by_people``
    (``TOLD_SCHEMA``): what they answered. ``counters`` are whole numbers by name; ``peaks`` are those of which only the
    largest of several is told, so that each has to be added for itself.
    ``attribution`` says by what rule, and counts what was odd. ``failed``: why a measure is not among the rates,
    by id. ``frame`` is the judgement itself, with one row per unit, for person-level outputs alone.

    ``+`` is associative and commutative, whatever way people are divided: `Partial.of` all people together is the sum.
    """

    period: Period
    people: int
    labels: Labels
    shown: Counts
    beside: Counts | None = None
    as_one: Counts | None = None
    changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGE_SCHEMA))
    present: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PRESENT_SCHEMA))
    links: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LINK_SCHEMA))
    told_by_people: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TOLD_SCHEMA))
    counters: Mapping[str, int] = field(default_factory=dict)
    peaks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unmapped: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    attribution: Attribution | None = None
    failed: Failed = field(default_factory=dict)
    frame: ResultFrame | None = None

    @classmethod
    def of(
        cls,
        frame: ResultFrame,
        strata: StrataSet,
        beside: ResultFrame | None = None,
        answers: Mapping[str, pl.Series] | None = None,
        enrolled: Sequence[pl.Series] = (),
    ) -> Partial:
        """Count a frame, and the judgement without supplemental evidence beside it; rates of both are all reported.

        ``strata`` are not tabulated. ``answers`` and ``enrolled``, one per month, are what completeness is made of.
        """
        ids = [None, *(one.ids for one in strata.strata)]
        with ThreadPoolExecutor(max_workers=1) as pool:  # each is counted on one core
            told = pool.submit(told_by_people, answers or {}, frame, enrolled)
            linked = pool.submit(links, [(), *(one.dimension.components for one in strata.strata)], ids)
            present = pool.submit(_present, strata)
            shown, without, as_one = _judgements(frame, strata, beside, answers)
        return cls(
            period=frame.period,
            people=frame.people.height,
            labels=Labels.of(strata),
            shown=shown,
            beside=without,
            as_one=as_one,
            changes=pl.DataFrame(schema=CHANGE_SCHEMA) if beside is None else change_cells(frame, beside, strata),
            present=present.result(),
            links=linked.result(),
            told_by_people=told.result(),
            counters={name: n for name, n in frame.counters.items() if name not in frame.peaks},
            peaks=frame.peaks,
            unmapped=strata.unmapped,
            absent=strata.absent,
        )

    def __add__(self, other: Partial) -> Partial:
        """Add the counts of other people. A measure that failed for anybody is in neither."""
        failed = {**other.failed, **self.failed}
        if failed and set(failed) != set(self.failed) & set(other.failed):
            return replace(self._without(failed), failed=failed) + replace(other._without(failed), failed=failed)
        labels = self.labels + other.labels

        def renumbered(name: str) -> pl.DataFrame:
            ours = labels.renumbered(getattr(self, name), self.labels)
            return added(name, ours, labels.renumbered(getattr(other, name), other.labels))

        def both(ours: Counts | None, theirs: Counts | None) -> Counts | None:
            if ours is None or theirs is None:
                return None
            return ours.plus(theirs, self.labels, other.labels, labels)

        return Partial(
            period=self.period,
            people=self.people + other.people,
            labels=labels,
            shown=self.shown.plus(other.shown, self.labels, other.labels, labels),
            beside=both(self.beside, other.beside),
            as_one=both(self.as_one, other.as_one),
            changes=renumbered("changes"),
            present=renumbered("present"),
            links=added("links", self._links(labels), other._links(labels)),
            told_by_people=added("told_by_people", self.told_by_people, other.told_by_people),
            counters=_sum(self.counters, other.counters),
            peaks=_sum_each(self.peaks, other.peaks),
            unmapped=_sum(self.unmapped, other.unmapped),
            absent=tuple(dict.fromkeys((*self.absent, *other.absent))),
            attribution=(
                self.attribution + other.attribution
                if self.attribution is not None and other.attribution is not None
                else None
            ),
            failed=failed,
            frame=together(self.frame, other.frame),
        )

    @property
    def every_counter(self) -> dict[str, int]:
        """All counters with those of which the largest is told: the people first, the others by name."""
        largest = {name: max(numbers) for name, numbers in self.peaks.items() if any(numbers)}
        found = {**self.counters, **largest}
        return {name: found[name] for name in sorted(found, key=lambda name: (name != "people", name))}

    def settle(self, systems: Mapping[str, CategorySystem]) -> Settled:
        """Return the strata of all people; raises `Failure` (VBM405) when a dimension has too many."""
        settled = settle(self.labels, self.present, systems)
        settled.refuse_too_many(self.present)
        return settled

    def told(self, fields: tuple[str, ...]) -> Told:
        """Return what all people told, by field."""
        rates, by_rates = self.shown.answers()
        return Told(fields, self.period, self.people, rates, self.told_by_people, by_rates)

    def _links(self, labels: Labels) -> pl.DataFrame:
        once = labels.renumbered(self.links, self.labels, "one", "stratum_of_one")
        return labels.renumbered(once, self.labels, "other", "stratum_of_other")

    def _without(self, measures: Failed) -> Partial:
        kept = [i for i, key in enumerate(self.shown.rates) if key.measure not in measures]
        new = {old: position for position, old in enumerate(kept)}
        return replace(
            self,
            shown=self.shown.without(measures),
            beside=None if self.beside is None else self.beside.without(measures),
            as_one=None if self.as_one is None else self.as_one.without(measures),
            changes=of_rates(self.changes, new),
            frame=None if self.frame is None else _frame_without(self.frame, new),
        )


def _judgements(
    frame: ResultFrame, strata: StrataSet, beside: ResultFrame | None, answers: Mapping[str, pl.Series] | None
) -> tuple[Counts, Counts | None, Counts | None]:
    """Count the judgement that is shown, the one without supplemental evidence, and both as one."""
    if beside is None:
        return Counts.of(frame, strata, answers), None, None
    as_one = Counts.of(joined(frame, beside), strata)
    number = len(frame.rates)
    shown = as_one.of_positions(range(number), frame.rates)
    shares = [position for position, key in enumerate(frame.rates) if key.kind in SHARES]
    shown = replace(shown, told=told_by_rates(answers or {}, frame, shares))
    without = as_one.of_positions(range(number, 2 * number), beside.rates)
    return shown, replace(without, external=beside.external), as_one


def _frame_without(frame: ResultFrame, new: dict[int, int]) -> ResultFrame:
    return replace(
        frame,
        rates=tuple(frame.rates[old] for old in new),
        rows=of_rates(frame.rows, new),
        external=of_rates(frame.external, new),
    )


def _present(strata: StrataSet) -> pl.DataFrame:
    parts = [
        one.ids.alias("stratum").to_frame().with_columns(dimension=pl.lit(number, dtype=pl.UInt16), people=pl.lit(1))
        for number, one in enumerate(strata.strata, start=1)
    ]
    schema = PRESENT_SCHEMA
    return added("present", *(part.select(schema.names()).cast(schema) for part in parts))


def _sum(one: Mapping[str, int], two: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + two.get(name, 0) for name in dict.fromkeys((*one, *two))}


def _sum_each(one: Mapping[str, tuple[int, ...]], two: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    longest = {name: max(len(one.get(name, ())), len(two.get(name, ()))) for name in dict.fromkeys((*one, *two))}

    def padded(numbers: tuple[int, ...], length: int) -> tuple[int, ...]:
        return (*numbers, *(0 for _ in range(length - len(numbers))))

    return {
        name: tuple(a + b for a, b in zip(padded(one.get(name, ()), n), padded(two.get(name, ()), n), strict=True))
        for name, n in longest.items()
    }
