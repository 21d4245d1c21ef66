"""The shipped sample is what its command makes, and its rates look real: within 15 points of fact sheet section 19."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.binding import bind
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.frame import ResultFrame
from vbpmeasure.sample import write_sample
from vbpmeasure.sample.writer import TABLES

SAMPLE = Path(__file__).resolve().parents[3] / "sample_data"
PEOPLE, SEED, YEAR = 5_000, 14, 2025  # of a few seeds, one whose exclusions do not hide a whole measure

# Percent, from fact sheet section 19; the antigens from 7.7 (middle of the range).
OLDER = ("w30", "wcv", "cis", "ima", "lsc", "dev")
PUBLISHED = {
    "w30.w30_6": 60.38,
    "w30.w30_2": 69.43,
    "wcv.wcv_total": 51.81,
    "dev.dev_total": 36,
    "cis.combo_3": 65,
    "cis.combo_7": 58.5,
    "cis.combo_10": 27.49,
    "cis.mmr": 86,
    "cis.vzv": 86,
    "cis.influenza": 40,
    "cis.rotavirus": 67.5,
    "ima.combo_2": 34.3,
    "lsc.lsc": 63.8,
}


@pytest.fixture(scope="module")
def result() -> ResultFrame:
    catalog = Catalog.open()
    tables = {name: table.frame for name, table in bind(SAMPLE).tables.items()}
    return evaluate(catalog.program(OLDER, calendar_year(YEAR)), tables, ("race", "ethnicity"))


def _counts(result: ResultFrame) -> dict[str, tuple[int, int]]:
    denominator = result.rows.filter(pl.col("failed_step").is_null(), pl.col("exclusion").is_null())
    counted = denominator.group_by("rate").agg(pl.len(), pl.col("numerator").sum())
    names = [f"{key.measure}.{key.rate}" for key in result.rates]
    return {names[rate]: (size, met) for rate, size, met in counted.iter_rows()}


def test_the_shipped_sample_is_what_its_command_makes(tmp_path: Path) -> None:
    write_sample(tmp_path / "again", people=PEOPLE, seed=SEED, year=YEAR)
    command = f"vbpmeasure sample DIR --people {PEOPLE} --year {YEAR} --seed {SEED}"
    assert command in (SAMPLE / "README.md").read_text(encoding="utf-8")
    for table in TABLES:
        assert_frame_equal(
            pl.read_parquet(tmp_path / "again" / f"{table}.parquet"), pl.read_parquet(SAMPLE / f"{table}.parquet")
        )


def test_the_shipped_sample_stays_small() -> None:
    assert sum(p.stat().st_size for p in SAMPLE.iterdir()) < 4_000_000


@pytest.mark.parametrize("rate", PUBLISHED)
def test_rates_lie_within_15_points_of_published_ones(result: ResultFrame, rate: str) -> None:
    denominator, numerator = _counts(result)[rate]
    assert denominator >= 100
    assert 100 * numerator / denominator == pytest.approx(PUBLISHED[rate], abs=15)


def test_every_rate_has_cells_above_10(result: ResultFrame) -> None:
    for rate, (denominator, numerator) in _counts(result).items():
        assert numerator > 10, rate
        assert denominator - numerator > 10, rate


def test_the_planted_gap_shows_in_the_rates(result: ResultFrame) -> None:
    """Well-care visits: 8 points less for Black than for White children, 12 less for American Indian ones."""
    total = next(i for i, k in enumerate(result.rates) if k.rate == "wcv_total")
    rows = result.rows.filter(pl.col("rate") == total, pl.col("failed_step").is_null(), pl.col("exclusion").is_null())
    people = result.people.with_row_index("person").with_columns(pl.col("person").cast(pl.UInt32))
    by_race = rows.join(people, on="person").group_by("race").agg(pl.col("numerator").mean() * 100)
    rate = dict(by_race.iter_rows())
    assert 2 < rate["2106-3"] - rate["2054-5"] < 16
    assert rate["1002-5"] < rate["2106-3"]


def test_exclusions_and_evidence_of_every_source_occur(result: ResultFrame) -> None:
    reasons = {
        result.rates[rate].exclusions[number][0]
        for rate, number in result.rows.filter(pl.col("exclusion").is_not_null())
        .select("rate", "exclusion")
        .unique()
        .iter_rows()
    }
    assert {"hospice", "deceased"} <= reasons
    sources = set(result.rows["evidence_sources"].drop_nulls())
    # Bits: claims, registry, both; laboratory results alone.
    assert {0b1, 0b100, 0b101, 0b1000} <= sources
