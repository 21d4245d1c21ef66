"""`vbpmeasure bucket`: lay the data out by buckets of people, once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import ConfigFile, Diagnostics, Quiet, Verbose
from vbpmeasure.cli.process import guard, supervised
from vbpmeasure.cli.screen import streams
from vbpmeasure.diagnostics.model import Failure


def bucket(
    source: Annotated[
        str, typer.Argument(help="The folder or address of the input tables, or `sample`.", metavar="SRC")
    ],
    out: Annotated[
        Path, typer.Argument(help="The folder to write; an earlier layout in it is replaced.", metavar="OUT")
    ],
    buckets: Annotated[
        int, typer.Option("--buckets", "-n", help="Buckets, by crc32(person_id) modulo this number.", metavar="N")
    ] = 16,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Lay data out by buckets of people; killed, it goes on where it was."""
    supervised.go_on_in_child()
    from vbpmeasure.commands import bucketing
    from vbpmeasure.runs import request

    found = configured.settings(config, data=source)
    asked = bucketing.BucketRequest(request.data_place(source, found.tables), out, buckets, found.tables, found.access)
    try:
        with streams.progress(f"laying out {source}"):
            outcome = bucketing.bucket(asked, lambda table: streams.detail(f"laying out {table}"))
    except (KeyboardInterrupt, Failure) as stopped:
        # A folder that another process is writing is none of ours.
        if isinstance(stopped, KeyboardInterrupt) or all(one.code != "VBM501" for one in stopped.diagnostics):
            _tell_unfinished(out.absolute())
        raise
    if outcome.findings:
        guard.report(outcome.findings)
    if outcome.resumed:
        streams.note("went on where an earlier run had stopped")
    rows = sum(file.rows for files in outcome.layout.files.values() for file in files)
    streams.note(f"wrote {out}: {rows:,} rows of {len(outcome.layout.files)} tables in {buckets} buckets")


def _tell_unfinished(out: Path) -> None:
    unfinished = out.with_name(f".{out.name}.new")
    if unfinished.is_dir():
        streams.note(
            f"{unfinished} holds what is laid out so far, rows of persons: the same command goes on with it; "
            "remove it when that is not wanted"
        )
