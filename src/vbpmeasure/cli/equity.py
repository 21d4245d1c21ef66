"""`vbpmeasure equity`: the gaps between groups in a finished run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked.options import ConfigFile, Diagnostics, Quiet, Verbose
from vbpmeasure.cli.process import guard
from vbpmeasure.cli.screen import streams


class EquityFormat(StrEnum):
    """Formats of comparisons on stdout."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Family(StrEnum):
    """Which comparisons are adjusted together."""

    MEASURE_DIMENSION = "measure_dimension"
    REPORT = "report"


def equity(
    run: Annotated[Path, typer.Argument(help="The folder that `run --by ... --out` wrote.", metavar="RUN")],
    previous: Annotated[
        Path | None, typer.Option("--previous", help="The folder of an earlier run: how gaps changed.", metavar="RUN")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Only these dimensions of the run.  [default: those of groups of people]"),
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference",
            help="best, largest, overall or benchmark; DIMENSION=GROUP names one; repeatable.  [default: best]",
            metavar="RULE",
        ),
    ] = None,
    min_n: Annotated[
        int | None, typer.Option("--min-n", help="Least members of a best group.  [default: 100]", min=1)
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option("--alpha", help="Largest p-value of a difference.  [default: 0.05]", min=0.0001, max=0.5),
    ] = None,
    min_relative: Annotated[
        float | None,
        typer.Option(
            "--min-relative", help="Least relative difference that counts.  [default: 0.1]", min=0.0, max=0.99
        ),
    ] = None,
    family: Annotated[
        Family | None,
        typer.Option("--family", help="Comparisons adjusted together.  [default: measure_dimension]"),
    ] = None,
    format: Annotated[EquityFormat, typer.Option("--format", "-f", help="How to print.")] = EquityFormat.TABLE,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A folder for pairwise, summary, trend as CSV and Parquet.", metavar="DIR"),
    ] = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Compare groups: gaps, verdicts, summary indices."""
    from vbpmeasure.commands import equity as comparing
    from vbpmeasure.config.load import load_config

    said = {
        **comparing.references(tuple(reference or ())),
        "dimensions": by,
        "min_n": min_n,
        "alpha": alpha,
        "min_relative": min_relative,
        "family": None if family is None else family.value,
    }
    settings = load_config(config).equity.with_changes(said)
    asked = comparing.EquityRequest(run, previous, settings, format.value, out)
    with streams.progress("comparing groups"):
        outcome = comparing.report(asked, streams.width())
    if outcome.findings:
        guard.report(outcome.findings)
    for remark in outcome.remarks:
        streams.note(remark)
    streams.out(outcome.printed)
