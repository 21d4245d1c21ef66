"""The `vbpmeasure` command and its subcommands.

Only light modules are imported here and at the top of the command modules, so that `--help` answers at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated

import typer

import vbpmeasure
from vbpmeasure.cli.process.printed import ending_like_results
from vbpmeasure.cli.screen import streams
from vbpmeasure.diagnostics.model import EXIT_INTERRUPTED, EXIT_OK

# The mark keeps the lines as they are.
EPILOG = """\b
Exit codes:
  0  good                          5    output, lock or disk
  1  a check or test failed        6    suppression refused an output
  2  usage or definition error     70   a bug of vbpmeasure
  3  input data                    130  interrupted
  4  some measures failed, the others were written"""

# The modules of the commands and the function in each, in the order of the help; `app` is a group of commands.
COMMANDS = {
    "run": ("run", "run"),
    "list": ("list", "list_measures"),
    "show": ("show", "show"),
    "check": ("check", "check"),
    "validate": ("validate", "validate"),
    "test": ("test", "run_decks"),
    "explain": ("explain", "explain"),
    "gaps": ("gaps", "gaps"),
    "bucket": ("bucket", "bucket"),
    "equity": ("equity", "equity"),
    "report": ("report", "report"),
    "compare": ("compare", "compare"),
    "export": ("export", "export"),
    "convert": ("convert", "app"),
    "sample": ("sample", "sample"),
    "valuesets": ("valuesets", "app"),
    "schema": ("schema", "schema"),
    "init": ("init", "init"),
    "cache": ("cache", "app"),
    "config": ("config", "app"),
    "doctor": ("doctor", "doctor"),
    "rule": ("rule", "rule"),
}


def application(asked: str | None = None) -> typer.Typer:
    """Return the command line: with the one command that is asked for, or with all of them for anything else."""
    app = typer.Typer(
        name="vbpmeasure",
        help="Pediatric quality measures from YAML definitions over Parquet claims. Results are unaudited and "
        "HEDIS-like.",
        epilog=EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    app.callback()(_root)
    # The parameters of one command are made in a tenth of the time that those of all take.
    for name in (asked,) if asked in COMMANDS else COMMANDS:
        module, function = COMMANDS[name]
        found = getattr(import_module(f"vbpmeasure.cli.{module}"), function)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    app.command("version")(version)
    return app


def version() -> None:
    """Print the version."""
    streams.out(vbpmeasure.__version__)


def _print_version(value: bool) -> None:
    if value:
        version()
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options that stand before the command."""


def run() -> int:
    """Run the command line of this process and return its exit code; whatever goes wrong is raised."""
    # Standalone mode would turn errors into exit codes of its own before the guard sees them.
    app = application(next(iter(sys.argv[1:]), None))
    code = ending_like_results(lambda: app(standalone_mode=False, prog_name="vbpmeasure"))
    if code == EXIT_INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else EXIT_OK
