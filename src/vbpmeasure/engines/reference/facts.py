"""Numbers behind a criterion, in words: days covered, readings, the longest run of enrollment."""

from __future__ import annotations

from vbpmeasure.engines.reference.amounts import read
from vbpmeasure.engines.reference.flags import Case, Outcome
from vbpmeasure.plan.amounts import DaysCovered, Dropped, EnrolledRun, Reading, ReadingWithin


def facts(case: Case, outcome: Outcome) -> tuple[str, ...]:
    """Return what a reader needs to know beside dates and rows; nothing for most criteria."""
    match outcome.flag:
        case DaysCovered(days=needed):
            return (f"{len(outcome.kept)} days covered, {needed} needed",)
        case EnrolledRun(days=needed):
            return (f"longest run {outcome.longest or 0} days, {needed} needed",)
        case ReadingWithin(reading=reading):
            return (f"reading {reading_words(case, reading)}",)
        case Dropped(baseline=baseline, follow_up=follow_up):
            return (f"baseline {reading_words(case, baseline)}", f"follow-up {reading_words(case, follow_up)}")
    return ()


def reading_words(case: Case, reading: Reading) -> str:
    """Return a reading of the unit in words."""
    found = read(case, reading)
    return f"{found[1]:g} on {found[0]}" if found is not None else "not there"
