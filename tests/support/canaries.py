"""A data folder in which every text cell that is not a known code is a canary, and one birth date is nobody else's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from vbpmeasure.data.contract import TABLES, Kind

MARK = "QZCANARY"
BORN = dt.date(2019, 7, 23)
SERVED = dt.date(2025, 3, 18)
DAYS = {form for day in (BORN, SERVED) for form in (day.isoformat(), day.strftime("%m/%d/%Y"), day.strftime("%Y%m%d"))}

# Columns whose values decide something, so that planting over all of them would leave nothing to measure.
DECIDING = (
    "birth_date",
    "gender",
    "product_line",
    "payer_type",
    "claim_type",
    "indicator_id",
    "entity_type",
    "year_month",
)
JOINING = ("person_id", "claim_id", "encounter_id", "npi", "practitioner_id", "entity_id", "subscriber_id", "member_id")
PLANTED_ROWS = 3


def plant(folder: Path) -> None:
    """Plant canaries into the tables of a folder, in place: ids everywhere, other texts in some rows or in all.

    An id keeps what it joins, with the mark before it; a column that holds codes gets the mark in its first rows; an
    absent text column of the contract appears, full of marks. One child is born on ``BORN``, one line is of ``SERVED``.
    """
    for path in sorted(folder.glob("*.parquet")):
        table = TABLES[path.stem]
        frame = pl.read_parquet(path).with_row_index("_row")
        first = pl.col("_row") < PLANTED_ROWS
        for column in table.columns:
            if column.kind not in (Kind.TEXT, Kind.ID):
                continue
            words = pl.format(f"{MARK}{path.stem}{column.name}{{}}", pl.col("_row"))
            if column.name not in frame.columns:
                # An empty type column says nothing; a foreign one would make codes of another system of all rows.
                planted = None if column.name.endswith("_type") else words
            elif column.name in JOINING or column.name.endswith(("_npi", "_id", "_provider")):
                planted = pl.when(pl.col(column.name).is_not_null()).then(pl.format(f"{MARK}{{}}", pl.col(column.name)))
            elif column.name in DECIDING:
                planted = None
            else:
                planted = pl.when(first).then(words).otherwise(pl.col(column.name).cast(pl.String))
            if planted is not None:
                frame = frame.with_columns(planted.alias(column.name))
        frame.drop("_row").write_parquet(path)
    _plant_days(folder)


def _plant_days(folder: Path) -> None:
    spans = pl.read_parquet(folder / "eligibility.parquet")
    one = spans["person_id"][-1]
    spans.with_columns(
        pl.when(pl.col("person_id") == one).then(pl.lit(BORN)).otherwise(pl.col("birth_date")).alias("birth_date")
    ).write_parquet(folder / "eligibility.parquet")
    claims = pl.read_parquet(folder / "medical_claim.parquet").with_row_index("_row")
    claims.with_columns(
        pl.when(pl.col("_row") == 0)
        .then(pl.lit(SERVED))
        .otherwise(pl.col("claim_start_date"))
        .alias("claim_start_date")
    ).drop("_row").write_parquet(folder / "medical_claim.parquet")


def found_in(text: str) -> list[str]:
    """Return what of the canaries stands in a text, shortened to what says which column it came from."""
    marks = sorted({word for word in text.replace(",", " ").replace('"', " ").split() if MARK in word})
    return [*marks[:3], *sorted(day for day in DAYS if day in text)]


def found_in_files(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Return, per file that holds a canary in any encoding that we write, what was found; names of files count too."""
    found = {}
    for path in paths:
        content = path.read_bytes()
        text = content.decode("utf-8", errors="replace")
        if path.suffix == ".parquet":
            text += pl.read_parquet(path).write_csv()
        here = found_in(f"{path.name} {text}")
        if here:
            found[path.name] = here
    return found
