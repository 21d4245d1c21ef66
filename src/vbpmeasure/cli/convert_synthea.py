"""`vbpmeasure convert synthea`: the simulator's CSV export becomes contract tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked.options import (
    ConversionFolder,
    Crosswalk,
    DataSource,
    Diagnostics,
    Quiet,
    StrictConversion,
    Verbose,
)
from vbpmeasure.cli.process import guard
from vbpmeasure.cli.screen import streams
from vbpmeasure.diagnostics.model import EXIT_INPUT


def synthea(
    source: Annotated[Path, typer.Argument(help="The folder with patients.csv and the others.", metavar="SRC")],
    out: ConversionFolder,
    crosswalk: Crosswalk = None,
    data_source: DataSource = "synthea",
    strict: StrictConversion = False,
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
