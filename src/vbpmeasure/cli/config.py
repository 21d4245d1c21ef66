"""`vbpmeasure config`: what the settings are, and who said so."""

from __future__ import annotations

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import ConfigFile, Diagnostics, PrintAs, Quiet, TextFormat, Verbose
from vbpmeasure.cli.screen import streams

app = typer.Typer(help="Show the configuration.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Show the configuration."""


@app.command("show")
def show(
    format: PrintAs = TextFormat.TABLE,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Show every setting with where it comes from.

    The environment wins over the configuration file; a flag of a command would win over both.
    """
    from vbpmeasure.cli.pages.config import config_page

    streams.out(config_page(configured.settings(config), format.value))
