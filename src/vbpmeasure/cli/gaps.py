"""`vbpmeasure gaps`: which children still lack what, until when."""

from __future__ import annotations

from typing import Annotated

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import (
    BadRows,
    ConfigFile,
    Data,
    Diagnostics,
    EnrollmentKey,
    Exclude,
    LogLines,
    MeasurementYear,
    MeasureRoots,
    Measures,
    Params,
    Pseudonymize,
    Quiet,
    ValueSets,
    Verbose,
)
from vbpmeasure.cli.process import guard, supervised
from vbpmeasure.cli.screen import streams


def gaps(
    measures: Measures = None,
    year: MeasurementYear = None,
    data: Data = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", "-s", help="Measures to list: id or tag:NAME; repeatable.", metavar="SELECTOR"),
    ] = None,
    exclude: Exclude = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            help="The folder to write, for its owner alone; `-` prints the rows of children. Without it only counts "
            "are printed.",
            metavar="DIR",
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option("--format", "-f", help="csv, parquet, json, html (work lists), by commas.  [default: csv,html]"),
    ] = None,
    status: Annotated[
        str | None,
        typer.Option("--status", help="Only these: open, closed, excluded, not_eligible, by commas.  [default: all]"),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            help="Look from this day: later rows are left out, days left count from it.  [default: the period's end]",
            metavar="YYYY-MM-DD",
        ),
    ] = None,
    assume_enrolled: Annotated[
        bool, typer.Option("--assume-enrolled", help="Take coverage on the day to go on.")
    ] = False,
    measure_roots: MeasureRoots = None,
    value_sets: ValueSets = None,
    param: Params = None,
    enrollment_key: EnrollmentKey = None,
    bad_rows: Annotated[
        BadRows | None,
        typer.Option(
            "--bad-rows",
            help="Rows that cannot be judged: refuse, or drop and count them.  [default: refuse]",
        ),
    ] = None,
    pseudonymize: Pseudonymize = None,
    no_suppression: Annotated[
        bool, typer.Option("--no-suppression", help="Show counts of 1 to 10 on the screen; never publish these.")
    ] = False,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
    log_format: LogLines = None,
) -> None:
    """List care gaps: what is missing, until when."""
    supervised.go_on_in_child()
    from dataclasses import replace

    from vbpmeasure.commands import gaps as listing
    from vbpmeasure.results.disclosure.profiles import Disclosure
    from vbpmeasure.runs import request

    found = configured.settings(
        config,
        roots=measure_roots,
        value_sets=value_sets,
        params=param,
        data=data,
        year=year,
        measures=(*(measures or ()), *(select or ())),
        exclude=tuple(exclude or ()),
        # What the configuration says of a run's folder and formats is not meant for lists of children.
        format="table",
        person_level=False,
        enrollment_key=configured.key_flag(enrollment_key),
        bad_rows=None if bad_rows is None else bad_rows.value,
        as_of=as_of,
        pseudonymize=pseudonymize,
    )
    disclosure = Disclosure(profile="internal" if no_suppression else "public")
    run = replace(configured.run_request(found, disclosure=disclosure), out=None, limits=())
    asked = listing.GapsRequest(
        run,
        out,
        formats=request.names(format) or ("csv", "html"),
        statuses=request.names(status) or listing.STATUSES,
        assume_enrolled=assume_enrolled,
    )
    with streams.progress(f"looking for gaps of {run.year}"):
        outcome = listing.list_gaps(asked)
    if outcome.findings:
        guard.report(outcome.findings)
    for remark in outcome.remarks:
        streams.note(remark)
    if outcome.counts is not None:
        from vbpmeasure.outputs.gap_table import counts_text

        streams.out(counts_text(outcome.counts, streams.width() or 100))
    else:
        streams.out(outcome.printed)
    raise typer.Exit(outcome.exit_code)
