"""Rows that a Delta or Iceberg table deleted beside its files are not read; what cannot be read rightly is refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from support.lakes import ask_of_readers, delete_beside, delete_by_vector
from vbpmeasure.data.binding import BoundData, bind, bind_tables
from vbpmeasure.data.buckets.writing import TableLayout
from vbpmeasure.data.formats.delta import versions_of
from vbpmeasure.data.remote.access import Access, Versions
from vbpmeasure.diagnostics.model import Failure

NAME = "lab_result"


def bound(folder: Path, version: int | None = None) -> BoundData:
    """Bind a data folder with one table of laboratory results."""
    tables = {} if version is None else {NAME: version}
    return bind(folder, tables=[NAME], access=Access(versions=Versions(tables=tables)))


def people(data: BoundData) -> list[str]:
    found = data.tables[NAME].frame.select("person_id").collect()["person_id"].sort().to_list()
    # Counting alone must not go by what the files hold.
    assert data.tables[NAME].rows == data.tables[NAME].frame.select(pl.len()).collect().item() == len(found)
    return found


@pytest.fixture
def rows() -> pl.DataFrame:
    return pl.DataFrame({"person_id": list("abcdef"), "result_date": ["2025-01-01"] * 6}).with_columns(
        pl.col("result_date").str.to_date()
    )


@pytest.fixture
def delta(tmp_path: Path, rows: pl.DataFrame) -> Path:
    pytest.importorskip("deltalake", reason="the extra delta is not installed")
    rows.write_delta(tmp_path / NAME)
    return tmp_path


def test_a_deletion_vector(delta: Path, tmp_path: Path) -> None:
    delete_by_vector(delta / NAME, [1, 4])
    now = bound(delta)
    assert people(now) == ["a", "c", "d", "f"]
    assert people(bound(delta, 0)) == list("abcdef")
    # A copy in buckets cuts rows by their number: those that are gone must not be counted.
    (tmp_path / "work").mkdir()
    laid = TableLayout(now.tables[NAME], 2, tmp_path / "laid", tmp_path / "work", cells=6)
    laid.folder.mkdir()
    files = [tmp_path / "laid" / one.name for one in laid.lay_out()]
    assert sorted(pl.read_parquet(files)["person_id"]) == ["a", "c", "d", "f"]


def test_partition_columns_that_are_in_no_file(tmp_path: Path, rows: pl.DataFrame) -> None:
    pytest.importorskip("deltalake", reason="the extra delta is not installed")
    named = rows.with_columns(result=pl.Series(["a b", "1/0", None] * 2))
    named.write_delta(tmp_path / NAME, delta_write_options={"partition_by": ["result"]})
    files = bind(tmp_path, tables=[NAME]).tables[NAME]
    assert len(files.files) == 3
    found = files.frame.select("person_id", "result").collect().sort("person_id")
    assert found["person_id"].to_list() == list("abcdef")
    assert found["result"].to_list() == ["a b", "1/0", None] * 2


@pytest.mark.parametrize(
    ("features", "reader"),
    [(["columnMapping"], 3), (["typeWidening"], 3), (["fromTheFuture"], 3), ([], 2), ([], 9)],
)
def test_what_a_delta_table_asks_of_its_readers(delta: Path, features: Sequence[str], reader: int) -> None:
    ask_of_readers(delta / NAME, features, reader)
    with pytest.raises(Failure, match="VBM399"):
        bound(delta)


def test_the_versions_that_a_log_can_tell_of() -> None:
    names = [f"{v:020d}.json" for v in (3, 4, 5, 7)] + [f"{4:020d}.checkpoint.parquet", "_last_checkpoint", "x.json"]
    assert versions_of(names) == [4, 5]
    assert versions_of([*names, f"{7:020d}.checkpoint.0000000001.0000000002.parquet"]) == [4, 5, 7]
    assert versions_of([f"{v:020d}.json" for v in (0, 1)] + [f"{1:020d}.json.tmp"]) == [0, 1]


@pytest.fixture
def iceberg(tmp_path: Path, rows: pl.DataFrame) -> Any:
    pytest.importorskip("pyiceberg", reason="the extra iceberg is not installed")
    pytest.importorskip("sqlalchemy", reason="the development extra is not installed: sqlalchemy")
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog("clinic", uri="sqlite://", warehouse=f"file://{tmp_path}")
    catalog.create_namespace("health")
    content = rows.to_arrow()
    table = catalog.create_table("health.results", schema=content.schema, location=f"file://{tmp_path}/{NAME}")
    table.append(content)
    return table


def test_position_deletes_and_equality_deletes(iceberg: Any, tmp_path: Path) -> None:
    before = iceberg.current_snapshot().snapshot_id
    delete_beside(iceberg, rows=[1, 4])
    assert people(bound(tmp_path)) == ["a", "c", "d", "f"]
    assert people(bound(tmp_path, before)) == list("abcdef")
    delete_beside(iceberg, ids=[1])
    with pytest.raises(Failure, match="VBM399") as caught:
        bound(tmp_path)
    assert "equality deletes" in caught.value.diagnostics[0].message
    assert people(bound(tmp_path, before)) == list("abcdef")


def test_columns_that_were_renamed_added_and_dropped(iceberg: Any, tmp_path: Path, rows: pl.DataFrame) -> None:
    from pyiceberg.types import StringType

    before = iceberg.current_snapshot().snapshot_id
    with iceberg.update_schema() as change:
        change.rename_column("result_date", "collection_date")
        change.add_column("result", StringType())
    changed = rows.rename({"result_date": "collection_date"}).with_columns(result=pl.lit("10834-0"))
    iceberg.append(changed.to_arrow())
    now, then = (bound(tmp_path, version).tables[NAME] for version in (None, before))
    found = now.frame.select("result", "collection_date").collect()
    assert (found["result"].null_count(), found["collection_date"].null_count()) == (6, 0)
    assert (now.columns, then.columns) == (
        {"person_id", "collection_date", "result"},
        {"person_id", "result_date"},
    )


def test_files_inside_a_table_with_a_log_are_not_read_one_by_one(delta: Path, rows: pl.DataFrame) -> None:
    delete_by_vector(delta / NAME, [1, 4])
    (file,) = (delta / NAME).glob("*.parquet")
    for pattern in (file, delta / NAME / "*.parquet", delta / "lab_*" / "*.parquet", delta / "*"):
        with pytest.raises(Failure, match="VBM337"):
            bind_tables({NAME: pattern})
    # Nor a folder that holds such a table among its folders, nor the table of a format that is not read at all.
    (delta / "medical_claim" / "2025").mkdir(parents=True)
    (delta / NAME).rename(delta / "medical_claim" / "2025" / "lake")
    hudi = delta / "condition"
    (hudi / ".hoodie").mkdir(parents=True)
    rows.write_parquet(hudi / "a.parquet")
    for name in ("medical_claim", "condition"):
        with pytest.raises(Failure, match="VBM337"):
            bind(delta, tables=[name])
