"""A file that is not the one that was bound is seen, whenever it was put there; one that stays is never suspected."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from support.commands import DataFolder
from vbpmeasure.data.binding import bind
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.fingerprint import fingerprints
from vbpmeasure.data.steady import look, refuse_change
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.runs.previous import _unlike


def replaced(file: Path) -> None:
    """Put a file of the same bytes and the same time of change in its place: only its inode tells."""
    shutil.copy2(file, file.with_suffix(".new"))
    file.with_suffix(".new").replace(file)


def touched(file: Path) -> None:
    found = file.stat()
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns + 1))


def grown(file: Path) -> None:
    """Append a byte and turn the time back."""
    found = file.stat()
    with file.open("ab") as stream:
        stream.write(b"\0")
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))


CHANGES = [replaced, touched, grown]


def test_files_that_stay_are_not_suspected(small_data: DataFolder) -> None:
    bound = bind(small_data.path)
    before = look(bound)
    refuse_change(bound, before)
    refuse_change(bound)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_binding_and_the_first_look_is_seen(
    change: Callable[[Path], None], small_data: DataFolder
) -> None:
    bound = bind(small_data.path)
    change(small_data.path / "medical_claim.parquet")
    for judge in (look, refuse_change):
        with pytest.raises(Failure) as caught:
            judge(bound)
        (told,) = caught.value.diagnostics
        assert (told.code, str(told.where).split()[0]) == ("VBM345", "medical_claim")


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_after_the_first_look_is_seen(change: Callable[[Path], None], small_data: DataFolder) -> None:
    bound = bind(small_data.path)
    before = look(bound)
    change(small_data.path / "eligibility.parquet")
    with pytest.raises(Failure, match="VBM345"):
        refuse_change(bound, before)


def test_a_file_that_is_gone_is_told(small_data: DataFolder) -> None:
    bound = bind(small_data.path)
    (small_data.path / "medical_claim.parquet").unlink()
    with pytest.raises(Failure):
        look(bound)


def nothing_known(bound: BoundData) -> BoundData:
    """Return the data as they would be were the claims read from an address that only Polars reads."""
    claims = replace(bound.tables["medical_claim"], files=(), unseen=(("claims.parquet", 30),))
    return replace(bound, tables={**bound.tables, "medical_claim": claims})


def test_of_some_addresses_nothing_is_known(small_data: DataFolder) -> None:
    found = nothing_known(bind(small_data.path))
    by_table = {one.table: one for one in fingerprints(found)}
    claims = by_table["medical_claim"]
    assert (claims.name, claims.rows, getattr(claims, "footer_sha256", "")) == ("claims.parquet", 30, None)
    told: Mapping[str, object] = {"inputs": [asdict(one) for one in by_table.values()]}
    assert list(_unlike(told, told)) == ["other input files"], "no earlier run can be known to have the same"
