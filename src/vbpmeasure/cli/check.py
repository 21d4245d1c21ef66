"""`vbpmeasure check`: everything that is wrong with the definitions, in one go."""

from __future__ import annotations

from typing import Annotated

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import ConfigFile, Diagnostics, MeasureRoots, Quiet, ValueSets, Verbose
from vbpmeasure.cli.process import guard
from vbpmeasure.cli.screen import streams


def check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            help="Measure ids, files or folders; every known measure when none is named.", metavar="TARGETS"
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
    measure_roots: MeasureRoots = None,
    value_sets: ValueSets = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Find everything wrong in definitions."""
    from vbpmeasure.commands.definitions import check as run_check

    found = configured.settings(config, roots=measure_roots, value_sets=value_sets)
    outcome = run_check(tuple(targets or ()), found.roots, strict=strict, value_sets=found.value_sets)
    if outcome.findings:
        guard.report(outcome.findings)
    streams.out(outcome.summary)
    raise typer.Exit(outcome.exit_code)
