"""`vbpmeasure compare`: two finished runs side by side."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked.options import Diagnostics, Quiet, Verbose
from vbpmeasure.cli.process import guard
from vbpmeasure.cli.screen import streams
from vbpmeasure.diagnostics.model import EXIT_CHECK_FAILED, EXIT_OK


class Shape(StrEnum):
    """How a comparison is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def compare(
    old: Annotated[Path, typer.Argument(help="The folder of the earlier run.", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="The folder of the later run.", metavar="NEW")],
    format: Annotated[Shape, typer.Option("--format", "-f", help="How to print.")] = Shape.TABLE,
    strata: Annotated[
        bool, typer.Option("--strata", help="Print strata and all gaps too (csv and json have them).")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Also write a folder: CSV, JSON, text.", metavar="DIR")
    ] = None,
    person_level: Annotated[
        bool, typer.Option("--person-level", help="Also write who moved (needs --out, and runs with --person-level).")
    ] = False,
    fail_on_change: Annotated[
        float | None,
        typer.Option(
            "--fail-on-change",
            help="Exit with 1 when a rate changes by more than so many points, or is shown no longer.",
            metavar="POINTS",
            min=0.0,
        ),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Compare two runs: what changed, and why."""
    from vbpmeasure.comparison import compare as comparing
    from vbpmeasure.comparison import files, screen, write
    from vbpmeasure.diagnostics import Diagnostic, Failure

    if person_level and out is None:
        hint = "persons are not printed to the screen"
        raise Failure(Diagnostic("VBM498", "`--person-level` needs `--out DIR`", where="compare", hint=hint))
    with streams.progress("comparing"):
        found = comparing.compare(old, new, fail_on_change)
        warnings: list[Diagnostic] = list(found.findings)
        if out is not None:
            write.write_comparison(found, out, warnings.append, person_level=person_level)
    if warnings or found.failed:
        guard.report([*warnings, *found.failed])
    if out is not None:
        streams.note(f"wrote {out}")
    match format:
        case Shape.TABLE:
            streams.out(screen.comparison_text(found, streams.width() or 110, strata=strata))
        case Shape.CSV:
            streams.out(files.comparison_csv(found).decode())
        case Shape.JSON:
            streams.out(files.comparison_json(found).decode())
    raise typer.Exit(EXIT_CHECK_FAILED if found.failed else EXIT_OK)
