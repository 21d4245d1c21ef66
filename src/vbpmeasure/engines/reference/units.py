"""The index events of one person that are units, and why the others are none (semantics page, section 7)."""

from __future__ import annotations

from dataclasses import dataclass

from vbpmeasure.engines.reference.dates import inside
from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.engines.reference.index_events import IndexEvent, chains, keep_units, stay_rows
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.words import Words


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate: the outcomes of its conditions (none when it lies outside the window), and why it is no unit.

    ``dropped`` is empty for a unit.
    """

    event: IndexEvent
    when: tuple[Outcome, ...] = ()
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class Units:
    """All candidates of a person in the order of their index dates."""

    candidates: tuple[Candidate, ...]

    @property
    def units(self) -> list[IndexEvent]:
        """The index events that are units."""
        return [candidate.event for candidate in self.candidates if not candidate.dropped]


def _candidates(case: Case, index: IndexEvents) -> list[IndexEvent]:
    events = index.source.events
    if index.stays is not None:
        return chains(stay_rows(events, case.program.value_sets, case.person).stays, index.stays)
    return [IndexEvent(day, day, day) for day in sorted({found.day for found in case.events(events)})]


def find_units(case: Case, index: IndexEvents) -> Units:
    """Find the index events of the person: candidates, window, conditions, distance, choice, in this order."""
    window = case.window(index.source.window)
    candidates = _candidates(case, index)
    judged = {
        event: tuple(case.at(event).judge(flag) for flag in index.when)
        for event in candidates
        if inside(event.day, window)
    }
    qualified = [event for event, outcomes in judged.items() if all(outcome.value for outcome in outcomes)]
    _, dropped = keep_units(qualified, index.apart, index.keep)
    found = []
    for event in candidates:
        if event not in judged:
            reason = f"outside the window {window[0]} to {window[1]}" if window else "the window has no date"
        elif event not in qualified:
            failed = next(outcome for outcome in judged[event] if not outcome.value)
            reason = f"fails: {Words(case.program.period).named(failed.flag)}"
        else:
            reason = dropped.get(event, "")
        found.append(Candidate(event, judged.get(event, ()), reason))
    return Units(tuple(sorted(found, key=lambda candidate: candidate.event.day)))
