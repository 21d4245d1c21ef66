"""The measures of follow-up, dental, behavioral and preventive care find rates in the shipped sample that look real."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.binding import bind
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.plan.measures import calendar_year

SAMPLE = Path(__file__).resolve().parents[3] / "sample_data"
YEAR = 2025
MONTH = 377_580  # parts of a member-month in the column `whole`

# Percent, within 15 points. Fact sheet section 19; WCC from section 14 (hybrid medians, confidence low).
PUBLISHED = {
    "oev.oev_total": 43,
    "tfl.tfl_total": 19,
    "fua.fua_7": 22.8,
    "fua.fua_30": 33.7,
    "fum.fum_30": 55,
    "wcc.wcc_bmi_total": 79,
    "wcc.wcc_nutrition_total": 70,
    "wcc.wcc_activity_total": 68,
}

# Percent, from and to. The fact sheet has no benchmark for these; what makes the bounds plausible stands beside them.
PLAUSIBLE = {
    "add.add_initiation": (35, 65),  # about half are seen within 30 days, published all over the country
    "add.add_continuation": (40, 70),
    "apm.apm_glucose": (35, 70),  # about half; cholesterol clearly less often, both still less
    "apm.apm_cholesterol": (25, 55),
    "apm.apm_both": (20, 50),
    "app.app_total": (35, 75),
    "bh_access.bh_access_30": (20, 50),  # waits of more than a month are the rule
    "bh_engagement.bh_initiation_14": (30, 65),
    "bh_engagement.bh_engagement_34": (20, 55),
    "caregiver_depression.caregiver_depression": (55, 95),  # five visits in the first months at which to ask
    "cdf.cdf": (15, 50),  # half come for a well visit, and not all are asked
    "chl.chl_16_20": (35, 70),  # about half
    "cocm.cocm_any": (1, 10),  # rare: few payers, few practices
    "dev_fu.dev_fu_a_60": (5, 30),  # mostly negative screens
    "dev_fu.dev_fu_p_60": (30, 65),  # section 11: 57 of 100 with a positive screen got a service
    "fuh.fuh_7": (30, 60),  # below the 30-day rate by about 20 points
    "fuh.fuh_30": (50, 80),
    "fum.fum_7": (30, 55),  # below the 30-day rate
    "kr_dental.kr_dental_1_5": (40, 75),  # more than an oral evaluation: varnish at the doctor's counts
    "kr_dental.kr_dental_6_14": (40, 70),
    "kr_social_emotional.kr_se_1_5": (2, 12),  # a reach rate, low by nature
    "kr_social_emotional.kr_se_need_1_5": (25, 65),
    "kr_bundle.kr_bundle_senses": (10, 40),
    "mbc.mbc": (15, 50),
    "sfm.sfm_one": (20, 55),  # the extract sees three of the four years
    "sfm.sfm_all": (15, 45),
    "social_needs.social_needs_screened": (8, 35),
    "symptom_improvement.phq_response": (5, 40),  # among all with a high score, scored again or not
}

# Events per 1,000 member-months, from and to.
PER_THOUSAND = {
    "amb.amb_under_1": (50, 110),  # infants come most often
    "amb.amb_0_19": (25, 60),
    "avoidable_care.avoidable_ed": (4, 30),
    "avoidable_care.behavioral_ed": (0.5, 5),
}


@pytest.fixture(scope="module")
def counts() -> pl.DataFrame:
    """One row per rate: denominator, numerator, part and whole (sums over the denominator)."""
    catalog = Catalog.open()
    tables = {name: table.frame for name, table in bind(SAMPLE).tables.items()}
    measures = sorted({rate.split(".")[0] for rate in (*PUBLISHED, *PLAUSIBLE, *PER_THOUSAND)})
    result = evaluate(catalog.program(measures, calendar_year(YEAR)), tables, ())
    names = [f"{key.measure}.{key.rate}" for key in result.rates]
    judged = result.rows.filter(pl.col("failed_step").is_null(), pl.col("exclusion").is_null())
    sums = judged.group_by("rate").agg(
        pl.len().alias("denominator"), pl.col("numerator").sum(), pl.col("part").sum(), pl.col("whole").sum()
    )
    return sums.with_columns(pl.Series("name", [names[i] for i in sums["rate"]]))


def _percent(counts: pl.DataFrame, rate: str) -> float:
    row = counts.row(by_predicate=pl.col("name") == rate, named=True)
    assert row["denominator"] >= 20
    return float(100 * row["numerator"] / row["denominator"])


@pytest.mark.parametrize("rate", PUBLISHED)
def test_rates_lie_within_15_points_of_published_ones(counts: pl.DataFrame, rate: str) -> None:
    assert _percent(counts, rate) == pytest.approx(PUBLISHED[rate], abs=15)


@pytest.mark.parametrize("rate", PLAUSIBLE)
def test_rates_without_a_benchmark_lie_where_they_are_plausible(counts: pl.DataFrame, rate: str) -> None:
    low, high = PLAUSIBLE[rate]
    assert low <= _percent(counts, rate) <= high


@pytest.mark.parametrize("rate", PER_THOUSAND)
def test_events_are_about_as_frequent_as_in_medicaid(counts: pl.DataFrame, rate: str) -> None:
    row = counts.row(by_predicate=pl.col("name") == rate, named=True)
    low, high = PER_THOUSAND[rate]
    assert low <= 1000 * row["part"] / (row["whole"] / MONTH) <= high


def test_later_windows_find_more_and_strict_follow_up_less(counts: pl.DataFrame) -> None:
    for early, late in (
        ("fuh.fuh_7", "fuh.fuh_30"), ("fum.fum_7", "fum.fum_30"), ("fua.fua_7", "fua.fua_30"),
        ("dev_fu.dev_fu_p_30", "dev_fu.dev_fu_p_90"), ("dev_fu.dev_fu_p_60_strict", "dev_fu.dev_fu_p_60"),
        ("dev_fu.dev_fu_a_60", "dev_fu.dev_fu_p_60"), ("sfm.sfm_all", "sfm.sfm_one"),
    ):  # fmt: skip
        assert _percent(counts, early) < _percent(counts, late), (early, late)
