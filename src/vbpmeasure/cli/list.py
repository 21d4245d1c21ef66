"""`vbpmeasure list`: the measures there are."""

from __future__ import annotations

from typing import Annotated

import typer

from vbpmeasure.cli import streams
from vbpmeasure.cli.options import Diagnostics, MeasureRoots, Quiet, TextFormat, Verbose


def list_measures(
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Only measures with this tag; repeatable.")] = None,
    format: Annotated[TextFormat, typer.Option("--format", "-f", help="How to print.")] = TextFormat.TABLE,
    measure_roots: MeasureRoots = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """List the measures with their rates and tags."""
    from vbpmeasure.cli.pages.measures import measure_list
    from vbpmeasure.runs.definitions import listing
    from vbpmeasure.runs.request import Selection

    tags = tuple(f"tag:{name}" for name in tag or ())
    found = listing(Selection(select=tags, roots=tuple(measure_roots or ())))
    streams.out(measure_list(found, format.value))
