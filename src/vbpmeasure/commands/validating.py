"""What `vbpmeasure validate` does: bind, check, compare, render, write."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from vbpmeasure.config.load import Config
from vbpmeasure.data.binding import bind_readable
from vbpmeasure.data.mapping import TableSources
from vbpmeasure.data.remote.access import NO_ACCESS, Access
from vbpmeasure.data.remote.address import RemoteFolder
from vbpmeasure.data.steady import refuse_change
from vbpmeasure.diagnostics.model import EXIT_CHECK_FAILED, EXIT_INPUT, EXIT_OK, Diagnostic, Failure
from vbpmeasure.disk.durable import put_files
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.disk.folder import PRIVATE_FILE, PUBLIC_FILE
from vbpmeasure.runs.request import check_year
from vbpmeasure.validation.formats import RENDERERS
from vbpmeasure.validation.formats.json import read_baseline
from vbpmeasure.validation.formats.table import report_table, totals
from vbpmeasure.validation.ground import Ground
from vbpmeasure.validation.model import Report, Status
from vbpmeasure.validation.registry import INFOS, named
from vbpmeasure.validation.runner import validate
from vbpmeasure.validation.samples import offending_rows
from vbpmeasure.validation.settings import ValidationSettings

FailOn = Literal["warn", "fail"]


@dataclass(frozen=True, slots=True)
class ValidationRequest:
    """One validation. ``settings`` and ``tables`` come from the configuration; options win over them.

    ``data`` is None when the configuration says where all tables lie.
    """

    data: Path | RemoteFolder | None
    year: int | None = None
    as_of: dt.date | None = None
    format: str = "table"
    fail_on: FailOn | None = None
    baseline: Path | None = None
    out: Path | None = None
    person_level: Path | None = None
    checksums: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    verbose: bool = False
    settings: ValidationSettings = field(default_factory=ValidationSettings)
    tables: TableSources = field(default_factory=dict)
    access: Access = NO_ACCESS

    def __post_init__(self) -> None:
        """Refuse a year that is none (`Failure`, VBM409), and one file for two outputs (VBM407)."""
        if self.year is not None:
            check_year(self.year)
        if (
            self.out is not None
            and self.person_level is not None
            and self.out.absolute() == self.person_level.absolute()
        ):
            raise Failure(Diagnostic("VBM407", "`--out` and `--person-level` name one file", hint="give each its own"))


@dataclass(frozen=True, slots=True)
class ValidationOutcome:
    """What is printed, the remarks, and the exit code."""

    printed: str
    remarks: tuple[str, ...]
    exit_code: int
    report: Report


def validate_data(asked: ValidationRequest) -> ValidationOutcome:
    """Make all checks and write what was asked for.

    The exit code is 0, 1 (a check failed, or warned under ``fail_on`` warn), or 3 (a table could not be read at all).
    Raises `Failure`: 2xx/4xx for options, VBM301 and VBM302 when there is nothing to look at,
    VBM345 when a file changes meanwhile, 5xx for outputs.
    """
    select, ignore = named(asked.select, "--select"), named(asked.ignore, "--ignore")
    baseline = None if asked.baseline is None else read_baseline(asked.baseline)
    bound, findings = bind_readable(asked.data, sources=asked.tables, access=asked.access)
    ground = Ground(bound, findings, asked.settings, asked.year, asked.as_of, asked.checksums)
    wants_profile = asked.format == "json"
    report = validate(ground, select=select, ignore=ignore, baseline=baseline, profile=wants_profile)
    rows = None if asked.person_level is None else offending_rows(report, ground)
    refuse_change(bound)
    as_table = asked.format == "table"
    text = report_table(report, verbose=asked.verbose) if as_table else RENDERERS[asked.format](report)
    remarks: list[str] = []
    if asked.out is not None:
        write_file(asked.out, text.encode(), PUBLIC_FILE)
        remarks += [f"wrote {asked.out}", totals(report)]
        text = ""
    if asked.person_level is not None and rows is not None:
        content = rows.write_csv(line_terminator="\n").encode()
        write_file(asked.person_level, content, PRIVATE_FILE, "--person-level")
        remarks.append(f"wrote {asked.person_level}: {rows.height:,} rows that identify persons, for its owner alone")
    return ValidationOutcome(text, tuple(remarks), exit_code(report, asked.fail_on or asked.settings.fail_on), report)


def exit_code(report: Report, fail_on: FailOn) -> int:
    """Return 3 when a table cannot be read or used, 1 when a check failed (or warned, if that is asked)."""
    gone = any(
        r.status is Status.ERROR or (r.status is Status.FAIL and r.name == "table_readable") for r in report.results
    )
    if gone:
        return EXIT_INPUT
    red = (Status.FAIL, Status.WARN) if fail_on == "warn" else (Status.FAIL,)
    return EXIT_CHECK_FAILED if any(r.status in red for r in report.results) else EXIT_OK


def settings_of(config: Config) -> ValidationSettings:
    """Return the ``[validate]`` table of the configuration (its absence is all defaults).

    Raises `Failure`: VBM430 and VBM431 for what stands in it, at its line.
    """
    table, places = config.validate_table()
    try:
        return ValidationSettings.from_mapping(table, INFOS, {path: place.value for path, place in places.items()})
    except Failure as failure:
        if config.document is None:
            raise
        raise config.document.failure(list(failure.diagnostics)) from None


def write_file(path: Path, content: bytes, mode: int, named: str = "--out") -> None:
    """Write a file beside its place and move it there, so that it is never half written (`Failure`, 5xx).

    ``named`` is the option that says the place.
    """
    if path.is_symlink() or path.is_dir():
        raise Failure(
            Diagnostic("VBM502", "cannot write here: it is a folder or a link", where=str(path), hint="name a file")
        )
    try:
        put_files(path.parent, {path.name: content}, mode)
    except OSError as error:
        raise output_failure(error, path, named) from None
