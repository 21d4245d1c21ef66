"""Sets of kept rows in their folder: whose they are, in how many buckets, which serve, and which go."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.engines.polars.kept_rows.keeper import Facts, KeptTables
from vbpmeasure.runs.cache.entries import Entry, begin, entries, remove, sizes
from vbpmeasure.runs.cache.rows import Input, RowKeeper

MINE = Input("a" * 16, "b" * 32)


def name_of(part: str, place: str = MINE.place, content: str = MINE.content, facts: str = "c" * 16) -> str:
    return Entry(place, content, part, "events", facts).name


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    return folder


@pytest.mark.parametrize(
    ("mode", "believed"), [(0o700, True), (0o500, True), (0o710, False), (0o720, False), (0o701, False), (0o702, False)]
)
def test_a_folder_that_is_open_to_anybody_else_is_not_believed(cache: Path, mode: int, believed: bool) -> None:
    (cache / name_of("0-of-1")).mkdir()
    cache.chmod(mode)
    try:
        found = entries(cache)
        assert [one.part for one in found] == (["0-of-1"] if believed else [])
    finally:
        cache.chmod(0o700)


def test_a_folder_of_somebody_else_is_not_believed(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache / name_of("0-of-1")).mkdir()
    assert len(entries(cache)) == 1
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert entries(cache) == []


def test_what_stood_in_an_open_folder_goes_and_other_files_stay(cache: Path) -> None:
    (cache / name_of("0-of-1")).mkdir()
    (cache / "notes.txt").write_text("mine")
    begin(cache)
    assert len(list(cache.iterdir())) == 2
    cache.chmod(0o755)
    begin(cache)
    assert [one.name for one in cache.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(("least", "buckets"), [(1, 2), (2, 2), (3, 4), (4, 4), (5, 5), (9, 9)])
def test_as_many_buckets_as_rows_are_kept_in_and_the_fewest_of_those(cache: Path, least: int, buckets: int) -> None:
    for part in ("0-of-2", "1-of-2", "3-of-4"):
        (cache / name_of(part)).mkdir()
    # Eight of another input, and of another state of this one, are of no use.
    (cache / name_of("0-of-8", place="d" * 16)).mkdir()
    (cache / name_of("0-of-8", content="d" * 32)).mkdir()
    assert RowKeeper(cache, MINE).buckets(least) == buckets


def rows_of(number: int) -> dict[str, pl.LazyFrame]:
    return {"medical_claim": pl.LazyFrame({"row": range(number)})}


def facts_of(tables: Mapping[str, pl.LazyFrame]) -> Facts:
    return {"rows": tables["medical_claim"].select(pl.len()).collect().item()}


def height(found: KeptTables | None) -> int | None:
    return None if found is None else found.tables["medical_claim"].collect().height


def kept(cache: Path, *numbers: int, of: Input = MINE, buckets: int = 1) -> None:
    """Keep sets of so many rows, and publish them."""
    with RowKeeper(cache, of) as keeper:
        for number in numbers:
            keeper.part(buckets, 0).keep("events", rows_of(number), facts_of)
        keeper.publish()


def test_the_smallest_set_that_serves_is_found(cache: Path) -> None:
    kept(cache, 5_000, 9, 70_000)
    part = RowKeeper(cache, MINE).part(1, 0)
    assert height(part.find("events", lambda _: True)) == 9
    assert height(part.find("events", lambda facts: facts["rows"] > 9)) == 5_000
    assert part.find("events", lambda _: False) is None
    assert part.find("spans", lambda _: True) is None
    assert RowKeeper(cache, MINE).part(2, 0).find("events", lambda _: True) is None


def test_what_this_run_wrote_serves_it_before_anybody_else_finds_it(cache: Path) -> None:
    with RowKeeper(cache, MINE) as keeper:
        part = keeper.part(1, 0)
        assert height(part.keep("events", rows_of(3), facts_of)) == 3
        assert height(part.find("events", lambda _: True)) == 3
        assert part.find("spans", lambda _: True) is None
        assert RowKeeper(cache, MINE).part(1, 0).find("events", lambda _: True) is None
    assert list(cache.iterdir()) == []


def test_after_a_doubt_nothing_is_found_or_kept(cache: Path) -> None:
    kept(cache, 4)
    with RowKeeper(cache, MINE) as keeper:
        part = keeper.part(1, 0)
        part.keep("events", rows_of(3), facts_of)
        part.doubt()
        assert part.find("events", lambda _: True) is None
        assert part.keep("events", rows_of(2), facts_of) is None
        keeper.publish()
    assert [one.code for one in keeper.findings] == ["VBM515"]
    assert sizes(cache)[0] == 1


def test_of_a_bucket_the_last_three_sets_stay_and_those_in_other_buckets_go(cache: Path) -> None:
    written: list[Entry] = []
    for number in (3, 1, 2):
        kept(cache, number)
        (new,) = set(entries(cache)) - set(written)
        os.utime(cache / new.name, ns=(number, number))
        written.append(new)
    kept(cache, 4)
    assert set(written) - set(entries(cache)) == {written[1]}
    assert sizes(cache)[0] == 3
    kept(cache, 5, of=Input("d" * 16, "b" * 32))
    assert sizes(cache)[0] == 4
    kept(cache, 6, buckets=2)  # divided otherwise: what is kept undivided would only take room
    assert sorted((one.place[0], one.part) for one in entries(cache)) == [("a", "0-of-2"), ("d", "0-of-1")]
    kept(cache, 7, of=Input(MINE.place, "e" * 32), buckets=2)  # the files have changed
    assert sorted((one.place[0], one.content[0]) for one in entries(cache)) == [("a", "e"), ("d", "b")]


def test_a_set_loses_its_record_before_its_rows(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(cache, 4)
    (entry,) = entries(cache)
    monkeypatch.setattr("vbpmeasure.runs.cache.entries.shutil.rmtree", lambda *_, **__: None)  # killed in between
    remove(cache, entry)
    assert [file.name for file in (cache / entry.name).iterdir()] == ["medical_claim.arrow"]
