"""What lies in a folder of an object store, where the store knows no folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyarrow import fs

from vbpmeasure.data.remote.access import Access
from vbpmeasure.data.remote.address import parse
from vbpmeasure.data.remote.store import Store
from vbpmeasure.diagnostics.model import Failure


class Objects:
    """A bucket as Google's is listed: objects, and no folders of them; nothing is said of one that is not there."""

    def __init__(self, folder: Path) -> None:
        self._files = fs.SubTreeFileSystem(str(folder), fs.LocalFileSystem())

    def get_file_info(self, asked: Any) -> Any:
        if isinstance(asked, str):
            return self._files.get_file_info(asked)
        if self._files.get_file_info(asked.base_dir).type == fs.FileType.NotFound:
            raise OSError(f"No such file or directory '{asked.base_dir}'")
        return [info for info in self._files.get_file_info(asked) if info.type == fs.FileType.File]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    for name in (
        "lake/eligibility.parquet",
        "lake/medical_claim/part-0.parquet",
        "lake/medical_claim/y=1/part-1.parquet",
    ):
        file = tmp_path / "claims" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"rows")
    return at("gs://claims/lake", tmp_path)


def at(text: str, folder: Path) -> Store:
    address = parse(text)
    assert address is not None
    found = Store(address, Access())
    found.__dict__["filesystem"] = Objects(folder)
    return found


def test_tables_in_folders_are_seen(store: Store) -> None:
    found = [(name, is_folder, str(path), path.size) for name, is_folder, path in store.entries("claims/lake")]
    assert found == [
        ("eligibility.parquet", False, "gs://claims/lake/eligibility.parquet", 4),
        ("medical_claim", True, "gs://claims/lake/medical_claim", 0),
    ]


def test_an_empty_address_is_told_from_a_bucket_that_is_not_there(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.entries("claims/nothing")
    with pytest.raises(Failure, match="VBM376"):
        at("gs://nobody/lake", tmp_path).entries("nobody/lake")
