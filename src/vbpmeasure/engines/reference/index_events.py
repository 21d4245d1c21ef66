"""Finding the index events of one person: candidates, window, conditions, thinning (semantics page, section 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from vbpmeasure.engines.reference.codes import CodeSets
from vbpmeasure.engines.reference.dates import days_between
from vbpmeasure.engines.reference.events import accepted
from vbpmeasure.engines.reference.people import Line, Timeline, stay_end, stay_start
from vbpmeasure.plan.events import Dated, EventSet
from vbpmeasure.plan.index import Keep, Stays


@dataclass(frozen=True, slots=True)
class IndexEvent:
    """One index event of a person: where it starts and ends, and the day that it is counted from."""

    day: dt.date
    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class StayRows:
    """The stays that rows make, and how many rows make none: without a date, or ending before they start."""

    stays: tuple[tuple[dt.date, dt.date], ...]
    undated: int
    backwards: int


def stay_rows(events: EventSet, sets: CodeSets, person: Timeline) -> StayRows:
    """Read the rows of an event set as stays from admission to discharge."""
    lines: dict[tuple[str, int], Line] = {
        (found.line.table, found.line.number): found.line for found in accepted(events, sets, person)
    }
    stays: list[tuple[dt.date, dt.date]] = []
    undated = backwards = 0
    for line in lines.values():
        start, end = stay_start(line), stay_end(line)
        if start is None or end is None:
            undated += 1
        elif end < start:
            backwards += 1
        else:
            stays.append((start, end))
    return StayRows(tuple(sorted(stays)), undated, backwards)


def chains(stays: Sequence[tuple[dt.date, dt.date]], rule: Stays) -> list[IndexEvent]:
    """Return the chains of the stays: one that starts soon enough after the latest end so far belongs to its chain."""
    joined: list[tuple[dt.date, dt.date]] = []
    for start, end in sorted(stays):
        if joined and days_between(joined[-1][1], start) <= rule.chain_days:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return [IndexEvent(start if rule.on is Dated.ADMISSION else end, start, end) for start, end in joined]


def keep_units(events: Sequence[IndexEvent], apart: int, keep: Keep) -> tuple[list[IndexEvent], dict[IndexEvent, str]]:
    """Return the events that are units, in order, and for each of the others why it is none, in words."""
    kept: list[IndexEvent] = []
    dropped: dict[IndexEvent, str] = {}
    for event in sorted(events, key=lambda e: e.day):
        if kept and days_between(kept[-1].day, event.day) < apart:
            distance = days_between(kept[-1].day, event.day)
            dropped[event] = f"{distance} days after the last kept one ({kept[-1].day}), {apart} needed"
        else:
            kept.append(event)
    if keep is Keep.EVERY or not kept:
        return kept, dropped
    chosen = kept[0] if keep is Keep.FIRST else kept[-1]
    return [chosen], dropped | {event: f"not the {keep.value} one" for event in kept if event is not chosen}
