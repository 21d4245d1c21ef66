"""Eligibility rows that cannot be used (semantics section 1): count them, refuse them, or leave them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import polars as pl

from vbpmeasure.data.bound import BoundTable
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.footers import null_count
from vbpmeasure.data.found import Findings, place
from vbpmeasure.diagnostics.model import Diagnostic, Failure

NO_PERSON = "spans_without_person_id"
NO_START = "spans_without_start"
ENDS_EARLY = "spans_that_end_before_they_start"
NO_BIRTH = "persons_without_birth_date"

_COLUMN = {
    NO_PERSON: "person_id",
    NO_START: "enrollment_start_date",
    ENDS_EARLY: "enrollment_end_date",
    NO_BIRTH: "birth_date",
}
# Faults as `without_bad_rows` takes them, where nobody has counted which there are.
EVERY_FAULT = dict.fromkeys(_COLUMN, 1)
_WORDS = {
    NO_PERSON: "{n} eligibility {rows} without a person_id",
    NO_START: "{n} eligibility {rows} without an enrollment_start_date",
    ENDS_EARLY: "{n} eligibility {rows} with an enrollment_end_date before the enrollment_start_date",
    NO_BIRTH: "{n} {persons} of eligibility without any birth_date",
}


def check_eligibility(table: BoundTable, bad_rows: Literal["refuse", "drop"]) -> tuple[BoundTable, dict[str, int]]:
    """Return the table without its unusable rows, and the counts of what was left out (empty when nothing was).

    Raises ``Failure``: VBM314 when there are such rows and ``bad_rows`` is ``refuse``, VBM311 when dropping them
    leaves nothing, VBM315 for unknown flag values (in both modes: what they mean is not known).
    """
    counts = {name: n for name, n in _count(table).items() if n}
    if not counts:
        return table, {}
    if bad_rows == "refuse":
        raise Failure([_refusal(table, name, n) for name, n in counts.items()])
    kept = without_bad_rows(table, counts)
    with guarded({table.name: table}):
        left = kept.frame.select(pl.len()).collect().item()
    if not left:
        raise Failure(
            Diagnostic(
                "VBM311",
                "eligibility has no usable row: every one of them is faulty",
                where=place(table.name, file=table.files[0] if table.files else None),
                hint="run without --bad-rows drop to see the faults",
            )
        )
    return kept, counts


def refuse_unknown_flags(table: BoundTable) -> None:
    """Raise ``Failure`` (VBM315) for flag values that the contract does not know, whatever happens to rows."""
    rows = _audited(table)
    if off := _flags_off(rows):
        with guarded({table.name: table}):
            found = rows.select(pl.col(off).sum().cast(pl.Int64)).collect()
        _refuse_unknown_flags(table, {name.removeprefix("off:"): n for name, n in found.row(0, named=True).items()})


def without_bad_rows(table: BoundTable, counts: Mapping[str, int]) -> BoundTable:
    """Return the table without its unusable rows; ``counts`` says which faults there are, anywhere in the data."""
    if not any(counts.values()):
        return table
    good = table.frame.filter(_usable())
    if counts.get(NO_BIRTH):
        good = good.join(_births_unknown(table).lazy(), on="person_id", how="anti")
    return replace(table, frame=good)


def _usable() -> pl.Expr:
    start, end = pl.col("enrollment_start_date"), pl.col("enrollment_end_date")
    # A null end is an open span; comparing with it gives null, which a filter would take for false.
    return pl.col("person_id").is_not_null() & start.is_not_null() & (end.is_null() | (end >= start))


def _faults() -> dict[str, pl.Expr]:
    start, end = pl.col("enrollment_start_date"), pl.col("enrollment_end_date")
    return {
        NO_PERSON: pl.col("person_id").is_null(),
        NO_START: start.is_null(),
        ENDS_EARLY: (end < start).fill_null(False),
    }


def _count(table: BoundTable) -> dict[str, int]:
    rows = _audited(table)
    off = _flags_off(rows)
    asked = {**_faults(), NO_BIRTH: pl.col("birth_date").is_null()}
    # Most footers know their nulls; reading the ids to count them would cost as much as all the rest.
    told = (NO_PERSON, NO_START, NO_BIRTH) if table.footers_tell else ()
    row = {name: 0 for name in told if null_count(table.files, _COLUMN[name]) == 0}
    left = {**{name: fault for name, fault in asked.items() if name not in row}, **{name: pl.col(name) for name in off}}
    with guarded({table.name: table}):
        found = rows.select(fault.sum().cast(pl.Int64).alias(name) for name, fault in left.items()).collect()
    row |= found.row(0, named=True)
    _refuse_unknown_flags(table, {name.removeprefix("off:"): row[name] for name in off})
    counts = {name: int(row[name]) for name in _faults()}
    counts[NO_BIRTH] = _births_unknown(table).height if row[NO_BIRTH] else 0
    return counts


def _audited(table: BoundTable) -> pl.LazyFrame:
    return table.frame if table.audit is None else table.audit


def _flags_off(rows: pl.LazyFrame) -> list[str]:
    return [name for name in rows.collect_schema().names() if name.startswith("off:")]


def _births_unknown(table: BoundTable) -> pl.DataFrame:
    """Return the persons (one row each, ``person_id``) whose usable spans carry no birth date at all."""
    with guarded({table.name: table}):
        return (
            table.frame.filter(_usable())
            .group_by("person_id")
            .agg(known=pl.col("birth_date").is_not_null().any())
            .filter(~pl.col("known"))
            .select("person_id")
            .collect()
        )


def _refusal(table: BoundTable, name: str, n: int) -> Diagnostic:
    one = n == 1
    text = _WORDS[name].format(n=f"{n:,}", rows="row" if one else "rows", persons="person" if one else "persons")
    return Diagnostic(
        "VBM314",
        text,
        where=place(table.name, _COLUMN[name], table.files[0] if len(table.files) == 1 else None),
        hint="mend the extract, or leave them out and have them counted with --bad-rows drop",
    )


def _refuse_unknown_flags(table: BoundTable, off: Mapping[str, int]) -> None:
    findings = Findings()
    for column, n in off.items():
        if n:
            findings.error(
                "VBM315",
                f"column {column} of {table.name} is neither yes nor no in {n:,} {'row' if n == 1 else 'rows'}",
                where=place(table.name, column, table.files[0] if len(table.files) == 1 else None),
                hint="a flag is a boolean, 0 or 1, or one of true/false, yes/no, y/n in any letter case",
            )
    findings.raise_if_any()
