"""Tables that only Spark reads: what stays behind is missed by nobody, whatever is asked for."""

from __future__ import annotations

from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from support.partials import assert_same
from support.spark_alone import SparkAlone
from vbpmeasure.data.buckets.dividing import divided
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.executors import spark
from vbpmeasure.monitoring.journal import Journal
from vbpmeasure.plan.supplemental import Supplemental
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.selection import Selection
from vbpmeasure.runs.spread.needed import needed_columns
from vbpmeasure.runs.steps.counting import work_of
from vbpmeasure.runs.steps.preparing import Prepared, prepare
from vbpmeasure.runs.work import Work, measure_bucket
from vbpmeasure.sample import write_sample

BUCKETS = 2
LAST_CODE, LAST_PROCEDURE = "diagnosis_code_25", "procedure_code_25"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample with claims whose first diagnosis also stands in the last place, beside a procedure."""
    folder = tmp_path_factory.mktemp("needed") / "sample"
    write_sample(folder, people=150, seed=5, year=2025)
    claims = pl.read_parquet(folder / "medical_claim.parquet")
    claims.with_columns(
        pl.col("diagnosis_code_1").alias(LAST_CODE),
        pl.lit("0DTJ4ZZ").alias(LAST_PROCEDURE),
        pl.col("claim_start_date").alias("procedure_date_25"),
        pl.when(pl.int_range(pl.len()) % 7 > 0).then("person_id").alias("person_id"),
    ).write_parquet(folder / "medical_claim.parquet")
    return folder


def prepared(**asked: Any) -> Prepared:
    return prepare(RunRequest(year=2025, **asked), Journal())


def both_ways(folder: Path, monkeypatch: pytest.MonkeyPatch, **asked: Any) -> Prepared:
    """Count the buckets of files and those of tables; both have to give the same bytes."""
    monkeypatch.setattr(spark, "Spark", lambda master: SparkAlone(folder, 5_000))
    request = RunRequest(data=folder, year=2025, **asked)
    files = prepared(data=folder, **asked)
    tables = prepared(data=None, spark_schema="any", buckets=BUCKETS, **asked)
    assert tables.catalog_data is not None
    work = work_of(request, files)
    plans = Plans()
    of_files = reduce(add, (measure_bucket(work, part, plans) for part in divided(files.bound, BUCKETS)))
    of_tables = tables.catalog_data.count(work_of(request, tables))
    assert of_files.failed == of_tables.failed == {}
    assert_same(of_tables, of_files)
    return tables


def left_behind(work: Work, found: Prepared) -> dict[str, set[str]]:
    schemas = {name: table.frame.collect_schema() for name, table in found.bound.tables.items()}
    columns = needed_columns(work, schemas, Plans())
    return {name: set(schema) - set(columns[name]) for name, schema in schemas.items()}


def test_all_measures_with_everything_that_may_be_asked(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {
        "by": ("race", "provider"),
        "person_level": True,
        "out": tmp_path / "run",
        "supplemental": "both",
        "sources_left_out": Supplemental(tables=("observation",), data_sources=("synthetic_claims",)),
    }
    found = both_ways(sample, monkeypatch, **asked)
    assert len(found.program.measures) >= 33


def test_few_measures_and_attribution_by_visits(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Visits of the rule have codes that the measure does not look for, and are needed all the same."""
    for name in ("eligibility", "medical_claim", "practitioner"):
        (tmp_path / f"{name}.parquet").write_bytes((sample / f"{name}.parquet").read_bytes())
    asked: dict[str, Any] = {"by": ("provider",), "selection": Selection(select=("lsc",))}
    found = both_ways(tmp_path, monkeypatch, **asked)
    behind = left_behind(work_of(RunRequest(data=tmp_path, year=2025, **asked), found), found)
    assert behind["medical_claim"] >= {LAST_CODE, LAST_PROCEDURE, "procedure_date_25"}


def test_no_event_is_sent_that_no_measure_looks_for(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {"by": ("race",), "selection": Selection(select=("symptom_improvement",))}
    found = both_ways(sample, monkeypatch, **asked)
    behind = left_behind(work_of(RunRequest(data=sample, year=2025, **asked), found), found)
    assert "person_id" in behind["medical_claim"] & behind["condition"]
    assert {"dental_benefit", "ethnicity", "zip_code"} <= behind["eligibility"]
    assert not {"race", "birth_date", "payer"} & behind["eligibility"]
    assert "person_id" not in behind["observation"]
    assert "value" in behind["indicator"]
    assert found.catalog_data is not None
    alone: Any = found.catalog_data.spark
    assert isinstance(alone, SparkAlone)
    assert set(alone.handed_over) == {"eligibility", "lab_result", "observation"}
    assert 0 < alone.handed_over["observation"] < found.bound.tables["observation"].rows
