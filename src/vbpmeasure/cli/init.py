"""`vbpmeasure init`: a working folder to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked.options import Diagnostics, Quiet, Verbose
from vbpmeasure.cli.screen import streams


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to fill; made when missing.", metavar="DIR")] = Path(),
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Set up a working folder.

    Writes vbpmeasure.toml, a measure to change with its test deck, schemas for the editor, and synthetic data. In
    that folder `run`, `check`, `validate` and `test` work without options. Nothing is ever overwritten.
    """
    from vbpmeasure.commands.scaffold import scaffold

    for path in scaffold(folder):
        streams.note(f"wrote {path}{'/' if path.is_dir() else ''}")
    inside = "" if folder == Path() else f"cd {folder}, then "
    streams.note(f"next: {inside}vbpmeasure run")
