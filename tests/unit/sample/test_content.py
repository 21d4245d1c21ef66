"""The sample holds what it says: contract tables, odd people, odd claims, and never anything that looks real."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.data.binding import bind
from vbpmeasure.data.contract import TABLES
from vbpmeasure.sample import write_sample
from vbpmeasure.sample.arrays import Chunk
from vbpmeasure.sample.people import make_people

YEAR = 2025


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    folder = tmp_path_factory.mktemp("sample") / "content"
    write_sample(folder, people=3_000, seed=11, year=YEAR)
    return {p.stem: pl.read_parquet(p) for p in folder.glob("*.parquet")}


def test_every_table_and_column_belongs_to_the_contract(data: dict[str, pl.DataFrame]) -> None:
    assert set(data) <= set(TABLES)
    for name, frame in data.items():
        columns = {c.name for c in TABLES[name].columns}
        assert set(frame.columns) <= columns, name
        assert {c.name for c in TABLES[name].columns if c.required} <= set(frame.columns)
    assert 30 <= len(data["medical_claim"].columns) <= 40


def test_it_binds_without_a_bad_row(data: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    for name, frame in data.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    bound = bind(tmp_path, bad_rows="refuse")
    assert set(bound.tables) == set(data)


def test_children_are_0_to_21_and_born_on_every_kind_of_day() -> None:
    chunk = Chunk(seed=1, number=0, first=0, size=40_000, year=YEAR, years=3)
    births = pl.Series(make_people(chunk).birth).cast(pl.Int32).cast(pl.Date)
    assert births.min() == dt.date(YEAR - 21, 1, 1)
    assert births.max() == dt.date(YEAR, 12, 31)
    leap = births.filter((births.dt.month() == 2) & (births.dt.day() == 29))
    assert set(leap.dt.year()) == {2004, 2008, 2012, 2016, 2020, 2024}
    by_month = births.dt.month().value_counts()["count"]
    assert by_month.min() > 0.85 * by_month.max()


def test_ids_are_plainly_synthetic(data: dict[str, pl.DataFrame]) -> None:
    for frame in data.values():
        if "person_id" in frame.columns:
            assert frame["person_id"].str.contains(r"^S\d{7}$").all()
        source = "source" if "source" in frame.columns else "data_source"
        assert frame[source].str.starts_with("synthetic").all()
    assert data["practitioner"]["npi"].str.contains(r"^9\d{9}$").all()
    npis = pl.concat([data["medical_claim"]["rendering_npi"], data["medical_claim"]["billing_npi"]]).drop_nulls()
    assert npis.str.contains(r"^9\d{9}$").all()
    assert data["eligibility"]["zip_code"].str.starts_with("000").all()


def test_coverage_comes_in_every_shape(data: dict[str, pl.DataFrame]) -> None:
    spans = data["eligibility"]
    start, end = pl.col("enrollment_start_date"), pl.col("enrollment_end_date")
    assert spans.select((end < start).any()).item() is False
    assert spans["enrollment_end_date"].null_count() > 20
    days = spans.select((end - start).dt.total_days() + 1).to_series().drop_nulls()
    assert (days <= 31).mean() > 0.5  # monthly rows
    assert days.is_in([365, 366]).sum() > 200  # yearly rows
    assert (days > 400).any()  # stays
    assert spans.select(pl.struct("person_id", "payer").n_unique()).item() > spans["person_id"].n_unique() + 50
    assert spans.is_duplicated().any()
    previous = end.shift().over("person_id")
    gaps = spans.unique().sort("person_id", start).select((start - previous).dt.total_days() - 1).to_series()
    assert {30, 31, 44, 45, 46} <= set(gaps.to_list())
    assert (gaps > 60).any()
    assert (gaps < 0).any()  # overlapping rows
    assert spans["birth_date"].le(spans["enrollment_start_date"]).all()


def test_demographics_are_missing_declined_unknown_and_many_valued(data: dict[str, pl.DataFrame]) -> None:
    spans = data["eligibility"]
    for column in ("race", "ethnicity", "language"):
        values = spans[column]
        assert {"ASKU", "UNK", None} <= set(values.to_list())
        assert 0.7 < 1 - (values.null_count() + values.is_in(["ASKU", "UNK"]).sum()) / len(values) < 0.95
        assert {"direct", "indirect", "unknown"} <= set(spans[f"{column}_source"].to_list())
    assert spans["race"].str.contains("|", literal=True).any()
    declined = spans.filter(pl.col("race") == "ASKU")
    assert set(declined["race_source"]) == {"direct"}
    late = spans.group_by("person_id").agg(pl.col("race").is_null().any() & pl.col("race").is_not_null().any())
    assert late["race"].any()


def test_claims_hold_every_trap(data: dict[str, pl.DataFrame]) -> None:
    claims = data["medical_claim"]

    def some(*conditions: pl.Expr) -> int:
        return claims.filter(*conditions).height

    assert {"paid", "denied", "pending", "reversed", None} == set(claims["claim_status"].to_list())
    assert some(pl.col("place_of_service_code") == "81", pl.col("diagnosis_code_1") == "Z00129") > 20
    assert some(pl.col("place_of_service_code") == "10", pl.col("hcpcs_modifier_1") == "95") > 20
    assert some(pl.col("hcpcs_code") == "96110", pl.col("hcpcs_modifier_1") == "KX") > 5
    assert some(pl.col("hcpcs_code") == "99213", pl.col("hcpcs_modifier_1") == "25") > 20
    assert some(pl.col("hcpcs_code") == "99213", pl.col("diagnosis_code_1") == "Z00129") > 5
    assert some(pl.col("diagnosis_code_1") == "Z00.129") > 20  # the payer with dots
    assert some(pl.col("procedure_code_1") == "3E0234Z", pl.col("procedure_date_1").is_null()) >= 1
    assert some(pl.col("rendering_npi").is_null(), pl.col("billing_npi").is_null()) > 5
    assert some(~pl.col("rendering_npi").is_in(data["practitioner"]["npi"].implode())) > 20
    assert some(pl.col("claim_line_start_date").is_null()) > 100
    assert some(pl.col("revenue_center_code") == "0450") > 100
    medical = claims.filter(pl.col("claim_type") != "dental")  # dentists rarely send diagnoses
    filled = [1 - medical[f"diagnosis_code_{i}"].null_count() / medical.height for i in range(1, 9)]
    assert filled[0] > 0.99
    assert filled == sorted(filled, reverse=True)
    assert 0 < filled[7] < 0.05
    assert claims.select(pl.struct("claim_id", "claim_line_number").is_duplicated().any()).item() is False
    lines = claims.height / data["eligibility"]["person_id"].n_unique()
    assert 25 <= lines <= 40


def test_diagnoses_repeat_over_the_lines_of_a_claim(data: dict[str, pl.DataFrame]) -> None:
    header = [f"diagnosis_code_{i}" for i in range(1, 9)] + ["person_id", "claim_start_date", "claim_status"]
    distinct = data["medical_claim"].group_by("claim_id").agg(pl.col(header).n_unique())
    assert distinct.select(pl.max_horizontal(pl.col(header).max())).item() == 1


def test_claims_lie_in_the_three_years_and_mostly_in_coverage(data: dict[str, pl.DataFrame]) -> None:
    claims = data["medical_claim"]
    assert claims["claim_start_date"].min() >= dt.date(YEAR - 2, 1, 1)
    assert claims["claim_start_date"].max() <= dt.date(YEAR, 12, 31)
    spans = data["eligibility"].select(
        "person_id", "enrollment_start_date", pl.col("enrollment_end_date").fill_null(dt.date(2099, 12, 31))
    )
    covered = claims.select("claim_id", "person_id", "claim_start_date").unique().join(spans, on="person_id")
    inside = covered.filter(pl.col("claim_start_date").is_between("enrollment_start_date", "enrollment_end_date"))
    share = inside["claim_id"].n_unique() / claims["claim_id"].n_unique()
    assert 0.98 < share < 1


def test_doses_leave_traces_in_claims_and_registry(data: dict[str, pl.DataFrame]) -> None:
    registry = data["immunization"]
    assert {"cvx", "CPT"} == set(registry["source_code_type"])
    assert "completed" in set(registry["status"])
    assert set(registry["status"]) & {"entered-in-error", "not-done"}
    codes = {"90700": "20", "90713": "10", "90707": "03", "90716": "21", "90670": "133", "90633": "83", "90723": "110"}
    claims = data["medical_claim"].filter(pl.col("hcpcs_code").is_in(list(codes)))
    claims = claims.select("person_id", "claim_start_date", code=pl.col("hcpcs_code").replace(codes))
    pairs = claims.unique().join(registry, left_on=["person_id", "code"], right_on=["person_id", "source_code"])
    apart = pairs.select((pl.col("occurrence_date") - pl.col("claim_start_date")).dt.total_days()).to_series()
    near = apart.filter(apart.abs() <= 5)
    assert set(near.to_list()) == {-2, -1, 0, 1, 2}
    assert 0.82 < (near == 0).mean() < 0.96
    known = claims.unique().join(
        pairs.filter(apart.abs() <= 2), on=["person_id", "claim_start_date", "code"], how="anti"
    )
    assert known.height > 20  # doses in claims only
    assert registry["occurrence_date"].min() < dt.date(2006, 1, 1)  # the registry knows whole lives


def test_lab_results_have_either_date(data: dict[str, pl.DataFrame]) -> None:
    results = data["lab_result"]
    assert results["collection_date"].null_count() > 0
    assert results["result_date"].null_count() == 0
    assert {"5671-3", "77307-7"} <= set(results["source_component_code"])
    claims = data["medical_claim"].filter(pl.col("hcpcs_code") == "83655")
    keys = ["person_id", "day"]
    tests = claims.select("person_id", day="claim_start_date").unique()
    found = results.select("person_id", day=pl.coalesce("collection_date", "result_date")).unique()
    assert tests.join(found, on=keys, how="anti").height > 10
    assert found.join(tests, on=keys, how="anti").height > 10


def test_a_few_are_in_hospice_or_die_and_some_doctors_have_two_taxonomies(data: dict[str, pl.DataFrame]) -> None:
    spans = data["eligibility"]
    assert 1 <= spans.filter("hospice_flag")["person_id"].n_unique() <= 15
    assert 1 <= spans.filter(pl.col("death_date").is_not_null())["person_id"].n_unique() <= 30
    assert data["medical_claim"]["revenue_center_code"].eq("0651").any()
    per_npi = data["practitioner"].group_by("npi").len()["len"]
    assert set(per_npi) == {1, 2}
