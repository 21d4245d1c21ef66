"""`vbpmeasure export`: a finished run in the shapes that receivers ask for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked.options import Diagnostics, Quiet, Verbose
from vbpmeasure.cli.process import guard
from vbpmeasure.cli.screen import streams


class To(StrEnum):
    """What a run can be exported to."""

    LONG_CSV = "long-csv"
    LONG_PARQUET = "long-parquet"
    CORE_SET_CSV = "core-set-csv"
    CORE_SET_JSON = "core-set-json"
    FHIR = "fhir"


def export(
    run: Annotated[Path, typer.Argument(help="The folder that `vbpmeasure run --out` wrote.", metavar="RUN")],
    to: Annotated[To, typer.Option("--to", help="The shape.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The file to write (a folder with --person-level); without it the export is printed."
        ),
    ] = None,
    core_set: Annotated[
        Path | None,
        typer.Option("--core-set", help="A mapping to core set labels of your own.", metavar="FILE"),
    ] = None,
    person_level: Annotated[
        bool,
        typer.Option(
            "--person-level", help="FHIR: a report for each child and measure, in a folder for its owner alone."
        ),
    ] = False,
    canonical_base: Annotated[
        str | None,
        typer.Option("--canonical-base", help="FHIR: what stands before a measure's id in references.", metavar="URI"),
    ] = None,
    reporter: Annotated[
        str | None, typer.Option("--reporter", help="FHIR: the name of the reporting organization.", metavar="TEXT")
    ] = None,
    patient_references: Annotated[
        bool,
        typer.Option("--patient-references", help="FHIR: refer to Patient/ID too, for servers that have them."),
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Export a run for BI tools, CMS, FHIR."""
    from vbpmeasure.exports import export as exporting
    from vbpmeasure.exports.fhir.summary import DEFAULT_BASE

    asked = exporting.ExportRequest(
        run=run,
        target=exporting.Target(to.value),
        out=out,
        core_set=core_set,
        person_level=person_level,
        base=canonical_base or DEFAULT_BASE,
        reporter=reporter,
        patient_references=patient_references,
    )
    with streams.progress("exporting"):
        outcome = exporting.export(asked)
    if outcome.findings:
        guard.report(outcome.findings)
    for remark in outcome.remarks:
        streams.note(remark)
    if outcome.printed:
        streams.out(outcome.printed)
