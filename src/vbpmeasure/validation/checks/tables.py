"""Whether tables are there, can be read, and have the columns that evidence comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.data.contract import TABLES
from vbpmeasure.data.year_check import check_period
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.diagnostics.model import Severity as Weight
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Severity, Status, Thresholds
from vbpmeasure.validation.words import count


class Readable:
    """Binding findings as results: tables missing, unreadable, off contract."""

    info: ClassVar = CheckInfo(
        "VBC101",
        "table_readable",
        "A table is there and has the contract's columns and types",
        "What a run would refuse at the door: a required table or column that is missing, a type off contract, files "
        "that differ, a damaged page. The result carries the VBM code of the finding. The other tables are still "
        "checked.",
        "Look up the VBM code with `vbpmeasure rule`, and mend the extract.",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every contract table."""
        return tuple(TABLES)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Decode every column of the contract that no other check reads: damage shows only when pages are read."""
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield every finding of the table, or that it is sound."""
        ground = questions.ground
        found = [d for d in ground.findings if table_of(d) == table and d.severity is Weight.ERROR]
        broken = questions.broken.get(table)
        if broken is not None:
            found += broken.diagnostics
        for diagnostic in found:
            yield failed(diagnostic)
        if found:
            return
        if table in ground.bound.tables:
            bound = ground.table(table)
            yield Outcome(f"{count(bound.rows, 'row')} in {count(len(bound.files), 'file')}", rows=1)
            return
        meant = [d for d in ground.bound.warnings if d.code == "VBM324" and table_of(d) == table]
        for diagnostic in meant:
            yield Outcome(f"{diagnostic.code}: {diagnostic.message}", 1, 1, code=diagnostic.code, forced=Status.WARN)
        if TABLES[table].required:
            yield Outcome("a required table is missing", 1, 1, code="VBM305", forced=Status.FAIL)
        elif not meant:
            yield Outcome("no such table", forced=Status.NOT_APPLICABLE)


def table_of(diagnostic: Diagnostic) -> str | None:
    """Return the contract table that a finding of binding is about, as its place or its message names it."""
    where = (diagnostic.where or "").split(" in ", 1)[0].split(".", 1)[0]
    if where in TABLES:
        return where
    words = diagnostic.message.replace(",", " ").split()
    return next((word for word in words if word in TABLES), None)


def failed(diagnostic: Diagnostic) -> Outcome:
    """Return a finding of the input as a failed outcome with its code."""
    column = (diagnostic.where or "").split(" in ", 1)[0].partition(".")[2] or None
    hint = f" ({diagnostic.hint})" if diagnostic.hint else ""
    text = f"{diagnostic.code}: {diagnostic.message}{hint}"
    return Outcome(text, 1, 1, column=column, code=diagnostic.code, forced=Status.FAIL)


class NotEmpty:
    """A table that is there and holds nothing."""

    info: ClassVar = CheckInfo(
        "VBC102",
        "table_empty",
        "A table has rows",
        "A table without rows cannot give evidence, and looks like an extract that was cut short. An empty eligibility "
        "fails: there is nobody to measure.",
        "Check the extract; leave an optional table out when it is meant to be empty.",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every table."""
        return tuple(TABLES)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Need nothing but footers."""
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield whether the footers count any row."""
        rows = questions.ground.table(table).rows
        if rows:
            yield Outcome("the table has rows", rows=1)
        elif table == "eligibility":
            yield Outcome(
                "eligibility has no rows: there is nobody to measure", 1, 1, None, None, "VBM311", Status.FAIL
            )
        else:
            yield Outcome("the table has no rows: nothing in it can be evidence", 1, 1, code="VBM312")


# Columns without which the shipped measures lose evidence or exclusions, with what is lost.
_WANTED: dict[str, dict[str, str]] = {
    "eligibility": {
        "death_date": "nobody is known to have died",
        "payer": "a change of payer does not break continuous enrollment",
        "race": "no stratification by race",
        "ethnicity": "no stratification by ethnicity",
        "language": "no stratification by language",
    },
    "medical_claim": {
        "claim_line_number": "duplicate lines are found by whole rows alone",
        "hcpcs_code": "no procedure code is seen",
        "diagnosis_code_1": "no diagnosis is seen",
        "place_of_service_code": "laboratory and telehealth lines are not told apart",
        "rendering_npi": "providers are not looked up in practitioner",
        "rendering_taxonomy": "primary care is known through practitioner alone",
        "claim_status": "reversed claims count",
    },
    "immunization": {"occurrence_date": "no dose is dated", "source_code": "no dose is coded"},
    "practitioner": {"taxonomy_code": "the table says nothing about primary care"},
}


class ColumnsPresent:
    """Optional columns that the shipped measures use and the extract lacks."""

    info: ClassVar = CheckInfo(
        "VBC103",
        "column_missing",
        "Columns that measures draw evidence from are there",
        "Absent optional columns are taken as null. Nothing fails by that, and a rate may be lower than the truth.",
        "Add the column to the extract, or switch the check off when your source has none.",
        severity=Severity.WARNING,
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at the tables with such columns."""
        return tuple(_WANTED)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Need nothing but footers."""
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per absent column."""
        wanted = _WANTED[table]
        absent = [c for c in wanted if not questions.ground.has(table, c)]
        for column in absent:
            yield Outcome(f"no such column: {wanted[column]}", 1, 1, column=column)
        if not absent:
            yield Outcome("every column that measures draw on is there", rows=len(wanted))


class FlagValues:
    """Flags that are neither yes nor no."""

    info: ClassVar = CheckInfo(
        "VBC104",
        "flag_unknown",
        "Flags are yes, no or null",
        "A flag column holds values that the contract does not know. A run refuses them (VBM315).",
        "Write flags as booleans, 0 or 1, or true/false, yes/no, y/n.",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at eligibility, the one table with flags."""
        return ("eligibility",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the count of unknown values of each flag that is not a boolean by its type."""
        audit = questions.ground.table(table).audit
        names = [] if audit is None else [n for n in audit.collect_schema().names() if n.startswith("off:")]
        if audit is not None and names:
            rows = audit
            questions.frame(table, "flags", lambda _: rows.select(_sums(names)))
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per flag column."""
        rows = questions.ground.table(table).rows
        try:
            found = questions.counted(table, "flags").row(0, named=True)
        except KeyError:
            yield Outcome("flags are booleans", rows=rows)
            return
        for column, n in found.items():
            text = "every value is yes or no" if not n else f"neither yes nor no in {count(n, 'row')}"
            yield Outcome(text, rows, n, column=column, code="VBM315" if n else None)


def _sums(names: list[str]) -> list[pl.Expr]:
    return [pl.col(n).sum().cast(pl.Int64).alias(n.removeprefix("off:")) for n in names]


class PeriodCovered:
    """Whether there is any data in the measurement year."""

    info: ClassVar = CheckInfo(
        "VBC105",
        "period_covered",
        "The measurement year has eligibility and claims",
        "With --year: no span touches the year (VBM321), nothing is dated in it (VBM322), or only claims are missing "
        "(VBM323). A run refuses the first two.",
        "Check --year, or whether that year has been loaded.",
        thresholds=Thresholds(warn=0.0, fail=None),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at eligibility, on behalf of all tables."""
        return ("eligibility",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Need a year; dates come from footers where they tell."""
        return None if questions.ground.year else "no --year was named"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield the finding, or that the year is covered."""
        period = questions.ground.period
        assert period is not None
        try:
            warnings = check_period(questions.ground.bound, period)
        except Failure as failure:
            yield from (failed(d) for d in failure.diagnostics)
            return
        for warning in warnings:
            yield Outcome(f"{warning.code}: {warning.message}", 1, 1, code=warning.code)
        if not warnings:
            yield Outcome(f"spans and claims touch {period.year}", rows=1)
