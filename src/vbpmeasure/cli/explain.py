"""`vbpmeasure explain`: a measure in words, its query, or the verdict on one person."""

from __future__ import annotations

from typing import Annotated

import typer

from vbpmeasure.cli import streams
from vbpmeasure.cli.options import (
    Data,
    Diagnostics,
    EnrollmentKey,
    MeasureRoots,
    Params,
    Quiet,
    ValueSets,
    Verbose,
)


def explain(
    measure: Annotated[str, typer.Argument(help="The id of a measure.", metavar="MEASURE")],
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
    measure_roots: MeasureRoots = None,
    value_sets: ValueSets = None,
    param: Params = None,
    enrollment_key: EnrollmentKey = "payer,product_line",
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Explain a measure or one person's verdict."""
    from vbpmeasure.runs import explaining, request

    asked = explaining.Question(
        measure=measure,
        year=year,
        roots=tuple(measure_roots or ()),
        value_sets=tuple(value_sets or ()),
        overrides=request.overrides(param or ()),
        enrollment_key=request.enrollment_key(enrollment_key),
        rates=tuple(rate or ()),
    )
    if person is not None:
        explaining.need_data(data)
        answer = explaining.person(asked, request.data_folder(data), person)
    elif polars:
        answer = explaining.query(asked, request.data_folder(data) if data else None)
    else:
        answer = explaining.words(asked)
    streams.out(answer)
