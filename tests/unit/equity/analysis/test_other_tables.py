"""Summary, trend and standardized rates from published rows."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from support import run_folders
from support.run_folders import Stated, published
from vbpmeasure.equity.analysis.analyze import EquityTables, analyze
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.results.categories.stratum_text import earlier_text_of
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC

RACE = {"White": (612, 900), "Black": (330, 600), "AI/AN": (21, 42), "Asian": (118, 160), "NHPI": (9, 18)}
NAMED = EquitySettings(named={"race": "White"})


def tables(now: Stated, before: Stated | None = None, settings: EquitySettings = NAMED) -> EquityTables:
    lower = {(now.key.measure, now.key.rate)} if now.lower_is_better else set()
    previous = None if before is None else published([before], year=2024).results
    return analyze(published([now]).results, lower, settings, previous)


def test_the_summary_counts_shown_groups_only_and_says_how_many() -> None:
    race = {**RACE, "Other": (0, 0), "Unknown": (900, 1000)}
    (row,) = tables(Stated("m", {"race": race})).summary.to_dicts()
    assert (row["groups_shown"], row["groups"]) == (3, 5), "Other has no one, Unknown is no group"
    assert (row["best"], row["worst"]) == ("Asian", "Black")
    # White, Black, Asian: 1,060 of 1,660
    assert row["overall"] == pytest.approx(1060 / 1660)
    assert row["max_diff"] == pytest.approx(0.1875)
    assert row["max_ratio"] == pytest.approx(0.7375 / 0.55)
    assert row["srr"] == pytest.approx(0.7375 / ((0.68 + 0.55) / 2))
    assert row["par"] == pytest.approx(0.7375 - 1060 / 1660)
    weights, rates = [900 / 1660, 600 / 1660, 160 / 1660], [0.68, 0.55, 0.7375]
    mean = 1060 / 1660
    assert row["bgv"] == pytest.approx(sum(w * (r - mean) ** 2 for w, r in zip(weights, rates, strict=True)))
    assert row["bgv_se"] > 0
    assert row["reasons"] is None


def test_the_summary_turns_with_the_direction() -> None:
    (row,) = tables(Stated("m", {"race": RACE}, lower_is_better=True)).summary.to_dicts()
    assert (row["best"], row["worst"]) == ("Black", "Asian")
    assert row["srr"] == pytest.approx(((0.68 + 0.7375) / 2) / 0.55)
    assert row["par"] == pytest.approx(1060 / 1660 - 0.55)


def test_two_groups_have_no_index_and_the_reason_stands_there() -> None:
    (row,) = tables(Stated("m", {"race": {"White": (612, 900), "Black": (330, 600)}})).summary.to_dicts()
    assert row["max_diff"] == pytest.approx(0.13)
    assert row["bgv"] is None
    assert row["bgv_se"] is None
    assert row["reasons"].endswith(": fewer than three groups")
    assert "srr, bgv" in row["reasons"]


def before(**groups: tuple[int, int]) -> Stated:
    return Stated("m", {"race": {**RACE, **groups}})


def trend(found: EquityTables) -> dict[str, dict[str, Any]]:
    assert found.trend is not None
    return {row["stratum"]: row for row in found.trend.to_dicts()}


def test_the_trend_of_a_gap() -> None:
    found = trend(tables(Stated("m", {"race": RACE}), before(Black=(240, 600))))
    black = found["Black"]
    # 0.55 - 0.68 = -0.13 now, 0.40 - 0.68 = -0.28 before
    assert black["gap"] == pytest.approx(-0.13)
    assert black["previous_gap"] == pytest.approx(-0.28)
    assert black["gap_change"] == pytest.approx(0.15)
    error = (0.55 * 0.45 / 600 + 2 * 0.68 * 0.32 / 900 + 0.4 * 0.6 / 600) ** 0.5
    assert black["gap_change_se"] == pytest.approx(error)
    assert black["gap_change_low"] == pytest.approx(0.15 - 1.959964 * error, abs=5e-7)
    assert black["relative_gap_change"] == pytest.approx(-0.13 / 0.68 + 0.28 / 0.68)
    assert (black["direction"], black["relative_direction"]) == ("narrowed", "narrowed")
    assert not black["leveling_down"]
    assert set(found) == {"Black", "Asian"}, "hidden groups and the reference have no row"


def test_the_reference_of_now_is_used_in_both_years() -> None:
    best = EquitySettings()
    found = trend(tables(Stated("m", {"race": RACE}), before(White=(800, 900)), best))
    assert found["Black"]["reference"] == "Asian"
    assert found["Black"]["previous_gap"] == pytest.approx(0.55 - 0.7375), "White was best then"


def test_leveling_down_is_told() -> None:
    found = trend(tables(Stated("m", {"race": RACE}), before(White=(720, 900))))
    assert found["Black"]["direction"] == "narrowed"
    assert found["Black"]["leveling_down"]


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        (before(Black=(3, 600)), "the earlier run shows no rate of the group"),
        (before(White=(3, 900)), "the earlier run shows no rate of the reference"),
        (Stated("m", {"sex": {"F": (50, 100)}}), "the earlier run has no such dimension"),
        (Stated("other", {"race": RACE}), "the earlier run has no such rate"),
    ],
)
def test_what_the_earlier_run_does_not_show_is_no_change(then: Stated, reason: str) -> None:
    found = trend(tables(Stated("m", {"race": RACE}), then))
    assert found["Black"]["reason"] == reason
    assert found["Black"]["gap_change"] is None
    assert found["Black"]["direction"] is None


# By race and age: Black children are younger, and younger children have higher rates.
CROSSED = {
    "3-5 * White": (160, 200),
    "3-5 * Black": (480, 600),
    "6-11 * White": (320, 800),
    "6-11 * Black": (80, 200),
    "3-5 * Unknown": (35, 50),
    "6-11 * Unknown": (65, 150),
}
AGES = {"race": {"White": (480, 1000), "Black": (560, 800), "Unknown": (100, 200)}, "age_band*race": CROSSED}


def standardized(by: dict[str, Any], policy: Any = PUBLIC) -> dict[str, dict[str, Any]]:
    found = analyze(published([Stated("m", by)], policy).results, set(), EquitySettings())
    return {row["stratum"]: row for row in found.standardized.to_dicts()}


def test_standardized_for_age_the_two_groups_are_alike() -> None:
    found = standardized(AGES)
    assert set(found) == {"White", "Black"}, "Unknown counts in the standard, and is no group"
    for group, crude in (("White", 0.48), ("Black", 0.7)):
        row = found[group]
        assert row["crude"] == pytest.approx(crude)
        # 850 of 2,000 are 3 to 5: 0.425 x 0.8 + 0.575 x 0.4
        assert row["adjusted"] == pytest.approx(0.57)
        assert (row["by"], row["bands"], row["reason"]) == ("age_band", 2, None)
    error = (0.425**2 * 0.16 / 200 + 0.575**2 * 0.24 / 800) ** 0.5
    assert found["White"]["se"] == pytest.approx(error)
    assert found["White"]["adjusted_high"] == pytest.approx(0.57 + 1.959964 * error, abs=5e-7)


def test_a_hidden_cell_leaves_the_group_without_a_standardized_rate() -> None:
    crossed = {**CROSSED, "6-11 * Black": (4, 60), "6-11 * Unknown": (136, 290)}
    by = {"race": {"White": (480, 1000), "Black": (484, 660), "Unknown": (171, 340)}, "age_band*race": crossed}
    found = standardized(by)
    assert found["Black"]["adjusted"] is None
    assert "not shown" in found["Black"]["reason"]
    shown = standardized(by, INTERNAL)
    assert shown["Black"]["adjusted"] is not None


def test_the_standard_comes_from_the_bands_own_rows_where_cells_are_hidden() -> None:
    by = {**AGES, "age_band": {"3-5": (675, 850), "6-11": (465, 1150)}}
    without = published([Stated("m", AGES)], INTERNAL).results
    results = published([Stated("m", by)], INTERNAL).results
    hidden = pl.col("stratum").str.ends_with("* Unknown")
    status = pl.when(hidden).then(pl.lit("SUPPRESSED_COMPLEMENTARY")).otherwise("status").alias("status")
    counts = [pl.when(~hidden).then(name).alias(name) for name in ("denominator", "numerator")]
    rows = analyze(results.with_columns(status, *counts), set(), EquitySettings()).standardized.to_dicts()
    assert {row["stratum"]: row["adjusted"] for row in rows} == pytest.approx({"White": 0.57, "Black": 0.57})
    rows = analyze(without.with_columns(status, *counts), set(), EquitySettings()).standardized.to_dicts()
    assert {row["adjusted"] for row in rows} == {None}
    assert {row["reason"] for row in rows} == {"the standard is not shown: 3-5, 6-11"}


def renamed(by: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Return the counts by the names of their strata, some of them replaced."""
    return {tuple(names.get(part, part) for part in stratum.split(" * ")): counts for stratum, counts in by.items()}


def test_names_that_hold_what_stands_between_two_are_standardized_like_others() -> None:
    names = {"White": "White * Other", "3-5": "3 * 5"}
    found = standardized({"race": renamed(AGES["race"], names), "age_band*race": renamed(CROSSED, names)})
    assert set(found) == {"White * Other", "Black"}
    assert [row["adjusted"] for row in found.values()] == pytest.approx([0.57, 0.57])
    assert found["White * Other"]["crude"] == pytest.approx(0.48)


def test_a_part_of_a_name_is_no_group_without_an_answer() -> None:
    """`Unknown` alone is no group; a payer whose name holds the word is one."""
    by = {"payer*sex": {("Care * Unknown", "F"): (300, 600), ("Plain", "F"): (330, 600), ("Plain", "Unknown"): (9, 90)}}
    rows = analyze(published([Stated("m", by)], INTERNAL).results, set(), EquitySettings()).pairwise
    compared = dict(rows.filter(pl.col("verdict") != "not_compared").select("stratum", "denominator").iter_rows())
    assert compared == {'"Care * Unknown" * F': 600, "Plain * F": 600}


def test_a_crossing_of_an_earlier_version_whose_names_are_not_known_is_not_standardized_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_folders, "text_of", earlier_text_of)
    by = {"race": AGES["race"], "age_band*race": renamed(CROSSED, {"3-5": "3 * 5"})}
    found = analyze(published([Stated("m", by)]).results, set(), EquitySettings())
    assert found.standardized.is_empty()
    assert set(found.pairwise["dimension"]) == {"race"}
    (told,) = found.findings
    assert (told.code, told.message.split(" of which")[0]) == ("VBM478", "the run has rows of age_band*race")
    of_race = analyze(published([Stated("m", {"race": AGES["race"]})]).results, set(), EquitySettings())
    assert of_race.findings == ()
