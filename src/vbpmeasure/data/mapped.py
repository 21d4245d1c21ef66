"""Columns that the configuration maps: constants, translated values, text dates; and the rows it cannot read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from vbpmeasure.data.contract import Column, Kind, Table
from vbpmeasure.data.date_formats import is_packed
from vbpmeasure.data.mapping import Constant, SourceMapping
from vbpmeasure.data.types import Reading, contract_type, reading, words
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Span

# A year outside is a slip of the pen: `25-01-31` read with `%Y-%m-%d` is the year 25.
_FIRST_YEAR, _LAST_YEAR = 1800, 9999


@dataclass(frozen=True, slots=True)
class Misfit:
    """Rows that a mapping cannot read: ``found`` is true for them, given the source column.

    ``code``, ``what`` and ``hint`` are what to say about them, ``span`` where the mapping stands.
    """

    code: str
    what: str
    hint: str
    span: Span | None
    found: Callable[[pl.Expr], pl.Expr]


def constant(kind: Kind, value: Constant) -> tuple[pl.Expr, pl.DataType]:
    """Return a constant of the configuration as an expression in the contract's type, and that type."""
    dtype = contract_type(kind)
    return pl.lit(value, dtype=dtype), dtype


def mapped_reading(
    table: Table, column: Column, dtype: pl.DataType, mapping: SourceMapping
) -> tuple[Reading | None, Misfit | None]:
    """Return how a source column serves a contract column (None: off contract), and which rows would not fit.

    Without values and date formats this is the contract's own reading. Raises ``Failure`` VBM335 when the type of the
    source is none that the mapping can read.
    """
    if column.name in mapping.dates:
        return _date(table, column, dtype, mapping)
    if column.name in mapping.values:
        return _values(table, column, dtype, mapping)
    return reading(column.kind, dtype), None


def _date(
    table: Table, column: Column, dtype: pl.DataType, mapping: SourceMapping
) -> tuple[Reading | None, Misfit | None]:
    form = mapping.dates[column.name]
    span = mapping.place("dates", column.name)
    # Many exports write 20250131 as a number.
    as_text = reading(Kind.ID, dtype)
    if as_text is None:
        hint = "remove the format: it is a date already" if reading(Kind.DATE, dtype) else None
        raise Failure(_unreadable(table, column, dtype, "text or an integer", span, hint))

    def parsed(source: pl.Expr) -> pl.Expr:
        text = _text(source)
        day = text.str.to_date(form, strict=False)
        fits = day.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)
        if is_packed(form):
            # Packed digits are read only when writing them again gives the same text.
            fits &= day.dt.strftime(form) == text if _only_days(form) else text.str.len_chars() == _width(form)
        return pl.when(fits).then(day)

    def unread(source: pl.Expr) -> pl.Expr:
        # Empty text is how many exports write null.
        text = _text(source)
        return text.is_not_null() & (text != "") & parsed(source).is_null()

    misfit = Misfit(
        "VBM330",
        f"{{rows}} of {table.name} {{hold}} text in {column.name} that cannot be read as `{form}`",
        "mend the format or the extract; an empty text is a null, anything else has to be a date",
        span,
        unread,
    )
    return Reading(as_text.scan_type, pl.Date(), parsed), misfit


def _values(
    table: Table, column: Column, dtype: pl.DataType, mapping: SourceMapping
) -> tuple[Reading | None, Misfit | None]:
    listed = mapping.values[column.name]
    rule = mapping.unmapped[column.name]
    span = mapping.place("values", column.name)
    how = reading(Kind.FLAG, dtype) or reading(Kind.ID, dtype)
    if how is None:
        raise Failure(_unreadable(table, column, dtype, "text, an integer or a boolean", span, None))
    old = pl.Series(list(listed), dtype=pl.String)
    new = pl.Series([target or None for target in listed.values()], dtype=pl.String)

    def translated(source: pl.Expr) -> pl.Expr:
        other = source.cast(pl.String) if rule == "keep" else pl.lit(None, dtype=pl.String)
        return _text(source).replace_strict(old, new, default=other, return_dtype=pl.String)

    def unlisted(source: pl.Expr) -> pl.Expr:
        text = _text(source)
        return text.is_not_null() & (text != "") & ~text.is_in(list(listed))

    misfit = None
    if rule == "error":
        misfit = Misfit(
            "VBM332",
            f"{{rows}} of {table.name} {{hold}} text in {column.name} that `values` does not list",
            'list them, or say `unmapped = "keep"` or "null"',
            span,
            unlisted,
        )
    if column.kind is not Kind.FLAG:
        return Reading(how.scan_type, pl.String(), translated), misfit
    as_flag = reading(Kind.FLAG, pl.String())
    assert as_flag is not None
    convert, off_contract = as_flag.convert, as_flag.off_contract
    assert convert is not None
    assert off_contract is not None
    flagged = Reading(
        how.scan_type,
        pl.Boolean(),
        lambda source: convert(translated(source)),
        lambda source: off_contract(translated(source)),
    )
    return flagged, misfit


def _text(source: pl.Expr) -> pl.Expr:
    return source.cast(pl.String).str.strip_chars()


def _only_days(form: str) -> bool:
    return not any(f"%{directive}" in form for directive in "HMSTRIpfzbBh")


def _width(form: str) -> int:
    """Return how many characters a packed format with times has when every number has all its digits."""
    return len(dt.datetime(2025, 12, 31, 23, 59, 59, tzinfo=dt.UTC).strftime(form))


def _unreadable(
    table: Table, column: Column, dtype: pl.DataType, needed: str, span: Span | None, hint: str | None
) -> Diagnostic:
    return Diagnostic(
        "VBM335",
        f"the source column of {column.name} in {table.name} holds {words(dtype)}; this mapping reads {needed}",
        span=span,
        hint=hint,
    )
