"""`vbpmeasure run`: rates of the selected measures over the data."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli import guard, streams
from vbpmeasure.cli.options import (
    Data,
    Diagnostics,
    EnrollmentKey,
    Format,
    MeasureRoots,
    Params,
    Quiet,
    ValueSets,
    Verbose,
    Year,
)


class BadRows(StrEnum):
    """What to do with rows that cannot be judged."""

    REFUSE = "refuse"
    DROP = "drop"


def run(
    year: Year,
    measures: Annotated[
        list[str] | None,
        typer.Argument(help="Measures, by id or tag:NAME; all of them when none is named.", metavar="MEASURES"),
    ] = None,
    data: Data = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", "-s", help="Measures to run: id or tag:NAME; repeatable.", metavar="SELECTOR"),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", help="Measures to leave out: id or tag:NAME; repeatable.", metavar="SELECTOR"),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", help="Strata: race,ethnicity,language,sex,age_band or a column; `*` crosses.", metavar="STRATA"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The run folder to write; without it results are only printed.", metavar="DIR"
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="How to print the rates.")] = Format.TABLE,
    measure_roots: MeasureRoots = None,
    value_sets: ValueSets = None,
    param: Params = None,
    enrollment_key: EnrollmentKey = "payer,product_line",
    bad_rows: Annotated[
        BadRows, typer.Option("--bad-rows", help="Rows that cannot be judged: refuse the run, or drop and count them.")
    ] = BadRows.REFUSE,
    person_level: Annotated[
        bool, typer.Option("--person-level", help="Also write one row per child and rate (needs --out).")
    ] = False,
    no_suppression: Annotated[
        bool,
        typer.Option("--no-suppression", help="Show cells of 1 to 10. Marked in the manifest; never publish these."),
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="The date that the manifest names as the day of the run.", metavar="YYYY-MM-DD"),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Compute rates; --out writes a run folder."""
    from vbpmeasure.runs import pipeline, request

    asked = request.RunRequest(
        data=request.data_folder(data),
        year=year,
        selection=request.Selection(
            select=(*(measures or ()), *(select or ())),
            exclude=tuple(exclude or ()),
            roots=tuple(measure_roots or ()),
            value_sets=tuple(value_sets or ()),
            overrides=request.overrides(param or ()),
        ),
        by=request.names(by),
        enrollment_key=request.enrollment_key(enrollment_key),
        drop_bad_rows=bad_rows is BadRows.DROP,
        out=out,
        format=format.value,
        person_level=person_level,
        suppress=not no_suppression,
        as_of=request.date(as_of, "--as-of"),
    )
    with streams.progress(f"measuring {year}"):
        outcome = pipeline.run(asked, streams.width())
    if outcome.findings:
        guard.report(outcome.findings)
    for remark in outcome.remarks:
        streams.note(remark)
    for remark in outcome.details:
        streams.detail(remark)
    if outcome.printed:
        streams.out(outcome.printed)
    raise typer.Exit(outcome.exit_code)
