"""What a trace says about units and amounts beside criteria: rows of index events, counted days, indicator rows."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.engines.reference.cells import as_day, as_text
from vbpmeasure.engines.reference.dates import FOREVER
from vbpmeasure.engines.reference.events import accepted
from vbpmeasure.engines.reference.flags import Case
from vbpmeasure.engines.reference.index_events import IndexEvent
from vbpmeasure.engines.reference.indicators import asked_for, counted
from vbpmeasure.engines.reference.member_months import counted_days
from vbpmeasure.engines.reference.people import stay_end, stay_start
from vbpmeasure.engines.reference.seen_rows import SeenRow
from vbpmeasure.plan.explain import month_words
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.measures import EventRate, Indicator
from vbpmeasure.plan.words import Words

NOT_COUNTED = "not on a counted day"


def rows_of_event(case: Case, index: IndexEvents, event: IndexEvent) -> tuple[SeenRow, ...]:
    """Return the rows that make a candidate, each once: those of its day, or the stays of its chain, by date."""
    events = index.source.events
    if index.stays is None:
        rows = [SeenRow(one.day, one.table, one.code, one.claim_id, "") for one in case.events(events)]
        return tuple(dict.fromkeys(row for row in rows if row.day == event.day))
    found = []
    for one in accepted(events, case.program.value_sets, case.person):
        start, end = stay_start(one.line), stay_end(one.line)
        if start is not None and end is not None and event.start <= start <= end <= event.end:
            claim = as_text(one.line.row.get("claim_id"))
            found.append(SeenRow(start, one.line.table, one.code.text, claim, "", until=end))
    return tuple(dict.fromkeys(sorted(found, key=lambda row: (row.day, row.until or FOREVER, row.table, row.code))))


def month_lines(case: Case, rate: EventRate) -> Iterator[str]:
    """Yield the rule of member-months and the runs of counted days, in words."""
    words = Words(case.program.period)
    yield f"member-months: {month_words(rate.months)}, {words.window(rate.months.window)}"
    runs = counted_days(case, rate.months)
    yield from (f"counted days {first} to {last}" for first, last in runs)
    if not runs:
        yield "no counted day"


def indicator_lines(case: Case, rate: Indicator) -> Iterator[str]:
    """Yield the person's rows of the indicator whose period ends in the measurement period, in words."""
    for row in asked_for(case.person.indicators, rate, case.program.period):
        found = counted(row, of_person=True)
        source = f", source {row['source']}" if row.get("source") else ""
        says = "left out: it fits no rule" if found is None else f"{found.numerator} of {found.denominator}"
        yield f"indicator row of the period that ends {as_day(row.get('period_end'))}: {says}{source}"
