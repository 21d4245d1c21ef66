"""Which Parquet types a contract column may have, and how each becomes the contract's own type, lazily."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from vbpmeasure.data.contract import Kind

NEEDED = {
    Kind.ID: "text or an integer",
    Kind.TEXT: "text",
    Kind.DATE: "a date",
    Kind.INTEGER: "an integer",
    Kind.NUMBER: "a number",
    Kind.FLAG: "a boolean, 0/1 or yes/no text",
}

TRUE_TEXTS = ("1", "true", "yes", "y")
FALSE_TEXTS = ("0", "false", "no", "n")

# How the reader may widen a type while decoding, so that filters still reach the decoder.
CAST_OPTIONS = pl.ScanCastOptions(integer_cast="upcast", float_cast="upcast", categorical_to_string="allow")

MOST_DIGITS = (
    38  # of a decimal number; Parquet has larger ones, and Polars reads no file whose schema it is told with them
)

_SMALL_INTEGERS = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read: the type the reader decodes to, then an expression on the decoded column.

    ``convert`` is None when the decoded column is already right, which keeps filters in the Parquet decoder.
    ``off_contract`` is true for rows whose value is none that the contract allows; None when the type rules it out.
    """

    scan_type: pl.DataType
    result: pl.DataType
    convert: Callable[[pl.Expr], pl.Expr] | None = None
    off_contract: Callable[[pl.Expr], pl.Expr] | None = None


def reading(kind: Kind, dtype: pl.DataType) -> Reading | None:
    """Return how a Parquet column of the given type serves the kind, or None when it is off contract.

    Timestamps become the day as written in their own time zone. Codes are text or nothing: an integer column has
    already lost its leading zeros.
    """
    if isinstance(dtype, pl.Decimal) and dtype.precision > MOST_DIGITS:
        return None
    match kind:
        case Kind.TEXT:
            return _text(dtype)
        case Kind.ID:
            return _text(dtype) or _integer(dtype)
        case Kind.INTEGER:
            return _integer(dtype)
        case Kind.DATE:
            return _date(dtype)
        case Kind.NUMBER:
            return _number(dtype)
        case Kind.FLAG:
            return _flag(dtype)


def contract_type(kind: Kind) -> pl.DataType:
    """Return the Polars type that a bound column of the kind has (an ID may be Int64 instead of text)."""
    return {
        Kind.ID: pl.String(),
        Kind.TEXT: pl.String(),
        Kind.DATE: pl.Date(),
        Kind.INTEGER: pl.Int64(),
        Kind.NUMBER: pl.Float64(),
        Kind.FLAG: pl.Boolean(),
    }[kind]


def words(dtype: pl.DataType) -> str:
    """Return what a column of this type holds, in words for a message."""
    if _is_text(dtype):
        return "text"
    if isinstance(dtype, pl.Decimal):
        large = f" of up to {dtype.precision} digits" if dtype.precision > MOST_DIGITS else ""
        return ("decimal numbers" if dtype.scale else "whole decimal numbers") + large
    if dtype.is_integer():
        return "integers"
    if dtype.is_float():
        return "floating-point numbers"
    named: dict[type[pl.DataType], str] = {
        pl.Boolean: "booleans",
        pl.Date: "dates",
        pl.Datetime: "timestamps",
        pl.Time: "times of day",
        pl.Duration: "durations",
        pl.Binary: "bytes without a text annotation",
        pl.Null: "nothing but nulls",
    }
    return named.get(type(dtype), "nested values" if dtype.is_nested() else str(dtype))


def _is_text(dtype: pl.DataType) -> bool:
    return isinstance(dtype, (pl.String, pl.Categorical, pl.Enum))


def _text(dtype: pl.DataType) -> Reading | None:
    if isinstance(dtype, (pl.String, pl.Categorical)):
        return Reading(pl.String(), pl.String())
    if isinstance(dtype, pl.Enum):
        # The reader widens dictionaries to text, but not enums.
        return Reading(dtype, pl.String(), lambda column: column.cast(pl.String))
    return None


def _integer(dtype: pl.DataType) -> Reading | None:
    if isinstance(dtype, _SMALL_INTEGERS):
        return Reading(pl.Int64(), pl.Int64())
    # Warehouses export whole numbers as DECIMAL(38, 0).
    if dtype.is_integer() or (isinstance(dtype, pl.Decimal) and dtype.scale == 0):
        return Reading(dtype, pl.Int64(), lambda column: column.cast(pl.Int64))
    return None


def _date(dtype: pl.DataType) -> Reading | None:
    if isinstance(dtype, pl.Date):
        return Reading(dtype, pl.Date())
    if isinstance(dtype, pl.Datetime):
        # dt.date takes the local day; a cast would go through UTC.
        return Reading(dtype, pl.Date(), lambda column: column.dt.date())
    return None


def _number(dtype: pl.DataType) -> Reading | None:
    if dtype.is_float():
        return Reading(pl.Float64(), pl.Float64())
    whole = _integer(dtype)
    if whole is not None:
        return Reading(whole.scan_type, pl.Float64(), lambda column: column.cast(pl.Float64))
    if isinstance(dtype, pl.Decimal):
        return Reading(dtype, pl.Float64(), lambda column: column.cast(pl.Float64))
    return None


def _flag(dtype: pl.DataType) -> Reading | None:
    if isinstance(dtype, pl.Boolean):
        return Reading(dtype, pl.Boolean())
    whole = _integer(dtype)
    if whole is not None:
        return Reading(whole.scan_type, pl.Boolean(), _flag_of_number, _not_a_flag_number)
    text = _text(dtype)
    if text is not None:
        return Reading(text.scan_type, pl.Boolean(), _flag_of_text, _not_a_flag_text)
    return None


def _flag_of_number(column: pl.Expr) -> pl.Expr:
    return pl.when(column == 1).then(True).when(column == 0).then(False)


def _not_a_flag_number(column: pl.Expr) -> pl.Expr:
    return (column != 0) & (column != 1)


def _plain(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.String).str.strip_chars().str.to_lowercase()


def _flag_of_text(column: pl.Expr) -> pl.Expr:
    plain = _plain(column)
    return pl.when(plain.is_in(list(TRUE_TEXTS))).then(True).when(plain.is_in(list(FALSE_TEXTS))).then(False)


def _not_a_flag_text(column: pl.Expr) -> pl.Expr:
    # Empty text is how many exports write null.
    return ~_plain(column).is_in([*TRUE_TEXTS, *FALSE_TEXTS, ""])
