"""`vbpmeasure report`: a run as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked.options import ConfigFile, Diagnostics, Quiet, Verbose
from vbpmeasure.cli.process import guard
from vbpmeasure.cli.screen import streams


def report(
    run: Annotated[Path, typer.Argument(help="The folder that `run --out` wrote.", metavar="RUN")],
    previous: Annotated[
        list[Path] | None,
        typer.Option("--previous", help="A run of an earlier year, to compare with; repeatable.", metavar="RUN"),
    ] = None,
    benchmarks: Annotated[
        list[Path] | None,
        typer.Option(
            "--benchmarks",
            help="A YAML file of benchmarks, in place of those that are shipped; repeatable.",
            metavar="FILE",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.", metavar="FILE")] = Path("report.html"),
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Write a run as one HTML page: rates, benchmarks, equity.

    The file needs no network and holds only what the run folder shows.
    """
    from vbpmeasure.config.load import load_config
    from vbpmeasure.report.make import ReportRequest, make_report

    marks = None if not benchmarks else tuple(benchmarks)
    asked = ReportRequest(run, out, tuple(previous or ()), marks, load_config(config).equity)
    with streams.progress(f"setting the report of {run}"):
        outcome = make_report(asked)
    if outcome.findings:
        guard.report(outcome.findings)
    noun = "measure" if outcome.measures == 1 else "measures"
    streams.note(f"wrote {out}: {outcome.measures} {noun}, {-(-outcome.size // 1024):,} KiB")
