"""The hand-written SQL and the engine, two readings of the same definitions, count the same children."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.bench import duckdb_sql

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.binding import bind
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.sample import write_sample

YEAR = 2025
MEASURES = ("w30", "wcv", "cis")


@pytest.fixture(scope="module", params=[1, 2])
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("same") / f"seed{request.param}"
    write_sample(folder, people=2_500, seed=request.param, year=YEAR)
    return folder


def test_plain_and_tuned_sql_agree_with_the_engine(data: Path) -> None:
    program = Catalog.open().program(MEASURES, calendar_year(YEAR))
    result = evaluate(program, {name: table.frame for name, table in bind(data).tables.items()}, evidence=False)
    inside = result.rows.filter(pl.col("failed_step").is_null(), pl.col("exclusion").is_null())
    counted = inside.group_by("rate").agg(pl.len(), pl.col("numerator").sum())
    ours = {
        f"{result.rates[rate].measure}.{result.rates[rate].rate}": (size, met)
        for rate, size, met in counted.iter_rows()
    }
    value_sets = {name: codes.codes for name, codes in program.value_sets.items()}
    assert len(ours) == 19
    assert duckdb_sql.evaluate(data, value_sets, YEAR) == ours
    assert duckdb_sql.evaluate(data, value_sets, YEAR, tuned=True) == ours
