"""From births to verdicts: gaps that were planted in a population are found, with their sign and size.

`VBPMEASURE_PLANTED_PEOPLE=100000` asks for the large population, which takes some minutes: three gaps at once.
"""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from tests.bench.equity import PLANTED, found_of, whole

from vbpmeasure.sample.gaps import parse_gaps

PEOPLE = int(os.environ.get("VBPMEASURE_PLANTED_PEOPLE", "0"))


def test_a_planted_gap_is_found_and_no_other_one(tmp_path: Path) -> None:
    # Well-care visits of Black children are twenty points rarer; nothing else differs.
    tables = whole(tmp_path, 2_500, 3, parse_gaps("well:black=-20"), ["wcv"])
    rows = tables.pairwise.filter(pl.col("dimension") == "race", pl.col("rate") == "wcv_total")
    found = {row["stratum"]: row for row in rows.to_dicts()}
    black = found["Black or African American"]
    assert black["verdict"] == "worse"
    assert black["rd_low"] <= -0.20 <= black["rd_high"]
    verdicts = {group: row["verdict"] for group, row in found.items() if group != "Black or African American"}
    assert not {"worse", "better"} & set(verdicts.values()), verdicts
    assert black["gap_to_parity"] > 0.15 * black["denominator"]


@pytest.mark.skipif(PEOPLE < 50_000, reason="VBPMEASURE_PLANTED_PEOPLE=100000 makes the population for it")
def test_planted_gaps_of_a_large_population_have_sign_and_size(tmp_path: Path) -> None:
    for name, planted, rd, low, high, verdict in found_of(whole(tmp_path, PEOPLE, 7, parse_gaps(PLANTED))):
        assert verdict == "worse", name
        assert low <= planted <= high, name
        assert abs(rd - planted) < 0.04, name
