"""The verdicts on a run's limits on stderr: diagnostics, and a table where a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vbpmeasure.cli.process import guard
from vbpmeasure.cli.screen import streams
from vbpmeasure.cli.screen.log import LOG
from vbpmeasure.cli.screen.settings import SETTINGS, DiagnosticsFormat

if TYPE_CHECKING:
    from vbpmeasure.commands.watching import Watched
    from vbpmeasure.monitoring.limits import Verdict


def report(watched: Watched, *, values: bool) -> None:
    """Write findings, and a table of what failed; in a log one line a limit, with its value when ``values`` may go."""
    from vbpmeasure.monitoring.limits import Outcome

    if watched.findings:
        guard.report(watched.findings)
    if SETTINGS.log_format is not None:
        for one in watched.verdicts:
            LOG.tell("limit", _facts(one, values=values), "info" if one.outcome is Outcome.MET else "error")
        return
    failed = [one for one in watched.verdicts if one.outcome is not Outcome.MET]
    if failed and SETTINGS.diagnostics_format is DiagnosticsFormat.FULL:
        streams.complain(_table(failed, len(watched.verdicts)))


def _facts(verdict: Verdict, *, values: bool) -> dict[str, object]:
    facts = {"rate": verdict.rate, "limit": verdict.limit.text, "verdict": verdict.outcome.value}
    return {**facts, "value": verdict.value} if values and verdict.value is not None else dict(facts)


def _table(failed: list[Verdict], of: int) -> str:
    head = ("rate", "shown", "limit", "verdict")
    rows = [(one.rate, _value(one), one.limit.text, _words(one)) for one in failed]
    wide = [max(len(row[i]) for row in (head, *rows)) for i in range(4)]
    texts = [
        "  ".join((row[0].ljust(wide[0]), row[1].rjust(wide[1]), row[2].rjust(wide[2]), row[3]))
        for row in (head, *rows)
    ]
    return "\n".join([f"{len(failed)} of {of} {'limit' if of == 1 else 'limits'} failed", *texts])


def _value(verdict: Verdict) -> str:
    return "-" if verdict.value is None else f"{verdict.value:.2f}"


def _words(verdict: Verdict) -> str:
    return f"{verdict.outcome.value}: {verdict.why}" if verdict.why else verdict.outcome.value
