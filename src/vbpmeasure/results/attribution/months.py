"""Attribution by the payer: the provider that `provider_attribution` names for the latest month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

_SIDES = ("payer_attributed_provider", "custom_attributed_provider")


@dataclass(frozen=True, slots=True)
class ByMonth:
    """Who the payer says: ``people`` has one row per person with a row in the month that decides.

    Its columns are ``person_id``, ``provider``, ``practice``, ``organization``.

    ``not_enrolled``: rows of the period for months without enrollment; ``unreadable``: rows without a month that can be
    read; ``ambiguous``: persons with several providers in the deciding month.
    """

    people: pl.DataFrame
    not_enrolled: int
    unreadable: int
    ambiguous: int


def by_month(table: pl.LazyFrame, eligibility: pl.LazyFrame, first: dt.date, last: dt.date) -> ByMonth:
    """Return who is attributed to whom: for each person the latest enrolled month from ``first``'s to ``last``'s.

    A month is enrolled when some span has a day in it. What the payer says comes before what others say (the columns
    ``custom_...``), row by row. A row without a provider leaves the person unattributed in its month; of several
    rows of the month one with a provider is taken, the lowest id first, then the lowest practice.
    """
    month = _month()
    rows = table.with_columns(month.alias("month")).select("person_id", "month", *_attributed(table)).collect()
    # A table may say the same month of many years; only those of the period matter.
    asked = rows.filter(pl.col("month").is_between(_number(first), _number(last)))
    spans = eligibility.select(
        "person_id",
        _month_of("enrollment_start_date").alias("from"),
        _month_of("enrollment_end_date").fill_null(_number(dt.date.max)).alias("to"),
    )
    numbered = asked.with_row_index("row")
    enrolled = (
        numbered.lazy()
        .join(spans, on="person_id", how="inner")
        .filter(pl.col("month").is_between("from", "to"))
        .select("row")
        .unique()
        .collect()
    )
    good = numbered.join(enrolled, on="row", how="semi", maintain_order="left")
    latest = good.filter(pl.col("month") == pl.col("month").max().over("person_id"))
    people = (
        latest.sort("provider", "practice", "organization", nulls_last=True)
        .unique("person_id", keep="first", maintain_order=True)
        .select("person_id", "provider", "practice", "organization")
    )
    several = latest.group_by("person_id").agg(pl.col("provider").drop_nulls().n_unique().alias("providers"))
    return ByMonth(
        people=people,
        not_enrolled=asked.height - good.height,
        unreadable=rows["month"].null_count(),
        ambiguous=several.filter(pl.col("providers") > 1).height,
    )


def _number(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _month_of(column: str) -> pl.Expr:
    return pl.col(column).dt.year().cast(pl.Int32) * 12 + pl.col(column).dt.month().cast(pl.Int32) - 1


def _month() -> pl.Expr:
    """Return the number of the month of ``year_month``: ``202503``, with a separator, or with a day; null else."""
    text = pl.col("year_month").cast(pl.String).str.strip_chars()
    plain = text.str.extract(r"^(\d{4}[-/]?(?:0[1-9]|1[0-2]))(?:[-/]?(?:0[1-9]|[12]\d|3[01]))?$", 1)
    digits = plain.str.replace_all(r"[-/]", "")
    return digits.str.slice(0, 4).cast(pl.Int32) * 12 + digits.str.slice(4, 2).cast(pl.Int32) - 1


def _attributed(table: pl.LazyFrame) -> list[pl.Expr]:
    present = set(table.collect_schema().names())

    def text(name: str) -> pl.Expr:
        if name not in present:
            return pl.lit(None, dtype=pl.String)
        stripped = pl.col(name).cast(pl.String).str.strip_chars()
        return pl.when(stripped != "").then(stripped)

    payer, custom = _SIDES
    by_payer = text(payer).is_not_null()
    return [
        pl.when(by_payer).then(text(f"{payer}{suffix}")).otherwise(text(f"{custom}{suffix}")).alias(name)
        for name, suffix in (("provider", ""), ("practice", "_practice"), ("organization", "_organization"))
    ]
