"""`vbpmeasure valuesets`: import your own value sets, list all of them, compare two."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import ConfigFile, Diagnostics, MeasureRoots, Quiet, ValueSets, Verbose
from vbpmeasure.cli.process import guard
from vbpmeasure.cli.screen import streams

app = typer.Typer(
    help="Import value sets of your own, list all, compare two.", no_args_is_help=True, rich_markup_mode=None
)


class ListFormat(StrEnum):
    """Formats of lists on stdout."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Confidence(StrEnum):
    """How sure one is that a list is what the measure means."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


PrintListAs = Annotated[ListFormat, typer.Option("--format", "-f", help="How to print.")]


@app.command("import")
def import_sets(
    files: Annotated[
        list[Path], typer.Argument(help="Files: .csv, .tsv, .txt, .xlsx, or FHIR ValueSet .json.", metavar="FILES")
    ],
    into: Annotated[Path, typer.Option("--into", help="The folder of your value sets.", metavar="DIR")] = Path(
        "value_sets"
    ),
    name: Annotated[
        str, typer.Option("--name", help="The name of the set, for files that do not say it.", metavar="NAME")
    ] = "",
    oid: Annotated[str, typer.Option("--oid", help="Its OID, for files that do not say it.", metavar="OID")] = "",
    set_version: Annotated[
        str, typer.Option("--set-version", help="Its version, for files that do not say it.", metavar="VERSION")
    ] = "",
    sheet: Annotated[
        str | None, typer.Option("--sheet", help="The sheet of a workbook (default: Value Sets to Codes).")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Only sets whose name fits, such as `*immunization*`; repeatable."),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", help="A code system whose rows are not wanted; repeatable.", metavar="SYSTEM"),
    ] = None,
    licence: Annotated[
        str, typer.Option("--license", help="The terms of use to keep with the sets.", metavar="TEXT")
    ] = "as the source states; do not publish licensed content",
    confidence: Annotated[
        Confidence, typer.Option("--confidence", help="How sure you are that the lists are what the measures mean.")
    ] = Confidence.HIGH,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite stored sets of the same version.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Store value sets from CSV, a workbook or FHIR JSON.

    Codes alone are kept, no descriptors. When anything is wrong with a file nothing is stored.
    """
    from vbpmeasure.cli.pages.valuesets import imported_page
    from vbpmeasure.commands.importing import ImportRequest, import_value_sets

    asked = ImportRequest(
        files=tuple(files),
        into=into,
        name=name,
        oid=oid,
        version=set_version,
        sheet=sheet,
        only=tuple(only or ()),
        leave_out=tuple(leave_out or ()),
        licence=licence,
        confidence=confidence.value,
        replace=replace,
    )
    with streams.progress("importing value sets"):
        outcome = import_value_sets(asked)
    for system, rows in outcome.left_out.items():
        streams.note(f"left out {rows:,} rows of {system}")
    streams.out(imported_page(outcome))


@app.command("list")
def list_sets(
    format: PrintListAs = ListFormat.TABLE,
    measure_roots: MeasureRoots = None,
    value_sets: ValueSets = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """List value sets, and which of yours stand in for shipped ones."""
    from vbpmeasure.cli.pages.valuesets import listing_page
    from vbpmeasure.commands.value_sets import listing
    from vbpmeasure.diagnostics.model import Failure, Severity

    asked = configured.settings(config, roots=measure_roots, value_sets=value_sets)
    found = listing(asked.roots, asked.value_sets)
    streams.out(listing_page(found.sets, format.value))
    errors = [d for d in found.findings if d.severity is Severity.ERROR]
    if found.findings:
        guard.report(found.findings)
    if errors:
        raise typer.Exit(Failure(errors).exit_code)


@app.command("diff")
def diff_sets(
    first: Annotated[str, typer.Argument(help="A set, NAME@VERSION, shipped:NAME, or a file with sets.", metavar="A")],
    second: Annotated[
        str | None,
        typer.Argument(help="Another; without it, the shipped set A and what stands in for it.", metavar="B"),
    ] = None,
    format: PrintListAs = ListFormat.TABLE,
    measure_roots: MeasureRoots = None,
    value_sets: ValueSets = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Show added and removed codes, and the measures they touch."""
    from vbpmeasure.cli.pages.valuesets import diff_page
    from vbpmeasure.commands.value_sets import differences

    asked = configured.settings(config, roots=measure_roots, value_sets=value_sets)
    found = differences(first, second, asked.roots, asked.value_sets)
    streams.out(diff_page(found, format.value))
