"""`vbpmeasure schema`: the JSON Schema that editors complete from."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked.options import Diagnostics, Quiet, Verbose
from vbpmeasure.cli.screen import streams


class Kind(StrEnum):
    """The kinds of files that people write."""

    MEASURE = "measure"
    FRAGMENT = "fragment"
    CASES = "cases"
    VALUE_SET = "value_set"


def schema(
    kind: Annotated[Kind, typer.Argument(help="Which kind of file.")] = Kind.MEASURE,
    write: Annotated[
        bool, typer.Option("--write", help="Write all schema files into a folder instead of printing one.")
    ] = False,
    folder: Annotated[Path, typer.Option("--folder", help="Where --write writes.", metavar="DIR")] = Path(
        "measures/schema"
    ),
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Print or write the JSON Schema for editors."""
    from vbpmeasure.commands.definitions import schema_text, write_schemas

    if not write:
        streams.out(schema_text(kind.value))
        return
    for file in write_schemas(folder):
        streams.note(f"wrote {file}")
