"""The long table: one row per metric, a reason wherever a number is missing, the same numbers as the run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from support.run_folders import Stated, write_stated_run
from vbpmeasure.exports.long import LONG_SCHEMA, long_csv, long_parquet, long_table
from vbpmeasure.runs.reading import RunResults, read_run

# Nine of the 18 are a small cell; AI/AN goes with them, or the total would tell (equity page, GB6).
RACE = {"White": (612, 900), "Black": (330, 600), "AI/AN": (21, 42), "Asian": (118, 160), "NHPI": (9, 18)}


def stated(folder: Path) -> RunResults:
    write_stated_run(folder, [Stated("wcv", {"race": RACE})])
    return read_run(folder)


def test_every_metric_of_a_share_has_a_row(tmp_path: Path) -> None:
    frame = long_table(stated(tmp_path / "run"))
    assert frame.schema == LONG_SCHEMA
    white = frame.filter(pl.col("stratum") == "White")
    assert white.select("metric", "value", "unit", "status").rows() == [
        ("population", 900, "persons", "value"),
        ("excluded", 0, "persons", "value"),
        ("denominator", 900, "persons", "value"),
        ("numerator", 612, "persons", "value"),
        ("rate", 68.0, "percent", "value"),
        ("rate_low", 64.88, "percent", "value"),
        ("rate_high", 70.97, "percent", "value"),
    ]
    assert white["stratum_order"].unique().to_list() == [0]
    assert set(white["notice"]) == {"Unaudited, HEDIS-like rates. Not certified HEDIS results."}


def test_hidden_cells_have_rows_without_numbers_and_with_the_reason(tmp_path: Path) -> None:
    frame = long_table(stated(tmp_path / "run"))
    hidden = frame.filter(pl.col("stratum").is_in(["NHPI", "AI/AN"]))
    assert hidden.height == 14
    assert hidden["value"].null_count() == 14
    assert dict(hidden.filter(pl.col("metric") == "rate").select("stratum", "status").iter_rows()) == {
        "AI/AN": "SUPPRESSED_COMPLEMENTARY",
        "NHPI": "SUPPRESSED_PRIMARY",
    }
    assert frame.filter(pl.col("value").is_null() & (pl.col("status") == "value")).is_empty()


def test_a_small_denominator_withholds_the_rate_and_not_the_denominator(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "run", [Stated("wcv", {"sex": {"Female": (11, 24), "Male": (40, 90)}})])
    frame = long_table(read_run(tmp_path / "run")).filter(pl.col("stratum") == "Female")
    found = {metric: (value, status) for metric, value, status in frame.select("metric", "value", "status").rows()}
    assert found["denominator"] == (24, "value")
    assert found["numerator"] == (None, "NA_SMALL_DENOM")
    assert found["rate"] == (None, "NA_SMALL_DENOM")


def test_rates_that_are_no_shares_are_in_the_same_table(public_run: RunResults) -> None:
    frame = long_table(public_run).filter("is_total")
    units = {
        (rate, metric): (unit, kind)
        for rate, metric, unit, kind in frame.select("rate", "metric", "unit", "rate_kind").rows()
    }
    per_1000 = "events_per_1000_member_months"
    assert units["amb_0_19", "denominator"] == ("member-months", per_1000)
    assert units["amb_0_19", "numerator"] == ("events", per_1000)
    assert units["amb_0_19", "rate"] == ("per 1,000 member-months", per_1000)
    assert units["kr_opportunity", "rate"] == ("percent", "opportunity")
    assert units["fuh_7", "denominator"] == ("events", "proportion")
    assert units["kr_se_attested", "rate"][1] == "external_indicator"
    assert {rate for rate, _ in units} == {rate.rate for rate in public_run.rates}


def test_csv_and_parquet_hold_the_same(public_run: RunResults) -> None:
    table = long_table(public_run)
    assert pl.read_parquet(io.BytesIO(long_parquet(public_run))).equals(table)
    rows = list(csv.DictReader(io.StringIO(long_csv(public_run).decode())))
    assert len(rows) == table.height
    for row, value in zip(rows, table["value"].to_list(), strict=True):
        assert (row["value"] == "") is (value is None)
        assert value is None or float(row["value"]) == value
    counts = [row["value"] for row in rows if row["metric"] == "denominator" and row["unit"] == "persons"]
    assert not any("." in count for count in counts)
    assert long_csv(public_run) == long_csv(public_run)


def test_an_unsuppressed_run_says_so_in_every_row(internal_run: RunResults) -> None:
    frame = long_table(internal_run)
    assert set(frame["suppression_profile"]) == {"internal"}
    assert all("INTERNAL" in notice for notice in frame["notice"].unique())
    assert b"INTERNAL" in long_parquet(internal_run)
