"""Continuous enrollment, group by group and gap by gap (semantics page, section 5; fact sheet 1.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from vbpmeasure.data.contract import benefit_column
from vbpmeasure.engines.reference.dates import Interval, add_months, days_between
from vbpmeasure.engines.reference.people import Span
from vbpmeasure.plan.flags import Enrolled

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """An uncovered run of days in the window, with the verdict of the allowance on its length."""

    first: dt.date
    last: dt.date
    short_enough: bool

    @property
    def length(self) -> int:
        """The number of days, both ends counted."""
        return days_between(self.first, self.last) + 1


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """How one group of spans (same enrollment key) fares: its merged spans, its gaps in the window, the anchor day."""

    key: tuple[object, ...]
    runs: tuple[Interval, ...]
    gaps: tuple[Gap, ...]
    covers_anchor: bool | None  # None when no anchor day was asked for
    passes: bool


def merge(spans: Sequence[Span]) -> list[Interval]:
    """Return the spans as separate runs of days: those that overlap or touch (end + 1 day = next start) are one."""
    runs: list[Interval] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        # The distance is taken in days because a day after 9999-12-31 does not exist.
        if runs and days_between(runs[-1][1], span.start) <= 1:
            runs[-1] = (runs[-1][0], max(runs[-1][1], span.end))
        else:
            runs.append((span.start, span.end))
    return runs


def cut(runs: Sequence[Interval], window: Interval) -> list[Interval]:
    """Return the parts of the runs that lie inside the window."""
    parts = [(max(first, window[0]), min(last, window[1])) for first, last in runs]
    return [(first, last) for first, last in parts if first <= last]


def uncovered(covered: Sequence[Interval], window: Interval) -> list[Interval]:
    """Return the runs of days of the window that are not covered, in order; none when the window is empty."""
    missing: list[Interval] = []
    next_day = window[0]
    for first, last in covered:
        if next_day < first:
            missing.append((next_day, first - ONE_DAY))
        if last == window[1]:
            return missing
        next_day = last + ONE_DAY
    if next_day <= window[1]:
        missing.append((next_day, window[1]))
    return missing


def _short_enough(gap: Interval, rule: Enrolled) -> bool:
    if rule.gap_months is not None:
        return gap[1] < add_months(gap[0], rule.gap_months)
    return days_between(gap[0], gap[1]) + 1 <= rule.gap_days


def groups(
    spans: Sequence[Span], key_columns: Sequence[str], benefit: str | None
) -> dict[tuple[object, ...], list[Span]]:
    """Return the spans with the benefit by enrollment key; null equals null, a null benefit counts as having it."""
    grouped: dict[tuple[object, ...], list[Span]] = {}
    for span in spans:
        if benefit is not None and span.row.get(benefit_column(benefit)) is False:
            continue
        key = tuple(span.row.get(column) for column in key_columns)
        grouped.setdefault(key, []).append(span)
    return grouped


def judge_group(
    key: tuple[object, ...], spans: Sequence[Span], rule: Enrolled, window: Interval, anchor: dt.date | None
) -> GroupVerdict:
    """Judge one group alone. ``anchor`` is the resolved anchor day; null fails when the rule asks for one."""
    runs = merge(spans)
    covered = cut(runs, window)
    gaps = tuple(Gap(first, last, _short_enough((first, last), rule)) for first, last in uncovered(covered, window))
    covers_anchor = None
    if rule.on is not None:
        covers_anchor = anchor is not None and any(first <= anchor <= last for first, last in runs)
    passes = len(gaps) <= rule.max_gaps and all(gap.short_enough for gap in gaps) and covers_anchor is not False
    return GroupVerdict(key, tuple(runs), gaps, covers_anchor, passes)
