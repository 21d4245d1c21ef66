"""What may be shown of the counts of everybody."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.completeness.answers import fields
from vbpmeasure.results.completeness.table import Completeness, completeness
from vbpmeasure.results.disclosure.earlier import Earlier
from vbpmeasure.results.disclosure.published import AlsoHidden, PublishedTable
from vbpmeasure.results.partial.counts import Counts
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.results.partial.settled import Settled
from vbpmeasure.results.person_level import person_level
from vbpmeasure.results.supplemental import comparison, paired
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.steps.preparing import Prepared


@dataclass(frozen=True, slots=True)
class Tables:
    """What may be shown: the rates, and both kinds of numerators side by side when asked."""

    table: PublishedTable
    comparison: pl.DataFrame | None = None


def publish(asked: RunRequest, prepared: Prepared, counted: Partial, settled: Settled) -> Tables:
    """Turn counts into tables that may be shown; with ``--supplemental both`` both kinds are judged as one.

    Raises ``Failure`` (VBM612) when no way of hiding protects what has to be hidden.
    """
    earlier = prepared.previous.earlier

    def table_of(counts: Counts, also_hidden: AlsoHidden) -> PublishedTable:
        return PublishedTable(
            counts.table(counted.period, counted.people, settled, counted.links),
            asked.policy,
            counts.waterfalls(counted.people),
            prepared.unmapped(counted),
            (counts.keys_only(counted.period), counts.amounts(settled)),
            also_hidden,
            full_audit=asked.disclosure.full_audit,
            earlier=earlier if counts is not counted.beside else Earlier(dimensions=earlier.dimensions),
        )

    if counted.beside is None or counted.as_one is None:
        return Tables(table_of(counted.shown, AlsoHidden()))
    texts = [(one.name, one.texts) for one in settled.strata]
    both = (counted.shown, counted.beside)
    changes = settled.moved("changes", counted.changes)
    table, without = paired(table_of, asked.policy, both, counted.as_one, counted.shown.rates, texts, changes)
    return Tables(table, comparison(table, without))


def completeness_of(
    asked: RunRequest, prepared: Prepared, counted: Partial, table: PublishedTable
) -> Completeness | None:
    """Publish what people told, where strata with a source are asked for."""
    names = fields(prepared.dimensions, prepared.systems)
    return completeness(counted.told(names), table, prepared.systems, asked.completeness) if names else None


def persons_of(asked: RunRequest, prepared: Prepared, counted: Partial) -> tuple[pl.DataFrame | None, dict[str, str]]:
    """Return the person-level table, one row per unit, rate and person, and words about it for the run folder.

    Nothing unless the run keeps persons; with pseudonyms no identifier of the input is in it.
    """
    if counted.frame is None:
        return None, {}
    rows = person_level(counted.frame, assign_strata(counted.frame, prepared.dimensions, prepared.systems))
    if asked.pseudonyms is None:
        return rows, {}
    return asked.pseudonyms.of_rows(rows), asked.pseudonyms.words


def sourceless(prepared: Prepared) -> dict[str, str]:
    """Return the fields of completeness without a source column in the input: field to column."""
    names = {name: prepared.systems[name].source_column for name in fields(prepared.dimensions, prepared.systems)}
    return {n: column for n, column in names.items() if column and not prepared.bound.has("eligibility", column)}
