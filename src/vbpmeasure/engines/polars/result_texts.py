"""Results of laboratory tests and observations: which texts are numbers, and the conditions on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from vbpmeasure.plan.events import ResultTest
from vbpmeasure.plan.measures import CodeSet
from vbpmeasure.terminology import systems

_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?$"


def result_number() -> pl.Expr:
    """Return the number that the column `result` is, null when it is none (semantics page, section 3)."""
    text = _text("result")
    digits = pl.when(text.str.contains(_NUMBER)).then(text.str.strip_chars_start("+"))
    return digits.cast(pl.Float64)


def result_holds(test: ResultTest, present: Collection[str], value_sets: Mapping[str, CodeSet]) -> pl.Expr:
    """Return whether the columns `result` and `source_units` meet every condition (never null)."""
    parts = []
    number = result_number()
    if test.needs_number:
        parts.append(number.is_not_null())
    for bound, holds in (
        (test.least, number.ge),
        (test.most, number.le),
        (test.above, number.gt),
        (test.below, number.lt),
    ):
        if bound is not None:
            parts.append(holds(bound))
    if test.units:
        unit = _text("source_units").str.to_lowercase() if "source_units" in present else pl.lit(None, dtype=pl.String)
        parts.append(unit.is_in(test.units))
    if test.texts:
        parts.append(_text("result").str.to_lowercase().is_in(test.texts))
    if test.codes:
        parts.append(_text("result").is_in(_spellings(test.codes, value_sets)))
    return pl.all_horizontal(parts).fill_null(False)


def _text(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.strip_chars(" ")


def _spellings(names: Collection[str], value_sets: Mapping[str, CodeSet]) -> list[str]:
    return sorted(
        {
            text
            for name in names
            for system, codes in value_sets[name].codes.items()
            if not systems.SYSTEMS[system].is_prefix
            for code in codes
            for text in systems.spellings(system, code)
        }
    )
