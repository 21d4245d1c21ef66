"""Literals made once: a program holds the same few by the thousand, and each costs more than it looks."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

BITS = pl.UInt64
EVERY_BIT = (1 << 64) - 1


@lru_cache(maxsize=4096)
def typed(value: int, dtype: type[pl.DataType]) -> pl.Expr:
    """Return a whole number as a literal of a type."""
    return pl.lit(value, dtype=dtype)


def bits_literal(bits: int) -> pl.Expr:
    """Return a set of bits as a literal."""
    return typed(bits, BITS)
