"""The newer topics of the sample: what they leave in the tables, and that they leave the older claims alone."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from vbpmeasure.sample import crisis, development, oral, wellcare, write_sample
from vbpmeasure.sample.arrays import Chunk
from vbpmeasure.sample.claims import claim_table
from vbpmeasure.sample.disparities import RACES
from vbpmeasure.sample.enrollment import make_coverage
from vbpmeasure.sample.people import make_people
from vbpmeasure.sample.providers import make_providers
from vbpmeasure.sample.scene import Scene

YEAR = 2025


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    folder = tmp_path_factory.mktemp("sample") / "care"
    write_sample(folder, people=3_000, seed=12, year=YEAR)
    return {p.stem: pl.read_parquet(p) for p in folder.glob("*.parquet")}


def _scene(size: int) -> Scene:
    chunk = Chunk(seed=3, number=0, first=0, size=size, year=YEAR, years=3)
    people = make_people(chunk)
    providers = make_providers(3)
    cover, _ = make_coverage(chunk, people)
    return Scene(chunk, people, cover, providers, providers.draw(chunk.rng("home practices"), "pcp", size))


@pytest.fixture(scope="module")
def scene() -> Scene:
    return _scene(60_000)


def test_a_second_ledger_leaves_the_claims_of_the_first_as_they_are() -> None:
    one, two = _scene(800), _scene(800)
    oral.sealants(one)
    crisis.psychiatric_emergencies(two)
    common = (one.chunk, one.people, one.cover, one.providers)
    alone = claim_table(*common, {"claims": one.ledger})
    both = claim_table(*common, {"claims": one.ledger, "care": two.ledger})
    assert both.height > alone.height
    assert_frame_equal(both.filter(pl.col("claim_id").is_in(alone["claim_id"].implode())), alone)
    assert both["person_id"].is_sorted()
    keys = both.select("claim_id", "claim_line_number")
    assert keys.is_duplicated().any() is False


def test_screens_tell_their_results_in_two_ways(data: dict[str, pl.DataFrame]) -> None:
    screens = data["medical_claim"].filter(pl.col("hcpcs_code") == "96110")
    assert {"U3", "U4", "KX", None} <= set(screens["hcpcs_modifier_1"])
    results = data["observation"].filter(pl.col("source_code") == "96110")
    assert set(results["source_code_type"]) == {"CPT"}
    assert set(results["result"]) == {"positive", "at risk", "negative"}
    # A result without a claim would make a screen out of nothing.
    days = screens.filter(pl.col("claim_status").ne_missing("reversed")).select(
        "person_id", observation_date="claim_start_date"
    )
    assert results.join(days, on=["person_id", "observation_date"], how="anti").height == 0
    # Where both are there they agree: the modifier of a positive screen never meets a negative result.
    positive = screens.filter(pl.col("hcpcs_modifier_1") == "U3")
    met = results.join(positive, left_on=["person_id", "observation_date"], right_on=["person_id", "claim_start_date"])
    assert met.height > 0
    assert set(met["result"]) <= {"positive", "at risk"}


def test_dental_lines_have_teeth_and_fluoride_has_two_kinds_of_provider(data: dict[str, pl.DataFrame]) -> None:
    claims = data["medical_claim"]
    sealants = claims.filter(pl.col("hcpcs_code") == "D1351")
    assert {"3", "14", "19", "30", None} <= set(sealants["tooth_number"])
    assert claims.filter(pl.col("tooth_number").is_not_null())["claim_type"].unique().to_list() == ["dental"]
    four = sealants.group_by("claim_id").agg(pl.col("tooth_number").n_unique())
    assert four["tooth_number"].max() == 4
    assert claims.filter(pl.col("hcpcs_code") == "99188", pl.col("claim_type") == "professional").height > 50
    assert claims.filter(pl.col("hcpcs_code").is_in(["D1206", "D1208"]), pl.col("claim_type") == "dental").height > 500


def test_stays_are_transferred_chained_open_and_not_acute(data: dict[str, pl.DataFrame]) -> None:
    claims = data["medical_claim"]
    psychiatric = claims.filter(pl.col("revenue_center_code") == "0124")
    assert psychiatric.filter(pl.col("discharge_disposition_code") == "65").height >= 3
    assert psychiatric["admission_date"].null_count() == 0
    assert (psychiatric["discharge_date"] >= psychiatric["admission_date"]).drop_nulls().all()
    still = psychiatric.filter(pl.col("discharge_date").is_null())
    assert set(still["bill_type_code"]) <= {"112"}
    assert claims.filter(pl.col("revenue_center_code") == "1001")["bill_type_code"].unique().to_list() == ["0861"]
    ended = psychiatric.filter(pl.col("discharge_date").is_not_null()).select(
        "person_id", left="discharge_date", stay="claim_id"
    )
    pairs = psychiatric.join(ended, on="person_id").filter(pl.col("stay") != pl.col("claim_id"))
    between = pairs.select((pl.col("admission_date") - pl.col("left")).dt.total_days()).to_series()
    assert 0 in between.to_list()
    assert between.is_between(2, 30).any()


def test_drugs_are_named_by_ingredient_or_by_a_number_that_no_labeler_has(data: dict[str, pl.DataFrame]) -> None:
    fills = data["pharmacy_claim"]
    assert set(fills["ndc_code_type"]) == {"ndc", "ingredient"}
    assert fills.filter(pl.col("ndc_code_type") == "ndc")["ndc_code"].str.contains(r"^00000\d{6}$").all()
    named = fills.filter(pl.col("ndc_code_type") == "ingredient")
    assert {"methylphenidate", "risperidone", "norethindrone"} <= set(named["ndc_code"])
    assert fills["days_supply"].gt(0).all()
    spans = data["eligibility"].select(
        "person_id", "enrollment_start_date", pl.col("enrollment_end_date").fill_null(dt.date(2099, 12, 31))
    )
    covered = fills.join(spans, on="person_id").filter(
        pl.col("dispensing_date").is_between("enrollment_start_date", "enrollment_end_date")
    )
    assert covered["claim_id"].n_unique() == fills.height


def test_scores_repeat_and_stay_in_range(data: dict[str, pl.DataFrame]) -> None:
    scores = data["observation"].filter(pl.col("source_code").is_in(["44261-6", "89204-2", "70274-6"]))
    value = scores["result"].cast(pl.Int64)
    assert value.is_between(0, 27).all()
    per_child = scores.group_by("person_id", "source_code").len()["len"]
    assert (per_child >= 2).sum() > 50
    phq = scores.filter(pl.col("source_code").is_in(["44261-6", "89204-2"]))["result"].cast(pl.Int64)
    assert (phq >= 10).any()
    assert (phq < 5).any()


def test_each_child_has_one_provider_a_month_while_enrolled(data: dict[str, pl.DataFrame]) -> None:
    rows = data["provider_attribution"]
    assert rows.select(pl.struct("person_id", "year_month").is_duplicated().any()).item() is False
    assert set(rows["year_month"]) == {f"{YEAR}{month:02d}" for month in range(1, 13)}
    assert rows["payer_attributed_provider"].str.contains(r"^9\d{9}$").all()
    moved = rows.group_by("person_id").agg(pl.col("payer_attributed_provider").n_unique())
    assert 0.01 < (moved["payer_attributed_provider"] == 2).mean() < 0.12
    spans = data["eligibility"].select(
        "person_id", "enrollment_start_date", pl.col("enrollment_end_date").fill_null(dt.date(2099, 12, 31))
    )
    middle = rows.with_columns(day=pl.concat_str("year_month", pl.lit("15")).str.to_date("%Y%m%d"))
    covered = middle.join(spans, on="person_id").filter(
        pl.col("day").is_between("enrollment_start_date", "enrollment_end_date")
    )
    assert covered.select(pl.struct("person_id", "year_month").n_unique()).item() == rows.height
    practices = data["practitioner"].select("npi", "practice_affiliation").unique()
    joined = rows.join(practices, left_on="payer_attributed_provider", right_on="npi")
    assert (joined["practice_affiliation"] == joined["payer_attributed_provider_practice"]).all()


def test_indicators_are_about_plans_and_children(data: dict[str, pl.DataFrame]) -> None:
    rows = data["indicator"]
    plans = rows.filter(pl.col("entity_type") == "plan")
    assert set(plans["entity_id"]) == set(data["eligibility"]["plan"])
    assert {"oregon_social_emotional_attestation", "kindergarten_assessment"} <= set(plans["indicator_id"])
    children = rows.filter(pl.col("entity_type") == "person")
    assert {"developmental_referral", "early_literacy_support"} == set(children["indicator_id"])
    assert set(children["entity_id"]) <= set(data["eligibility"]["person_id"])
    counted = rows.filter(pl.col("denominator").is_not_null())
    assert (counted["numerator"] <= counted["denominator"]).all()
    assert counted["denominator"].gt(0).all()
    assert rows.filter(pl.col("denominator").is_null())["value"].null_count() == 0


def _share(scene: Scene, reached: np.ndarray, among: np.ndarray, race: str) -> float:
    # Those of another language have a shift of their own.
    plain = among & ~scene.people.hispanic & (np.abs(scene.people.shifts["behavior"]) < 0.09)
    group = plain & (scene.people.race == RACES.index(race))
    return 100 * float(reached[group].mean())


def test_the_planted_gap_reaches_follow_up_after_positive_screens(scene: Scene) -> None:
    size = scene.people.size
    fresh = _scene(size)
    planned = wellcare.plan_infant_visits(fresh.chunk, fresh.people).planned
    # Everybody is screened: those whom the plan screens are more engaged, and so are better followed up.
    positive = np.zeros(planned.shape, dtype=bool)
    positive[:, wellcare.MONTH18] = True
    found = development.Findings(positive, np.zeros(size, dtype=bool), np.zeros(size, dtype=bool))
    development.follow_up(fresh, planned, positive, found)
    head, _, line = fresh.ledger.joined()
    visits = np.isin(line["cents"], [15_000])  # the first service after a screen
    reached = np.zeros(size, dtype=bool)
    reached[head["person"][line["claim"][visits]]] = True
    # The extract must hold the screen and the months after it.
    day = planned[:, wellcare.MONTH18]
    young = (day >= fresh.chunk.start) & (day <= fresh.chunk.end - 200)
    white, black = (_share(fresh, reached, young, race) for race in ("white", "black"))
    assert white == pytest.approx(100 * development.FOLLOWED, abs=3)
    assert black - white == pytest.approx(-10, abs=4)


def test_the_planted_gap_reaches_dental_visits_and_sealants(scene: Scene) -> None:
    size = scene.people.size
    fresh = _scene(size)
    oral.sealants(fresh)
    head, _, line = fresh.ledger.joined()
    sealed = np.zeros(size, dtype=bool)
    sealed[head["person"][line["claim"][line["tooth"] >= 0]]] = True
    everyone = np.ones(size, dtype=bool)
    gap = _share(fresh, sealed, everyone, "black") - _share(fresh, sealed, everyone, "white")
    assert gap == pytest.approx(-7, abs=2)
