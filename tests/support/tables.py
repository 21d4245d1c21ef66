"""Tables of a result frame in one go: what a run makes of the sum of its partial results, made of everybody at once."""

from __future__ import annotations

from collections.abc import Callable

from vbpmeasure.results.amounts import Amount, amounts_of, sum_cells
from vbpmeasure.results.categories.strata import StrataSet
from vbpmeasure.results.disclosure.policy import SuppressionPolicy
from vbpmeasure.results.disclosure.published import AlsoHidden, PublishedTable
from vbpmeasure.results.frame import ResultFrame
from vbpmeasure.results.knowledge import links, relations
from vbpmeasure.results.persons import event_rates
from vbpmeasure.results.rates import Known, RateTable, count_cells, table_of
from vbpmeasure.results.supplemental import change_cells, joined, paired
from vbpmeasure.results.waterfall import Waterfall, path_counts, stage_counts, waterfalls_of


def rate_table(frame: ResultFrame, strata: StrataSet | None = None) -> RateTable:
    """Count population, excluded, denominator and numerator per rate, in total and by stratum of every dimension."""
    cells, persons = count_cells(frame, strata)
    every = strata.strata if strata is not None else ()
    ids = [None, *(one.ids for one in every)]
    of_events = event_rates(frame)
    known = Known(
        relations(frame, ids, of_events, range(len(frame.rates))),
        links([(), *(one.dimension.components for one in every)], ids),
        of_events,
    )
    categories = strata.categories if strata is not None else {}
    return table_of(frame.period, frame.rates, every, cells, persons, frame.people.height, known, categories)


def amounts(frame: ResultFrame, strata: StrataSet | None = None) -> list[Amount]:
    """Return the cells of every rate of the frame that is no share, in total and by stratum, in that order."""
    every = strata.strata if strata is not None else ()
    return amounts_of(frame.rates, every, sum_cells(frame, strata), frame.external)


def waterfalls(frame: ResultFrame) -> tuple[Waterfall, ...]:
    """Count the waterfall of every rate that has units, in the order of the rates."""
    return waterfalls_of(frame.rates, frame.people.height, event_rates(frame), stage_counts(frame), path_counts(frame))


def published_pair(
    publish: Callable[[ResultFrame, AlsoHidden], PublishedTable],
    policy: SuppressionPolicy,
    with_all: ResultFrame,
    without: ResultFrame,
    strata: StrataSet,
) -> tuple[PublishedTable, PublishedTable]:
    """Publish both frames so that neither gives away what the other hides, nor a small difference (`paired`)."""
    labels = [(one.name, one.texts) for one in strata.strata]
    changes = change_cells(with_all, without, strata)
    as_one = joined(with_all, without)
    return paired(publish, policy, (with_all, without), as_one, with_all.rates, labels, changes)
