"""The table for the screen: by table, what needs attention alone, totals at the end."""

from __future__ import annotations

import textwrap
from itertools import groupby

from vbpmeasure.diagnostics.printable import one_line
from vbpmeasure.validation.model import CheckResult, Report, Status

_WIDTH = 100
_SHOWN = (Status.ERROR, Status.FAIL, Status.WARN)
_WORD = {Status.ERROR: "ERROR", Status.FAIL: "FAIL", Status.WARN: "warn", Status.PASS_WITH_ROWS: "rows"}


def report_table(report: Report, *, verbose: bool = False) -> str:
    """Return the report as text: per table its rows and its findings, failures first; then the totals.

    Checks that could not be made for one reason are one finding, after what the reason is. ``verbose`` adds the places
    in which rows were found below every threshold.
    """
    shown = (*_SHOWN, Status.PASS_WITH_ROWS) if verbose else _SHOWN
    lines: list[str] = []
    absent: list[str] = []
    for table, group in groupby(report.results, key=lambda r: r.table or "data"):
        results = list(group)
        found = sorted((r for r in results if r.status in shown), key=lambda r: (shown.index(r.status), r.id))
        if table not in report.rows and not found:
            absent.append(table)
            continue
        lines.append(_heading(table, report, results, found))
        not_made = [r for r in found if r.status is Status.ERROR]
        for result in found:
            if result.status is not Status.ERROR:
                lines += _finding(result)
        for text, same in groupby(sorted(not_made, key=lambda r: r.text), key=lambda r: r.text):
            lines += _not_made(text, [r.id for r in same])
    if absent:
        lines.append(f"not there: {', '.join(absent)}")
    return "\n".join([*lines, "", totals(report)]) + "\n"


def _heading(table: str, report: Report, results: list[CheckResult], found: list[CheckResult]) -> str:
    if table not in report.rows:
        return f"{table}  {'cannot be used' if any(r.status is Status.FAIL for r in found) else 'not there'}"
    attention = sum(r.status in _SHOWN for r in results)
    made = sum(r.status is not Status.NOT_APPLICABLE for r in results)
    good = f"{made - attention} of {made} checks passed" if attention else f"all {made} checks passed"
    return f"{table}  {report.rows[table]:,} rows, {good}"


def _not_made(text: str, checks: list[str]) -> list[str]:
    """Return the words for checks that could not be made for one and the same reason, which is told before."""
    return _wrapped(f"  {_WORD[Status.ERROR]:<5} ", f"{text} ({', '.join(checks)})")


def _finding(result: CheckResult) -> list[str]:
    place = result.column or ""
    if result.group:
        place = f"{place} [{result.group}]".strip()
    share = f" ({result.share:.2%})" if _worth_a_share(result) else ""
    text = one_line(f"{place + ': ' if place else ''}{result.text}{share}")
    head = f"  {_WORD[result.status]:<5} {result.id} {result.name}  "
    return _wrapped(head, text)


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=head, subsequent_indent=" " * 15, break_long_words=False, break_on_hyphens=False
    )


def _worth_a_share(result: CheckResult) -> bool:
    return bool(result.share and result.found and (result.rows or 0) > 1 and "%" not in result.text)


def totals(report: Report) -> str:
    """Return the totals in one line: results by status, those that say something first."""
    words = {
        Status.FAIL: "failed",
        Status.ERROR: "could not be made",
        Status.WARN: "warned",
        Status.PASS_WITH_ROWS: "passed with rows found",
        Status.PASS: "passed",
        Status.NOT_APPLICABLE: "not applicable",
    }
    told = [f"{n} {word}" for status, word in words.items() if (n := report.count(status))]
    made = len(report.results) - report.count(Status.NOT_APPLICABLE)
    return f"{made} checks made: {', '.join(told)}"
