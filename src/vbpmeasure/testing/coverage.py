"""Criterion coverage: which criteria of a measure a deck has seen true, and which false."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.plan.flags import Flag
from vbpmeasure.plan.measures import MeasurePlan, Proportion, TotalOf
from vbpmeasure.plan.uses import index_of
from vbpmeasure.testing.report_model import Criterion


class Coverage:
    """Collects what the reference engine says about every criterion of every person.

    Criteria are told apart by label: a piece that several rates share, or that stands in the plans of several years, is
    one.
    """

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._places: dict[str, str] = {}
        self._seen: set[tuple[str, bool]] = set()

    def expect(self, plan: MeasurePlan) -> None:
        """Add the criteria of a plan to those that a deck should see."""
        for place, flag in _criteria(plan):
            for part in flag.walk():
                if part.label:
                    self._places.setdefault(part.label, place)

    def on_flag(self, flag: Flag, value: bool) -> None:
        """Take note of one criterion of one person; the reference engine calls this."""
        self._seen.add((flag.label, value))

    def criteria(self) -> tuple[Criterion, ...]:
        """Return the criteria in the order of the definition."""
        return tuple(
            Criterion(label, place, (label, True) in self._seen, (label, False) in self._seen)
            for label, place in self._places.items()
        )


def _criteria(plan: MeasurePlan) -> Iterator[tuple[str, Flag]]:
    for rate in plan.rates:
        if isinstance(rate, TotalOf):
            continue
        index = index_of(rate)
        for flag in index.when if index is not None else ():
            yield f"{rate.id}, index events", flag
        for number, step in enumerate(rate.population, start=1):
            yield f"{rate.id}, population step {number}", step.flag
        for exclusion in rate.exclusions:
            yield f"{rate.id}, exclusion {exclusion.id}", exclusion.flag
        if isinstance(rate, Proportion):
            yield f"{rate.id}, numerator", rate.numerator
