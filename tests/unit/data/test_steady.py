"""What is known of inputs: that they stay the same while they are read, or that it cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from support.commands import write_small_data
from vbpmeasure.data.binding import bind
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.fingerprint import fingerprints
from vbpmeasure.data.steady import look, refuse_change
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.runs.previous import _unlike


@pytest.fixture
def bound(tmp_path: Path) -> BoundData:
    return bind(write_small_data(tmp_path / "data").path)


def nothing_known(bound: BoundData) -> BoundData:
    """Return the data as they would be were the claims read from an address that only Polars reads."""
    claims = replace(bound.tables["medical_claim"], files=(), unseen=(("claims.parquet", 30),))
    return replace(bound, tables={**bound.tables, "medical_claim": claims})


def test_a_file_that_is_touched_has_changed(bound: BoundData) -> None:
    before = look(bound)
    refuse_change(bound, before)
    (file,) = bound.tables["medical_claim"].files
    assert isinstance(file, Path)
    file.write_bytes(file.read_bytes())
    with pytest.raises(Failure, match="VBM345"):
        refuse_change(bound, before)


def test_of_some_addresses_nothing_is_known(bound: BoundData) -> None:
    found = nothing_known(bound)
    by_table = {one.table: one for one in fingerprints(found)}
    claims = by_table["medical_claim"]
    assert (claims.name, claims.rows, getattr(claims, "footer_sha256", "")) == ("claims.parquet", 30, None)
    told: Mapping[str, object] = {"inputs": [asdict(one) for one in by_table.values()]}
    assert list(_unlike(told, told)) == ["other input files"], "no earlier run can be known to have the same"
