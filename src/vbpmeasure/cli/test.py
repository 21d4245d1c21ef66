"""`vbpmeasure test`: the test decks, on both engines."""

from __future__ import annotations

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import (
    ConfigFile,
    Diagnostics,
    MeasureRoots,
    Measures,
    PrintAs,
    Quiet,
    TextFormat,
    ValueSets,
    Verbose,
)
from vbpmeasure.cli.process import guard
from vbpmeasure.cli.screen import streams


def run_decks(
    measures: Measures = None,
    format: PrintAs = TextFormat.TABLE,
    measure_roots: MeasureRoots = None,
    value_sets: ValueSets = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Run test decks on both engines.

    Prints the cases by measure, and the criteria that no case has seen true or never seen false.
    """
    from vbpmeasure.cli.pages.decks import deck_page
    from vbpmeasure.commands import decks
    from vbpmeasure.runs.selection import Selection

    found = configured.settings(config, roots=measure_roots, value_sets=value_sets)
    with streams.progress("running the decks"):
        outcome = decks.run_decks(
            Selection(select=tuple(measures or ()), roots=found.roots, value_sets=found.value_sets)
        )
    if outcome.findings:
        guard.report(outcome.findings)
    streams.out(deck_page(outcome.reports, format.value))
    raise typer.Exit(outcome.exit_code)
