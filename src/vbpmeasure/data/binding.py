"""Bind the user's Parquet files to the data contract. Only footers are read; the tables stay lazy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import polars as pl

from vbpmeasure.data.bad_rows import check_eligibility
from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.columns import Match, match_columns
from vbpmeasure.data.contract import TABLES, Table
from vbpmeasure.data.footers import Footer, read_footers
from vbpmeasure.data.found import Findings, place
from vbpmeasure.data.locate import Location, at_pattern, locate
from vbpmeasure.data.partitions import first_odd_file, hive_type, keys_below, keys_of
from vbpmeasure.data.types import CAST_OPTIONS
from vbpmeasure.diagnostics.model import Diagnostic, Failure

__all__ = ["BoundData", "BoundTable", "bind", "bind_readable", "bind_tables"]

BadRows = Literal["refuse", "drop"]


def bind(root: Path, *, tables: Collection[str] | None = None, bad_rows: BadRows = "refuse") -> BoundData:
    """Bind the contract tables below a data folder.

    ``tables`` limits what is looked for (default: the whole contract). Each table is ``NAME.parquet`` or a folder
    ``NAME`` of Parquet files, with partition folders or without. ``bad_rows`` says what happens to eligibility rows
    that cannot be used (semantics section 1): ``refuse`` raises, ``drop`` leaves them out of the frame and counts them.
    That check is one pass over the span dates; nothing else is read but footers.

    Raises ``Failure`` (exit 3) with every finding of the phase that failed: VBM301 to VBM311, VBM313 to VBM315.
    """
    wanted = _wanted(tables)
    return _bind(locate(root, wanted), wanted, bad_rows, root)


def bind_tables(paths: Mapping[str, str | Path], *, bad_rows: BadRows = "refuse") -> BoundData:
    """Bind tables given one by one: contract name to a file, a folder or a glob (``**`` goes through folders).

    The required tables are not asked for here: what is not named is missing. Otherwise as ``bind``; VBM316 when a
    pattern matches nothing. An unknown table name is a ``ValueError``.
    """
    wanted = _wanted(paths)
    findings = Findings()
    located: dict[str, Location] = {}
    for name in wanted:
        try:
            located[name] = at_pattern(name, str(paths[name]))
        except Failure as failure:
            findings.take(failure)
    findings.raise_if_any()
    return _bind(located, wanted, bad_rows, None)


def _wanted(names: Collection[str] | None) -> tuple[str, ...]:
    unknown = sorted(set(names or ()) - set(TABLES))
    if unknown:
        raise ValueError(f"not in the data contract: {', '.join(unknown)}")
    return tuple(name for name in TABLES if names is None or name in names)


def _bind(located: Mapping[str, Location], wanted: Sequence[str], bad_rows: BadRows, root: Path | None) -> BoundData:
    findings = Findings()
    missing = tuple(name for name in wanted if name not in located)
    for name in missing:
        if TABLES[name].required:
            findings.error(
                "VBM305",
                f"the required table {name} is not there",
                where=None if root is None else str(root),
                hint=f"put it there as {name}.parquet or as a folder {name} of Parquet files",
            )
    bound: dict[str, BoundTable] = {}
    for name, location in located.items():
        table = _bind_table(TABLES[name], location, findings)
        if table is not None:
            bound[name] = table
    _check_person_ids(bound, findings)
    findings.raise_if_any()
    data = BoundData(
        tables=bound,
        missing_tables=missing,
        missing_columns={name: _absent(TABLES[name], table) for name, table in bound.items()},
        warnings=findings.warnings,
        root=root,
    )
    if "eligibility" not in bound:
        return data
    eligibility, counts = check_eligibility(bound["eligibility"], bad_rows)
    return replace(data, tables={**bound, "eligibility": eligibility}, bad_rows=counts)


def _bind_table(table: Table, location: Location, findings: Findings) -> BoundTable | None:
    """Return the bound table, or None when something about it became an error in ``findings``."""
    before = len(findings.errors)
    footers = read_footers(table.name, location.files, findings)
    odd = first_odd_file(location.base, location.files)
    if odd is not None:
        findings.error(
            "VBM309",
            f"the files of {table.name} differ in their partition folders: {odd.name} stands under other keys",
            where=place(table.name, file=odd),
            hint="lay out all files of a table in the same partition folders",
        )
    # Columns are judged even when some files cannot be read: one run should name all that is wrong.
    matches = match_columns(table, footers, keys_below(location.base, location.files), findings) if footers else ()
    rows = sum(f.rows for f in footers)
    if len(findings.errors) == before:
        _check_dated(table, location, matches, rows, findings)
    if len(findings.errors) > before:
        return None
    if rows == 0:
        _report_no_rows(table, location, findings)
    scan = _scan(location, footers, matches)
    audit = None
    if table.name == "eligibility":
        audit = scan.select(*(m.expr for m in matches if m.column.required), *_faults(matches))
    return BoundTable(
        name=table.name,
        frame=scan.select(m.expr for m in matches),
        columns=frozenset(m.column.name for m in matches),
        files=location.files,
        rows=rows,
        bytes=sum(f.bytes for f in footers),
        file_columns=tuple(m.source for m in matches if not m.from_path),
        audit=audit,
    )


def _faults(matches: Sequence[Match]) -> list[pl.Expr]:
    return [check.alias(f"off:{m.column.name}") for m in matches if (check := m.off_contract) is not None]


def _scan(location: Location, footers: Sequence[Footer], matches: Sequence[Match]) -> pl.LazyFrame:
    """Return the one scan of a table's files; types are widened by the reader itself where it can."""
    from_path = {m.source for m in matches if m.from_path}
    schema = {m.source: m.reading.scan_type for m in matches if not m.from_path}
    # A key anywhere in the path has to be typed, ours or not, once partition folders are read at all.
    hive = {k: hive_type(next((m.column for m in matches if m.source == k), None)) for k in keys_of(footers[0].file)}
    return pl.scan_parquet(
        list(location.files),
        glob=False,
        schema=schema,
        hive_partitioning=bool(from_path),
        hive_schema=hive if from_path else None,
        extra_columns="ignore",
        cast_options=CAST_OPTIONS,
    )


def _check_dated(table: Table, location: Location, matches: Sequence[Match], rows: int, findings: Findings) -> None:
    """Refuse a table of records without any date column: none of its rows could ever be an event."""
    if rows and table.date_columns and not {m.column.name for m in matches} & set(table.date_columns):
        findings.error(
            "VBM306",
            f"table {table.name} has no date: one of the columns {', '.join(table.date_columns)} is required",
            where=place(table.name, file=location.files[0]),
            hint="a column of Parquet's null type holds nothing and counts as missing",
        )


def _report_no_rows(table: Table, location: Location, findings: Findings) -> None:
    where = place(table.name, file=location.files[0] if len(location.files) == 1 else location.base)
    if table.name == "eligibility":
        findings.error("VBM311", "eligibility has no rows: there is nobody to measure", where=where)
    else:
        findings.warning(
            "VBM312",
            f"table {table.name} has no rows: nothing in it can be evidence",
            where=where,
            hint="check the extract; an absent table and an empty one count the same",
        )


def _check_person_ids(bound: Mapping[str, BoundTable], findings: Findings) -> None:
    """Refuse person ids that are text in one table and integers in another: they would never meet."""
    by_type: dict[str, list[str]] = {}
    for table in bound.values():
        if "person_id" in table.columns:
            dtype = table.frame.collect_schema()["person_id"]
            by_type.setdefault("text" if dtype == pl.String else "integers", []).append(table.name)
    if len(by_type) > 1:
        findings.error(
            "VBM313",
            f"person_id is text in {', '.join(by_type['text'])} and an integer in {', '.join(by_type['integers'])}",
            where=place(by_type["integers"][0], "person_id", bound[by_type["integers"][0]].files[0]),
            hint="give it one type in all tables; text keeps leading zeros",
        )


def _absent(table: Table, bound: BoundTable) -> tuple[str, ...]:
    return tuple(c.name for c in table.columns if c.name not in bound.columns)


def bind_readable(root: Path) -> tuple[BoundData, tuple[Diagnostic, ...]]:
    """Bind what can be bound below a data folder, for checks that want to see it all; no table raises.

    Returns the tables that are sound (eligibility with its faulty rows), and every finding, errors included. Tables
    with errors are in ``missing_tables``. Raises ``Failure`` only when there is no folder or no table at all: VBM301,
    VBM302, VBM304.
    """
    findings = Findings()
    located: dict[str, Location] = {}
    for name in TABLES:
        try:
            located |= locate(root, (name,))
        except Failure as failure:
            if {d.code for d in failure.diagnostics} & {"VBM301", "VBM302"}:
                raise
            findings.take(failure)
    bound: dict[str, BoundTable] = {}
    for name, location in located.items():
        own = Findings()
        table = _bind_table(TABLES[name], location, own)
        if table is not None:
            bound[name] = table
        for diagnostic in (*own.errors, *own.warnings):
            findings.add(diagnostic)
    # Emptiness has a check of its own, and so do faulty rows.
    _check_person_ids(bound, findings)
    data = BoundData(
        tables=bound,
        missing_tables=tuple(name for name in TABLES if name not in bound),
        missing_columns={name: _absent(TABLES[name], table) for name, table in bound.items()},
        warnings=findings.warnings,
        root=root,
    )
    return data, findings.errors
