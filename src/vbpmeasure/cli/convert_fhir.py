"""`vbpmeasure convert fhir`: FHIR R4 bundles and bulk exports become contract tables."""

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


def fhir(
    source: Annotated[
        Path, typer.Argument(help="A FHIR file, or a folder of them (.ndjson, .json, also .gz).", metavar="SRC")
    ],
    out: ConversionFolder,
    crosswalk: Crosswalk = None,
    open_end: Annotated[
        str | None,
        typer.Option(
            "--open-end",
            help="Last day of coverage without an end (default: end of the last month with a service).",
            metavar="YYYY-MM-DD",
        ),
    ] = None,
    data_source: DataSource = "fhir",
    max_record_mb: Annotated[
        int, typer.Option("--max-record-mb", help="The longest line or JSON file that is read.", min=1, max=2000)
    ] = 128,
    strict: StrictConversion = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Convert FHIR R4 bundles or bulk NDJSON into contract tables."""
    from vbpmeasure.adapters.fhir.convert import FhirRequest, convert_fhir
    from vbpmeasure.runs import request

    asked = FhirRequest(
        source=source,
        out=out,
        crosswalk=crosswalk,
        open_end=request.date(open_end, "--open-end"),
        data_source=data_source,
        max_record=max_record_mb * 1_000_000,
        strict=strict,
    )
    with streams.progress(f"converting {source}"):
        report = convert_fhir(asked)
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
