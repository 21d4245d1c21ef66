"""`vbpmeasure convert`: other formats become tables of the data contract; one subcommand a format."""

from __future__ import annotations

import typer

from vbpmeasure.cli import convert_fhir, convert_synthea

app = typer.Typer(help="Convert other formats into contract tables.", no_args_is_help=True, rich_markup_mode=None)

app.command("fhir")(convert_fhir.fhir)
app.command("synthea")(convert_synthea.synthea)
