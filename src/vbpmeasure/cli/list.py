"""`vbpmeasure list`: the measures there are."""

from __future__ import annotations

from typing import Annotated

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import ConfigFile, Diagnostics, MeasureRoots, PrintAs, Quiet, TextFormat, Verbose
from vbpmeasure.cli.screen import streams


def list_measures(
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Only measures with this tag; repeatable.")] = None,
    family: Annotated[
        list[str] | None,
        typer.Option("--family", help="Only measures of this family (the first tag that says what it is about)."),
    ] = None,
    mandate: Annotated[
        str | None,
        typer.Option("--mandate", help="What a program's preset wants stratified, by what, in which year."),
    ] = None,
    mandates: Annotated[bool, typer.Option("--mandates", help="The presets there are.")] = False,
    format: PrintAs = TextFormat.TABLE,
    measure_roots: MeasureRoots = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """List the measures by family."""
    from vbpmeasure.cli.pages.measures import measure_list
    from vbpmeasure.commands.definitions import listing
    from vbpmeasure.runs.selection import Selection

    roots = configured.settings(config, roots=measure_roots).roots
    if mandate is not None or mandates:
        from vbpmeasure.cli.pages.mandates import mandate_list, mandate_page
        from vbpmeasure.commands.mandating import mandate_called
        from vbpmeasure.commands.mandating import mandates as known_mandates

        known, ids = known_mandates(roots)
        if mandate is None:
            streams.out(mandate_list(known.values(), ids, format.value))
        else:
            streams.out(mandate_page(mandate_called(mandate, known), ids, format.value))
        return
    tags = tuple(f"tag:{name}" for name in tag or ())
    found = listing(Selection(select=tags, roots=roots), families=tuple(family or ()))
    streams.out(measure_list(found, format.value))
