"""From opened sources to a bound table: columns matched, rows of several sources one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from vbpmeasure.data.bound import BoundTable, TableVersion
from vbpmeasure.data.columns import Match, match_columns
from vbpmeasure.data.contract import Kind, Table
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.found import Findings, place
from vbpmeasure.data.mapping import TableSource
from vbpmeasure.data.opened import Opened
from vbpmeasure.data.types import contract_type
from vbpmeasure.diagnostics.model import Diagnostic


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one source in contract columns; ``audit`` as in ``BoundTable``."""

    opened: Opened
    matches: tuple[Match, ...]
    frame: pl.LazyFrame
    audit: pl.LazyFrame | None
    rows: int
    source: TableSource | None


def bind_part(table: Table, opened: Opened, source: TableSource | None, findings: Findings) -> Part | None:
    """Return one source with its columns matched; None when something about it became an error in ``findings``."""
    mapping = None if source is None else source.mapping
    # Columns are judged even when some files cannot be read: one run should name all that is wrong.
    before = len(findings.errors)
    matches = match_columns(table, opened.footers, opened.keys, findings, mapping) if opened.footers else ()
    rows = sum(f.rows for f in opened.footers)
    if len(findings.errors) == before and opened.footers:
        _check_dated(table, opened, matches, rows, findings)
    if len(findings.errors) > before or not opened.footers:
        return None
    scan = opened.scan(matches)
    _check_misfits(table, opened, scan, matches, findings)
    audit = None
    if table.name == "eligibility":
        audit = _select(scan, [m for m in matches if m.column.required], _faults(matches))
    return Part(opened, matches, _select(scan, matches), audit, rows, source)


def as_table(table: Table, parts: Sequence[Part], findings: Findings) -> BoundTable:
    """Return the parts as one bound table; VBM313 when they disagree about the type of person ids."""
    files = tuple(file for part in parts for file in part.opened.files)
    plain = len(parts) == 1 and (parts[0].source is None or parts[0].source.mapping.empty)
    columns = frozenset(m.column.name for part in parts for m in part.matches)
    return BoundTable(
        name=table.name,
        frame=parts[0].frame if len(parts) == 1 else _union(table, parts, columns, findings),
        columns=columns,
        files=files,
        rows=sum(part.rows for part in parts),
        bytes=sum(f.bytes for part in parts for f in part.opened.footers),
        file_columns=tuple(dict.fromkeys(m.source for part in parts for m in part.matches if m.in_files)),
        audit=_audit_of(parts),
        stamps={f.file: f.stamp for part in parts for f in part.opened.footers if f.stamp is not None},
        footers_tell=plain and parts[0].opened.scanned is None,
        sources=tuple(_record(part) for part in parts if part.source is not None),
        versions=tuple(pin for part in parts if (pin := _pinned(table, part)) is not None),
        unpinned=tuple(file for part in parts if part.opened.versioned is None for file in part.opened.files),
        pins=tuple(part.opened.versioned.pin for part in parts if part.opened.versioned is not None),
        unseen=tuple(
            (part.opened.place.name, part.rows) for part in parts if not (part.opened.files or part.opened.versioned)
        ),
    )


def _select(scan: pl.LazyFrame, matches: Sequence[Match], extra: Sequence[pl.Expr] = ()) -> pl.LazyFrame:
    """Return the matched columns. Constants are added to rows, never selected alone: that would be one row."""
    literals = [m.expr for m in matches if m.literal is not None]
    if not literals:
        return scan.select(*(m.expr for m in matches), *extra)
    read = [*(m.expr for m in matches if m.literal is None), *extra]
    order = [*(m.column.name for m in matches), *(e.meta.output_name() for e in extra)]
    return scan.select(read).with_columns(literals).select(order)


def _faults(matches: Sequence[Match]) -> list[pl.Expr]:
    return [check.alias(f"off:{m.column.name}") for m in matches if (check := m.off_contract) is not None]


def _check_misfits(
    table: Table, opened: Opened, scan: pl.LazyFrame, matches: Sequence[Match], findings: Findings
) -> None:
    """Count the rows that mappings cannot read, in one pass over their columns; one finding a column."""
    judged = [(m, m.misfit) for m in matches if m.misfit is not None]
    if not judged:
        return
    with guarded(table=table.name, file=opened.place):
        counts = scan.select(
            misfit.found(pl.col(m.source)).sum().cast(pl.Int64).alias(m.column.name) for m, misfit in judged
        ).collect()
    for (m, misfit), n in zip(judged, counts.row(0), strict=True):
        if n:
            rows, hold = (f"{n:,} row", "holds") if n == 1 else (f"{n:,} rows", "hold")
            findings.add(
                Diagnostic(
                    misfit.code,
                    misfit.what.format(rows=rows, hold=hold),
                    span=misfit.span,
                    where=place(table.name, m.column.name, opened.place),
                    hint=misfit.hint,
                )
            )


def _check_dated(table: Table, opened: Opened, matches: Sequence[Match], rows: int, findings: Findings) -> None:
    """Refuse a table of records without any date column: none of its rows could ever be an event."""
    if rows and table.date_columns and not {m.column.name for m in matches} & set(table.date_columns):
        findings.error(
            "VBM306",
            f"table {table.name} has no date: one of the columns {', '.join(table.date_columns)} is required",
            where=place(table.name, file=opened.footers[0].file),
            hint="a column of Parquet's null type holds nothing and counts as missing",
        )


def _union(table: Table, parts: Sequence[Part], columns: frozenset[str], findings: Findings) -> pl.LazyFrame:
    """Put the sources below one another; a column that one of them lacks is null for its rows."""
    types: dict[str, pl.DataType] = {}
    for column in (c for c in table.columns if c.name in columns):
        had = [m for part in parts for m in part.matches if m.column.name == column.name]
        integers = [m.reading.result == pl.Int64() for m in had]
        if column.kind is Kind.ID and all(integers):
            types[column.name] = pl.Int64()
            continue
        types[column.name] = contract_type(column.kind)
        if column.name == "person_id" and any(integers):
            findings.error(
                "VBM313",
                f"person_id is text in one source of {table.name} and an integer in another",
                where=place(table.name, "person_id"),
                hint="give it one type in all sources; text keeps leading zeros",
            )
    return pl.concat([_aligned(part, types) for part in parts], how="vertical")


def _aligned(part: Part, types: dict[str, pl.DataType]) -> pl.LazyFrame:
    has = {m.column.name: m.reading.result for m in part.matches}
    absent = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in types.items() if name not in has]
    wider = [pl.col(name).cast(dtype) for name, dtype in types.items() if name in has and has[name] != dtype]
    return part.frame.with_columns(*absent, *wider).select(list(types))


def _audit_of(parts: Sequence[Part]) -> pl.LazyFrame | None:
    audits = [part.audit for part in parts if part.audit is not None]
    if not audits:
        return None
    return audits[0] if len(audits) == 1 else pl.concat(audits, how="diagonal_relaxed")


def _record(part: Part) -> dict[str, object]:
    assert part.source is not None
    found = part.opened.versioned
    pinned = {} if found is None else {"format": found.format, "version": found.version}
    return {**part.source.record(), **{name: value for name, value in pinned.items() if value is not None}}


def _pinned(table: Table, part: Part) -> TableVersion | None:
    found = part.opened.versioned
    if found is None:
        return None
    name = f"{found.format}:{found.table_id}@{found.version or 'empty'}"
    return TableVersion(table.name, name, found.format, found.version, found.table_id, found.bytes, part.rows)
