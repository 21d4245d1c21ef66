"""Everybody counted: one bucket of people after the other, and what kept counts carry over."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from functools import reduce
from operator import add

from vbpmeasure.data.buckets.dividing import divided
from vbpmeasure.data.steady import Seen
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.executors.factory import executor
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.results.partial.settled import Settled
from vbpmeasure.runs.cache.carrying import Carried, count_what_is_new, keep_new
from vbpmeasure.runs.cache.entries import POSSIBLE
from vbpmeasure.runs.cache.keys import input_of
from vbpmeasure.runs.cache.rows import RowKeeper
from vbpmeasure.runs.cache.store import CountCache
from vbpmeasure.runs.memory import buckets_for
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.spread import driver as spread
from vbpmeasure.runs.steps.preparing import Prepared
from vbpmeasure.runs.work import Work, measure_bucket


def keeper_of(asked: RunRequest, prepared: Prepared, before: Seen) -> RowKeeper | None:
    """Return what keeps rows of the input for later runs; None when nothing is to be kept, or workers do the work."""
    if asked.cache is None or not POSSIBLE or asked.executor is not None or prepared.catalog_data is not None:
        return None
    found = input_of(prepared.bound, before)
    return None if found is None else RowKeeper(asked.cache, found)


def count_people(
    asked: RunRequest, prepared: Prepared, before: Seen, keeper: RowKeeper | None = None
) -> tuple[Carried, Settled]:
    """Count everybody, one bucket of people after the other; counts are added, strata and rates come after the sum."""
    bound, layout = prepared.bound, prepared.layout

    def count(work: Work) -> Partial:
        if prepared.catalog_data is not None:
            with closing(prepared.catalog_data):
                return prepared.catalog_data.count(work)
        if asked.executor is not None:
            return _by_workers(asked.executor, asked, prepared, work)
        buckets = asked.buckets or buckets_for(bound, None if layout is None else layout.buckets)
        if keeper is not None and not asked.buckets:
            buckets = keeper.buckets(buckets)
        plans = Plans()
        return reduce(
            add,
            (
                measure_bucket(work, part, plans, None if keeper is None else keeper.part(buckets, bucket))
                for bucket, part in enumerate(divided(bound, buckets, layout))
            ),
        )

    work = work_of(asked, prepared)
    if asked.cache is None or asked.person_level:  # no rows of persons are kept
        carried = Carried(count(work))
    else:
        carried = count_what_is_new(work, bound, before, CountCache(asked.cache), count)
    return carried, carried.counts.settle(prepared.systems)


def _by_workers(name: str, asked: RunRequest, prepared: Prepared, work: Work) -> Partial:
    layout = prepared.layout
    buckets = asked.buckets or (spread.BUCKETS if layout is None else layout.buckets)
    with executor(name, asked.master) as started:
        return spread.count(started, work, prepared.bound, layout, buckets, asked.tables, asked.access)


def keep_counts(
    asked: RunRequest, prepared: Prepared, carried: Carried, keeper: RowKeeper | None = None
) -> tuple[Diagnostic, ...]:
    """Keep the counts that were not carried over, and the rows that were read; the inputs must not have changed.

    Return warnings: a run with results does not fail because they cannot be kept.
    """
    if keeper is not None:
        keeper.publish()
    findings = () if keeper is None else tuple(keeper.findings)
    if asked.cache is not None:
        try:
            keep_new(work_of(asked, prepared), CountCache(asked.cache), carried)
        except Failure as failure:
            told = (replace(one, code="VBM514", severity=Severity.WARNING, hint=None) for one in failure.diagnostics)
            return (*findings, *(told if not findings else ()))
    return findings


def work_of(asked: RunRequest, prepared: Prepared) -> Work:
    """Return what is done to every bucket of this run."""
    return Work(
        prepared.program,
        prepared.counted,
        prepared.systems,
        prepared.attributor,
        asked.supplemental,
        asked.sources_left_out,
        asked.person_level,
    )
