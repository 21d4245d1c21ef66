"""`vbpmeasure validate`: judge the data before rates are made of it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import ConfigFile, Data, Diagnostics, LogLines, Quiet, Verbose
from vbpmeasure.cli.process import supervised
from vbpmeasure.cli.screen import streams
from vbpmeasure.cli.screen.log import LOG
from vbpmeasure.cli.screen.settings import SETTINGS

if TYPE_CHECKING:
    from vbpmeasure.validation.model import Report


class ReportFormat(StrEnum):
    """Formats of the report."""

    TABLE = "table"
    JSON = "json"
    JUNIT = "junit"
    GITHUB = "github"


class FailOn(StrEnum):
    """What makes the command fail."""

    WARN = "warn"
    FAIL = "fail"


def validate(
    data: Data = None,
    year: Annotated[
        int | None, typer.Option("--year", help="The measurement year that must be covered.", metavar="YYYY")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="The day of the extract: nothing may be dated after it.", metavar="YYYY-MM-DD"),
    ] = None,
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="How to print.")] = ReportFormat.TABLE,
    fail_on: Annotated[
        FailOn | None, typer.Option("--fail-on", help="What exits with 1: warnings too, or failures alone (default).")
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", help="An earlier report (--format json): report drift.", metavar="FILE"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the report there instead of stdout.", metavar="FILE")
    ] = None,
    person_level: Annotated[
        Path | None,
        typer.Option(
            "--person-level", help="Write samples of offending rows there, readable by you alone.", metavar="FILE"
        ),
    ] = None,
    checksums: Annotated[
        bool, typer.Option("--checksums", help="Verify page checksums and SHA256SUMS; reads everything again.")
    ] = False,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", "-s", help="Only these checks, by id or name; repeatable.", metavar="CHECK"),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", help="All but these checks, by id or name; repeatable.", metavar="CHECK"),
    ] = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
    log_format: LogLines = None,
) -> None:
    """Check the input data; fails like a test."""
    supervised.go_on_in_child()
    from vbpmeasure.commands import validating
    from vbpmeasure.runs import request

    found = configured.settings(config, data=data, year=year, as_of=as_of)
    asked = validating.ValidationRequest(
        data=request.data_place(found.text("data"), found.tables),
        year=found.year,
        as_of=request.date(found.text("as_of"), "--as-of"),
        format=format.value,
        fail_on=None if fail_on is None else fail_on.value,
        baseline=baseline,
        out=out,
        person_level=person_level,
        checksums=checksums,
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        verbose=verbose,
        settings=validating.settings_of(found.config),
        tables=found.tables,
        access=found.access,
    )
    with streams.progress("checking the data"):
        outcome = validating.validate_data(asked)
    if SETTINGS.log_format is not None:
        _tell(outcome.report)
    for remark in outcome.remarks:
        streams.note(remark)
    if outcome.printed:
        streams.out(outcome.printed)
    raise typer.Exit(outcome.exit_code)


def _tell(report: Report) -> None:
    """Write what needs attention into the log: whoever keeps it may throw the report on stdout away."""
    from vbpmeasure.validation.model import Status

    levels = {Status.FAIL: "error", Status.ERROR: "error", Status.WARN: "warning"}
    told: set[tuple[str | None, str]] = set()
    for one in report.results:
        # Checks that one damaged table stopped say the same. Names of groups are values of the data, and stay away.
        if one.status not in levels or (one.status is Status.ERROR and (one.table, one.text) in told):
            continue
        told.add((one.table, one.text))
        where = ".".join(part for part in (one.table, one.column) if part) or "data"
        LOG.tell("diagnostic", {"code": one.id, "message": one.text, "where": where}, levels[one.status])
