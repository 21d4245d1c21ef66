"""Text to bits without a join: the text's number, then a few comparisons of that number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import groupby
from operator import or_

import polars as pl

from vbpmeasure.engines.polars.literals import bits_literal, typed

# So many comparisons of a text cost less than one look-up by its hash.
_FEW = 4


def number_of(column: pl.Expr, numbers: pl.Enum) -> pl.Expr:
    """Return the position of each text among the categories, null where it is not there."""
    texts = numbers.categories.to_list()
    if len(texts) > _FEW:
        return column.cast(numbers, strict=False).to_physical().cast(pl.UInt32)
    found = pl.lit(None, dtype=pl.UInt32)
    for position, text in enumerate(texts):
        found = pl.when(column == text).then(typed(position, pl.UInt32)).otherwise(found)
    return found


def is_one_of(column: pl.Expr, texts: Sequence[str], listed: pl.Expr) -> pl.Expr:
    """Return where the column holds one of the texts (null where it is null); ``listed`` holds them for Polars."""
    if len(texts) > _FEW:
        return column.is_in(listed)
    return reduce(or_, (column == text for text in texts))


class BitsOfNumbers:
    """The bits of the text at each position: made once, for as many columns as are read alike.

    Where texts with equal bits stand together, a range of positions stands for them all. Ranges are compared with, even
    dozens of them: to gather from a list is no row-by-row step for Polars, so that a whole table stands in memory.
    """

    __slots__ = ("_ranges",)

    def __init__(self, bits: Iterable[int]) -> None:
        """Take the bits by position."""
        self._ranges = [(value, len(list(same))) for value, same in groupby(bits)]

    def of(self, number: pl.Expr) -> pl.Expr:
        """Return the bits of the text at a position, 0 for null."""
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


def gathered(position: pl.Expr, values: pl.Series) -> pl.Expr:
    """Return the value at each position, null for null; row by row for Polars, which its own gather is not."""
    return position.map_batches(values.gather, return_dtype=values.dtype, is_elementwise=True)
