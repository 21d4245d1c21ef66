"""What may be meant for a table that is not there is told; a table that nobody has is none."""

from __future__ import annotations

import errno
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.data.binding import bind, bind_readable
from vbpmeasure.data.buckets.layout import layout_of
from vbpmeasure.data.near_misses import near_misses
from vbpmeasure.data.remote.access import NO_ACCESS
from vbpmeasure.data.remote.store import Stores
from vbpmeasure.diagnostics.model import Failure


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("immunizations.parquet", "immunization"),
        ("imunization.parquet", "immunization"),
        ("Lab-Result.parquet", "lab_result"),
        ("labresult.parquet", "lab_result"),
        ("immunization_2025-12-31.parquet", "immunization"),
        ("pharmacy_claim_part1.parquet", "pharmacy_claim"),
        ("immunization.snappy.parquet", "immunization"),
        ("encounter.csv", "encounter"),
        ("encounter.csv.gz", "encounter"),
        ("encounters/", "encounter"),
        ("practitioner_role.parquet", None),
        ("observation_period.parquet", None),
        ("patient.parquet", None),
        ("encounter.md", None),
        ("encounter", None),
        ("immunization.parquet", None),
        ("_encounters.parquet", None),
    ],
)
def test_names_that_are_nearly_those_of_a_missing_table(tmp_path: Path, name: str, table: str | None) -> None:
    if name.endswith("/"):
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_text("")
    missing = ["immunization", "lab_result", "pharmacy_claim", "encounter", "practitioner", "observation"]
    assert near_misses(tmp_path, missing) == ({} if table is None else {table: name.removesuffix("/")})


def test_nothing_is_said_beside_a_table_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "immunizations.parquet").write_text("")
    assert near_misses(tmp_path, ["encounter"]) == {}


def test_of_several_the_first_is_named(tmp_path: Path) -> None:
    for name in ("encounters.parquet", "encounter.csv"):
        (tmp_path / name).write_text("")
    assert near_misses(tmp_path, ["encounter"]) == {"encounter": "encounter.csv"}


def folder(root: Path, *names: str) -> Path:
    root.mkdir()
    for name in names:
        pl.DataFrame({"person_id": ["p"]}).write_parquet(root / name)
    return root


def test_a_missing_required_table_is_refused_and_the_other_name_told(tmp_path: Path) -> None:
    root = folder(tmp_path / "data", "practitioner.parquet", "medical_claims.parquet")
    with pytest.raises(Failure) as caught:
        bind(root, tables=["medical_claim", "practitioner"])
    assert [(d.code, d.severity.value) for d in caught.value.diagnostics][:2] == [
        ("VBM305", "error"),
        ("VBM324", "warning"),
    ]
    assert caught.value.diagnostics[1].message == (
        "medical_claims.parquet is not read; it may be meant for table medical_claim, which is not there"
    )


def no_permission(*_: object, **__: object) -> object:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_data_folder_that_may_not_be_read_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder(tmp_path / "data", "practitioner.parquet")
    monkeypatch.setattr(Path, "iterdir", no_permission)
    with pytest.raises(Failure) as caught:
        bind_readable(root)
    assert [(d.code, d.where) for d in caught.value.diagnostics] == [("VBM304", str(root))]


@pytest.mark.parametrize(("enters", "where"), [(True, "bucket_layout.json"), (False, "")])
def test_a_layout_that_may_not_be_read_is_not_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enters: bool, where: str
) -> None:
    monkeypatch.setattr(Path, "is_file", no_permission)
    monkeypatch.setattr("os.access", lambda *_: enters)
    with pytest.raises(Failure) as caught:
        layout_of(tmp_path, Stores(NO_ACCESS))
    assert [(d.code, d.where) for d in caught.value.diagnostics] == [("VBM304", str(tmp_path / where))]
