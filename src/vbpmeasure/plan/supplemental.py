"""Supplemental evidence taken out of numerators: a plan becomes the plan that looks at administrative data alone.

Only what makes a numerator is narrowed: the event sets of a proportion's numerator (those that anchor its dates too)
and the events of an event rate. Populations, index events and exclusions stay, so that the denominators are the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from vbpmeasure.data.contract import SOURCE_GROUPS, USUAL_SOURCES
from vbpmeasure.plan.events import EventSet, LineFilter, Trigger
from vbpmeasure.plan.measures import EventRate, Program, Proportion, Rate

# Neither claims nor registry: records of care, and orders.
SUPPLEMENTAL_TABLES = (*SOURCE_GROUPS["clinical"], *SOURCE_GROUPS["orders"])


@dataclass(frozen=True, slots=True)
class Supplemental:
    """What is supplemental: whole tables, and rows of any table of events with one of these `data_source` values."""

    tables: tuple[str, ...] = SUPPLEMENTAL_TABLES
    data_sources: tuple[str, ...] = ()


def without_supplemental(program: Program, tables: Collection[str]) -> Program:
    """Return the program whose numerators look at no row of the tables; members of composites are narrowed too.

    Composites follow from their members. Indicators stay as they are: all of them comes from outside.
    """
    return replace(
        program,
        measures=tuple(
            replace(measure, rates=tuple(_narrowed(rate, tables) for rate in measure.rates))
            for measure in program.measures
        ),
    )


def _narrowed(rate: Rate, tables: Collection[str]) -> Rate:
    match rate:
        case Proportion():
            return replace(rate, numerator=_cut(rate.numerator, tables))
        case EventRate():
            source = replace(rate.events.source, events=_cut(rate.events.source.events, tables))
            return replace(rate, events=replace(rate.events, source=source))
        case _:
            return rate


def _cut(node: Any, tables: Collection[str]) -> Any:  # any part of a plan, and a part of the same type comes back
    """Return a part of a plan with every event set in it, however deep, cut to the other tables."""
    if isinstance(node, EventSet):
        return replace(node, triggers=_triggers(node, tables))
    if isinstance(node, tuple):
        return tuple(_cut(part, tables) for part in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    parts = {f.name: getattr(node, f.name) for f in fields(node) if f.init}
    changed = {name: new for name, old in parts.items() if (new := _cut(old, tables)) != old}
    return replace(node, **changed) if changed else node


def _triggers(events: EventSet, tables: Collection[str]) -> tuple[Trigger, ...]:
    kept = []
    for trigger in events.triggers:
        left = tuple(table for table in trigger.where.sources or USUAL_SOURCES if table not in tables)
        if left:
            kept.append(replace(trigger, where=replace(trigger.where, sources=left)))
    return tuple(kept) or (_nothing(events.triggers[0]),)


def _nothing(trigger: Trigger) -> Trigger:
    """Return a trigger that finds no row: a claim has no encounter class (semantics page, section 3)."""
    return replace(trigger, where=LineFilter(sources=("medical_claim",), encounter_classes=("none",)))
