"""Partial results of the same people divided by measure, and put together again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import polars as pl

from vbpmeasure.results.frame import EXTERNAL_SCHEMA, RateKey
from vbpmeasure.results.knowledge import Relations
from vbpmeasure.results.partial.additive import FRAMES
from vbpmeasure.results.partial.counts import Counts, of_rates
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.results.supplemental import twice

_COUNTED = ("cells", "persons", "sums", "stages", "paths", "external", "told")


def of_measure(partial: Partial, measure: str, counters: Collection[str]) -> Partial:
    """Return the counts of one measure; ``counters`` are the names of those that are its own or of everybody."""
    others = {key.measure for key in partial.shown.rates} - {measure}
    kept = [i for i, key in enumerate(partial.shown.rates) if key.measure == measure]
    return replace(
        partial,
        shown=partial.shown.without(others),
        beside=None if partial.beside is None else partial.beside.without(others),
        as_one=None if partial.as_one is None else partial.as_one.without(others),
        changes=of_rates(partial.changes, {old: new for new, old in enumerate(kept)}),
        counters={name: n for name, n in partial.counters.items() if name in counters},
        peaks={name: n for name, n in partial.peaks.items() if name in counters},
        frame=None,
    )


def of_measures(parts: Mapping[str, Partial], rates: Sequence[RateKey], own: Mapping[str, Collection[str]]) -> Partial:
    """Put the counts of measures over the same people together; ``rates`` are the keys of now, in their order.

    A measure of ``rates`` that is not in ``parts`` has failed. ``own`` are the names of the counters that each measure
    speaks for: another measure that borrows its rates may have counted fewer. Raises ``ValueError`` when the parts are
    not of the same people or strata.
    """
    first = next(iter(parts.values()))
    if any((one.people, one.labels) != (first.people, first.labels) for one in parts.values()):
        raise ValueError("counts of other people or strata cannot stand side by side")
    keys = tuple(key for key in rates if key.measure in parts)
    every = twice(keys)
    place = {(key.measure, key.rate): position for position, key in enumerate(every)}

    def moved(counts: Counts) -> dict[int, int]:
        return {old: place[key.measure, key.rate] for old, key in enumerate(counts.rates)}

    def together(found: Mapping[str, Counts], keys: tuple[RateKey, ...] = keys) -> Counts:
        def frame(name: str) -> pl.DataFrame:
            order = FRAMES[name][1] if name in FRAMES else ("rate", "entity_id")
            schema = FRAMES[name][0] if name in FRAMES else EXTERNAL_SCHEMA
            frames = [of_rates(getattr(counts, name), moved(counts)) for counts in found.values()]
            return pl.concat([pl.DataFrame(schema=schema), *frames]).sort(order)

        events = frozenset(moved(counts)[old] for counts in found.values() for old in counts.of_events)
        return Counts(keys, events, **{name: frame(name) for name in _COUNTED}, relations=related(found))

    def related(found: Mapping[str, Counts]) -> Relations:
        every = [counts.relations.of_rates(moved(counts)) for counts in found.values()]
        pairs = {pair: bits for one in every for pair, bits in one.pairs.items()}
        order = FRAMES["behind"][1]
        return Relations(dict(sorted(pairs.items())), pl.concat([one.behind for one in every]).sort(order))

    changes = [of_rates(one.changes, moved(one.shown)) for one in parts.values()]
    counters: dict[str, int] = {}
    peaks: dict[str, tuple[int, ...]] = {}
    for one in parts.values():
        counters |= one.counters
        peaks |= one.peaks
    for measure, one in parts.items():
        counters |= {name: n for name, n in one.counters.items() if name in own[measure]}
        peaks |= {name: n for name, n in one.peaks.items() if name in own[measure]}
    return replace(
        first,
        shown=together({name: one.shown for name, one in parts.items()}),
        beside=(
            None
            if first.beside is None
            else together({name: one.beside for name, one in parts.items() if one.beside is not None})
        ),
        as_one=(
            None
            if first.as_one is None
            else together({name: one.as_one for name, one in parts.items() if one.as_one is not None}, every)
        ),
        changes=pl.concat(changes).sort(FRAMES["changes"][1]),
        counters=counters,
        peaks=peaks,
        failed={},
    )
