"""`vbpmeasure sample`: a synthetic population of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.asked.options import Diagnostics, Quiet, Verbose, Year
from vbpmeasure.cli.screen import streams


def sample(
    out: Annotated[Path, typer.Argument(help="The folder to write; it must not hold tables yet.", metavar="DIR")],
    year: Year,
    people: Annotated[int, typer.Option("--people", "-n", help="How many people.", min=1)] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.", min=0)] = 1,
    gaps: Annotated[
        str,
        typer.Option(
            "--gaps",
            help="Differences between groups to plant: default, none, or TOPIC:GROUP=POINTS by commas, such as "
            "`well:black=-10,lead:hispanic=-8`.",
            metavar="GAPS",
        ),
    ] = "default",
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Write synthetic tables of any size."""
    from vbpmeasure.sample import write_sample
    from vbpmeasure.sample.gaps import parse_gaps

    planted = parse_gaps(gaps)
    with streams.progress(f"making {people:,} people"):
        write_sample(out, people=people, seed=seed, year=year, gaps=planted)
    streams.note(f"wrote {people:,} synthetic people to {out} (seed {seed}, measurement year {year})")
