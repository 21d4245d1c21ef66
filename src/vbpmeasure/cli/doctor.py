"""`vbpmeasure doctor`: whether this machine and this folder are fit for a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import (
    ConfigFile,
    Data,
    Diagnostics,
    MeasureRoots,
    PrintAs,
    Quiet,
    TextFormat,
    Verbose,
)
from vbpmeasure.cli.screen import streams


def doctor(
    data: Data = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The run folder to look at.", metavar="DIR")] = None,
    format: PrintAs = TextFormat.TABLE,
    measure_roots: MeasureRoots = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Check versions, memory, inputs, disk, schemas.

    Leaves with 1 when a line says `fail`.
    """
    from vbpmeasure.cli.pages.doctor import doctor_page
    from vbpmeasure.commands import health
    from vbpmeasure.diagnostics.model import EXIT_CHECK_FAILED, EXIT_OK, Failure

    try:
        found = configured.settings(config, roots=measure_roots, data=data, out=None if out is None else str(out))
    except Failure as failure:
        checks = health.without_settings(failure)
    else:
        checks = health.examine(found)
    streams.out(doctor_page(checks, format.value))
    failed = any(check.status is health.Status.FAIL for check in checks)
    raise typer.Exit(EXIT_CHECK_FAILED if failed else EXIT_OK)
