"""Chunks: what is packed by bucket comes out again, and which portions a range of ids can be in."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from vbpmeasure.data.buckets.chunks import Portion, packed, portions


def test_the_rows_of_a_bucket_come_out_in_the_order_they_went_in(tmp_path: Path) -> None:
    rows = pl.DataFrame({"person_id": ["b", "a", None, "c"], "n": [1, 2, 3, 4], "of": [2, 0, 0, 2]})
    (tmp_path / "0.chunk").write_bytes(packed(rows, "of", 3))
    ((first, ids),) = portions([tmp_path / "0.chunk"], 0, 3)
    assert ids.to_list() == ["a", None]
    assert first.rows().rows() == [("a", 2), (None, 3)]
    assert (first.first, first.last, first.nameless) == ("a", "a", True)
    ((last, _),) = portions([tmp_path / "0.chunk"], 2, 3)
    assert last.rows().rows() == [("b", 1), ("c", 4)]
    assert list(portions([tmp_path / "0.chunk"], 1, 3)) == []


def test_a_portion_is_left_out_only_where_none_of_its_ids_can_be() -> None:
    some = Portion(Path(), 0, 1, "f", "m", nameless=False)
    assert some.meets(None, None)
    assert some.meets("m", None)
    assert not some.meets("n", None)
    assert some.meets(None, "g")
    assert not some.meets(None, "f")
    assert some.meets("a", "z")
    nobody = Portion(Path(), 0, 1, None, None, nameless=True)
    assert nobody.meets(None, "a")
    assert not nobody.meets("a", None)
    assert Portion(Path(), 0, 1, "f", "m", nameless=True).meets(None, "a")
