"""`vbpmeasure explain`: a measure in words, its query, or the verdict on one person."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import (
    ConfigFile,
    Data,
    Diagnostics,
    EnrollmentKey,
    MeasureId,
    MeasureRoots,
    Params,
    Pseudonymize,
    Quiet,
    ValueSets,
    Verbose,
)
from vbpmeasure.cli.process import supervised
from vbpmeasure.cli.screen import streams


def explain(
    measure: MeasureId,
    year: Annotated[
        int | None,
        typer.Option("--year", help="The measurement year (default: the measure's edition).", metavar="YYYY"),
    ] = None,
    polars: Annotated[bool, typer.Option("--polars", help="Print the Polars query instead of words.")] = False,
    person: Annotated[
        str | None, typer.Option("--person", help="Explain the verdict on this person id (needs --data).", metavar="ID")
    ] = None,
    rate: Annotated[
        list[str] | None, typer.Option("--rate", help="Only these rates; repeatable.", metavar="RATE")
    ] = None,
    data: Data = None,
    pseudonymize: Pseudonymize = None,
    measure_roots: MeasureRoots = None,
    value_sets: ValueSets = None,
    param: Params = None,
    enrollment_key: EnrollmentKey = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Explain a measure or one person's verdict."""
    if person is not None or polars:  # words need no data
        supervised.go_on_in_child()
    # One answer and out: what imports make stays, and what the answer leaves behind goes with the process.
    gc.disable()
    from vbpmeasure.cli.process.beside import begun
    from vbpmeasure.commands import explaining
    from vbpmeasure.runs import request

    found = configured.settings(
        config,
        roots=measure_roots,
        value_sets=value_sets,
        params=param,
        data=data,
        year=year,
        enrollment_key=configured.key_flag(enrollment_key),
        pseudonymize=pseudonymize,
    )
    asked = explaining.Question(
        measure=measure,
        year=found.year,
        roots=found.roots,
        value_sets=found.value_sets,
        overrides=request.overrides(found.asked_params),
        standing=request.overrides(found.standing_params),
        enrollment_key=request.enrollment_key(",".join(found.names("enrollment_key"))),
        rates=tuple(rate or ()),
    )
    inputs = explaining.inputs(found.text("data"), found.tables, found.access)
    if person is not None:
        key = found.text("pseudonymize")
        known_as = None
        if key is not None:
            from vbpmeasure.runs.pseudonyms import pseudonyms

            known_as = pseudonyms(key)
        answer = explaining.person(asked, explaining.needed(inputs), person, known_as, begun)
    elif polars:
        answer = explaining.query(asked, inputs)
    else:
        answer = explaining.words(asked)
    streams.out(answer)
