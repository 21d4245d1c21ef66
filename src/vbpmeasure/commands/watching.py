"""What surrounds a nightly run: limits and drift are judged, metrics and lineage are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from vbpmeasure.comparison.thresholds import beyond
from vbpmeasure.diagnostics.model import EXIT_CHECK_FAILED, EXIT_OK, Diagnostic, Failure, Severity
from vbpmeasure.disk.folder import SUCCESS
from vbpmeasure.disk.place import check_place, put_file
from vbpmeasure.monitoring.facts import RunFacts
from vbpmeasure.monitoring.journal import Journal
from vbpmeasure.monitoring.limits import Limit, Outcome, Verdict, judged, named
from vbpmeasure.monitoring.lineage import Job, event, lines
from vbpmeasure.monitoring.lines import stamp
from vbpmeasure.monitoring.metrics import Ended, check_library, metrics, name_warnings
from vbpmeasure.runs.pipeline import RunOutcome
from vbpmeasure.runs.reading import RunResults, read_run
from vbpmeasure.runs.shown import totals

# The settings behind a `WatchRequest` that messages name, by the option that says them.
ORIGINS = {"fail_on_drift": "--fail-on-drift", "drift_from": "--drift-from", "metrics_file": "--metrics-file"}


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """What is asked for: ``drift`` are points, ``drift_from`` the run to compare with (default: the one replaced).

    ``origins`` are who asked, by setting (the keys of `ORIGINS`).
    """

    limits: tuple[Limit, ...] = ()
    drift: float | None = None
    drift_from: Path | None = None
    metrics_file: Path | None = None
    lineage_file: Path | None = None
    origins: Mapping[str, str] = field(default_factory=lambda: ORIGINS)

    def __post_init__(self) -> None:
        """Refuse a run to compare with that nothing is compared with (:class:`Failure`, VBM488)."""
        if self.drift_from is not None and self.drift is None:
            what = "a run to measure drift from goes with a limit on drift"
            hint = "add `--fail-on-drift POINTS`, or `fail_on_drift` under [run]"
            raise Failure(Diagnostic("VBM488", what, where=self.origins["drift_from"], hint=hint))


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of it: verdicts on limits, findings (drift among them), and the exit code of the run."""

    verdicts: tuple[Verdict, ...]
    findings: tuple[Diagnostic, ...]
    exit_code: int


@dataclass(slots=True)
class Watch:
    """One run watched: `begin` before it, then `end` or `fail`. ``run_id`` is a UUID."""

    asked: WatchRequest
    out: Path | None
    run_id: str
    journal: Journal
    _before: RunResults | None = None
    _started: dict[str, object] | None = None

    def begin(self) -> list[Diagnostic]:
        """Check the places, read the run to compare with, write the event of the start; return warnings.

        Those are VBM566, a name of the metrics that node_exporter does not read.
        Raises :class:`Failure`: VBM488 without a run to compare with, VBM540 to VBM543 for one that cannot be read,
        VBM564 without a library, VBM554, VBM555 and VBM50x for places that cannot be written.
        """
        asked = self.asked
        for place in (asked.metrics_file, asked.lineage_file):
            if place is not None:
                check_place(place, () if self.out is None else (self.out,))
        if asked.metrics_file is not None:
            check_library(asked.origins["metrics_file"])
        if asked.drift is not None:
            self._before = self._earlier()
        if asked.lineage_file is not None:
            self._started = event(self._job, "START", _moment())
            put_file(asked.lineage_file, lines(self._started), private=False, named="--openlineage")
        return [] if asked.metrics_file is None else name_warnings(asked.metrics_file)

    def _earlier(self) -> RunResults | None:
        """Return the run to compare with; None on the first night, when there is none to replace."""
        if self.asked.drift_from is not None:
            return read_run(self.asked.drift_from)
        if self.out is None:
            hint = "add `--out DIR`, whose results of the last run are compared, or `--drift-from RUN`"
            what = "there is no run to measure drift from"
            raise Failure(Diagnostic("VBM488", what, where=self.asked.origins["fail_on_drift"], hint=hint))
        return read_run(self.out) if (self.out / SUCCESS).is_file() else None

    def end(self, outcome: RunOutcome) -> Watched:
        """Judge limits and drift, write metrics and lineage. Raises :class:`Failure` where they cannot be written."""
        asked = self.asked
        verdicts: tuple[Verdict, ...] = ()
        if asked.limits:
            verdicts = judged(named(asked.limits, outcome.program), totals(outcome.shown))
        findings = [*self._drift(outcome.shown), *(_finding(one) for one in verdicts if one.outcome is not Outcome.MET)]
        failed = any(one.severity is Severity.ERROR for one in findings)
        code = EXIT_CHECK_FAILED if failed and outcome.exit_code == EXIT_OK else outcome.exit_code
        self._tell("COMPLETE", code, outcome.facts, verdicts)
        return Watched(verdicts, tuple(findings), code)

    def fail(self, codes: Sequence[str], exit_code: int) -> None:
        """Write metrics and lineage of a run without results; what cannot be written stays as it was."""
        try:
            self._tell("FAIL", exit_code, None, (), ", ".join(codes))
        except Failure:
            return  # the first failure is the one to tell

    def _drift(self, now: RunResults) -> list[Diagnostic]:
        before, points = self._before, self.asked.drift
        if points is None:
            return []
        if before is None:
            return [_warning("there are no earlier results to compare with", str(self.out))]
        if before.period != now.period:
            return [_warning("the earlier results are of another period", str(before.folder))]
        return list(beyond(before, now, points))

    def _tell(
        self, kind: str, code: int, facts: RunFacts | None, verdicts: tuple[Verdict, ...], failed: str | None = None
    ) -> None:
        self.journal.end()
        asked, now = self.asked, dt.datetime.now(dt.UTC)
        if asked.metrics_file is not None:
            path = asked.metrics_file
            ended = Ended(round(now.timestamp(), 3), code, self.journal.seconds, self.journal.stages)
            before = path.read_bytes() if path.is_file() else None
            shown = verdicts if facts is not None and facts.rates else ()
            content = metrics(path.stem, ended, facts, shown, before)
            put_file(path, content, private=False, named="--metrics-file")
        if asked.lineage_file is not None and self._started is not None:
            written = None if facts is None or facts.out is None else _written(facts.out)
            last = event(self._job, kind, stamp(now), facts, pl.__version__, failed, written)
            put_file(asked.lineage_file, lines(self._started, last), private=False, named="--openlineage")

    @property
    def _job(self) -> Job:
        return Job("run" if self.out is None else f"run.{self.out.name}", self.run_id)


def _moment() -> str:
    return stamp(dt.datetime.now(dt.UTC))


def _written(folder: Path) -> tuple[int, int]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return len(files), sum(file.stat().st_size for file in files)


def _finding(verdict: Verdict) -> Diagnostic:
    if verdict.outcome is Outcome.CANNOT_TELL:
        message = f"{verdict.rate}: nobody can tell whether it is {verdict.limit.text}: {verdict.why}"
        return Diagnostic("VBM561", message, where=verdict.limit.origin)
    return Diagnostic("VBM560", f"{verdict.rate} is not {verdict.limit.text}", where=verdict.limit.origin)


def _warning(why: str, where: str) -> Diagnostic:
    return Diagnostic("VBM562", f"drift was not judged: {why}", severity=Severity.WARNING, where=where)
