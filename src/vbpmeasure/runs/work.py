"""The work on one bucket of people: a program and tables in, a partial result out."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.reading_ahead import short_reading_ahead
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.plan.measures import Program
from vbpmeasure.plan.supplemental import Supplemental
from vbpmeasure.results.attribution.attribute import with_attributed
from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.categories.dimensions import Dimension, attributed_names, attributes_needed
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.completeness.answers import answers, columns_of_completeness, fields
from vbpmeasure.results.completeness.months import enrolled
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.results.reported import reported
from vbpmeasure.runs.attributing import Attributor
from vbpmeasure.runs.cache.rows import BucketKeeper
from vbpmeasure.runs.measuring import Measured, measure
from vbpmeasure.runs.supplementing import measure_without


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to every bucket: plain values, so that it can be sent to another process.

    ``supplemental`` is with, without or both, ``sources_left_out`` what that means. ``person_level`` keeps the
    judgement itself, one row per unit.
    """

    program: Program
    dimensions: tuple[Dimension, ...] = ()
    systems: Mapping[str, CategorySystem] = field(default_factory=dict)
    attributor: Attributor | None = None
    supplemental: str = "with"
    sources_left_out: Supplemental = field(default_factory=Supplemental)
    person_level: bool = False


def measure_bucket(
    work: Work, bound: BoundData, plans: Plans | None = None, keeper: BucketKeeper | None = None
) -> Partial:
    """Judge the people of some tables and count them; partial results of all buckets add up to that of everybody.

    Nothing but the tables decides the result, so a second try gives the same. ``plans`` only saves time: what the
    engine lays out for one bucket serves the next, and ``keeper`` has rows of the bucket from earlier runs. Raises
    ``Failure`` when the input cannot be read, every measure fails, or a dimension has too many strata.
    """
    with short_reading_ahead(bound):
        return _measured(work, bound, plans, keeper)


def _measured(work: Work, bound: BoundData, plans: Plans | None, keeper: BucketKeeper | None) -> Partial:
    program = work.program
    strata = attributes_needed(work.dimensions, work.systems)
    attributes = tuple(dict.fromkeys((*strata, *columns_of_completeness(work.dimensions, work.systems))))
    found = measure(program, bound, attributes, evidence=work.person_level, plans=plans, keeper=keeper)
    attributed = None
    if work.attributor is not None:
        attributed = work.attributor.attribute(bound, program.period.start, program.period.end)
        people = with_attributed(found.frame.people, attributed, attributed_names(work.dimensions))
        found = replace(found, frame=replace(found.frame, people=people))
    beside: Measured | None = None
    if work.supplemental != "with":
        left_out = work.sources_left_out
        both = measure_without(program, bound, attributes, found, left_out, evidence=work.person_level, plans=plans)
        found, beside = both if work.supplemental == "both" else (both[1], None)
    shown = reported(found.frame)
    names = fields(work.dimensions, work.systems)
    with ThreadPoolExecutor(max_workers=1) as pool:  # each is counted on one core
        months = pool.submit(enrolled, shown.spans, shown.people.height, program.period) if names else None
        answered = pool.submit(answers, names, work.systems, shown.people)
        assigned = assign_strata(shown, work.dimensions, work.systems, tabulated=False)
    shown = replace(shown, spans=shown.spans.clear())
    counted = Partial.of(
        shown,
        assigned,
        None if beside is None else reported(beside.frame),
        answered.result(),
        months.result() if months is not None else (),
    )
    return replace(
        counted,
        attribution=None if attributed is None else attributed.without_people(),
        failed=found.failed,
        frame=shown if work.person_level else None,
    )
