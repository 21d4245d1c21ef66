"""Match the columns of a table's files to the contract: names, letter case, types, agreement between the files."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import polars as pl

from vbpmeasure.data.contract import Column, Kind, Table
from vbpmeasure.data.footers import Footer
from vbpmeasure.data.found import Findings, place
from vbpmeasure.data.mapped import Misfit, constant, mapped_reading
from vbpmeasure.data.mapping import SourceMapping
from vbpmeasure.data.partitions import first_non_date, hive_type
from vbpmeasure.data.types import NEEDED, Reading, words
from vbpmeasure.diagnostics.model import Diagnostic, Failure


@dataclass(frozen=True, slots=True)
class Match:
    """One contract column and where it comes from: a column of the files, or a partition key of their folders.

    A column that the configuration fills has a ``literal`` and no source; ``misfit`` finds the rows that the mapping
    of the column cannot read.
    """

    column: Column
    source: str
    reading: Reading
    from_path: bool = False
    literal: pl.Expr | None = None
    misfit: Misfit | None = None

    @property
    def in_files(self) -> bool:
        """Whether the files themselves hold the column."""
        return not self.from_path and self.literal is None

    @property
    def expr(self) -> pl.Expr:
        """The bound column: the bare column of the file wherever possible, so that filters pass through it."""
        if self.literal is not None:
            return self.literal.alias(self.column.name)
        bare = pl.col(self.source)
        done = bare if self.reading.convert is None else self.reading.convert(bare)
        return done.alias(self.column.name)

    @property
    def off_contract(self) -> pl.Expr | None:
        """True for rows with a value that the contract does not know, else false or null; None when impossible."""
        check = self.reading.off_contract
        return None if check is None else check(pl.col(self.source))


def match_columns(
    table: Table,
    footers: Sequence[Footer],
    keys: Sequence[str],
    findings: Findings,
    mapping: SourceMapping | None = None,
) -> tuple[Match, ...]:
    """Return the contract columns that the files or their partition folders have, in contract order.

    ``mapping`` says which columns of the files are meant, and how they are read; without one the names are those of the
    contract. A column of Parquet's null type counts as absent. Extra columns are ignored. A partition key wins over a
    column of the same name inside the files. Findings: VBM306 (required columns missing, all at once), VBM307 (type off
    contract), VBM308 (ambiguous letter case), VBM309 (files that differ), VBM331 (a mapped column that is not there),
    VBM335 (a mapped column of a type that the mapping cannot read).
    """
    mapping = mapping or SourceMapping()
    matches: list[Match] = []
    missing: list[str] = []
    # Alike files share one schema object: the first of each kind speaks for the rest.
    kinds: dict[int, Footer] = {}
    for footer in footers:
        kinds.setdefault(id(footer.schema), footer)
    for column in table.columns:
        if column.name in mapping.constants:
            matches.append(_constant(column, mapping))
            continue
        wanted = mapping.source_of(column.name).lower()
        key = next((k for k in keys if k.lower() == wanted), None)
        try:
            match = (
                _of_files(table, column, tuple(kinds.values()), mapping)
                if key is None
                else _of_path(table, column, key, footers, mapping)
            )
            if match is None and _speaks_of(mapping, column) and not _is_there(wanted, footers):
                raise _not_there(table, column, mapping, footers)
        except Failure as failure:
            findings.take(failure)
            continue
        if match is not None:
            matches.append(match)
        elif column.required:
            missing.append(column.name)
    if missing:
        _report_missing(table, missing, footers, findings)
    return tuple(matches)


def _constant(column: Column, mapping: SourceMapping) -> Match:
    literal, dtype = constant(column.kind, mapping.constants[column.name])
    return Match(column, "", Reading(dtype, dtype), literal=literal)


def _speaks_of(mapping: SourceMapping, column: Column) -> bool:
    return any(column.name in part for part in (mapping.columns, mapping.values, mapping.dates))


def _is_there(name: str, footers: Sequence[Footer]) -> bool:
    return any(spelled.lower() == name for footer in footers for spelled in footer.schema.names())


def _of_path(table: Table, column: Column, key: str, footers: Sequence[Footer], mapping: SourceMapping) -> Match:
    formatted = column.name in mapping.dates
    how, misfit = mapped_reading(table, column, pl.String() if formatted else hive_type(column), mapping)
    odd = None
    if column.kind is Kind.DATE and not formatted:
        odd = first_non_date(key, [f.file for f in footers])
    if how is None or odd is not None:
        raise _off_contract(table, column, "text", odd or footers[0].file)
    return Match(column, key, how, from_path=True, misfit=misfit)


def _of_files(table: Table, column: Column, footers: Sequence[Footer], mapping: SourceMapping) -> Match | None:
    source = _common_spelling(table, column, footers, mapping.source_of(column.name))
    if source is None:
        return None
    first: tuple[Reading, pl.DataType, PurePath, Misfit | None] | None = None
    for footer in footers:
        dtype = footer.schema[source]
        if isinstance(dtype, pl.Null):
            continue
        how, misfit = mapped_reading(table, column, dtype, mapping)
        if how is None:
            raise _off_contract(table, column, words(dtype), footer.file)
        if first is None:
            first = (how, dtype, footer.file, misfit)
        elif how.scan_type != first[0].scan_type:
            raise _differing(table, column, footer.file, f"holds {dtype}, {first[2].name} holds {first[1]}")
    return None if first is None else Match(column, source, first[0], misfit=first[3])


def _not_there(table: Table, column: Column, mapping: SourceMapping, footers: Sequence[Footer]) -> Failure:
    wanted = mapping.source_of(column.name)
    part = next(p for p in ("columns", "values", "dates") if column.name in getattr(mapping, p))
    spelled = {name.lower(): name for name in footers[0].schema.names()}
    close = difflib.get_close_matches(wanted.lower(), spelled, n=1, cutoff=0.6)
    return Failure(
        Diagnostic(
            "VBM331",
            f"the data of {table.name} has no column `{wanted}`",
            span=mapping.place(part, column.name),
            where=place(table.name, column.name, footers[0].file),
            hint=f"did you mean `{spelled[close[0]]}`?" if close else "column names are compared in any letter case",
        )
    )


def _common_spelling(table: Table, column: Column, footers: Sequence[Footer], wanted: str) -> str | None:
    """Return the name of the column as all files spell it, None when none has it; an exact name beats letter case."""
    if wanted != column.name and all(wanted in footer.schema for footer in footers):
        return wanted
    expected: str | None = None
    for position, footer in enumerate(footers):
        spelled = [name for name in footer.schema.names() if name.lower() == wanted.lower()]
        if len(spelled) > 1:
            raise Failure(
                Diagnostic(
                    "VBM308",
                    f"table {table.name} has {len(spelled)} columns that read {wanted} but for the letter case",
                    where=place(table.name, column.name, footer.file),
                    hint="keep one of them; which one is meant is never guessed",
                )
            )
        here = spelled[0] if spelled else None
        if position == 0:
            expected = here
        elif here != expected:
            reference = footers[0].file.name
            how = f"lacks it, {reference} has it" if here is None else f"has it, {reference} lacks it"
            if here is not None and expected is not None:
                how = f"spells it {here}, {reference} {expected}"
            raise _differing(table, column, footer.file, how)
    return expected


def _off_contract(table: Table, column: Column, holds: str, file: PurePath) -> Failure:
    hint = "change its type in the extract"
    if column.kind is Kind.DATE and holds == "text":
        hint = "write it as Parquet's DATE type; date formats are never guessed"
    elif column.kind is Kind.TEXT and ("number" in holds or holds == "integers"):
        hint = "codes are text from the first byte to the last; a number has lost its leading zeros"
    return Failure(
        Diagnostic(
            "VBM307",
            f"column {column.name} of {table.name} holds {holds}, {NEEDED[column.kind]} is needed",
            where=place(table.name, column.name, file),
            hint=hint,
        )
    )


def _differing(table: Table, column: Column, file: PurePath, how: str) -> Failure:
    return Failure(
        Diagnostic(
            "VBM309",
            f"the files of {table.name} differ in column {column.name}: {file.name} {how}",
            where=place(table.name, column.name, file),
            hint="write all files of a table with the same columns and types",
        )
    )


def _report_missing(table: Table, missing: list[str], footers: Sequence[Footer], findings: Findings) -> None:
    names = [name.lower() for name in footers[0].schema.names()]
    foreign = [name for name in names if table.column(name) is None]
    hints: list[str] = []
    for name in missing:
        close = difflib.get_close_matches(name, foreign, n=1, cutoff=0.7)
        if name in names:
            hints.append(f"{name} is there, but its Parquet type is null: it holds nothing")
        elif close:
            hints.append(f"is {close[0]} meant to be {name}?")
    findings.error(
        "VBM306",
        f"table {table.name} lacks the required column{'s' if len(missing) > 1 else ''} {', '.join(missing)}",
        where=place(table.name, missing[0] if len(missing) == 1 else None, footers[0].file),
        hint="; ".join(hints) or "column names follow the Tuva input layer; rename them in the extract",
    )
