"""Count only what is not known: measures whose key is in the cache are carried over from an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from vbpmeasure.catalog.members import members_of
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.steady import Seen
from vbpmeasure.plan.faults import FAULTS, fault_counter
from vbpmeasure.plan.measures import MeasurePlan, Program
from vbpmeasure.results.frame import unknown_provider_counter
from vbpmeasure.results.keys import rate_keys
from vbpmeasure.results.partial.measures import of_measure, of_measures
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.runs.cache.keys import keys_of
from vbpmeasure.runs.cache.store import CountCache
from vbpmeasure.runs.work import Work


@dataclass(frozen=True, slots=True)
class Carried:
    """The counts of a run, the measures that an earlier run had counted, and the keys of what may be kept."""

    counts: Partial
    measures: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)


def count_what_is_new(
    work: Work, bound: BoundData, seen: Seen, cache: CountCache, count: Callable[[Work], Partial]
) -> Carried:
    """Return the counts of all measures: those of the cache, and those that ``count`` makes of the others.

    What is counted is not kept yet (`keep_new`): the caller has to see first that no input changed meanwhile.
    """
    keys = keys_of(work, bound, seen)
    known = {id: found for id, key in keys.items() if (found := cache.get(key)) is not None}
    missing = [id for id in keys if id not in known]
    if not known:
        return Carried(count(work), keys=keys)
    try:
        counted = count(replace(work, program=_narrowed(work.program, missing))) if missing else None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  what fails alone ends a run, and beside the others it does not
        return Carried(count(work), keys=keys)
    own = {one.id: _counters(one) for one in work.program.measures}
    common = _common(next(iter(known.values())))
    parts: dict[str, Partial] = {}
    for one in work.program.measures:
        if one.id in known:
            parts[one.id] = known[one.id]
        elif counted is not None and one.id in missing and one.id not in counted.failed:
            parts[one.id] = of_measure(counted, one.id, common | _with_lenders(work.program, one))
    reported = [key for key in rate_keys(work.program) if not key.support]
    try:
        joined = of_measures(parts, reported, own)
    except ValueError:  # nothing that is kept is worth a doubt
        return Carried(count(work), keys=keys)
    return Carried(replace(joined, failed=counted.failed if counted is not None else {}), tuple(known), keys)


def keep_new(work: Work, cache: CountCache, carried: Carried) -> None:
    """Keep the counts of the measures that were not carried over and did not fail. Raises `Failure` of the disk."""
    common = _common(carried.counts)
    plans: Mapping[str, MeasurePlan] = {one.id: one for one in work.program.measures}
    for id, key in carried.keys.items():
        if id not in carried.measures and id not in carried.counts.failed:
            names = common | _with_lenders(work.program, plans[id])
            cache.keep(key, replace(of_measure(carried.counts, id, names), failed={}))


def _narrowed(program: Program, missing: list[str]) -> Program:
    """Return the program of some of its measures, with those that lend rates to them as support."""
    wanted = set(missing)
    lent = {measure for one in program.measures if one.id in wanted for measure, _ in members_of(one)} - wanted
    measures = tuple(
        replace(one, support=one.id not in wanted) for one in program.measures if one.id in wanted or one.id in lent
    )
    return replace(program, measures=measures)


def _counters(one: MeasurePlan) -> frozenset[str]:
    return frozenset({unknown_provider_counter(one.id), *(fault_counter(one.id, fault) for fault in FAULTS)})


def _with_lenders(program: Program, one: MeasurePlan) -> frozenset[str]:
    lent = {measure for measure, _ in members_of(one)} | {one.id}
    return frozenset(name for other in program.measures if other.id in lent for name in _counters(other))


def _common(counts: Partial) -> frozenset[str]:
    """Return the counters that are about everybody and no measure."""
    return frozenset(name for name in counts.counters if name == "people" or name.startswith("conflicting "))
