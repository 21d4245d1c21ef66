"""What a check is and what comes out of it: description, outcome, judged result, report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from vbpmeasure.diagnostics.codes_model import CodeInfo


class Severity(StrEnum):
    """The worst a check can do: ``error`` may fail, ``warning`` may warn, ``info`` only tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Status(StrEnum):
    """What a check says of one place."""

    PASS = "pass"  # noqa: S105  no password
    PASS_WITH_ROWS = "pass_with_rows"  # noqa: S105  rows were found, below every threshold
    WARN = "warn"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"  # the check could not be made


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares of rows: above ``warn`` a check warns, above ``fail`` it fails; None switches the step off."""

    warn: float | None = 0.0
    fail: float | None = None


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """The stable description of a check.

    ``id`` (``VBC201``) and ``name`` both name it in settings and options. ``of`` says what the share is a share of.
    ``limit`` is the one number that some checks take besides their thresholds; ``limit_means`` says what it is.
    ``columns`` holds thresholds of single places, by ``table.column`` or ``column``.
    """

    id: str
    name: str
    title: str
    explanation: str
    mend: str
    severity: Severity = Severity.ERROR
    thresholds: Thresholds = field(default_factory=Thresholds)
    of: str = "rows"
    limit: float | None = None
    limit_means: str = ""
    columns: Mapping[str, Thresholds] = field(default_factory=dict)

    @property
    def page(self) -> CodeInfo:
        """The page of help, as `vbpmeasure rule` prints it."""
        text = f"{self.explanation} Settings: `[validate.checks.{self.id}]` with severity = {self.severity.value!r}"
        for name, value in (("warn", self.thresholds.warn), ("fail", self.thresholds.fail)):
            text += f", {name} = {'off' if value is None else f'{value:g}'!s}"
        text += f" (a share of {self.of})"
        if self.limit is not None:
            text += f", limit = {self.limit:g} ({self.limit_means})"
        return CodeInfo(f"{self.name}: {self.title}", f"{text}.", self.mend)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found in one place, before thresholds.

    ``rows`` were looked at, ``found`` of them are at fault. ``offending`` yields them (never printed). ``code`` is the
    diagnostic with which a run would refuse the same fault. ``forced`` overrides the thresholds. ``masked`` marks
    counts of persons in a group: 1 to 10 are not shown. ``of`` names what is counted when it is not the check's own.
    """

    text: str
    rows: int = 0
    found: int = 0
    column: str | None = None
    group: str | None = None
    code: str | None = None
    forced: Status | None = None
    share: float | None = None
    masked: bool = False
    offending: pl.LazyFrame | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One judged outcome. ``rows``, ``found`` and ``share`` are None where a count of 1 to 10 persons would show."""

    id: str
    name: str
    table: str | None
    column: str | None
    group: str | None
    severity: Severity
    thresholds: Thresholds
    rows: int | None
    found: int | None
    share: float | None
    status: Status
    text: str
    code: str | None = None
    offending: pl.LazyFrame | None = field(default=None, repr=False, compare=False)

    @property
    def place(self) -> str:
        """``table.column`` as far as known, with the group in brackets."""
        name = ".".join(part for part in (self.table, self.column) if part) or "data"
        return f"{name} [{self.group}]" if self.group else name


@dataclass(frozen=True, slots=True)
class Report:
    """All results in the order of tables and checks, the profile that a later run compares with, and the dates used."""

    results: tuple[CheckResult, ...]
    profile: Mapping[str, object]
    rows: Mapping[str, int]
    year: int | None = None
    as_of: dt.date | None = None

    def count(self, status: Status) -> int:
        """Return how many results have the status."""
        return sum(r.status is status for r in self.results)

    def worst(self) -> Status:
        """Return the gravest status: error and fail before warn before pass."""
        have = {r.status for r in self.results}
        order = (Status.ERROR, Status.FAIL, Status.WARN, Status.PASS_WITH_ROWS)
        return next((s for s in order if s in have), Status.PASS)
