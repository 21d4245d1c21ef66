"""`vbpmeasure show`: one measure, as its definition describes it."""

from __future__ import annotations

from typing import Annotated

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import (
    ConfigFile,
    Diagnostics,
    MeasureId,
    MeasureRoots,
    PrintAs,
    Quiet,
    TextFormat,
    ValueSets,
    Verbose,
)
from vbpmeasure.cli.screen import streams


def show(
    measure: MeasureId,
    year: Annotated[
        int | None, typer.Option("--year", help="The measurement year (default: the edition).", metavar="YYYY")
    ] = None,
    format: PrintAs = TextFormat.TABLE,
    measure_roots: MeasureRoots = None,
    value_sets: ValueSets = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Show rates, parameters, sources, caveats."""
    from vbpmeasure.cli.pages.measures import measure_page
    from vbpmeasure.commands.definitions import overview

    found = configured.settings(config, roots=measure_roots, value_sets=value_sets)
    streams.out(measure_page(overview(measure, found.roots, year, found.value_sets), format.value))
