"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli.screen.log import LOG
from vbpmeasure.cli.screen.settings import SETTINGS, DiagnosticsFormat, LogFormat


class Format(StrEnum):
    """Formats of results on stdout."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class TextFormat(StrEnum):
    """Formats of descriptions on stdout."""

    TABLE = "table"
    JSON = "json"


class BadRows(StrEnum):
    """What to do with rows that cannot be judged."""

    REFUSE = "refuse"
    DROP = "drop"


def _set_quiet(value: bool) -> bool:
    SETTINGS.quiet = SETTINGS.quiet or value
    return value


def _set_verbose(value: bool) -> bool:
    SETTINGS.verbose = SETTINGS.verbose or value
    return value


def _set_diagnostics(value: DiagnosticsFormat | None) -> DiagnosticsFormat | None:
    SETTINGS.diagnostics = value or SETTINGS.diagnostics
    return value


def _set_log(value: LogFormat | None) -> LogFormat | None:
    SETTINGS.log = value or SETTINGS.log
    LOG.begin()
    return value


Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", help="No remarks and no progress; errors are still shown.", callback=_set_quiet, is_eager=True
    ),
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="More remarks on stderr.", callback=_set_verbose, is_eager=True)
]
Diagnostics = Annotated[
    DiagnosticsFormat | None,
    typer.Option(
        "--diagnostics",
        help="How errors look on stderr (environment: VBPMEASURE_DIAGNOSTICS; default full).",
        callback=_set_diagnostics,
        is_eager=True,
    ),
]
LogLines = Annotated[
    LogFormat | None,
    typer.Option(
        "--log-format",
        help="One log line on stderr for each event, with stages and counts, in the place of remarks (environment: "
        "VBPMEASURE_LOG_FORMAT).",
        callback=_set_log,
        is_eager=True,
    ),
]
MeasureId = Annotated[str, typer.Argument(help="The id of a measure.", metavar="MEASURE")]
Measures = Annotated[
    list[str] | None,
    typer.Argument(help="Measures, by id or tag:NAME; all of them when none is named.", metavar="MEASURES"),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", help="Measures to leave out: id or tag:NAME; repeatable.", metavar="SELECTOR"),
]
PrintAs = Annotated[TextFormat, typer.Option("--format", "-f", help="How to print.")]
Pseudonymize = Annotated[
    str | None,
    typer.Option(
        "--pseudonymize",
        help="Replace ids of people by keyed digests: a file that holds the key, or env:NAME.",
        metavar="KEYFILE",
    ),
]
MeasureRoots = Annotated[
    list[Path] | None,
    typer.Option(
        "--measures", help="A folder with measures of your own, beside the shipped ones; repeatable.", metavar="DIR"
    ),
]
ConfigFile = Annotated[
    str | None,
    typer.Option(
        "--config",
        help="The configuration file (default: the nearest vbpmeasure.toml here or above); `none` for no file.",
        metavar="FILE",
    ),
]
ValueSets = Annotated[
    list[Path] | None,
    typer.Option(
        "--value-sets",
        help="A folder of your value sets, which win over the shipped ones; repeatable.",
        metavar="DIR",
    ),
]
CacheDir = Annotated[
    Path | None,
    typer.Option("--cache-dir", help="The cache folder.  [default: vbpmeasure in the user's cache]", metavar="DIR"),
]
_YEAR = typer.Option("--year", help="The measurement year.", metavar="YYYY")
Year = Annotated[int, _YEAR]
MeasurementYear = Annotated[int | None, _YEAR]
Data = Annotated[
    str | None,
    typer.Option(
        "--data", help="The folder or address (s3://, gs://, az://) of the input tables, or `sample`.", metavar="DIR"
    ),
]
AsOfVersion = Annotated[
    list[str] | None,
    typer.Option(
        "--as-of-version",
        help="Read a Delta table at a version, an Iceberg table at a snapshot; repeatable. A number alone: all tables.",
        metavar="TABLE=VERSION",
    ),
]
Params = Annotated[
    list[str] | None,
    typer.Option("--param", help="Override a parameter: MEASURE.NAME=VALUE; repeatable.", metavar="M.NAME=VALUE"),
]
EnrollmentKey = Annotated[
    str | None,
    typer.Option(
        "--enrollment-key",
        help="Columns of eligibility whose change breaks continuous enrollment; `none` counts any coverage.  "
        "[default: payer,product_line]",
        metavar="COLUMNS",
    ),
]
ConversionFolder = Annotated[
    Path, typer.Argument(help="The folder to write; an earlier conversion in it is replaced.", metavar="OUT")
]
Crosswalk = Annotated[
    str | None,
    typer.Option("--crosswalk", help="Codes to translate: a shipped crosswalk or a YAML file.", metavar="NAME|FILE"),
]
DataSource = Annotated[str, typer.Option("--data-source", help="The label for the data_source column.", metavar="TEXT")]
StrictConversion = Annotated[bool, typer.Option("--strict", help="Leave with exit code 3 when there are warnings.")]
