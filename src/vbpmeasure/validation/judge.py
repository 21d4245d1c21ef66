"""From outcomes to results: shares against thresholds, severities as the ceiling."""

from __future__ import annotations

from vbpmeasure.validation.ground import Ground
from vbpmeasure.validation.model import CheckInfo, CheckResult, Outcome, Severity, Status, Thresholds

SMALL = 11  # fewer persons than this are never shown as a number


def judge(check: CheckInfo, table: str | None, outcome: Outcome, ground: Ground) -> CheckResult:
    """Return the outcome with its status.

    Nothing found is a pass. A share above ``fail`` fails, above ``warn`` warns, else rows are told. A severity of
    ``warning`` never fails, one of ``info`` never warns.
    """
    thresholds = ground.thresholds(check, table, outcome.column)
    severity = ground.settings.severity(check)
    share = outcome.share if outcome.share is not None else outcome.found / outcome.rows if outcome.rows else 0.0
    status = outcome.forced or _status(outcome.found, share, thresholds)
    status = _ceiling(status, severity)
    hidden = outcome.masked and (0 < outcome.found < SMALL or 0 < outcome.rows - outcome.found < SMALL)
    return CheckResult(
        id=check.id,
        name=check.name,
        table=table,
        column=outcome.column,
        group=outcome.group,
        severity=severity,
        thresholds=thresholds,
        rows=outcome.rows,
        found=None if hidden else outcome.found,
        share=None if hidden else round(share, 6),
        status=status,
        text=outcome.text,
        code=outcome.code,
        offending=outcome.offending,
    )


def _status(found: int, share: float, thresholds: Thresholds) -> Status:
    if not found:
        return Status.PASS
    if thresholds.fail is not None and share > thresholds.fail:
        return Status.FAIL
    if thresholds.warn is not None and share > thresholds.warn:
        return Status.WARN
    return Status.PASS_WITH_ROWS


def _ceiling(status: Status, severity: Severity) -> Status:
    if severity is Severity.WARNING and status is Status.FAIL:
        return Status.WARN
    if severity is Severity.INFO and status in (Status.FAIL, Status.WARN):
        return Status.PASS_WITH_ROWS
    return status
