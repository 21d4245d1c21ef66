"""Tables that only Spark reads give the results of the same rows in files; what a run on files refuses is refused."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.executors.conftest import started
from tests.executors.test_executors import ASKED, contents

from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.executors.spark import Spark
from vbpmeasure.runs import pipeline
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.selection import Selection

Catalog = Callable[[Path], str]
_SCHEMAS = iter(range(1000))


@pytest.fixture(scope="module")
def spark(connect_server: str) -> Iterator[Spark]:
    with started("spark", connect_server) as found:
        assert isinstance(found, Spark)
        yield found


@pytest.fixture
def catalog(spark: Spark) -> Iterator[Catalog]:
    """Return what makes a schema with a view on every table of a data folder."""
    made: list[str] = []

    def make(folder: Path) -> str:
        name = f"vbp_{next(_SCHEMAS)}"
        spark.session.sql(f"CREATE DATABASE {name}")
        made.append(name)
        for file in folder.glob("*.parquet"):
            spark.session.sql(f"CREATE VIEW {name}.{file.stem} AS SELECT * FROM parquet.`{file}`")
        return name

    yield make
    for name in made:
        spark.session.sql(f"DROP DATABASE {name} CASCADE")


def asked(schema: str, **more: Any) -> RunRequest:
    return RunRequest(**{"data": None, "spark_schema": schema, "year": 2025, "buckets": 3, **more})


def respelled(column: str) -> pl.Expr:
    """Return codes of which every second one stands there in another way."""
    code, way = pl.col(column), pl.int_range(pl.len()) % 14
    dotted = code.str.slice(0, 3) + "." + code.str.slice(3)
    ways = [code + " ", code.str.to_lowercase(), code.str.strip_chars_start("0"), dotted, code + "é'\\", pl.lit("")]
    found = pl.when(way == 6).then(pl.lit(None, dtype=pl.String)).otherwise(code)
    for number, changed in enumerate(ways):
        found = pl.when(way == number).then(changed).otherwise(found)
    return found.alias(column)


def codes(request: RunRequest) -> list[str]:
    with pytest.raises(Failure) as caught:
        pipeline.run(request)
    return [d.code for d in caught.value.diagnostics]


@pytest.mark.parametrize("strange", [False, True])
def test_results_are_those_of_files(catalog: Catalog, data: Path, tmp_path: Path, strange: bool) -> None:
    """Strange are person ids that are integers, and codes that are spelled in ways of which most mean nothing."""
    mine = data
    if strange:
        mine = tmp_path / "strange"
        mine.mkdir()
        ids = pl.read_parquet(data / "eligibility.parquet")["person_id"].unique().sort()
        numbers = {text: number for number, text in enumerate(ids, start=1_000_000)}
        for file in data.glob("*.parquet"):
            rows = pl.read_parquet(file)
            if "person_id" in rows.columns:
                rows = rows.with_columns(pl.col("person_id").replace_strict(numbers, return_dtype=pl.Int64))
            codes_there = [c for c in rows.columns if "code" in c and not c.endswith("type") and c != "zip_code"]
            rows = rows.with_columns(respelled(column) for column in codes_there)
            rows.write_parquet(mine / file.name)
    pipeline.run(RunRequest(data=mine, year=2025, out=tmp_path / "files", **ASKED))
    pipeline.run(asked(catalog(mine), out=tmp_path / "spark", **ASKED))
    files, spark = contents(tmp_path / "files"), contents(tmp_path / "spark")
    of_files, of_spark = (json.loads(found.pop("manifest.json")) for found in (files, spark))
    assert spark == files
    inputs = of_spark.pop("inputs")
    assert {one["table"] for one in inputs} == {one["table"] for one in of_files["inputs"]}
    assert all(one["name"].startswith("spark:vbp_") for one in inputs)
    rows = {one["table"]: one["rows"] for one in of_files.pop("inputs")}
    assert {one["table"]: one["rows"] for one in inputs} == rows
    assert of_spark == of_files


def test_faulty_rows_are_refused_or_left_out_as_of_files(catalog: Catalog, data: Path, tmp_path: Path) -> None:
    mine = tmp_path / "data"
    mine.mkdir()
    for file in data.glob("*.parquet"):
        (mine / file.name).write_bytes(file.read_bytes())
    rows = pl.read_parquet(mine / "eligibility.parquet")
    first = rows["person_id"][0]
    early = pl.when(pl.int_range(pl.len()) >= pl.len() - 5).then(pl.lit(dt.date(1999, 1, 1)))
    rows.with_columns(
        pl.when(pl.col("person_id") != first).then("birth_date").alias("birth_date"),
        early.otherwise("enrollment_end_date").alias("enrollment_end_date"),
    ).write_parquet(mine / "eligibility.parquet")
    schema, one = catalog(mine), {"selection": Selection(select=("wcv",))}
    refused = {}
    for name, request in (
        ("files", RunRequest(data=mine, year=2025, **one)),
        ("spark", asked(schema, **one)),
    ):
        with pytest.raises(Failure) as caught:
            pipeline.run(request)
        refused[name] = [(d.code, d.message) for d in caught.value.diagnostics]
    assert refused["files"] == refused["spark"]
    assert {code for code, _ in refused["spark"]} == {"VBM314"}
    pipeline.run(RunRequest(data=mine, year=2025, out=tmp_path / "a", drop_bad_rows=True, **one))
    pipeline.run(asked(schema, out=tmp_path / "b", drop_bad_rows=True, **one))
    a, b = (json.loads((tmp_path / name / "manifest.json").read_bytes()) for name in "ab")
    assert a["bad_rows"] == b["bad_rows"]
    assert a["bad_rows"]["persons_without_birth_date"] == 1
    assert (tmp_path / "a" / "results.csv").read_bytes() == (tmp_path / "b" / "results.csv").read_bytes()


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        (["eligibility"], "VBM321"),
        (["medical_claim", "immunization", "lab_result", "observation", "condition", "pharmacy_claim"], "VBM322"),
        (["medical_claim"], "VBM323"),
    ],
)
def test_a_year_without_rows_is_told_as_of_files(
    catalog: Catalog, data: Path, tmp_path: Path, tables: list[str], code: str
) -> None:
    """Rows of these tables are of forty years later; what is said of their dates is what is said of files."""
    mine = tmp_path / "data"
    mine.mkdir()
    for file in data.glob("*.parquet"):
        rows = pl.read_parquet(file)
        dates = [name for name, kind in rows.schema.items() if kind == pl.Date and name != "birth_date"]
        if file.stem in tables:
            rows = rows.with_columns(pl.col(name).dt.offset_by("40y") for name in dates)
        rows.write_parquet(mine / file.name)
    one = {"selection": Selection(select=("wcv",))}
    told = []
    for request in (RunRequest(data=mine, year=2025, **one), asked(catalog(mine), **one)):
        try:
            found = pipeline.run(request).findings
        except Failure as failure:
            found = failure.diagnostics
        told.append([(d.code, d.message, d.where) for d in found])
    assert told[0] == told[1]
    assert code in {each[0] for each in told[0]}


def test_what_cannot_be_read_is_refused_with_a_code(catalog: Catalog, data: Path, tmp_path: Path) -> None:
    assert codes(asked("no_such_schema")) == ["VBM468"]
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    assert codes(asked(catalog(nothing))) == ["VBM469"]
    other = tmp_path / "other"
    other.mkdir()
    pl.read_parquet(data / "eligibility.parquet").drop("person_id").write_parquet(other / "eligibility.parquet")
    assert codes(asked(catalog(other))) == ["VBM305", "VBM306"]
    mine = catalog(data)
    later = {"year": 2031, "selection": Selection(select=("wcv",))}
    found = codes(asked(mine, **later))
    assert found == codes(RunRequest(data=data, **later))
    assert found[0] in ("VBM321", "VBM322")
    for more in ({"executor": "ray"}, {"cache": tmp_path}):
        with pytest.raises(Failure) as caught:
            asked(mine, **more)
        assert [d.code for d in caught.value.diagnostics] == ["VBM466"]
