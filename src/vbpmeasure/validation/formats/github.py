"""GitHub annotations: an error or a warning per result that needs attention, then one notice with the totals."""

from __future__ import annotations

from vbpmeasure.diagnostics.model import Diagnostic, Severity
from vbpmeasure.diagnostics.render_github import render_github
from vbpmeasure.validation.formats.table import totals
from vbpmeasure.validation.model import Report, Status

_WEIGHT = {Status.FAIL: Severity.ERROR, Status.ERROR: Severity.ERROR, Status.WARN: Severity.WARNING}


def report_github(report: Report) -> str:
    """Return workflow commands, errors first, then warnings, then ``::notice`` with the totals."""
    found = [
        Diagnostic(r.id, f"{r.name}: {r.text}", severity=_WEIGHT[r.status], where=r.place)
        for r in report.results
        if r.status in _WEIGHT
    ]
    found.sort(key=lambda d: d.severity is not Severity.ERROR)
    return render_github(found) + f"::notice title=vbpmeasure validate::{totals(report)}\n"
