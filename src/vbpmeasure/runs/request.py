"""What a run was asked to do, read from the words of the command line."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vbpmeasure.catalog.shipped import sample_root
from vbpmeasure.data.buckets import MOST
from vbpmeasure.data.contract import TABLES, Kind
from vbpmeasure.data.mapping import TableSources
from vbpmeasure.data.remote.access import NO_ACCESS, Access
from vbpmeasure.data.remote.address import RemoteFolder, remote_folder
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.executors.factory import check as check_executor
from vbpmeasure.plan.measures import DEFAULT_ENROLLMENT_KEY
from vbpmeasure.plan.supplemental import Supplemental
from vbpmeasure.results.categories import DEFAULT_STANDARD
from vbpmeasure.results.completeness.limits import CompletenessLimits
from vbpmeasure.results.disclosure.profiles import Disclosure
from vbpmeasure.runs.selection import Selection
from vbpmeasure.spec.days import day_of
from vbpmeasure.spec.numbers import whole_number

if TYPE_CHECKING:
    from vbpmeasure.monitoring.limits import Limit
    from vbpmeasure.results.disclosure.policy import SuppressionPolicy
    from vbpmeasure.runs.mandated import Mandated
    from vbpmeasure.runs.pseudonyms import Pseudonyms

FIRST_YEAR, LAST_YEAR = 1900, 2200
SAMPLE = "sample"
AUTO = "auto"
_SPARK = "spark:"

_PARAM = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The configuration file behind a run, for the manifest: its name without the machine's folders, and its digest."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One run.

    ``data`` is the data folder, None when ``tables`` places every table; ``out`` is None when results are only printed;
    ``as_of`` is the date that the manifest names; ``waterfall`` prints it below the table of rates.
    ``buckets`` is in how many parts people are judged, None for as many as the memory asks for: the results are the
    same. ``executor`` is the engine whose workers judge them, None for this process, and ``master`` where it is.
    ``spark_schema`` is the schema of Spark's catalog that holds the tables, in the place of ``data``.
    ``cache`` is the folder of kept counts, None when nothing is kept.
    ``supplemental`` is with, without or both, ``sources_left_out`` what that means. ``languages`` is a file or the name
    of a shipped roll-up; ``code_systems`` decide codes that several input systems read differently; ``mandate`` is the
    preset that chose measures, strata and year; ``completeness`` says from where on missing answers are warned of.
    ``limits`` are those that the rates must keep; ``pseudonyms`` stand in the place of the ids of people.
    """

    data: Path | RemoteFolder | None
    year: int
    selection: Selection = field(default_factory=Selection)
    by: tuple[str, ...] = ()
    enrollment_key: tuple[str, ...] = DEFAULT_ENROLLMENT_KEY
    drop_bad_rows: bool = False
    out: Path | None = None
    format: str = "table"
    person_level: bool = False
    waterfall: bool = False
    disclosure: Disclosure = field(default_factory=Disclosure)
    supplemental: str = "with"
    sources_left_out: Supplemental = field(default_factory=Supplemental)
    race_standard: str = DEFAULT_STANDARD
    tabulation: str | None = None
    languages: str | None = None
    code_systems: tuple[str, ...] = ()
    mandate: Mandated | None = None
    completeness: CompletenessLimits = field(default_factory=CompletenessLimits)
    as_of: dt.date | None = None
    tables: TableSources = field(default_factory=dict)
    access: Access = NO_ACCESS
    config: ConfigFile | None = None
    limits: tuple[Limit, ...] = ()
    pseudonyms: Pseudonyms | None = None
    buckets: int | None = 1
    executor: str | None = None
    spark_schema: str | None = None
    master: str | None = None
    cache: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what does not go together, before anything is read (:class:`Failure`).

        VBM407, VBM409, VBM412, VBM466, and those of `Disclosure.policy`.
        """
        check_year(self.year)
        check_executor(self.executor or (None if self.spark_schema is None else "spark"), self.master)
        if self.spark_schema is not None:
            _check_spark(self)
        _ = self.policy
        if self.person_level and self.out is None:
            raise Failure(
                Diagnostic(
                    "VBM407",
                    "`--person-level` needs `--out`: rows of people are never printed",
                    hint="add `--out DIR`; the file in it can be read by its owner alone",
                )
            )
        if self.format == "parquet" and self.out is None:
            raise Failure(
                Diagnostic("VBM412", "`--format parquet` needs `--out`", hint="add `--out DIR`, or use csv or json")
            )

    @property
    def policy(self) -> SuppressionPolicy:
        """The suppression policy of the run."""
        return self.disclosure.policy()


def _check_spark(asked: RunRequest) -> None:
    """Refuse what cannot be done with tables that only Spark reads (:class:`Failure`, VBM466)."""
    wrong = {
        f"`--executor {asked.executor}`": asked.executor not in (None, "spark"),
        "tables that the configuration maps or places": bool(asked.tables),
        "`--cache`": asked.cache is not None,
    }
    for what, is_so in wrong.items():
        if is_so:
            raise Failure(
                Diagnostic(
                    "VBM466",
                    f"{what} and tables that only Spark reads do not go together",
                    where="--data",
                    hint="a view in the catalog can give tables and columns the names of the contract",
                )
            )


def check_year(year: int) -> None:
    """Refuse a measurement year that is no year (:class:`Failure`, VBM409)."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Failure(
            Diagnostic(
                "VBM409",
                f"the measurement year {year} lies outside {FIRST_YEAR} to {LAST_YEAR}",
                hint="give it with four digits: `--year 2025`",
            )
        )


def data_folder(text: str | None) -> Path | RemoteFolder:
    """Return the folder that ``--data`` names; ``sample`` is the shipped sample unless a folder of that name is here.

    Raises :class:`Failure`: VBM401 when nothing was named, VBM131 and VBM402 for addresses that cannot be used.
    """
    if text is None or not text.strip():
        raise Failure(
            Diagnostic(
                "VBM401",
                "no data was named",
                hint="give `--data DIR`, the folder with your tables, or `--data sample` for the shipped sample; or "
                "`data` under [run] in vbpmeasure.toml",
            )
        )
    if (remote := remote_folder(text)) is not None:
        return remote
    folder = Path(text)
    return sample_root() if text == SAMPLE and not folder.exists() else folder


def spark_schema(text: str | None) -> str | None:
    """Return the schema that ``--data spark:CATALOG.SCHEMA`` names, None for any other data."""
    return text.removeprefix(_SPARK) if text is not None and text.startswith(_SPARK) and text != _SPARK else None


def data_place(text: str | None, tables: TableSources) -> Path | RemoteFolder | None:
    """Return the data folder; none is needed when the configuration says where tables lie, or Spark has them.

    Raises :class:`Failure` (VBM401) when nothing says where any data is.
    """
    if spark_schema(text) is not None:
        return None
    if text is None and any(source.path is not None for sources in tables.values() for source in sources):
        return None
    return data_folder(text)


def overrides(texts: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return ``measure -> parameter -> value text`` from ``MEASURE.NAME=VALUE`` texts; the last of equals wins.

    Raises :class:`Failure` with one VBM404 for every text of another form.
    """
    found: dict[str, dict[str, str]] = {}
    wrong: list[Diagnostic] = []
    for text in texts:
        match = _PARAM.fullmatch(text.strip())
        if match is None:
            wrong.append(
                Diagnostic(
                    "VBM404",
                    f"`--param {text}` is not of the form MEASURE.NAME=VALUE",
                    hint="for example `--param w30.telehealth_allowed=no`",
                )
            )
            continue
        measure, name, value = match.groups()
        found.setdefault(measure, {})[name] = value.strip()
    if wrong:
        raise Failure(wrong)
    return found


def bucket_number(text: str | None) -> int | None:
    """Return the number of ``--buckets``, None for ``auto`` (:class:`Failure`, VBM453, for anything else)."""
    plain = (text or AUTO).strip().lower()
    if plain == AUTO:
        return None
    number = whole_number(plain, MOST)
    if not number:
        raise Failure(
            Diagnostic(
                "VBM453",
                "people cannot be divided into that number of buckets",
                where="--buckets",
                hint=f"give a number from 1 to {MOST:,}, or auto",
            )
        )
    return number


def names(text: str | None) -> tuple[str, ...]:
    """Return the names in a text that separates them by commas."""
    return tuple(part for part in (p.strip() for p in (text or "").split(",")) if part)


def enrollment_key(text: str) -> tuple[str, ...]:
    """Return the eligibility columns of ``--enrollment-key``; ``none`` is no column.

    Raises :class:`Failure` (VBM406) for anything but text columns of the eligibility contract.
    """
    if text.strip().lower() in {"", "none"}:
        return ()
    key = names(text)
    known = [c.name for c in TABLES["eligibility"].columns if c.kind is Kind.TEXT]
    wrong = [name for name in key if name not in known]
    if wrong or len(set(key)) != len(key):
        what = f"`{wrong[0]}` is no text column of eligibility" if wrong else "a column stands twice"
        raise Failure(
            Diagnostic("VBM406", f"`--enrollment-key`: {what}", hint="for example `payer,product_line`, or `none`")
        )
    return key


def date(text: str | None, option: str) -> dt.date | None:
    """Return the date of an option, None when it was not given (:class:`Failure`, VBM410, unless YYYY-MM-DD)."""
    if text is None:
        return None
    day = day_of(text)
    if day is not None:
        return day
    raise Failure(
        Diagnostic("VBM410", f"`{option}` takes a date, YYYY-MM-DD", hint=f"for example `{option} 2026-01-31`")
    )
