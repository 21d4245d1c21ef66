"""Warnings about missing answers, in words that name no value of the data."""

from __future__ import annotations

from collections.abc import Container, Iterator

import polars as pl

from vbpmeasure.diagnostics import Diagnostic, Severity
from vbpmeasure.results.completeness.answers import UNKNOWN
from vbpmeasure.results.completeness.counts import MEASURE, PAYER, PEOPLE
from vbpmeasure.results.completeness.limits import CompletenessLimits
from vbpmeasure.results.completeness.table import Completeness

_HINT = "`completeness.csv` of the run folder says who they are; [completeness] in vbpmeasure.toml moves the limits"


def completeness_remarks(
    found: Completeness, limits: CompletenessLimits, sourceless: Container[str] = ()
) -> tuple[Diagnostic, ...]:
    """Return a warning for each field with too few direct answers (VBM620), or too many unknown ones (VBM621, VBM623).

    VBM622 says how many payers tell nothing about anybody. Everything is judged by what is shown. ``sourceless`` fields
    have no source column in the input: nothing is direct there, and a warning in every run would tell nothing new.
    """
    return tuple(_remarks(found.table, limits, sourceless))


def _remarks(table: pl.DataFrame, limits: CompletenessLimits, sourceless: Container[str]) -> Iterator[Diagnostic]:
    for row in table.filter(pl.col("scope") == PEOPLE).iter_rows(named=True):
        field = str(row["field"])
        direct, unknown = limits.of(field)
        if field not in sourceless and row["percent_direct"] is not None and row["percent_direct"] < direct * 100:
            yield _warning(
                "VBM620",
                f"{row['percent_direct']:.1f} % of people have a direct answer, and {direct:.0%} are wanted",
                field,
            )
        if _unknown_share(row) > unknown:
            yield _warning("VBM621", f"{_unknown_share(row):.1%} of people are unknown, more than {unknown:.0%}", field)
            continue
        rates = table.filter((pl.col("scope") == MEASURE) & (pl.col("field") == field)).to_dicts()
        bad = sum(_unknown_share(rate) > unknown for rate in rates)
        if bad:
            text = f"in {bad} of {len(rates)} denominators more than {unknown:.0%} are unknown"
            yield _warning("VBM623", text, field)
    for field in table["field"].unique(maintain_order=True):
        payers = table.filter((pl.col("scope") == PAYER) & (pl.col("field") == field) & (pl.col("people") > 0))
        silent = payers.filter(pl.col(UNKNOWN) == pl.col("people")).height
        if 0 < silent < payers.height:
            text = f"{silent} of {payers.height} payers tell nothing about anybody"
            yield _warning("VBM622", text, str(field))


def _unknown_share(row: dict[str, int | None]) -> float:
    people, unknown = row["people"], row[UNKNOWN]
    return unknown / people if people and unknown is not None else 0.0


def _warning(code: str, text: str, field: str) -> Diagnostic:
    return Diagnostic(code, f"{field}: {text}", severity=Severity.WARNING, where=f"eligibility, {field}", hint=_HINT)
