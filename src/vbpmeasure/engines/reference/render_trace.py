"""Traces as plain text: one tree a rate, for people who ask why a child did or did not count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from vbpmeasure.data.contract import EVENT_TABLES, SOURCE_GROUPS
from vbpmeasure.engines.reference.composites import Component
from vbpmeasure.engines.reference.dates import FOREVER, Interval
from vbpmeasure.engines.reference.enrollment import GroupVerdict
from vbpmeasure.engines.reference.index_events import IndexEvent
from vbpmeasure.engines.reference.rates import ReferenceRow
from vbpmeasure.engines.reference.seen_rows import SeenRow, days_of
from vbpmeasure.engines.reference.trace import CandidateTrace, NamedTrace, RateTrace
from vbpmeasure.engines.reference.trace_nodes import NodeTrace
from vbpmeasure.plan.flags import Enrolled
from vbpmeasure.plan.measures import MONTH_UNITS

MOST_ROWS = 12
ROWS_OF_CANDIDATES = 3


@dataclass(slots=True)
class Branch:
    """A line of the tree with the lines below it."""

    text: str
    below: list[Branch] = field(default_factory=list)


def render(traces: Sequence[RateTrace], *, most_rows: int | None = MOST_ROWS) -> list[str]:
    """Return the traces as lines of plain text without trailing blanks; an empty line stands between rates.

    ``most_rows`` limits the rows passed over (the nearest to the window are shown) and the spans of each criterion;
    None shows all of them.
    """
    lines: list[str] = []
    for trace in traces:
        if lines:
            lines.append("")
        lines.extend(_tree(_rate(trace, most_rows)))
    return lines


def _tree(root: Branch) -> Iterator[str]:
    yield root.text
    yield from _below(root.below, "")


def _below(branches: Sequence[Branch], indent: str) -> Iterator[str]:
    for branch in branches:
        last = branch is branches[-1]
        yield f"{indent}{'└─' if last else '├─'} {branch.text}"
        yield from _below(branch.below, indent + ("   " if last else "│  "))


def verdict_words(row: ReferenceRow | None) -> str:
    """Return the verdict on a rate in words; steps are counted from 1."""
    if row is None:
        return "not eligible: in none of the member rates"
    if row.failed_step is not None:
        return f"not eligible: population step {row.failed_step + 1} is not met"
    if row.exclusion is not None:
        return f"excluded: {row.exclusion}"
    if not row.numerator:
        return "open: in the denominator, numerator not met"
    if row.evidence_date is None:
        return "met"
    sources = ", ".join(_source_words(table) for table in EVENT_TABLES if table in (row.evidence_sources or ()))
    return f"met on {row.evidence_date}" + (f" by {sources}" if sources else "")


def _source_words(table: str) -> str:
    """Return a table with the group of sources that it belongs to."""
    return next(f"{table} ({group})" for group, tables in SOURCE_GROUPS.items() if table in tables)


def _rate(trace: RateTrace, most_rows: int | None) -> Branch:
    unit = f", index event {_event_words(trace.index)}" if trace.index is not None else ""
    root = Branch(f"{trace.measure}.{trace.rate}: {trace.title}{unit}")
    died = f", died {trace.death}" if trace.death else ""
    root.below.append(Branch(f"person: born {trace.birth or 'on an unknown day'}{died}"))
    root.below.append(Branch(f"verdict: {_verdict(trace)}"))
    if trace.near_miss:
        root.below.append(Branch(f"near miss: {trace.near_miss}"))
    if trace.members:
        names = ", ".join(trace.members)
        if any("." in member for member in trace.members):
            root.below.append(Branch(f"made from the counts of {names}"))
        else:
            unit = "person" if trace.row is None or trace.row.index_date is None else "index event"
            root.below.append(Branch(f"total of {names}, each {unit} once"))
        return root
    if trace.candidates:
        root.below.append(Branch("index events", [_candidate(one, most_rows) for one in trace.candidates]))
    root.below.extend(Branch(line) for line in (*trace.months[:most_rows], *trace.external))
    if trace.components:
        root.below.append(Branch("components", [_component(one) for one in trace.components]))
    if trace.row is None:
        return root
    root.below.append(Branch("population", [_named(step, f"{step.name}. ", most_rows) for step in trace.steps]))
    if trace.exclusions:
        root.below.append(Branch("exclusions", [_named(e, f"{e.name}: ", most_rows) for e in trace.exclusions]))
    if trace.numerator is not None:
        root.below.append(Branch("numerator", [_node(trace.numerator, "", "", most_rows)]))
    return root


def _verdict(trace: RateTrace) -> str:
    row = trace.row
    if row is None and not trace.members:
        return "not eligible: no index event"
    if row is None and any("." in member for member in trace.members):
        return "none of a person: the composite is made from counts"
    words = verdict_words(row)
    if row is None or row.part is None or row.whole is None:
        return words
    met = "met" if row.numerator else "open"
    if trace.components:
        return f"{met}: {row.part} of {row.whole} eligible components met"
    if trace.months:
        events = "1 event" if row.part == 1 else f"{row.part} events"
        return f"in the denominator: {events} in {row.whole / MONTH_UNITS:g} member-months"
    return f"{met}: {row.part} of {row.whole}"


def _event_words(event: IndexEvent) -> str:
    stay = f" (stay {event.start} to {event.end})" if event.start != event.end else ""
    return f"{event.day}{stay}"


def _candidate(candidate: CandidateTrace, most_rows: int | None) -> Branch:
    why = f": {candidate.dropped}" if candidate.dropped else ""
    branch = Branch(f"[{'no' if why else 'yes'}] {_event_words(candidate.event)}{why}")
    branch.below.extend(Branch(f"event: {_row_words(row)}") for row in _one_line_each(candidate.rows))
    # Many candidates with many rows each would bury the reason; the nearest rows are enough for it.
    few = None if most_rows is None else min(most_rows, ROWS_OF_CANDIDATES)
    branch.below.extend(_node(node, "when ", "", few) for node in candidate.when)
    return branch


def _component(component: Component) -> Branch:
    if not component.eligible:
        return Branch(f"[--] {component.measure}.{component.rate}: not eligible")
    units = f" ({component.met_units} of {component.units} index events)" if component.units > 1 else ""
    met = "met" if component.met else "not met"
    return Branch(f"[{'yes' if component.met else 'no'}] {component.measure}.{component.rate}: {met}{units}")


def _named(named: NamedTrace, bullet: str, most_rows: int | None) -> Branch:
    return _node(named.node, bullet, named.title, most_rows)


def _node(node: NodeTrace, bullet: str, title: str, most_rows: int | None) -> Branch:
    name = title or node.label
    what = f"{name}: {node.words}" if name and name != node.words else node.words
    when = f" ({node.date})" if node.date else ""
    branch = Branch(f"[{'yes' if node.value else 'no'}] {bullet}{what}{when}")
    for date in node.dates:
        branch.below.append(Branch(f"{date.words} = {date.day or 'no such date'}"))
    for window in node.windows:
        branch.below.append(Branch(f"window {_window_words(window.days)}"))
    branch.below.extend(Branch(fact) for fact in node.facts)
    branch.below.extend(_row_branches(node.rows, most_rows))
    branch.below.extend(_group_branch(group, node, most_rows) for group in node.groups)
    if node.spans:
        branch.below.extend(Branch(f"span {_interval_words((span.start, span.end))}") for span in node.spans)
    branch.below.extend(_node(part, "", "", most_rows) for part in node.parts)
    return branch


def _interval_words(days: Interval) -> str:
    return f"{days[0]} to {'(open)' if days[1] == FOREVER else days[1]}"


def _window_words(days: Interval | None) -> str:
    if days is None:
        return "has no date for this person, nothing lies in it"
    return f"{days[0]} to {days[1]}" + (" (empty)" if days[0] > days[1] else "")


def _one_line_each(rows: Sequence[SeenRow]) -> list[SeenRow]:
    """Return the rows with those that differ in the code alone as one, its codes joined: a visit is one line."""
    codes: dict[SeenRow, list[str]] = {}
    for row in rows:
        codes.setdefault(replace(row, code=""), []).append(row.code)
    return [replace(row, code=", ".join(found)) for row, found in codes.items()]


def _row_words(row: SeenRow) -> str:
    claim = f", claim {row.claim_id}" if row.claim_id is not None else ""
    until = f" to {row.until}" if row.until is not None and row.until != row.day else ""
    return f"{row.day}{until} {row.table} {row.code}{claim}"


def _row_branches(seen: Sequence[SeenRow], most_rows: int | None) -> Iterator[Branch]:
    rows = _one_line_each(seen)
    passed_over = [row for row in rows if row.passed_over]
    shown = set(sorted(passed_over, key=lambda row: abs(row.days_outside))[:most_rows])
    for row in rows:
        if not row.passed_over:
            yield Branch(f"counted: {_row_words(row)}")
        elif row in shown:
            yield Branch(f"passed over: {_row_words(row)}: {row.passed_over}")
    if len(passed_over) > len(shown):
        yield Branch(f"and {len(passed_over) - len(shown)} more passed over, further from the window")


def _key_words(group: GroupVerdict, node: NodeTrace) -> str:
    named = zip(node.key_columns, group.key, strict=True)
    words = [f"{column.replace('_', ' ')} {'unknown' if value is None else value}" for column, value in named]
    return f" ({', '.join(words)})" if words else ""


def _group_branch(group: GroupVerdict, node: NodeTrace, most_runs: int | None) -> Branch:
    rule = node.flag
    assert isinstance(rule, Enrolled)
    branch = Branch(f"[{'yes' if group.passes else 'no'}] enrollment{_key_words(group, node)}")
    runs = group.runs[:most_runs]
    branch.below.extend(Branch(f"enrolled {_interval_words(days)}") for days in runs)
    if len(runs) < len(group.runs):
        branch.below.append(Branch(f"and {len(group.runs) - len(runs)} more spans"))
    longest = f"{rule.gap_months} calendar month(s)" if rule.gap_months is not None else days_of(rule.gap_days)
    for gap in group.gaps:
        verdict = f"at most {longest} allowed" if rule.max_gaps else "no gap allowed"
        excess = "" if gap.short_enough or not rule.max_gaps else ": too long"
        branch.below.append(Branch(f"gap {gap.first} to {gap.last}: {days_of(gap.length)}, {verdict}{excess}"))
    if len(group.gaps) > rule.max_gaps > 0:
        branch.below.append(Branch(f"{len(group.gaps)} gaps, {rule.max_gaps} allowed"))
    if group.covers_anchor is not None:
        branch.below.append(Branch(f"anchor date {'covered' if group.covers_anchor else 'not covered'}"))
    return branch
