"""The `vbpmeasure` command and its subcommands.

Only light modules are imported here and at the top of the command modules, so that `--help` answers at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

import vbpmeasure
from vbpmeasure.cli import (
    bucket,
    cache,
    check,
    compare,
    config,
    convert,
    doctor,
    equity,
    explain,
    export,
    gaps,
    init,
    report,
    rule,
    sample,
    schema,
    show,
    streams,
    test,
    validate,
    valuesets,
)
from vbpmeasure.cli import list as list_command
from vbpmeasure.cli import run as run_command
from vbpmeasure.diagnostics.model import EXIT_INTERRUPTED, EXIT_OK

# The mark keeps the lines as they are.
EPILOG = """\b
Exit codes:
  0  good                          5    output, lock or disk
  1  a check or test failed        6    suppression refused an output
  2  usage or definition error     70   a bug of vbpmeasure
  3  input data                    130  interrupted
  4  some measures failed, the others were written"""

app = typer.Typer(
    name="vbpmeasure",
    help="Pediatric quality measures from YAML definitions over Parquet claims. Results are unaudited and HEDIS-like.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

app.command("run")(run_command.run)
app.command("list")(list_command.list_measures)
app.command("show")(show.show)
app.command("check")(check.check)
app.command("validate")(validate.validate)
app.command("test")(test.run_decks)
app.command("explain")(explain.explain)
app.command("gaps")(gaps.gaps)
app.command("bucket")(bucket.bucket)
app.command("equity")(equity.equity)
app.command("report")(report.report)
app.command("compare")(compare.compare)
app.command("export")(export.export)
app.add_typer(convert.app, name="convert")
app.command("sample")(sample.sample)
app.add_typer(valuesets.app, name="valuesets")
app.command("schema")(schema.schema)
app.command("init")(init.init)
app.add_typer(cache.app, name="cache")
app.add_typer(config.app, name="config")
app.command("doctor")(doctor.doctor)
app.command("rule")(rule.rule)


@app.command("version")
def version() -> None:
    """Print the version."""
    streams.out(vbpmeasure.__version__)


def _print_version(value: bool) -> None:
    if value:
        version()
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options that stand before the command."""


def run() -> int:
    """Run the command line of this process and return its exit code; whatever goes wrong is raised."""
    # Standalone mode would turn errors into exit codes of its own before the guard sees them.
    code = app(standalone_mode=False, prog_name="vbpmeasure")
    if code == EXIT_INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else EXIT_OK
