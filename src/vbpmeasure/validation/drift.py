"""Drift: this profile against that of an earlier report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from vbpmeasure.validation.ground import Ground
from vbpmeasure.validation.judge import judge
from vbpmeasure.validation.model import CheckInfo, CheckResult, Outcome, Status, Thresholds
from vbpmeasure.validation.profile import OTHER

_SHOWN = 6
_WORTH_NAMING = 0.02
_FLOOR = 0.0005  # the least share in the index: a code that is new or gone must not make it infinite

TABLES_GONE = CheckInfo(
    "VBC801",
    "drift_tables",
    "The tables of the baseline are still there",
    "A table of the earlier report is not in this data, or lost more rows than the threshold allows.",
    "Check whether the extract is complete; renew the baseline after a change that was meant.",
    thresholds=Thresholds(warn=0.05, fail=0.3),
    of="rows of the baseline that are gone",
)
MONTHS = CheckInfo(
    "VBC802",
    "drift_months",
    "Months of the baseline have about as many rows as before",
    "The rows of each month that both reports have. Old months rarely change: a month that lost or gained more than "
    "the limit was loaded again in another way. The last three months of the baseline are left out, because late "
    "claims belong there.",
    "Look at the months named; renew the baseline after a change that was meant.",
    thresholds=Thresholds(warn=0.0, fail=0.1),
    of="months",
    limit=0.1,
    limit_means="the change of a month's rows that is allowed",
)
NULLS = CheckInfo(
    "VBC803",
    "drift_nulls",
    "Null shares are about as before",
    "The change of the share of nulls of a column, up or down.",
    "Find out which step of the extract changed; renew the baseline after a change that was meant.",
    thresholds=Thresholds(warn=0.05, fail=0.15),
    of="rows, as a difference of shares",
)
CODES = CheckInfo(
    "VBC804",
    "drift_codes",
    "Codes are about as frequent as before",
    "The population stability index over the most frequent codes of a column and the rest: the sum of (new - old) * "
    "ln(new / old). Below 0.1 is usual, above 0.25 is another population, another coding or another source. Yearly "
    "code changes move it too.",
    "Look for a source that was added or lost; renew the baseline after a change that was meant.",
    thresholds=Thresholds(warn=0.1, fail=0.25),
    of="the stability index, not a share",
)
DRIFT_CHECKS = (TABLES_GONE, MONTHS, NULLS, CODES)


def drift(ground: Ground, now: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[CheckResult]:
    """Yield the results of comparing two profiles, in the order of the baseline's tables."""
    for table, old in before.items():
        new = now.get(table)
        for check, outcomes in (
            (TABLES_GONE, _rows(old, new)),
            (MONTHS, _months(old, new or {}, ground.limit(MONTHS))),
            (NULLS, _nulls(old, new or {})),
            (CODES, _codes(old, new or {})),
        ):
            if ground.settings.enabled(check):
                yield from (judge(check, table, outcome, ground) for outcome in outcomes)


def _rows(old: Mapping[str, Any], new: Mapping[str, Any] | None) -> Iterator[Outcome]:
    rows = int(old.get("rows") or 0)
    if new is None:
        yield Outcome("the table of the baseline is not here", rows, rows, forced=Status.FAIL)
        return
    now = int(new.get("rows") or 0)
    lost = max(rows - now, 0)
    text = f"{rows:,} rows before, {now:,} now"
    yield Outcome(text, rows, lost)


def _months(old: Mapping[str, Any], new: Mapping[str, Any], allowed: float) -> Iterator[Outcome]:
    before, now = old.get("months") or {}, new.get("months") or {}
    settled = sorted(before)[:-3]
    changes = {m: now.get(m, 0) / before[m] - 1 for m in settled if before[m] and now.get(m, 0) is not None}
    if not changes:
        return
    odd = {m: change for m, change in changes.items() if abs(change) > allowed}
    told = ", ".join(f"{m} {change:+.0%}" for m, change in list(odd.items())[:_SHOWN])
    text = told + (" ..." if len(odd) > _SHOWN else "") if odd else f"no month changed by more than {allowed:.0%}"
    yield Outcome(text, len(changes), len(odd))


def _nulls(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Outcome]:
    before, now = old.get("nulls") or {}, new.get("nulls") or {}
    for column, share in before.items():
        if share is None or now.get(column) is None:
            continue
        change = now[column] - share
        found = round(abs(change) * int(new.get("rows") or 0))
        text = f"null in {share:.1%} before, {now[column]:.1%} now"
        yield Outcome(text, int(new.get("rows") or 0), found, column, share=abs(change))


def _codes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Outcome]:
    before, now = old.get("codes") or {}, new.get("codes") or {}
    for column, shares in before.items():
        if column not in now:
            continue
        index, moved = stability(shares, now[column])
        told = f"; most by {', '.join(moved)}" if index > _WORTH_NAMING else ""
        kinds = len(set(shares) | set(now[column]))
        yield Outcome(f"stability index {index:.3f}{told}", kinds, kinds if index else 0, column, share=index)


def stability(old: Mapping[str, float], new: Mapping[str, float]) -> tuple[float, tuple[str, ...]]:
    """Return the population stability index of two sets of shares, and the three codes that moved it most.

    A code that only one of them names lies in the rest of the other: there it is taken as the floor, 0.0005.
    """
    parts = {}
    for code in sorted(set(old) | set(new)):
        before, now = max(old.get(code, 0.0), _FLOOR), max(new.get(code, 0.0), _FLOOR)
        parts[code] = (now - before) * math.log(now / before)
    order = sorted((code for code in parts if code != OTHER), key=lambda code: (-parts[code], code))
    return round(sum(parts.values()), 6), tuple(order[:3])
