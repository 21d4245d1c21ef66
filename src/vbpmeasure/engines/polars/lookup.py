"""Text to bits without a join: one hash of the text, then a few comparisons of its number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

import polars as pl

from vbpmeasure.engines.polars.literals import BITS, bits_literal

# A comparison costs a tenth of a look-up.
_FEW = 6


def number_of(column: pl.Expr, numbers: pl.Enum) -> pl.Expr:
    """Return the position of each text among the categories, null where it is not there."""
    return column.cast(numbers, strict=False).to_physical().cast(pl.UInt32)


class BitsOfNumbers:
    """The bits of the text at each position: made once, for as many columns as are read alike.

    Where texts with equal bits stand together, a range of positions stands for them all: few ranges are compared
    with, of many the bits are looked up.
    """

    __slots__ = ("_ranges", "_values")

    def __init__(self, bits: Iterable[int]) -> None:
        """Take the bits by position."""
        values = list(bits)
        self._ranges = [(value, len(list(same))) for value, same in groupby(values)]
        self._values = pl.lit(pl.Series(values, dtype=BITS)) if len(self._ranges) > _FEW else None

    def of(self, number: pl.Expr) -> pl.Expr:
        """Return the bits of the text at a position, 0 for null."""
        if self._values is not None:
            return self._values.gather(number).fill_null(bits_literal(0))
        found = bits_literal(0)
        first = 0
        for value, length in self._ranges:
            found = pl.when(number >= first).then(bits_literal(value)).otherwise(found)
            first += length
        return found


def text_bits(column: pl.Expr, bits: Mapping[str, int]) -> pl.Expr:
    """Return the bits of each text, 0 where it has none or is null."""
    order = sorted(bits, key=lambda text: (bits[text], text))
    return BitsOfNumbers(bits[text] for text in order).of(number_of(column, pl.Enum(order)))
