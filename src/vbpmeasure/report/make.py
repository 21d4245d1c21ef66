"""One report from the request to the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vbpmeasure.benchmarks.load import Benchmarks, load_benchmarks, shipped_files
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity
from vbpmeasure.disk.durable import put_files
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.disk.folder import PRIVATE_FILE, PUBLIC_FILE
from vbpmeasure.equity.analysis.analyze import analyze
from vbpmeasure.equity.settings import NOT_BY_DEFAULT, EquitySettings
from vbpmeasure.report.equity import Equity, equity
from vbpmeasure.report.figures import Figures, figures
from vbpmeasure.report.page import html, pages
from vbpmeasure.report.pages.common import Material
from vbpmeasure.runs.reading import RunResults, read_run

_SUFFIXES = (".html", ".htm")


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What is asked for: the run, earlier runs, files of benchmarks (None: those shipped), the file to write.

    ``settings`` say how groups are compared.
    """

    run: Path
    out: Path
    previous: tuple[Path, ...] = ()
    benchmarks: tuple[Path, ...] | None = None
    settings: EquitySettings = field(default_factory=EquitySettings)


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """What was written: bytes, measures, and warnings."""

    size: int
    measures: int
    findings: tuple[Diagnostic, ...]


def make_report(asked: ReportRequest) -> ReportOutcome:
    """Write the report of a run.

    Raises `Failure`: VBM540-543 a folder that is no finished run of a known version, VBM486 an earlier run that is not
    earlier, VBM246-249 benchmarks, VBM485 a library that is missing, VBM545-546 and VBM50x where it cannot be written.
    """
    _check_place(asked)
    marks = load_benchmarks(shipped_files() if asked.benchmarks is None else asked.benchmarks)
    run = read_run(asked.run)
    earlier = _in_order(run, [read_run(folder) for folder in asked.previous])
    now = figures(run)
    compared, findings = _compared(now, earlier, asked.settings)
    material = Material(now, tuple(figures(past) for past in earlier), compared, marks)
    content = html(pages(material))
    internal = any(not one.is_public for one in (run, *earlier))
    try:
        put_files(asked.out.parent, {asked.out.name: content}, PRIVATE_FILE if internal else PUBLIC_FILE)
    except OSError as error:
        raise output_failure(error, asked.out) from None
    return ReportOutcome(len(content), len(now.measures), (*_remarks(marks, now), *findings))


def _check_place(asked: ReportRequest) -> None:
    out = asked.out
    if out.is_dir():
        hint = "name the file, such as report.html"
        raise Failure(Diagnostic("VBM545", "the report is a file, and this is a folder", where=str(out), hint=hint))
    if out.suffix.lower() not in _SUFFIXES:
        hint = f"let the name end in {_SUFFIXES[0]}"
        raise Failure(Diagnostic("VBM546", "a report is an HTML file", where=str(out), hint=hint))
    place = out.parent.resolve()
    for folder in (asked.run, *asked.previous):
        if folder.resolve() in (place, *place.parents):
            raise Failure(
                Diagnostic(
                    "VBM547",
                    "the report would lie inside the folder of a run",
                    where=str(out),
                    hint="put it beside the folder: a run replaces its folder as a whole",
                )
            )


def _in_order(run: RunResults, previous: Sequence[RunResults]) -> list[RunResults]:
    """Return the earlier runs, latest first; raises `Failure` VBM486 unless each ends before the next."""
    ordered = sorted(previous, key=lambda past: past.period.end, reverse=True)
    later = run
    for past in ordered:
        if past.period.end >= later.period.end:
            raise Failure(
                Diagnostic(
                    "VBM486",
                    f"a previous run ends {past.period.end}, and has to end before {later.period.end}",
                    where=str(past.folder),
                    hint="name runs of earlier measurement years with --previous, each year once",
                )
            )
        later = past
    return ordered


def _compared(
    now: Figures, earlier: Sequence[RunResults], settings: EquitySettings
) -> tuple[Equity | None, tuple[Diagnostic, ...]]:
    """Return the statistics of a run and how they changed; none when nothing in it is a group of children."""
    groups = [name for name in now.people_dimensions if not any(part in NOT_BY_DEFAULT for part in name.split("*"))]
    if not groups or now.run.results.is_empty():
        return None, ()
    low = {rate.key for rate in now.rates if rate.info.lower_is_better}
    past = earlier[0] if earlier else None
    before = None
    if past is not None and set(groups) & set(past.dimensions):
        before = analyze(past.results, low, settings)
    tables = analyze(now.run.results, low, settings, previous=None if past is None else past.results)
    return equity(tables, before), tables.findings


def _remarks(marks: Benchmarks, now: Figures) -> list[Diagnostic]:
    found = list(marks.remarks(rate.key for rate in now.rates))
    if not now.rates:
        found.append(
            Diagnostic(
                "VBM487",
                "the run has no rates, so the report is empty",
                severity=Severity.WARNING,
                where=str(now.run.folder),
            )
        )
    return found
