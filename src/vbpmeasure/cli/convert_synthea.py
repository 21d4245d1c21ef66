"""`vbpmeasure convert synthea`: the simulator's CSV export becomes contract tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli import guard, streams
from vbpmeasure.cli.options import Diagnostics, Quiet, Verbose
from vbpmeasure.diagnostics.model import EXIT_INPUT


def synthea(
    source: Annotated[Path, typer.Argument(help="The folder with patients.csv and the others.", metavar="SRC")],
    out: Annotated[
        Path, typer.Argument(help="The folder to write; an earlier conversion in it is replaced.", metavar="OUT")
    ],
    crosswalk: Annotated[
        str | None,
        typer.Option(
            "--crosswalk", help="Codes to translate: a shipped crosswalk or a YAML file.", metavar="NAME|FILE"
        ),
    ] = None,
    data_source: Annotated[
        str, typer.Option("--data-source", help="The label for the data_source column.", metavar="TEXT")
    ] = "synthea",
    strict: Annotated[bool, typer.Option("--strict", help="Leave with exit code 3 when there are warnings.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Convert the CSV export of Synthea into contract tables."""
    from vbpmeasure.adapters.synthea.convert import SyntheaRequest, convert_synthea

    with streams.progress(f"converting {source}"):
        report = convert_synthea(SyntheaRequest(source, out, crosswalk, data_source, strict))
    for table, rows in report.written.items():
        streams.detail(f"{table}: {rows:,} rows")
    streams.note(
        f"wrote {out}: {sum(report.written.values()):,} rows in {len(report.written)} tables; "
        "conversion_report.json there says what was left out"
    )
    if found := report.diagnostics():
        guard.report(found)
    if strict and found:
        raise typer.Exit(EXIT_INPUT)
