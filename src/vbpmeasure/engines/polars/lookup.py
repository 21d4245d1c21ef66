"""Text to bits without a join: one hash of the text, then a few comparisons of its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

import polars as pl

from vbpmeasure.engines.polars.literals import BITS, bits_literal

# A comparison costs a tenth of a look-up.
_FEW = 6


def number_of(column: pl.Expr, numbers: pl.Enum) -> pl.Expr:
    """Return the position of each text among the categories, null where it is not there."""
    return column.cast(numbers, strict=False).to_physical().cast(pl.UInt32)


def bits_by_number(number: pl.Expr, order: Sequence[str], bits: Callable[[str], int]) -> pl.Expr:
    """Return the bits of the text at each position, 0 for null.

    Where ``order`` keeps texts with equal bits together, a range of positions stands for them all: few ranges are
    compared with, of many the bits are looked up.
    """
    values = [bits(text) for text in order]
    ranges = [(value, len(list(same))) for value, same in groupby(values)]
    if len(ranges) > _FEW:
        return pl.lit(pl.Series(values, dtype=BITS)).gather(number).fill_null(bits_literal(0))
    found = bits_literal(0)
    first = 0
    for value, length in ranges:
        found = pl.when(number >= first).then(bits_literal(value)).otherwise(found)
        first += length
    return found


def text_bits(column: pl.Expr, bits: Mapping[str, int]) -> pl.Expr:
    """Return the bits of each text, 0 where it has none or is null."""
    order = sorted(bits, key=lambda text: (bits[text], text))
    return bits_by_number(number_of(column, pl.Enum(order)), order, bits.__getitem__)
